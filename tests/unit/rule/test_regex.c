/* SPDX-License-Identifier: Apache-2.0 */
/* Claims about agent/rule/condition/regex.c and regex_parse.c. */
#include "pattern_fixture.h"

#include <errno.h>

#include "base/strbuf.h"
#include "rule/condition/regex.h"

static struct regex *compiled(const char *pattern)
{
	const char *problem = NULL;
	struct regex *regex = NULL;
	size_t offset = 0;

	if (regex_compile(slice_of(pattern), &regex, &problem, &offset) < 0)
		fail_msg("%s: %zu: %s", pattern, offset, problem);
	return regex;
}

static bool matches(const char *pattern, struct slice text)
{
	CLEANUP(regex_cleanup) struct regex *regex = compiled(pattern);

	return regex_match(regex, text);
}

static void whole_texts_are_matched(void **state)
{
	static const struct pattern_case cases[] = {
		{"", "", true},
		{"", "a", false},
		{"abc", "abc", true},
		{"abc", "abcd", false},
		{"abc", "xabc", false},
		{".*b.*", "abc", true},
		{"a.c", "a\nc", false},
		{"a|bc|", "bc", true},
		{"a|bc|", "", true},
		{"a|bc|", "b", false},
		{"(a|b)*c", "ababc", true},
		{"(?:ab)+", "abab", true},
		{"(?:ab)+", "", false},
		{"ab?c", "ac", true},
		{"ab?c", "abbc", false},
		{"a{2}", "aa", true},
		{"a{2}", "aaa", false},
		{"a{2,}", "aaaa", true},
		{"a{2,}", "a", false},
		{"(ab){1,2}c", "ababc", true},
		{"(ab){1,2}c", "abababc", false},
		{"a{0}b", "b", true},
		{"a{,2}", "a{,2}", true},
		{"a*?b+?c??", "aab", true},
		{"^ab$", "ab", true},
		{"a^b", "ab", false},
		{"(^a|b)c", "bc", true},
		{"[a-cx]+", "abcx", true},
		{"[a-cx]+", "d", false},
		{"[^a-c]", "d", true},
		{"[^a-c]", "b", false},
		{"[]a]+", "]a", true},
		{"[a-]+", "-a", true},
		{"[\\]\\d]+", "]9", true},
		{"[[:digit:]_]+", "1_2", true},
		{"\\d+\\.\\w+", "12.a_b", true},
		{"\\D\\S\\W", "ab-", true},
		{"\\x41\\n\\t\\*\\\\", "A\n\t*\\", true},
		{"(?i)ab[c-d]", "aBD", true},
		{"\xc3\xa4", "\xc3\xa4", true},
		{"([a-z]*/proc/[0-9]+/cmdline)", "x/proc/12/cmdline", true},
		{"(a*)*", "aaa", true},
		{"(a*)*", "b", false},
		{"(|a)+b", "aab", true},
	};

	(void)state;
	assert_patterns(cases, ARRAY_SIZE(cases), matches);
}

static void mistakes_are_found_where_they_are(void **state)
{
	static const struct {
		const char *pattern;
		size_t offset;
		const char *problem;
	} cases[] = {
		{"a(b", 1, "this '(' has no closing ')'"},
		{"a)b", 1, "this ')' has no '('"},
		{"a[b", 1, "this '[' has no closing ']'"},
		{"a[^", 1, "this '[' has no closing ']'"},
		{"*a", 0, "there is nothing before this to repeat"},
		{"(+a)", 1, "there is nothing before this to repeat"},
		{"a**", 2, "there is nothing before this to repeat"},
		{"a\\", 2, "the pattern ends in a backslash"},
		{"(a)\\1", 4, "back references are not supported"},
		{"a\\bc", 2, "this letter has no meaning behind a backslash"},
		{"\\x4g", 2, "'\\x' needs two hexadecimal digits"},
		{"[b-a]", 4, "a range goes from the lower to the higher one"},
		{"[[:alfa:]]", 1, "there is no such class of characters"},
		{"a(?=b)", 2, "of groups with '?' only (?:...) is supported, and (?i) in front"},
		{"a{256}", 1, "the bounds are not in order, or over 255"},
		{"a{3,2}", 1, "the bounds are not in order, or over 255"},
		{"((((a{9}){9}){9}){9})", 0, "the pattern is too large"},
		{"((((((((()"
		 "{255}){255}){255}){255}){255}){255}){255}){255})",
			0, "the pattern is too large"},
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		const char *problem = "none";
		struct regex *regex;
		size_t offset = 99;

		assert_int_equal(
			regex_compile(slice_of(cases[i].pattern), &regex, &problem, &offset),
			-EINVAL);
		assert_string_equal(problem, cases[i].problem);
		if (offset != cases[i].offset)
			fail_msg("'%s': %zu, not %zu", cases[i].pattern, offset, cases[i].offset);
	}
}

static void depth_and_length_are_bounded(void **state)
{
	CLEANUP_STRBUF struct strbuf text = STRBUF_INIT;
	const char *problem = NULL;
	struct regex *regex;
	size_t offset;

	(void)state;
	for (size_t i = 0; i <= REGEX_DEPTH_MAX; i++)
		strbuf_add_char(&text, '(');
	assert_int_equal(regex_compile(strbuf_slice(&text), &regex, &problem, &offset), -EINVAL);
	assert_string_equal(problem, "too many groups within groups");
	while (text.len <= REGEX_PATTERN_MAX)
		strbuf_add_char(&text, 'a');
	assert_int_equal(regex_compile(strbuf_slice(&text), &regex, &problem, &offset), -EINVAL);
	assert_string_equal(problem, "the pattern is too long");
}

/* A matcher that goes back would take 2^50 steps and never end. */
static void patterns_that_are_bad_for_others_are_not_for_this_one(void **state)
{
	static const char *const patterns[] = {
		"(a+)+b", "(a|a)*b", "(a*)*b", "(a|aa)+b", ".*.*.*b"};
	CLEANUP_STRBUF struct strbuf text = STRBUF_INIT;

	(void)state;
	for (size_t i = 0; i < 10000; i++)
		strbuf_add_char(&text, 'a');
	for (size_t i = 0; i < ARRAY_SIZE(patterns); i++)
		assert_false(matches(patterns[i], strbuf_slice(&text)));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(whole_texts_are_matched),
		cmocka_unit_test(mistakes_are_found_where_they_are),
		cmocka_unit_test(depth_and_length_are_bounded),
		cmocka_unit_test(patterns_that_are_bad_for_others_are_not_for_this_one),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
