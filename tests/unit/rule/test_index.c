/* SPDX-License-Identifier: Apache-2.0 */
/* Claims about agent/rule/index.c. */
#include "rules_fixture.h"

#include "random_rules.h"
#include "rule/condition/condition.h"
#include "rule/index.h"
#include "rule/condition/match.h"
#include "rule/condition/parser.h"
#include "rule/set.h"

#define RULE(name, condition) \
	"- rule: " name "\n  desc: d\n  output: o\n  priority: ERROR\n  condition: " condition "\n"

/* The names of the rules that INDEX has for KIND. */
static void assert_rules_of(
	const struct rule_index *index, enum subject_kind kind, const char *expected)
{
	CLEANUP_STRBUF struct strbuf found = STRBUF_INIT;

	for (size_t i = 0; i < index->kinds[kind].count; i++)
		strbuf_add_text(&found, index->kinds[kind].entries[i].rule->name);
	assert_string_equal(strbuf_text(&found), expected);
}

static void event_meets_only_rules_that_its_kind_can_match(void **state)
{
	CLEANUP_RULES struct rule_set *set = rules_of(
		RULE("a", "evt.subject = exec") RULE("b", "evt.type in (open, openat)")
			RULE("c", "proc.name = sh") RULE("d", "exe.resolved = x and proc.pid = 1")
				RULE("e", "evt.subject = open and proc.name = sh")
					RULE("f", "not evt.subject = exec")
						RULE("g", "proc.pid = 1") "  enabled: false\n");
	struct rule_index index = {0};

	(void)state;
	assert_int_equal(
		rule_index_build((struct definitions *)rule_set_definitions(set), &index), 0);
	assert_rules_of(&index, SUBJECT_EXEC, "acd");
	assert_rules_of(&index, SUBJECT_ATTEMPT, "cf");
	assert_rules_of(&index, SUBJECT_MAPPING, "cdf");
	assert_rules_of(&index, SUBJECT_OPEN, "bcef");
	assert_rules_of(&index, SUBJECT_MOVE, "cf");
	assert_rules_of(&index, SUBJECT_PRESENT, "f");
	assert_rules_of(&index, SUBJECT_CONTAINER, "");
	assert_rules_of(&index, SUBJECT_PROGRAM, "");
	assert_rules_of(&index, SUBJECT_REPEATS, "");
	assert_int_equal(rule_set_subjects(set), 1 << SUBJECT_EXEC | 1 << SUBJECT_ATTEMPT |
							 1 << SUBJECT_MAPPING | 1 << SUBJECT_OPEN |
							 1 << SUBJECT_MOVE | 1 << SUBJECT_PRESENT);
	rule_index_done(&index);
}

static void rules_that_are_not_active_are_about_nothing(void **state)
{
	CLEANUP_RULES struct rule_set *set = rules_of(RULE("a", "evt.subject = exec")
			RULE("b", "evt.subject = open") "  enabled: false\n");

	(void)state;
	assert_int_equal(rule_set_subjects(set), 1 << SUBJECT_EXEC);
}

/* What CONDITION is worth as it is written: no set in order, nothing folded. */
static enum truth judged(const char *text, const struct subject *subject)
{
	CLEANUP(ast_cleanup) struct ast ast = AST_INIT;
	CLEANUP(rule_condition_cleanup) struct rule_condition *condition = NULL;
	CLEANUP_DIAGS struct diags diags = DIAGS_INIT;
	struct definitions definitions = {0};
	struct condition_context context = {.definitions = &definitions, .diags = &diags};
	struct field_scratch scratch;
	enum truth truth;
	struct diag d;

	assert_int_equal(condition_parse(slice_of(text), NULL, &ast, &d), 0);
	assert_int_equal(condition_compile(&context, &ast, &condition), 0);
	truth = condition_judge(condition, subject, &scratch);
	store_done(&definitions.store);
	return truth;
}

/* The rules of SET that match SUBJECT are those whose conditions are true, in their order. */
static size_t assert_matches(const struct rule_set *set, const struct subject *subject)
{
	const struct rule *rule;
	size_t cursor = 0, matches = 0;

	for (size_t i = 0; (rule = rule_set_at(set, i)); i++) {
		if (rule->state != RULE_ACTIVE ||
			judged(rule->condition_text, subject) != TRUTH_TRUE)
			continue;
		if (rule_set_match(set, subject, &cursor) != rule)
			fail_msg("kind %d: %s", subject->kind, rule->condition_text);
		matches++;
	}
	assert_null(rule_set_match(set, subject, &cursor));
	return matches;
}

static void rules_match_as_they_are_written(void **state)
{
	struct chance chance = {0x6e6f6465}; /* the seed */
	size_t matches = 0;

	(void)state;
	for (int i = 0; i < 40; i++) {
		CLEANUP_STRBUF struct strbuf text = STRBUF_INIT;
		CLEANUP_RULES struct rule_set *set = NULL;

		for (int j = 0; j < 20; j++) {
			strbuf_addf(&text, "- rule: %d\n  desc: d\n  output: o\n", j);
			strbuf_add_text(&text, "  priority: ERROR\n  condition: \"");
			chance_condition(&chance, 3, &text);
			strbuf_add_text(&text, "\"\n");
		}
		set = rules_of(strbuf_text(&text));
		for (int j = 0; j < 10; j++) {
			struct subject_fixture f;

			chance_subject(&chance, &f);
			matches += assert_matches(set, &f.subject);
		}
	}
	assert_in_range(matches, 500, 7500); /* of 8,000 */
}

/* A recording may have lost what every such event has. */
static void recorded_subject_has_what_was_written_down_alone(void **state)
{
	CLEANUP_RULES struct rule_set *set = rules_of(
		RULE("a", "evt.type = execve") RULE("b", "evt.subject = exec")
			RULE("c", "not evt.type = execve") RULE("d", "proc.name = sh"));
	json_t *fields = json_pack("{s:s, s:s}", "evt.subject", "exec", "proc.name", "sh");
	struct fields_source source = {.name = "f"};
	struct recorded *recorded = NULL;
	struct subject subject;
	size_t cursor = 0;
	struct diag d;

	(void)state;
	assert_int_equal(recorded_new(fields, SUBJECT_EXEC, &source, &recorded, &d), 0);
	subject = recorded_subject(recorded);
	assert_string_equal(rule_set_match(set, &subject, &cursor)->name, "b");
	assert_string_equal(rule_set_match(set, &subject, &cursor)->name, "d");
	assert_null(rule_set_match(set, &subject, &cursor));
	recorded_free(recorded);
	json_decref(fields);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(event_meets_only_rules_that_its_kind_can_match),
		cmocka_unit_test(rules_that_are_not_active_are_about_nothing),
		cmocka_unit_test(rules_match_as_they_are_written),
		cmocka_unit_test(recorded_subject_has_what_was_written_down_alone),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
