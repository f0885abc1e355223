/* SPDX-License-Identifier: Apache-2.0 */
/* Claims about agent/rule/condition/glob.c. */
#include "pattern_fixture.h"

#include "rule/condition/glob.h"

static bool matches(const char *pattern, struct slice text)
{
	return glob_match(slice_of(pattern), text);
}

static void pattern_matches_the_whole_text(void **state)
{
	static const struct pattern_case cases[] = {
		{"", "", true},
		{"", "a", false},
		{"*", "", true},
		{"*", "any/thing", true},
		{"**", "any", true},
		{"a", "ab", false},
		{"b", "ab", false},
		{"?", "", false},
		{"??", "ab", true},
		{"/bin/*", "/bin/sh", true},
		{"/bin/*", "/usr/bin/sh", false},
		{"*/bin/*sh", "/usr/bin/bash", true},
		{"*ab*ab", "abab", true},
		{"*ab*ab", "aba", false},
		{"a*b*c", "abcbc", true},
		{"a*b*c", "abcb", false},
		{"[abc]", "b", true},
		{"[!abc]", "b", false},
		{"[^abc]", "d", true},
		{"[a-c]x", "bx", true},
		{"[a-c]x", "dx", false},
		{"[]a]", "]", true},
		{"[!]a]", "]", false},
		{"[a-]", "-", true},
		{"\\*", "*", true},
		{"\\*", "a", false},
		{"a\\[b", "a[b", true},
		{"*.so.[0-9]*", "libc.so.6", true},
	};

	(void)state;
	assert_patterns(cases, ARRAY_SIZE(cases), matches);
}

static void incomplete_pattern_is_not_valid(void **state)
{
	static const struct {
		const char *pattern;
		bool valid;
	} cases[] = {
		{"", true},
		{"[ab]", true},
		{"[]]", true},
		{"\\[", true},
		{"[ab", false},
		{"[]", false},
		{"[!]", false},
		{"a\\", false},
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++)
		if (glob_valid(slice_of(cases[i].pattern)) != cases[i].valid)
			fail_msg("'%s': not %d", cases[i].pattern, cases[i].valid);
}

/* Exponential matchers do not come back from this. */
static void many_stars_take_no_time(void **state)
{
	static char text[4096];

	(void)state;
	memset(text, 'a', sizeof(text));
	assert_false(glob_match(
		slice_of("*a*a*a*a*a*a*a*a*a*a*a*a*a*a*b"), (struct slice){text, sizeof(text)}));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(pattern_matches_the_whole_text),
		cmocka_unit_test(incomplete_pattern_is_not_valid),
		cmocka_unit_test(many_stars_take_no_time),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
