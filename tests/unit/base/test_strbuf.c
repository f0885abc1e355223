/* SPDX-License-Identifier: Apache-2.0 */
/* Claims about agent/base/strbuf.c. */
#include "asserts.h"

#include <errno.h>

static void empty_is_the_empty_text(void **state)
{
	struct strbuf buf = STRBUF_INIT;

	(void)state;
	assert_string_equal(strbuf_text(&buf), "");
	assert_slice_text(strbuf_slice(&buf), "");
	strbuf_done(&buf);
}

static void parts_are_appended_in_order(void **state)
{
	CLEANUP_STRBUF struct strbuf buf = STRBUF_INIT;

	(void)state;
	strbuf_add_text(&buf, "a");
	strbuf_add_char(&buf, 'b');
	strbuf_add_slice(&buf, SLICE("cd"));
	strbuf_addf(&buf, "%d%s", 12, "e");
	strbuf_add(&buf, "fghi", 2);
	assert_string_equal(strbuf_text(&buf), "abcd12efg");
	assert_int_equal(buf.len, 9);
}

static void adding_nothing_leaves_a_terminated_text(void **state)
{
	CLEANUP_STRBUF struct strbuf buf = STRBUF_INIT;

	(void)state;
	strbuf_add(&buf, NULL, 0);
	strbuf_add_slice(&buf, (struct slice){0});
	strbuf_add_text(&buf, "");
	strbuf_addf(&buf, "%s", "");
	assert_string_equal(buf.data, "");
	assert_int_equal(buf.error, 0);
}

static void nul_bytes_are_kept(void **state)
{
	CLEANUP_STRBUF struct strbuf buf = STRBUF_INIT;

	(void)state;
	strbuf_add_slice(&buf, SLICE("a\0b"));
	strbuf_add_char(&buf, '\0');
	assert_slice_is(strbuf_slice(&buf), SLICE("a\0b\0"));
}

/* Every length around the places where memory is made larger. */
static void grows_by_any_step(void **state)
{
	(void)state;
	for (size_t step = 1; step < 300; step++) {
		CLEANUP_STRBUF struct strbuf buf = STRBUF_INIT;
		char part[300];

		memset(part, 'x', step);
		for (size_t i = 1; i <= 5; i++) {
			strbuf_add(&buf, part, step);
			assert_int_equal(buf.len, i * step);
			assert_int_equal(strlen(buf.data), i * step);
			assert_true(buf.capacity > buf.len);
		}
	}
}

static void long_formats_fit(void **state)
{
	CLEANUP_STRBUF struct strbuf buf = STRBUF_INIT;

	(void)state;
	strbuf_addf(&buf, "%127s", "x"); /* with its NUL just the first allocation */
	assert_int_equal(buf.len, 127);
	strbuf_addf(&buf, "%100000s|", "y");
	assert_int_equal(buf.len, 127 + 100000 + 1);
	assert_int_equal(strlen(buf.data), buf.len);
}

static void truncate_never_lengthens(void **state)
{
	CLEANUP_STRBUF struct strbuf buf = STRBUF_INIT;

	(void)state;
	strbuf_truncate(&buf, 3); /* with no memory yet */
	strbuf_add_text(&buf, "abcdef");
	strbuf_truncate(&buf, 100);
	assert_string_equal(strbuf_text(&buf), "abcdef");
	strbuf_truncate(&buf, 6);
	assert_string_equal(strbuf_text(&buf), "abcdef");
	strbuf_truncate(&buf, 2);
	assert_string_equal(strbuf_text(&buf), "ab");
	assert_int_equal(buf.len, 2);
	strbuf_add_char(&buf, 'z');
	assert_string_equal(strbuf_text(&buf), "abz");
}

static void impossible_length_fails_and_stays_failed(void **state)
{
	CLEANUP_STRBUF struct strbuf buf = STRBUF_INIT;

	(void)state;
	strbuf_add_text(&buf, "kept");
	strbuf_add(&buf, "", SIZE_MAX - 2);
	assert_int_equal(buf.error, -ENOMEM);
	strbuf_add_text(&buf, "not added");
	strbuf_addf(&buf, "%d", 1);
	assert_string_equal(strbuf_text(&buf), "kept");
	assert_int_equal(buf.error, -ENOMEM);
}

static void reset_forgets_text_and_error_but_not_memory(void **state)
{
	CLEANUP_STRBUF struct strbuf buf = STRBUF_INIT;
	const char *data;

	(void)state;
	strbuf_reset(&buf); /* with no memory yet */
	strbuf_add_text(&buf, "old");
	data = buf.data;
	strbuf_add(&buf, "", SIZE_MAX);
	strbuf_reset(&buf);
	assert_int_equal(buf.error, 0);
	assert_string_equal(strbuf_text(&buf), "");
	strbuf_add_text(&buf, "new");
	assert_string_equal(strbuf_text(&buf), "new");
	assert_ptr_equal(buf.data, data);
}

static void done_leaves_a_usable_buffer(void **state)
{
	CLEANUP_STRBUF struct strbuf buf = STRBUF_INIT;

	(void)state;
	strbuf_add_text(&buf, "old");
	strbuf_done(&buf);
	assert_null(buf.data);
	strbuf_add_text(&buf, "new");
	assert_string_equal(strbuf_text(&buf), "new");
}

static void words_are_put_into_lines(void **state)
{
	static const struct {
		const char *text;
		unsigned indent, width;
		const char *expected;
	} cases[] = {
		{"one two three", 0, 7, "one two\nthree"},
		{"one two three", 2, 9, "  one two\n  three"},
		{"one two three", 2, 8, "  one\n  two\n  three"},
		{"  one\n\ttwo \n", 1, 80, " one two"},
		{"longer than the line", 0, 4, "longer\nthan\nthe\nline"},
		{"", 4, 80, ""},
		{" ", 4, 80, ""},
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		CLEANUP_STRBUF struct strbuf buf = STRBUF_INIT;

		strbuf_add_wrapped(&buf, slice_of(cases[i].text), cases[i].indent, cases[i].width);
		assert_string_equal(strbuf_text(&buf), cases[i].expected);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(words_are_put_into_lines),
		cmocka_unit_test(empty_is_the_empty_text),
		cmocka_unit_test(parts_are_appended_in_order),
		cmocka_unit_test(adding_nothing_leaves_a_terminated_text),
		cmocka_unit_test(nul_bytes_are_kept),
		cmocka_unit_test(grows_by_any_step),
		cmocka_unit_test(long_formats_fit),
		cmocka_unit_test(truncate_never_lengthens),
		cmocka_unit_test(impossible_length_fails_and_stays_failed),
		cmocka_unit_test(reset_forgets_text_and_error_but_not_memory),
		cmocka_unit_test(done_leaves_a_usable_buffer),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
