/* SPDX-License-Identifier: Apache-2.0 */
/* Claims about agent/base/diags.c. */
#include "asserts.h"

#include "base/diags.h"

static void add(struct diags *diags, enum diag_severity severity, const char *file, unsigned line,
	unsigned column, const char *message)
{
	struct diag d;

	diag_at(&d, file, line, column, "%s", message);
	diags_add(diags, severity, &d);
}

static void assert_rendered(const struct diags *diags, const char *expected)
{
	CLEANUP_STRBUF struct strbuf out = STRBUF_INIT;

	for (size_t i = 0; i < diags->count; i++)
		diags_render(&out, &diags->items[i]);
	assert_string_equal(strbuf_text(&out), expected);
}

static void message_is_printed_with_its_line_and_a_caret(void **state)
{
	CLEANUP_DIAGS struct diags diags = DIAGS_INIT;

	(void)state;
	add(&diags, DIAG_ERROR, "f", 2, 3, "wrong");
	add(&diags, DIAG_WARNING, "f", 3, 5, "odd");
	add(&diags, DIAG_NOTE, "g", 1, 1, "of another file");
	diags_excerpt(&diags, "f", slice_of("one\n\tabc\r\n\xc3\xa4\x1b[c\n"));
	assert_rendered(&diags, "f:2:3: wrong\n     abc\n      ^\n"
				"f:3:5: warning: odd\n    \xc3\xa4\\u{1b}[c\n             ^\n"
				"g:1:1: note: of another file\n");
}

static void long_line_is_shown_around_its_place(void **state)
{
	CLEANUP_DIAGS struct diags diags = DIAGS_INIT;
	char line[4096];
	const char *caret;

	(void)state;
	memset(line, 'x', sizeof(line));
	line[1999] = 'y';
	add(&diags, DIAG_ERROR, "f", 1, 2000, "wrong");
	diags_excerpt(&diags, "f", (struct slice){line, sizeof(line)});
	caret = strchr(diags.items[0].excerpt, '^');
	assert_true(strlen(diags.items[0].excerpt) < 250);
	assert_int_equal(strchr(diags.items[0].excerpt, 'y') - diags.items[0].excerpt,
		caret - strchr(diags.items[0].excerpt, '\n') - 1);
}

static void place_behind_the_text_has_an_empty_line(void **state)
{
	CLEANUP_DIAGS struct diags diags = DIAGS_INIT;

	(void)state;
	add(&diags, DIAG_ERROR, "f", 9, 1, "wrong");
	diags_excerpt(&diags, "f", slice_of("one\n"));
	assert_rendered(&diags, "f:9:1: wrong\n    \n    ^\n");
}

static void files_lines_and_columns_are_the_order(void **state)
{
	static const char *const files[] = {"z", "a"};
	CLEANUP_DIAGS struct diags diags = DIAGS_INIT;

	(void)state;
	add(&diags, DIAG_ERROR, "a", 1, 1, "4");
	add(&diags, DIAG_ERROR, "z", 2, 9, "3");
	add(&diags, DIAG_ERROR, "other", 1, 1, "5");
	add(&diags, DIAG_NOTE, "z", 2, 1, "2");
	add(&diags, DIAG_ERROR, "z", 1, 70, "1");
	diags_sort(&diags, files, ARRAY_SIZE(files));
	for (size_t i = 0; i < diags.count; i++)
		assert_int_equal(diags.items[i].diag.message[0], '1' + i);
}

static void errors_are_kept_however_many_warnings_came_before(void **state)
{
	CLEANUP_DIAGS struct diags diags = DIAGS_INIT;

	(void)state;
	for (size_t i = 0; i < 2 * DIAGS_KEPT_MAX; i++)
		add(&diags, DIAG_WARNING, "f", i + 1, 1, "w");
	add(&diags, DIAG_ERROR, "f", 1, 1, "e");
	assert_int_equal(diags.count, DIAGS_KEPT_MAX + 1);
	assert_int_equal(diags.items[DIAGS_KEPT_MAX].severity, DIAG_ERROR);
	assert_int_equal(diags.counts[DIAG_WARNING], 2 * DIAGS_KEPT_MAX);
}

static bool is_of_file(const struct diags_item *item, void *arg)
{
	return strcmp(item->diag.file, arg) == 0;
}

static void dropped_and_moved_ones_are_counted_where_they_are(void **state)
{
	CLEANUP_DIAGS struct diags diags = DIAGS_INIT, all = DIAGS_INIT;

	(void)state;
	add(&all, DIAG_ERROR, "f", 1, 1, "1");
	add(&diags, DIAG_ERROR, "f", 1, 1, "2");
	add(&diags, DIAG_NOTE, "g", 1, 1, "3");
	diags_excerpt(&diags, "f", slice_of("x"));
	diags_drop(&diags, is_of_file, (void *)"f");
	assert_int_equal(diags.counts[DIAG_ERROR], 0);
	diags_move(&all, &diags);
	assert_int_equal(diags.count, 0);
	assert_int_equal(all.count, 2);
	assert_int_equal(all.counts[DIAG_ERROR], 1);
	assert_int_equal(all.counts[DIAG_NOTE], 1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(message_is_printed_with_its_line_and_a_caret),
		cmocka_unit_test(long_line_is_shown_around_its_place),
		cmocka_unit_test(place_behind_the_text_has_an_empty_line),
		cmocka_unit_test(files_lines_and_columns_are_the_order),
		cmocka_unit_test(errors_are_kept_however_many_warnings_came_before),
		cmocka_unit_test(dropped_and_moved_ones_are_counted_where_they_are),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
