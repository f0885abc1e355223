/* SPDX-License-Identifier: Apache-2.0 */
/* Claims about rules/containers.yaml. Run from the top of the tree. */
#include "rule_file_fixture.h"

static struct rule_set *container_rules(void)
{
	return rules_of_file("rules/containers.yaml");
}

static void all_of_them_load_and_are_on(void **state)
{
	CLEANUP_RULES struct rule_set *set = container_rules();
	size_t all;

	(void)state;
	assert_int_equal(rule_set_count(set, &all), 3);
	assert_int_equal(all, 3);
}

static void they_load_beside_the_default_rules_without_a_warning(void **state)
{
	static const char *const paths[] = {"rules/default.yaml", "rules/containers.yaml"};
	CLEANUP_RULES struct rule_set *set = rules_of_files(paths, ARRAY_SIZE(paths));

	(void)state;
	assert_int_equal(rule_set_count(set, NULL), 17);
}

/* Else all that is mapped in every container would be looked at. */
static void they_are_about_execs_alone_and_the_default_rules_about_nothing(void **state)
{
	CLEANUP_RULES struct rule_set *set = container_rules();
	CLEANUP_RULES struct rule_set *defaults = rules_of_file("rules/default.yaml");

	(void)state;
	assert_int_equal(rule_set_subjects_not_bare(set), 1 << SUBJECT_EXEC);
	assert_int_equal(rule_set_subjects_not_bare(defaults), 0);
}

static void none_is_graver_than_a_warning(void **state)
{
	CLEANUP_RULES struct rule_set *set = container_rules();
	const struct rule *rule;

	(void)state;
	for (size_t i = 0; (rule = rule_set_at(set, i)); i++)
		assert_true(rule->priority >= RULE_WARNING);
}

static void cases_beside_them_pass_and_leave_no_rule_out(void **state)
{
	CLEANUP_RULES struct rule_set *set = container_rules();
	const struct case_counts counts = assert_cases_pass(set, "rules/containers.test.yaml");

	(void)state;
	assert_true(counts.silent >= counts.passed / 2);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(all_of_them_load_and_are_on),
		cmocka_unit_test(they_load_beside_the_default_rules_without_a_warning),
		cmocka_unit_test(they_are_about_execs_alone_and_the_default_rules_about_nothing),
		cmocka_unit_test(none_is_graver_than_a_warning),
		cmocka_unit_test(cases_beside_them_pass_and_leave_no_rule_out),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
