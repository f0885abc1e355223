/* SPDX-License-Identifier: Apache-2.0 */
/* Claims about rules/verify.yaml. Run from the top of the tree. */
#include "rules_fixture.h"

static struct rule_set *image_rules(void)
{
	struct rule_set *set = rules_empty();
	CLEANUP_DIAGS struct diags diags = DIAGS_INIT;
	char message[DIAG_TEXT_SIZE];

	rule_set_add_file(set, "rules/verify.yaml", &diags);
	if (diags.count > 0) {
		diag_text(&diags.items[0].diag, message, sizeof(message));
		fail_msg("%s", message);
	}
	return set;
}

static void they_are_about_files_alone(void **state)
{
	CLEANUP_RULES struct rule_set *set = image_rules();
	const struct rule *rule;

	(void)state;
	assert_non_null(rule_set_at(set, 0));
	for (size_t i = 0; (rule = rule_set_at(set, i)); i++)
		assert_int_equal(rule_subjects(rule), 1 << SUBJECT_PRESENT);
}

static void each_class_meets_a_rule(void **state)
{
	CLEANUP_RULES struct rule_set *set = image_rules();

	(void)state;
	for (unsigned class = 0; class < PRESENT_CLASSES; class ++) {
		struct present present = {.path = slice_of("/x"), .class = class};
		struct subject subject = {.kind = SUBJECT_PRESENT, .present = &present};
		size_t cursor = 0;

		if (!rule_set_match(set, &subject, &cursor))
			fail_msg("%s meets no rule", present_class_name(class));
	}
}

static void shells_and_package_managers_alone_are_errors(void **state)
{
	CLEANUP_RULES struct rule_set *set = image_rules();
	const unsigned grave = 1 << PRESENT_SHELL | 1 << PRESENT_PACKAGE_MANAGER |
			       1 << PRESENT_MULTICALL_SHELL | 1 << PRESENT_PACKAGE_DATABASE;

	(void)state;
	for (unsigned class = 0; class < PRESENT_CLASSES; class ++) {
		struct present present = {
			.path = slice_of("/x"), .class = class, .has_manager = true};
		struct subject subject = {.kind = SUBJECT_PRESENT, .present = &present};
		size_t cursor = 0;
		const struct rule *rule = rule_set_match(set, &subject, &cursor);

		if ((rule->priority <= RULE_ERROR) != (grave >> class & 1))
			fail_msg("%s is %s", present_class_name(class),
				rule_priority_name(rule->priority));
	}
}

struct case_counts {
	size_t passed;
	char fired[4096]; /* what was found in all cases */
};

static void count_case(const struct rule_case *result, void *userdata)
{
	struct case_counts *counts = userdata;

	if (!result->passed)
		fail_msg("%s:%u: %s\n%s", result->file, result->line, result->name, result->diff);
	counts->passed++;
	strncat(counts->fired, result->diff, sizeof(counts->fired) - strlen(counts->fired) - 1);
}

static void cases_beside_them_pass_and_leave_no_rule_out(void **state)
{
	CLEANUP_RULES struct rule_set *set = image_rules();
	static struct case_counts counts;
	const struct rule *rule;
	struct diag d;

	(void)state;
	if (rule_cases_run(set, "rules/verify.test.yaml", count_case, &counts, &d) < 0)
		fail_msg("%s:%u: %s", d.file, d.line, d.message);
	for (size_t i = 0; (rule = rule_set_at(set, i)); i++)
		if (!strstr(counts.fired, rule->name))
			fail_msg("%s has no case", rule->name);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(they_are_about_files_alone),
		cmocka_unit_test(each_class_meets_a_rule),
		cmocka_unit_test(shells_and_package_managers_alone_are_errors),
		cmocka_unit_test(cases_beside_them_pass_and_leave_no_rule_out),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
