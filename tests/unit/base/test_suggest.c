/* SPDX-License-Identifier: Apache-2.0 */
/* Claims about agent/base/suggest.c. */
#include "asserts.h"

#include "base/suggest.h"

static const char *const words[] = {"shell", NULL, "package_manager", "multicall", "", "id"};

/* What is suggested for WORD, "" for nothing. */
static const char *suggested(const char *word)
{
	const char *found = suggest_closest(word, words, ARRAY_SIZE(words));

	return found ? found : "";
}

static void one_slip_of_each_kind_is_found(void **state)
{
	(void)state;
	assert_string_equal(suggested("shell"), "shell");
	assert_string_equal(suggested("shel"), "shell");
	assert_string_equal(suggested("shelll"), "shell");
	assert_string_equal(suggested("shwll"), "shell");
	assert_string_equal(suggested("hsell"), "shell");
	assert_string_equal(suggested("Shell"), "shell");
}

static void swapped_neighbours_count_as_one(void **state)
{
	(void)state;
	/* two letters: one edit is allowed, two would be all of the word */
	assert_string_equal(suggested("di"), "id");
	assert_string_equal(suggested("xy"), "");
}

static void a_third_of_the_word_may_differ(void **state)
{
	(void)state;
	assert_string_equal(suggested("package-mangaer"), "package_manager");
	assert_string_equal(suggested("multi"), "");
	assert_string_equal(suggested("multica"), "multicall");
	assert_string_equal(suggested("sheXYZ"), "shell");
	assert_string_equal(suggested("shXYZ"), "");
}

static void nothing_alike_is_nothing(void **state)
{
	(void)state;
	assert_string_equal(suggested("zzzzzz"), "");
	assert_string_equal(suggested(""), "");
	assert_string_equal(suggested("z"), "");
	assert_null(suggest_closest("shell", NULL, 0));
}

static void the_nearest_wins_and_the_first_of_equals(void **state)
{
	static const char *const near[] = {"exclude", "include", "included"};

	(void)state;
	assert_ptr_equal(suggest_closest("includ", near, 3), near[1]);
	assert_ptr_equal(suggest_closest("includee", near, 3), near[1]);
	assert_ptr_equal(suggest_closest("enclude", near, 3), near[0]);
}

static void long_words_are_no_typing_errors(void **state)
{
	char longest[49], longer[50], huge[10000];
	const char *candidate = longest;

	(void)state;
	memset(longest, 'a', 48);
	longest[48] = '\0';
	memset(longer, 'a', 49);
	longer[49] = '\0';
	memset(huge, 'a', sizeof(huge));
	huge[sizeof(huge) - 1] = '\0';
	assert_ptr_equal(suggest_closest(longest, &candidate, 1), longest);
	assert_null(suggest_closest(longer, &candidate, 1));
	assert_null(suggest_closest(huge, &candidate, 1));
	candidate = longer;
	assert_null(suggest_closest(longest, &candidate, 1));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(one_slip_of_each_kind_is_found),
		cmocka_unit_test(swapped_neighbours_count_as_one),
		cmocka_unit_test(a_third_of_the_word_may_differ),
		cmocka_unit_test(nothing_alike_is_nothing),
		cmocka_unit_test(the_nearest_wins_and_the_first_of_equals),
		cmocka_unit_test(long_words_are_no_typing_errors),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
