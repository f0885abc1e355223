/* SPDX-License-Identifier: Apache-2.0 */
/* Claims about agent/event/args.c. */
#include "asserts.h"

#include "barewatch/decode.h"

/* Asserts that BYTES are the arguments EXPECTED, each written with a '|' behind it. */
static void assert_args(struct slice bytes, const char *expected)
{
	CLEANUP_STRBUF struct strbuf found = STRBUF_INIT;
	/* exactly as large as the text, so that reading on is seen */
	CLEANUP_FREE char *exact = malloc(bytes.len ? bytes.len : 1);
	struct event_text args = {.bytes = {exact, bytes.len}};
	struct slice arg;

	assert_non_null(exact);
	memcpy(exact, bytes.data, bytes.len);
	for (size_t offset = 0; event_args_next(&args, &offset, &arg);) {
		strbuf_add_slice(&found, arg);
		strbuf_add_char(&found, '|');
	}
	assert_string_equal(strbuf_text(&found), expected);
}

static void each_argument_ends_at_its_nul(void **state)
{
	(void)state;
	assert_args(SLICE("sh\0-c\0id; ls\0"), "sh|-c|id; ls|");
	assert_args(SLICE("sh\0"), "sh|");
}

static void empty_arguments_count(void **state)
{
	(void)state;
	assert_args(SLICE("\0"), "|");
	assert_args(SLICE("\0\0"), "||");
	assert_args(SLICE("a\0\0b\0\0"), "a||b||");
}

static void cut_list_gives_what_is_left(void **state)
{
	(void)state;
	assert_args(SLICE("sh"), "sh|");
	assert_args(SLICE("sh\0-"), "sh|-|");
}

static void empty_list_has_no_arguments(void **state)
{
	(void)state;
	assert_args(SLICE(""), "");
	assert_args((struct slice){"", 0}, "");
}

static void offset_beyond_the_end_is_the_end(void **state)
{
	struct event_text args = {.bytes = SLICE("a\0")};
	size_t offset = SIZE_MAX;
	struct slice arg;

	(void)state;
	assert_false(event_args_next(&args, &offset, &arg));
	offset = 2;
	assert_false(event_args_next(&args, &offset, &arg));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(each_argument_ends_at_its_nul),
		cmocka_unit_test(empty_arguments_count),
		cmocka_unit_test(cut_list_gives_what_is_left),
		cmocka_unit_test(empty_list_has_no_arguments),
		cmocka_unit_test(offset_beyond_the_end_is_the_end),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
