/* SPDX-License-Identifier: Apache-2.0 */
/* Claims about agent/base/diag.c. */
#include "asserts.h"

#include <errno.h>

static const char *const colours[] = {"red", "green", "blue"};

static void place_is_printed_as_far_as_it_is_known(void **state)
{
	static const struct {
		const char *file;
		unsigned line, column;
		const char *expected;
	} cases[] = {
		{"f.yaml", 3, 7, "f.yaml:3:7: bad x"},
		{"f.yaml", 3, 0, "f.yaml:3: bad x"},
		{"f.yaml", 0, 0, "f.yaml: bad x"},
		{"f.yaml", 0, 7, "f.yaml: bad x"},
		{NULL, 3, 7, "bad x"},
		{"", 0, 0, "bad x"},
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		struct diag d;

		assert_int_equal(
			diag_at(&d, cases[i].file, cases[i].line, cases[i].column, "bad %c", 'x'),
			-EINVAL);
		assert_diag_text(&d, cases[i].expected);
	}
}

static void errors_of_files_are_named_and_returned(void **state)
{
	struct diag d;

	(void)state;
	assert_int_equal(diag_errno(&d, "gone", -ENOENT), -ENOENT);
	assert_diag_text(&d, "gone: No such file or directory");
}

static void suggestion_is_appended_when_one_is_near(void **state)
{
	struct diag d;

	(void)state;
	diag_at(&d, "f", 1, 2, "unknown colour '%s'", "gren");
	diag_suggest(&d, "gren", colours, ARRAY_SIZE(colours));
	assert_diag_text(&d, "f:1:2: unknown colour 'gren': did you mean 'green'?");
}

static void no_suggestion_leaves_the_message(void **state)
{
	struct diag d;

	(void)state;
	diag_at(&d, "f", 1, 2, "unknown colour 'mauve'");
	diag_suggest(&d, "mauve", colours, ARRAY_SIZE(colours));
	assert_diag_text(&d, "f:1:2: unknown colour 'mauve'");
}

static void hostile_names_are_escaped(void **state)
{
	struct diag d;

	(void)state;
	diag_at(&d, "a\nb", 1, 1, "unknown '%s'", "\033[2J\xff");
	assert_diag_text(&d, "a\\nb:1:1: unknown '\\u{1b}[2J\\xff'");
}

static void long_texts_are_cut(void **state)
{
	CLEANUP_FREE char *text = malloc(10001);
	struct diag d;
	char small[8];

	(void)state;
	assert_non_null(text);
	memset(text, 'x', 10000);
	text[10000] = '\0';
	diag_at(&d, text, 1, 1, "%s", text);
	assert_int_equal(strlen(d.file), sizeof(d.file) - 1);
	assert_int_equal(strlen(d.message), sizeof(d.message) - 1);
	diag_suggest(&d, "gren", colours, ARRAY_SIZE(colours));
	assert_int_equal(strlen(d.message), sizeof(d.message) - 1);
	diag_text(&d, small, sizeof(small));
	assert_string_equal(small, "xxxxxxx");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(place_is_printed_as_far_as_it_is_known),
		cmocka_unit_test(errors_of_files_are_named_and_returned),
		cmocka_unit_test(suggestion_is_appended_when_one_is_near),
		cmocka_unit_test(no_suggestion_leaves_the_message),
		cmocka_unit_test(hostile_names_are_escaped),
		cmocka_unit_test(long_texts_are_cut),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
