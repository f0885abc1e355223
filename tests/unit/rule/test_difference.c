/* SPDX-License-Identifier: Apache-2.0 */
/* Claims about agent/rule/difference.c. */
#include "rules_fixture.h"

#define RULE(name, condition) \
	"- {rule: " name ", desc: d, condition: " condition ", output: o, priority: ERROR}\n"
#define BEFORE                                                                            \
	"- {list: shells, items: [sh]}\n"                                                 \
	"- {macro: is_shell, condition: proc.name in (shells)}\n" RULE("one", "is_shell") \
		RULE("two", "proc.name = nc")

static void assert_changes(const char *after_text, size_t added, size_t removed, size_t changed)
{
	CLEANUP_RULES struct rule_set *before = rules_empty(), *after = rules_empty();
	struct rule_changes changes;

	rules_add(before, BEFORE);
	rules_add(after, after_text);
	assert_int_equal(rule_sets_compare(before, after, &changes), 0);
	if (changes.added != added || changes.removed != removed || changes.changed != changed)
		fail_msg("%zu added, %zu removed, %zu changed: %s", changes.added, changes.removed,
			changes.changed, after_text);
}

static void rules_are_told_by_their_names(void **state)
{
	(void)state;
	assert_changes(BEFORE, 0, 0, 0);
	assert_changes(BEFORE RULE("three", "proc.name = dd"), 1, 0, 0);
	assert_changes(RULE("two", "proc.name = nc"), 0, 1, 0);
	assert_changes(RULE("other", "proc.name = nc"), 1, 2, 0);
	assert_changes(
		"# moved\n\n" RULE("two",
			"proc.name = nc") "- {macro: is_shell, condition: proc.name in (sh)}\n" RULE("one",
			"is_shell"),
		0, 0, 0);
}

static void everything_that_a_rule_does_or_says_counts(void **state)
{
	static const char *const changed[] = {
		"{condition: proc.name = ncat, override: {condition: replace}",
		"{condition: or proc.name = ncat, override: {condition: append}",
		"{output: other, override: {output: replace}",
		"{desc: other, override: {desc: replace}",
		"{priority: DEBUG, override: {priority: replace}",
		"{tags: [network], override: {tags: append}",
		"{enabled: false, override: {enabled: replace}",
	};
	char text[1024];

	(void)state;
	for (size_t i = 0; i < sizeof(changed) / sizeof(changed[0]); i++) {
		snprintf(text, sizeof(text), BEFORE "- %s, rule: two}\n", changed[i]);
		assert_changes(text, 0, 0, 1);
	}
}

static void change_of_a_list_changes_the_rules_that_use_it(void **state)
{
	(void)state;
	assert_changes(
		BEFORE "- {list: shells, items: [bash], override: {items: append}}\n", 0, 0, 1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(rules_are_told_by_their_names),
		cmocka_unit_test(everything_that_a_rule_does_or_says_counts),
		cmocka_unit_test(change_of_a_list_changes_the_rules_that_use_it),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
