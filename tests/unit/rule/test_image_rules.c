/* SPDX-License-Identifier: Apache-2.0 */
/* Claims about rules/verify.yaml. Run from the top of the tree. */
#include "rule_file_fixture.h"

static struct rule_set *image_rules(void)
{
	return rules_of_file("rules/verify.yaml");
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

static void cases_beside_them_pass_and_leave_no_rule_out(void **state)
{
	CLEANUP_RULES struct rule_set *set = image_rules();

	(void)state;
	assert_cases_pass(set, "rules/verify.test.yaml");
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
