/* SPDX-License-Identifier: Apache-2.0 */
/* Claims about agent/rule/condition/text_test.c. */
#include "rules_fixture.h"

#include "rule/condition/text_test.h"

static void operators_compare_as_they_say(void **state)
{
	static const struct {
		enum operator_kind op;
		const char *text, *operand;
		bool holds;
	} cases[] = {
		{OPERATOR_EQ, "a", "a", true},
		{OPERATOR_EQ, "a", "A", false},
		{OPERATOR_INTERSECTS, "a", "a", true},
		{OPERATOR_STARTSWITH, "abc", "ab", true},
		{OPERATOR_ENDSWITH, "abc", "bc", true},
		{OPERATOR_CONTAINS, "abc", "b", true},
		{OPERATOR_CONTAINS, "aBc", "b", false},
		{OPERATOR_ICONTAINS, "aBc", "bC", true},
		{OPERATOR_ICONTAINS, "abc", "", true},
		{OPERATOR_ICONTAINS, "abc", "abcd", false},
		{OPERATOR_ICONTAINS, "", "a", false},
		{OPERATOR_ICONTAINS, "a@c", "A`C", false}, /* no letters */
		{OPERATOR_BCONTAINS,
			"a\x01"
			"b",
			"\x01", true},
		{OPERATOR_BSTARTSWITH,
			"\x7f"
			"ELF",
			"\x7f"
			"E",
			true},
		{OPERATOR_BSTARTSWITH, "ELF", "LF", false},
		{OPERATOR_GLOB, "/bin/sh", "/BIN/*", false},
		{OPERATOR_IGLOB, "/bin/sh", "/BIN/*", true},
		{OPERATOR_IGLOB, "/bin/SH", "/bin/[s]h", true},
		{OPERATOR_IGLOB, "a[", "a{", false},
		{OPERATOR_PMATCH, "/etc", "/etc", true},
		{OPERATOR_PMATCH, "/etc/", "/etc", true},
		{OPERATOR_PMATCH, "/etc/a/b", "/etc/a", true},
		{OPERATOR_PMATCH, "/etc/a", "/etc/", true},
		{OPERATOR_PMATCH, "/etcetera", "/etc", false},
		{OPERATOR_PMATCH, "/et", "/etc", false},
		{OPERATOR_PMATCH, "/var/log/a.txt", "/var/*/*.txt", true},
		{OPERATOR_PMATCH, "/var/log/x/a.txt", "/var/*/*.txt", false},
		{OPERATOR_PMATCH, "/anything", "/", true},
		{OPERATOR_PMATCH, "", "/a", false},
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		union operand operand = {.text = slice_of(cases[i].operand)};

		if (text_test(cases[i].op, slice_of(cases[i].text), &operand) != cases[i].holds)
			fail_msg("%s %s %s: not %d", cases[i].text, operator_name(cases[i].op),
				cases[i].operand, cases[i].holds);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(operators_compare_as_they_say),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
