/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Rules of Falco's mean here what they mean there. Its rule file is not in this tree: the variable
 * BAREWATCH_FALCO_RULES names it, and what needs it is skipped without. The classes of errors are those
 * of Falco's userspace/engine/falco_load_result.cpp (falcosecurity/falco, commit 3c15ea26).
 */
#include "rules_fixture.h"

#include <errno.h>

#include "base/json.h"
#include "base/yaml.h"

#define CASES "tests/conformance/falco.test.yaml"

/* ---- the rule file ---- */

static const char *rules_path(void)
{
	const char *path = getenv("BAREWATCH_FALCO_RULES");

	if (!path || !path[0]) {
		print_message("# BAREWATCH_FALCO_RULES does not name Falco's rule file\n");
		skip();
	}
	return path;
}

static struct rule_set *falco_rules(void)
{
	const char *path = rules_path(); /* or what is below would not be freed */
	CLEANUP_DIAGS struct diags diags = DIAGS_INIT;
	CLEANUP_RULES struct rule_set *set = rules_empty();
	char text[DIAG_TEXT_SIZE];

	if (rule_set_add_file(set, path, &diags) < 0) {
		diag_text(&diags.items[0].diag, text, sizeof(text));
		fail_msg("%s", text);
	}
	return TAKE_PTR(set);
}

/* What it holds at commit c72713ee. */
static void all_rules_are_active_or_skipped_for_what_is_not_seen(void **state)
{
	CLEANUP_RULES struct rule_set *set = falco_rules();
	struct rule_counts counts = rule_set_counts(set);
	const struct rule *rule;

	(void)state;
	assert_int_equal(counts.disabled, 0);
	assert_true(counts.active >= 15);
	for (size_t i = 0; (rule = rule_set_at(set, i)); i++) {
		if (rule->state != RULE_SKIPPED)
			continue;
		assert_non_null(rule->reason);
		assert_memory_equal(rule->reason, "needs ", strlen("needs "));
	}
}

static void fail_case(const struct rule_case *result, void *userdata)
{
	size_t *count = userdata;

	if (!result->passed)
		fail_msg("%s:%u: %s\n%s", result->file, result->line, result->name, result->diff);
	(*count)++;
}

static void events_fire_the_rules_that_they_are_written_for(void **state)
{
	CLEANUP_RULES struct rule_set *set = falco_rules();
	size_t count = 0;
	struct diag d;

	(void)state;
	if (rule_cases_run(set, CASES, fail_case, &count, &d) < 0)
		fail_msg("%s:%u: %s", d.file, d.line, d.message);
	assert_true(count >= 2 * rule_set_count(set, NULL));
}

/* Whether ITEM expects the rule called NAME to match. */
static bool expects_match(const json_t *item, const char *name)
{
	const json_t *rules = json_object_get(item, "rules");

	for (size_t i = 0; i < json_array_size(rules); i++)
		if (strcmp(json_string_value(json_array_get(rules, i)), name) == 0)
			return true;
	return false;
}

static void each_active_rule_has_an_event_and_a_near_miss(void **state)
{
	CLEANUP_RULES struct rule_set *set = falco_rules();
	CLEANUP_YAML struct yaml_document document = YAML_DOCUMENT_INIT;
	const struct rule *rule;
	struct diag d;

	(void)state;
	assert_int_equal(yaml_load_file(CASES, &document, &d), 0);
	for (size_t i = 0; (rule = rule_set_at(set, i)); i++) {
		size_t fires = 0, misses = 0;

		for (size_t c = 0; c < json_array_size(document.root); c++) {
			const json_t *item = json_array_get(document.root, c);

			fires += expects_match(item, rule->name);
			misses += json_object_get(json_object_get(item, "false"), rule->name) !=
				  NULL;
		}
		if (rule->state == RULE_ACTIVE && (fires == 0 || misses == 0))
			fail_msg("'%s': %zu cases in which it fires, %zu near misses", rule->name,
				fires, misses);
	}
}

/* ---- what its documentation describes ---- */

static void constructs_mean_what_is_documented(void **state)
{
	CLEANUP_DIAGS struct diags diags = DIAGS_INIT;
	CLEANUP_RULES struct rule_set *set = rules_empty();
	size_t count = 0;
	struct diag d;

	(void)state;
	assert_int_equal(rule_set_add_file(set, "tests/conformance/constructs.yaml", &diags), 0);
	assert_int_equal(diags.count, 0);
	if (rule_cases_run(set, "tests/conformance/constructs.test.yaml", fail_case, &count, &d) <
		0)
		fail_msg("%s:%u: %s", d.file, d.line, d.message);
	assert_true(count >= 2 * rule_set_count(set, NULL));
}

/* ---- errors ---- */

#define REST ", desc: d, output: o, priority: ERROR}"
#define RULE_PRINTS(output) \
	"- rule: r\n  desc: d\n  condition: evt.num = 1\n  output: " output "\n  priority: ERROR\n"
#define RULE_BUT(exception) RULE_WITH("evt.num = 1") "  exceptions:\n  - " exception "\n"

static void what_is_an_error_of_falcos_is_one_here(void **state)
{
	static const struct {
		const char *text, *message;
	} cases[] = {
		/* LOAD_ERR_YAML_PARSE */
		{"- rule: [r", "rules.yaml:2:1: did not find expected ',' or ']'"},
		/* LOAD_ERR_YAML_VALIDATE */
		{"rule: r",
			"rules.yaml:1:1: found a mapping where a list of rules, macros and lists is expected"},
		{"- r", "rules.yaml:1:3: found a single value where a rule, macro or list is expected"},
		{"- {rule: r, desc: d, condition: evt.num=1, output: o}",
			"rules.yaml:1:3: rule 'r' needs the key 'priority'"},
		{"- {rule: r, condition: evt.num=1, output: o, priority: ERROR}",
			"rules.yaml:1:3: rule 'r' needs the key 'desc'"},
		{"- {rule: r, desc: d, condition: evt.num=1, priority: ERROR}",
			"rules.yaml:1:3: rule 'r' needs the key 'output'"},
		{"- {rule: r" REST, "rules.yaml:1:3: rule 'r' needs the key 'condition'"},
		{"- {macro: m}", "rules.yaml:1:3: macro 'm' needs the key 'condition'"},
		{"- {list: l}", "rules.yaml:1:3: list 'l' needs the key 'items'"},
		{"- {list: l, items: a}",
			"rules.yaml:1:20: found a single value where 'items' needs a list"},
		{"- {rule: r, condition: [a]" REST,
			"rules.yaml:1:24: found a list where 'condition' needs a text"},
		{"- {rule: r, condition: evt.num=1, tags: a" REST,
			"rules.yaml:1:41: found a single value where 'tags' needs a list"},
		{"- {rule: r, condition: evt.num=1, enabled: maybe" REST,
			"rules.yaml:1:44: found a single value where 'enabled' needs true or false"},
		{"- {rule: '', condition: evt.num=1" REST, "rules.yaml:1:10: a rule needs a name"},
		{RULE_BUT("{fields: [proc.name], values: [[a]]}"),
			"rules.yaml:7:5: an exception needs a text at 'name'"},
		{RULE_BUT("{name: e, values: [[a]]}"),
			"rules.yaml:7:5: exception 'e' needs the key 'fields'"},
		{RULE_BUT("{name: e, fields: [proc.name, proc.pname], values: a}"),
			"rules.yaml:7:56: found a single value where 'values' needs a list"},
		{RULE_BUT("x"),
			"rules.yaml:7:5: found a single value where an exception is expected"},
		/* LOAD_ERR_COMPILE_CONDITION */
		{RULE_WITH("(evt.num = 1"), "rules.yaml:3:14: this '(' has no closing ')'"},
		{RULE_WITH("evt.num"),
			"rules.yaml:3:14: field 'evt.num' stands alone: an operator is expected behind it"},
		{RULE_WITH("evt.num ~ 1"),
			"rules.yaml:3:22: found '~', which is no operator: did you mean 'glob'?"},
		{RULE_WITH("evt.num ="),
			"rules.yaml:3:23: found the end of the condition where a value is expected"},
		{RULE_WITH("evt.num = 1 evt.num = 2"),
			"rules.yaml:3:26: found 'evt.num' where 'and', 'or' or the end is expected"},
		{RULE_WITH("\"proc.name = \\\"sh\""), "rules.yaml:3:27: this \" has no closing \""},
		{RULE_WITH("proc.name in (a b)"),
			"rules.yaml:3:30: found 'b' where ',' or ')' is expected"},
		{RULE_WITH("proc.name in a, b"),
			"rules.yaml:3:28: found ',' where 'and', 'or' or the end is expected"},
		{RULE_WITH("proc.nosuch = 1"), "rules.yaml:3:14: there is no field 'proc.nosuch'"},
		{RULE_WITH("evt.num = many"),
			"rules.yaml:3:24: found 'many' where evt.num needs a whole number"},
		{RULE_WITH("proc.name regex \"(\""),
			"rules.yaml:3:30: regex '(', character 1: this '(' has no closing ')'"},
		{RULE_WITH("and evt.num = 1"),
			"rules.yaml:3:14: found 'and' where a field, a macro, 'not' or '(' is expected"},
		{RULE_WITH("evt.num = 1 and"),
			"rules.yaml:3:29: found the end of the condition where a field, a macro, 'not' or '(' is expected"},
		{RULE_WITH("not"),
			"rules.yaml:3:17: found the end of the condition where a field, a macro, 'not' or '(' is expected"},
		{RULE_WITH("()"),
			"rules.yaml:3:15: found ')' where a field, a macro, 'not' or '(' is expected"},
		{RULE_WITH("\"\""),
			"rules.yaml:3:15: found the end of the condition where a field, a macro, 'not' or '(' is expected"},
		{RULE_WITH("proc.aname[x] = a"),
			"rules.yaml:3:14: the argument of 'proc.aname[x]' is missing, or is none that it takes"},
		{RULE_WITH("tolower(evt.num) = 1"),
			"rules.yaml:3:22: evt.num is a number, which 'tolower' cannot take"},
		{RULE_WITH("noop(proc.name) = a"),
			"rules.yaml:3:18: found '(' where 'and', 'or' or the end is expected"},
		{RULE_WITH("proc.name in nolist"), "rules.yaml:3:27: there is no list 'nolist'"},
		{RULE_WITH("evt.num = 1)"),
			"rules.yaml:3:25: found ')' where 'and', 'or' or the end is expected"},
		{RULE_WITH("proc.name exists x"),
			"rules.yaml:3:31: found 'x' where 'and', 'or' or the end is expected"},
		{RULE_WITH("proc.name pmatch (a"), "rules.yaml:3:31: this '(' has no closing ')'"},
		{RULE_WITH("val(proc.name) = a and proc.name = val(proc.nosuch)"),
			"rules.yaml:3:53: there is no field 'proc.nosuch'"},
		/* LOAD_ERR_COMPILE_OUTPUT */
		{RULE_PRINTS("x %proc.nosuch"), "rules.yaml:4:13: there is no field 'proc.nosuch'"},
		{RULE_PRINTS("x %container.label"),
			"rules.yaml:4:13: the argument of 'container.label' is missing, or is none that it takes"},
		/* LOAD_ERR_VALIDATE */
		{"- {rule: r, condition: evt.num=1, desc: d, output: o, priority: LOUD}",
			"rules.yaml:1:65: 'LOUD' is not a priority"},
		{RULE_WITH("no_such_macro and evt.num = 1"),
			"rules.yaml:3:14: there is no macro 'no_such_macro'"},
		{"- {macro: m, condition: n}\n"
		 "- {macro: n, condition: m}\n"
		 "- {rule: r, condition: m" REST,
			"rules.yaml:2:25: macro 'm' is defined by way of itself"},
		{"- {list: l, items: [k]}\n"
		 "- {list: k, items: [l]}\n"
		 "- {rule: r, condition: proc.name in (l)" REST,
			"rules.yaml:2:21: 'l' is a list that contains this one"},
		{"- {rule: r, condition: evt.num=1, append: true}",
			"rules.yaml:1:10: there is no rule 'r' that this could change"},
		{"- {macro: r, condition: evt.num=1, append: true}",
			"rules.yaml:1:11: there is no macro 'r' that this could change"},
		{"- {list: r, items: [a], append: true}",
			"rules.yaml:1:10: there is no list 'r' that this could change"},
		{"- {rule: r, condition: and evt.num=1, override: {condition: append}}",
			"rules.yaml:1:10: there is no rule 'r' that this could change"},
		{"- {rule: r, condition: evt.num=1" REST "\n"
		 "- {rule: r, condition: and evt.num=1, append: true, override: {condition: append}}",
			"rules.yaml:2:47: 'append: true' and 'override' cannot be used together"},
		{"- {rule: r, condition: evt.num=1" REST "\n"
		 "- {rule: r, priority: INFO, override: {priority: append}}",
			"rules.yaml:2:50: 'priority' can be replaced, but nothing appended to it"},
		{"- {rule: r, condition: evt.num=1" REST "\n"
		 "- {rule: r, override: {condition: append}}",
			"rules.yaml:2:35: the item has no key 'condition' to override with"},
		{"- {rule: r, condition: evt.num=1" REST "\n"
		 "- {rule: r, condition: and evt.num=2, desc: e, override: {condition: append}}",
			"rules.yaml:2:45: 'desc' does nothing here: 'override' does not name it"},
		{"- {rule: r, condition: evt.num=1" REST "\n"
		 "- {rule: r, condition: x, override: {condition: prepend}}",
			"rules.yaml:2:49: found 'prepend' where 'append' or 'replace' is expected"},
		{RULE_BUT(
			 "{name: e, fields: [proc.name, proc.pname], comps: [=], values: [[a, b]]}"),
			"rules.yaml:7:5: 'fields' and 'comps' need as many entries as each other"},
		{RULE_BUT(
			 "{name: e, fields: [proc.name, proc.pname], comps: [=, like], values: [[a, b]]}"),
			"rules.yaml:7:59: found 'like' where an operator with a value is expected"},
		{RULE_BUT("{name: e, fields: [proc.name, proc.nosuch], values: [[a, b]]}"),
			"rules.yaml:7:35: there is no field 'proc.nosuch'"},
		{RULE_BUT("{name: e, fields: [proc.name, proc.pname], values: [[a]]}"),
			"rules.yaml:7:57: exception 'e' needs a list of 2 values, one for each field"},
		{RULE_BUT("{name: e, fields: proc.name, comps: [in], values: [a]}"),
			"rules.yaml:7:5: 'fields' and 'comps' need as many entries as each other"},
		{"- {rule: r, condition: evt.num=1" REST "\n"
		 "- {rule: r, exceptions: [{name: f, values: [[a]]}], append: true}",
			"rules.yaml:2:26: exception 'f' needs the key 'fields'"},
		/* warnings of Falco: LOAD_UNKNOWN_ITEM, LOAD_UNKNOWN_KEY, LOAD_INVALID_MACRO_NAME, LOAD_INVALID_LIST_NAME, LOAD_EXCEPTION_NAME_NOT_UNIQUE */
		{"- {thing: r}",
			"rules.yaml:1:3: found 'thing' where an item needs the key 'rule', 'macro' or 'list'"},
		{"- {rule: r, condition: evt.num=1, colour: red" REST,
			"rules.yaml:1:35: a rule has no key 'colour'"},
		{"- {macro: 'a b', condition: evt.num=1}",
			"rules.yaml:1:11: 'a b' cannot be a name: letters, digits, '_', '-' and '.' can"},
		{"- {list: 'a b', items: [a]}",
			"rules.yaml:1:10: 'a b' cannot be a name: letters, digits, '_', '-' and '.' can"},
		{"- {rule: r, condition: evt.num=1, exceptions: [{name: e, fields: [proc.name]}, {name: e, fields: [proc.name]}]" REST,
			"rules.yaml:1:80: exception 'e' is given twice"},
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++)
		assert_text_fails(cases[i].text, cases[i].message);
}

static void file_that_cannot_be_read_is_an_error(void **state)
{
	CLEANUP_DIAGS struct diags diags = DIAGS_INIT;
	CLEANUP_RULES struct rule_set *set = rules_empty();

	(void)state;
	assert_int_equal(rule_set_add_file(set, "/nonexistent/rules.yaml", &diags), -ENOENT);
	assert_int_equal(diags.counts[DIAG_ERROR], 1);
	assert_string_equal(diags.items[0].diag.file, "/nonexistent/rules.yaml");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(all_rules_are_active_or_skipped_for_what_is_not_seen),
		cmocka_unit_test(events_fire_the_rules_that_they_are_written_for),
		cmocka_unit_test(each_active_rule_has_an_event_and_a_near_miss),
		cmocka_unit_test(constructs_mean_what_is_documented),
		cmocka_unit_test(what_is_an_error_of_falcos_is_one_here),
		cmocka_unit_test(file_that_cannot_be_read_is_an_error),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
