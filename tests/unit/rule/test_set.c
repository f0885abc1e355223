/* SPDX-License-Identifier: Apache-2.0 */
/* Claims about agent/rule/set.c: rule sets as their users see them. */
#include "rules_fixture.h"

#include <errno.h>

#include "allocation_count.h"
#include "subject_fixture.h"

#define RULE(name, condition) \
	"- rule: " name "\n  desc: d\n  condition: " condition "\n  output: o\n  priority: ERROR\n"

static void matches_come_in_the_order_of_definition(void **state)
{
	CLEANUP_RULES struct rule_set *set = rules_of(RULE("one", "proc.name = sh")
			RULE("two", "proc.name = x") RULE("three", "proc.pid > 1"));
	struct subject_fixture f;
	size_t cursor = 0;

	(void)state;
	fixture_exec(&f);
	assert_string_equal(rule_set_match(set, &f.subject, &cursor)->name, "one");
	assert_string_equal(rule_set_match(set, &f.subject, &cursor)->name, "three");
	assert_null(rule_set_match(set, &f.subject, &cursor));
	assert_null(rule_set_match(set, &f.subject, &cursor));
}

static void disabled_rule_never_matches(void **state)
{
	CLEANUP_RULES struct rule_set *set = rules_of(
		RULE("off", "proc.name = sh") "  enabled: false\n" RULE("on", "proc.name = x"));
	struct subject_fixture f;
	size_t all;

	(void)state;
	fixture_exec(&f);
	assert_false(rules_match(set, &f.subject));
	assert_int_equal(rule_set_count(set, &all), 1);
	assert_int_equal(all, 2);
}

static void rule_fires_on_true_alone(void **state)
{
	struct subject_fixture f;

	(void)state;
	fixture_exec(&f);
	f.container.name = NULL;
	assert_false(condition_fires("container.name = web", &f.subject));
	assert_false(condition_fires("not container.name = web", &f.subject));
	assert_true(condition_fires("not container.name exists", &f.subject));
}

static void later_files_know_the_names_of_earlier_ones(void **state)
{
	CLEANUP_RULES struct rule_set *set = rules_of(
		"- list: l\n  items: [sh]\n"
		"- macro: m\n  condition: proc.name in (l)\n");
	struct subject_fixture f;

	(void)state;
	rules_add(set, RULE("r", "m and proc.name in (l)"));
	rules_add(set, "- list: l2\n  items: [l, x]\n" RULE("s", "proc.name in (l2)"));
	fixture_exec(&f);
	assert_true(rules_match(set, &f.subject));
	assert_int_equal(rule_set_count(set, NULL), 2);
}

static void earlier_files_cannot_wait_for_later_ones(void **state)
{
	CLEANUP_RULES struct rule_set *set = rules_empty();

	(void)state;
	assert_rules_fail(set, RULE("r", "m"), "rules.yaml:3:14: there is no macro 'm'");
	rules_add(set, "- macro: m\n  condition: proc.pid = 1\n");
	rules_add(set, RULE("r", "m"));
}

/* Whatever the stage at which it is found out. */
static void wrong_file_leaves_the_set_as_it_was(void **state)
{
	static const char *const wrong[] = {
		RULE("new", "proc.pid = 4711") "- rule: [\n",
		RULE("new", "proc.pid = 4711") "- rulle: x\n",
		RULE("new", "proc.pid = 4711") RULE("x", "proc.pid ="),
		RULE("new", "proc.pid = 4711") RULE("x", "proc.pid = y"),
		RULE("new", "proc.pid = 4711") RULE("new", "proc.pid = 1"),
		"- macro: m\n  condition: m2\n- macro: m2\n  condition: m\n",
		"- rule: old\n  append: true\n  condition: and proc.pid = x\n",
		"- list: m\n  items: [m]\n",
	};
	CLEANUP_RULES struct rule_set *set = rules_of(RULE("old", "proc.name = sh"));
	struct subject_fixture f;
	size_t all;

	(void)state;
	fixture_exec(&f);
	for (size_t i = 0; i < ARRAY_SIZE(wrong); i++) {
		CLEANUP_DIAGS struct diags diags = DIAGS_INIT;
		size_t cursor = 0;

		assert_true(rule_set_add_text(set, "w", slice_of(wrong[i]), &diags) < 0);
		assert_int_not_equal(diags.counts[DIAG_ERROR], 0);
		assert_int_equal(rule_set_count(set, &all), 1);
		assert_int_equal(all, 1);
		assert_string_equal(rule_set_match(set, &f.subject, &cursor)->name, "old");
		assert_null(rule_set_match(set, &f.subject, &cursor));
	}
	rules_add(set, RULE("new", "m") "- macro: m\n  condition: proc.pid = 4711\n");
	assert_int_equal(rule_set_count(set, NULL), 2);
}

static void file_that_cannot_be_read_is_an_error_with_its_name(void **state)
{
	CLEANUP_RULES struct rule_set *set = rules_empty();
	CLEANUP_DIAGS struct diags diags = DIAGS_INIT;
	char message[DIAG_TEXT_SIZE];

	(void)state;
	assert_int_equal(rule_set_add_file(set, "/nonexistent/rules.yaml", &diags), -ENOENT);
	assert_int_equal(diags.count, 1);
	diag_text(&diags.items[0].diag, message, sizeof(message));
	assert_string_equal(message, "/nonexistent/rules.yaml: No such file or directory");
}

static void file_in_json_is_a_file(void **state)
{
	CLEANUP_RULES struct rule_set *set = rules_empty();

	(void)state;
	rules_add(set, "[{\"rule\": \"r\", \"desc\": \"d\", \"condition\": \"proc.name=sh\",\n"
		       "\"output\": \"o\", \"priority\": \"DEBUG\"}]");
	assert_rules_fail(set,
		"[{\"macro\": \"m\",\n  \"condition\": \"proc.name = \\\"x\\\" adn y\"}]",
		"rules.yaml:2:35: found 'adn' where 'and', 'or' or the end is expected: did you "
		"mean 'and'?");
}

/* Sets that are searched by halves, and transformers, are in the other test of this. */
static void default_rules_allocate_nothing(void **state)
{
	static void (*const makers[])(struct subject_fixture *) = {fixture_exec, fixture_attempt,
		fixture_lookup, fixture_mapping, fixture_move, fixture_open};
	CLEANUP_RULES struct rule_set *set = rules_empty();
	CLEANUP_DIAGS struct diags diags = DIAGS_INIT;
	size_t before, matches = 0;

	(void)state;
	assert_int_equal(rule_set_add_file(set, "rules/default.yaml", &diags), 0);
	allocation_count_start();
	before = allocation_count;
	for (size_t i = 0; i < ARRAY_SIZE(makers); i++) {
		struct subject_fixture f;
		size_t cursor = 0;

		makers[i](&f);
		while (rule_set_match(set, &f.subject, &cursor))
			matches++;
	}
	assert_int_equal(allocation_count - before, 0);
	assert_in_range(matches, 1, ARRAY_SIZE(makers) * rule_set_count(set, NULL));
	rule_set_free(rules_of("")); /* which does, and is counted */
	assert_int_not_equal(allocation_count - before, 0);
}

static void matching_allocates_nothing(void **state)
{
	CLEANUP_RULES struct rule_set *set = rules_of(
		RULE("a", "proc.cmdline contains 'rm -rf' or proc.args glob '*x*y*'")
			RULE("b", "proc.name in (a, b, c) or exe.dev = 1:1") RULE(
				"c", "exe.mode = 0755 and evt.res = SUCCESS") RULE("d",
				"container.id startswith aaa") RULE("e", "attempt.args endswith -i")
				RULE("f", "tolower(proc.cmdline) regex '.*(x|y)+z'") RULE(
					"g", "basename(proc.exepath) = val(proc.pname)")
					RULE("h", "b64(proc.args) pmatch (/a/*)") RULE(
						"i", "proc.argv in (a, b, c, d, e, f, g, h, j)"));
	struct subject_fixture exec, attempt;
	size_t before, matches = 0;

	(void)state;
	fixture_exec(&exec);
	fixture_attempt(&attempt);
	allocation_count_start();
	before = allocation_count;
	for (int i = 0; i < 1000; i++) {
		size_t cursor = 0;

		while (rule_set_match(set, i % 2 ? &exec.subject : &attempt.subject, &cursor))
			matches++;
	}
	assert_int_equal(allocation_count - before, 0);
	assert_int_equal(matches, 500 * 4);
	rule_set_free(rules_of("")); /* which does, and is counted */
	assert_int_not_equal(allocation_count - before, 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(matches_come_in_the_order_of_definition),
		cmocka_unit_test(disabled_rule_never_matches),
		cmocka_unit_test(rule_fires_on_true_alone),
		cmocka_unit_test(later_files_know_the_names_of_earlier_ones),
		cmocka_unit_test(earlier_files_cannot_wait_for_later_ones),
		cmocka_unit_test(wrong_file_leaves_the_set_as_it_was),
		cmocka_unit_test(file_that_cannot_be_read_is_an_error_with_its_name),
		cmocka_unit_test(file_in_json_is_a_file),
		cmocka_unit_test(default_rules_allocate_nothing),
		cmocka_unit_test(matching_allocates_nothing),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
