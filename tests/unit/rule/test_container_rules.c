/* SPDX-License-Identifier: Apache-2.0 */
/* Claims about rules/containers.yaml. Run from the top of the tree. */
#include "rules_fixture.h"

static struct rule_set *load(const char *const *paths, size_t count)
{
	struct rule_set *set = rules_empty();
	CLEANUP_DIAGS struct diags diags = DIAGS_INIT;

	rule_set_add_paths(set, paths, count, &diags);
	if (diags.count > 0)
		fail_msg("%s:%u: %s", diags.items[0].diag.file, diags.items[0].diag.line,
			diags.items[0].diag.message);
	return set;
}

static struct rule_set *container_rules(void)
{
	const char *path = "rules/containers.yaml";

	return load(&path, 1);
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
	CLEANUP_RULES struct rule_set *set = load(paths, ARRAY_SIZE(paths));

	(void)state;
	assert_int_equal(rule_set_count(set, NULL), 17);
}

/* Else all that is mapped in every container would be looked at. */
static void they_are_about_execs_alone_and_the_default_rules_about_nothing(void **state)
{
	const char *path = "rules/default.yaml";
	CLEANUP_RULES struct rule_set *set = container_rules();
	CLEANUP_RULES struct rule_set *defaults = load(&path, 1);

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

struct case_counts {
	size_t passed, silent;
	char fired[4096]; /* what was found in all cases */
};

static void count_case(const struct rule_case *result, void *userdata)
{
	struct case_counts *counts = userdata;

	if (!result->passed)
		fail_msg("%s:%u: %s\n%s", result->file, result->line, result->name, result->diff);
	counts->passed++;
	counts->silent += !result->diff[0];
	strncat(counts->fired, result->diff, sizeof(counts->fired) - strlen(counts->fired) - 1);
}

static void cases_beside_them_pass_and_leave_no_rule_out(void **state)
{
	CLEANUP_RULES struct rule_set *set = container_rules();
	static struct case_counts counts;
	const struct rule *rule;
	struct diag d;

	(void)state;
	if (rule_cases_run(set, "rules/containers.test.yaml", count_case, &counts, &d) < 0)
		fail_msg("%s:%u: %s", d.file, d.line, d.message);
	for (size_t i = 0; (rule = rule_set_at(set, i)); i++)
		assert_non_null(strstr(counts.fired, rule->name));
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
