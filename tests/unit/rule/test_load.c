/* SPDX-License-Identifier: Apache-2.0 */
/* Claims about agent/rule/file/load.c. */
#include "rules_fixture.h"

#include "rule/file/load.h"

#define FILE_TEXT                                                                 \
	"- rule: The rule\n  desc: why\n  condition: m\n  output: '%proc.name'\n" \
	"  priority: notice\n  tags: [a, b]\n  enabled: false\n"                  \
	"- macro: m\n  condition: proc.name in (l)\n"                             \
	"- list: l\n  items: [sh, '7']\n"

static void items_become_definitions(void **state)
{
	CLEANUP_YAML struct yaml_document document = YAML_DOCUMENT_INIT;
	struct source source = {.document = &document, .text = slice_of(FILE_TEXT)};
	CLEANUP_DIAGS struct diags diags = DIAGS_INIT;
	struct definitions definitions = {0};
	struct loading loading = {.definitions = &definitions, .diags = &diags};
	const struct list_definition *list;
	const struct rule_definition *definition;
	const struct rule *rule;
	struct diag d;

	(void)state;
	assert_int_equal(yaml_load_text("f", source.text, &document, &d), 0);
	assert_int_equal(definitions_load(&loading, &source), 0);
	assert_int_equal(diags.count, 0);

	definition = definition_rule(definitions.tables[DEFINITION_RULE].entries[0]);
	rule = &definition->rule;
	assert_string_equal(definition->base.name, "The rule");
	assert_string_equal(strbuf_text(&definition->description.text), "why");
	assert_string_equal(strbuf_text(&definition->text.text), "m");
	assert_string_equal(strbuf_text(&definition->output.text), "%proc.name");
	assert_int_equal(rule->priority, RULE_NOTICE);
	assert_string_equal(rule->tags[0], "a");
	assert_string_equal(rule->tags[1], "b");
	assert_null(rule->tags[2]);
	assert_false(rule->enabled);

	assert_string_equal(definitions.tables[DEFINITION_MACRO].entries[0]->name, "m");
	assert_int_equal(definitions.tables[DEFINITION_MACRO].entries[0]->line, 8);

	list = definition_list(definitions.tables[DEFINITION_LIST].entries[0]);
	assert_int_equal(list->item_count, 2);
	assert_string_equal(list->items[1].text, "7");
	definitions_done(&definitions);
}

static void rule_is_enabled_and_has_no_tags_unless_it_says_so(void **state)
{
	CLEANUP_RULES struct rule_set *set = rules_of(RULE_WITH("proc.pid > 0"));

	(void)state;
	assert_int_equal(rule_set_count(set, NULL), 1);
}

static void files_that_hold_no_list_of_items_are_refused(void **state)
{
	(void)state;
	assert_text_fails("rule: r\n",
		"rules.yaml:1:1: found a mapping where a list of rules, macros and lists is "
		"expected");
	assert_text_fails("text\n",
		"rules.yaml:1:1: found a single value where a list of rules, macros and lists is "
		"expected");
	assert_text_fails("- macro: m\n  condition: proc.pid = 1\n-\n",
		"rules.yaml:1:1: item 2 of the file is empty");
}

static void empty_file_is_a_file_without_rules(void **state)
{
	(void)state;
	rule_set_free(rules_of(""));
	rule_set_free(rules_of("# only this\n"));
	rule_set_free(rules_of("[]"));
}

static void second_definition_of_a_name_is_refused(void **state)
{
	(void)state;
	assert_text_fails(RULE_WITH("proc.pid = 1") RULE_WITH("proc.pid = 2"),
		"rules.yaml:6:9: rule 'r' is already defined at rules.yaml:1");
	assert_text_fails("- macro: m\n  condition: proc.pid = 1\n"
			  "- macro: m\n  condition: proc.pid = 1\n",
		"rules.yaml:3:10: macro 'm' is already defined at rules.yaml:1");
	assert_text_fails("- list: l\n  items: [a]\n- list: l\n  items: [a]\n",
		"rules.yaml:3:9: list 'l' is already defined at rules.yaml:1");
}

static void mistakes_in_condition_and_output_are_found_in_the_file(void **state)
{
	(void)state;
	assert_text_fails(RULE_WITH("proc.pid = 1 and"),
		"rules.yaml:3:30: found the end of the condition where a field, a macro, 'not' or "
		"'(' is expected");
	assert_text_fails(RULE_WITH(">\n    proc.pid = 1\n    and (proc.pid = 2\n    or x"),
		"rules.yaml:5:9: this '(' has no closing ')'");
	assert_text_fails("- rule: r\n  desc: d\n  condition: proc.pid = 1\n"
			  "  output: >\n    one %proc.pid\n    two %proc.pidd\n  priority: ERROR\n",
		"rules.yaml:6:9: there is no field 'proc.pidd': did you mean 'proc.pid'?");
}

#define FINE "  output: o\n  priority: ERROR\n"

/* One of each kind of mistake, each with the place that is to be named. */
static const char ten_faults[] =
	/*  1 */ "- rule: indented\n  desc: d\n condition: proc.pid = 1\n" FINE
		 /*  6 */ "- rule: field\n  desc: d\n  condition: proc.nme = sh\n" FINE
		 /* 11 */ "- rule: operator\n  desc: d\n  condition: proc.name startwith sh\n" FINE
		 /* 16 */ "- rule: parenthesis\n  desc: d\n  condition: (proc.pid = 1\n" FINE
		 /* 21 */ "- rule: macro\n  desc: d\n  condition: nothing and proc.pid = 1\n" FINE
		 /* 26 */ "- macro: round\n  condition: proc.pid = 1 or around\n"
		 /* 28 */ "- macro: around\n  condition: not round\n"
		 /* 30 */ "- list: names\n  items: [sh]\n"
		 /* 32 */ "- rule: list\n  desc: d\n  condition: proc.name = names\n" FINE
		 /* 37 */ "- rule: priority\n  desc: d\n  condition: proc.pid = 1\n  output: o\n"
		 "  priority: LOUD\n"
		 /* 42 */ "- rule: type\n  desc: d\n  condition: proc.pid = sh\n" FINE
		 /* 47 */ "- rule: fine\n  desc: d\n  condition: proc.pid = 1\n" FINE
		 /* 52 */ "- rule: fine\n  desc: d\n  condition: proc.pid = 2\n" FINE
		 /* 57 */ "- rule: user\n  desc: d\n  condition: round and names\n" FINE;

static void every_fault_of_a_file_is_told_in_one_run(void **state)
{
	static const char *const messages[] = {
		"f.yaml:3:2: did not find expected '-' indicator",
		"f.yaml:8:14: there is no field 'proc.nme': did you mean 'proc.name'?",
		"f.yaml:13:24: found 'startwith' where an operator, 'and' or 'or' is expected: did "
		"you mean 'startswith'?",
		"f.yaml:18:14: this '(' has no closing ')'",
		"f.yaml:23:14: there is no macro 'nothing'",
		"f.yaml:29:18: macro 'round' is defined by way of itself",
		"f.yaml:34:26: 'names' is a list: compare with 'in', or put it in quotes if it is "
		"a text",
		"f.yaml:41:13: 'LOUD' is not a priority",
		"f.yaml:44:25: found 'sh' where proc.pid needs a whole number",
		"f.yaml:52:9: rule 'fine' is already defined at f.yaml:47",
		"f.yaml:59:24: 'names' is a list: a field and 'in' are expected before it",
	};
	CLEANUP_RULES struct rule_set *set = rules_empty();
	CLEANUP_DIAGS struct diags diags = DIAGS_INIT;

	(void)state;
	assert_true(rule_set_add_text(set, "f.yaml", slice_of(ten_faults), &diags) < 0);
	for (size_t i = 0; i < ARRAY_SIZE(messages) && i < diags.count; i++) {
		char found[DIAG_TEXT_SIZE];

		diag_text(&diags.items[i].diag, found, sizeof(found));
		assert_string_equal(found, messages[i]);
		assert_non_null(diags.items[i].excerpt);
	}
	assert_int_equal(diags.count, ARRAY_SIZE(messages));
	assert_int_equal(rule_set_count(set, NULL), 0);
}

#define MESSAGES_MAX 5

/* All that is wrong with TEXT, in the order of the file, is MESSAGES, up to a NULL. */
static void assert_all_told(const char *text, const char *const *messages)
{
	CLEANUP_RULES struct rule_set *set = rules_empty();
	CLEANUP_DIAGS struct diags diags = DIAGS_INIT;
	char found[DIAG_TEXT_SIZE];
	size_t i;

	assert_true(rule_set_add_text(set, "f", slice_of(text), &diags) < 0);
	for (i = 0; i < diags.count && i < MESSAGES_MAX && messages[i]; i++) {
		diag_text(&diags.items[i].diag, found, sizeof(found));
		assert_string_equal(found, messages[i]);
	}
	if (i != diags.count || (i < MESSAGES_MAX && messages[i]))
		fail_msg("%zu messages:\n%s", diags.count, text);
}

static void what_is_wrong_with_a_key_hides_no_other_mistake(void **state)
{
	static const struct {
		const char *text;
		const char *messages[MESSAGES_MAX];
	} cases[] = {
		{"- rule: r\n  desc: d\n  condition: proc.nme = sh and nothing\n"
		 "  output: '%proc.pidd'\n  priority: LOUD\n",
			{"f:3:14: there is no field 'proc.nme': did you mean 'proc.name'?",
				"f:3:32: there is no macro 'nothing'",
				"f:4:12: there is no field 'proc.pidd': did you mean 'proc.pid'?",
				"f:5:13: 'LOUD' is not a priority"}},
		{"- rule: r\n  desc: d\n  condition: [a]\n  output: '%proc.pidd'\n"
		 "  priority: ERROR\n",
			{"f:3:14: found a list where 'condition' needs a text",
				"f:4:12: there is no field 'proc.pidd': did you mean 'proc.pid'?"}},
		{"- rule: r\n  condition: (proc.pid = 1\n  output: o\n  tags: [[a]]\n  tag: [a]\n",
			{"f:1:3: rule 'r' needs the key 'desc'",
				"f:1:3: rule 'r' needs the key 'priority'",
				"f:2:14: this '(' has no closing ')'",
				"f:4:10: found a list as item 1 of 'tags', which needs texts",
				"f:5:3: a rule has no key 'tag': did you mean 'tags'?"}},
		{RULE_WITH("nothing") "  exceptions: [{name: e, fields: proc.nme}]\n",
			{"f:3:14: there is no macro 'nothing'",
				"f:6:34: there is no field 'proc.nme': did you mean 'proc.name'?"}},
		{RULE_WITH(
			 "nothing") "  exceptions: [{name: e, fields: proc.name, values: [[a]]}]\n",
			{"f:3:14: there is no macro 'nothing'",
				"f:6:54: found a list where exception 'e', of a single field, needs "
				"a text"}},
		{RULE_WITH("proc.pid = 1") "  exceptions:\n"
					   "    - {name: e, fields: proc.nme, values: [a]}\n"
					   "    - {name: f, fields: proc.name, values: [[a]]}\n"
					   "    - {name: g, fields: proc.pid, values: [x]}\n",
			{"f:7:25: there is no field 'proc.nme': did you mean 'proc.name'?",
				"f:8:45: found a list where exception 'f', of a single field, needs "
				"a text",
				"f:9:44: found 'x' where proc.pid needs a whole number"}},
		{"- macro: a b\n  condition: proc.nme = sh\n",
			{"f:1:10: 'a b' cannot be a name: letters, digits, '_', '-' and '.' can",
				"f:2:14: there is no field 'proc.nme': did you mean 'proc.name'?"}},
		{"- macro: m\n  desc: d\n  condition: proc.nme = sh\n" RULE_WITH("m"),
			{"f:2:3: a macro has no key 'desc'",
				"f:3:14: there is no field 'proc.nme': did you mean 'proc.name'?"}},
		{RULE_WITH("proc.pid = 1") "- rule: r\n  override: {condition: append}\n"
					   "  condition: and nothing\n  enabled: maybe\n",
			{"f:8:18: there is no macro 'nothing'",
				"f:9:12: found a single value where 'enabled' needs true or false",
				"f:9:12: 'enabled' does nothing here: 'override' does not name it"}},
		{RULE_WITH("proc.pid = 1") RULE_WITH("nothing"),
			{"f:6:9: rule 'r' is already defined at f:1",
				"f:8:14: there is no macro 'nothing'"}},
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++)
		assert_all_told(cases[i].text, cases[i].messages);
}

/* What is taken for what it is not would have mistakes that it has not. */
static void mistakes_that_come_of_others_are_not_told(void **state)
{
	static const struct {
		const char *text, *message;
	} cases[] = {
		/* the condition is the end of another one */
		{RULE_WITH("proc.pid = 1") "- rule: r\n  overide: {condition: append}\n"
					   "  condition: and proc.pid > 0\n",
			"f:7:3: a rule has no key 'overide': did you mean 'override'?"},
		{RULE_WITH("proc.pid = 1") "- rule: r\n  append: maybe\n"
					   "  condition: and proc.pid > 0\n",
			"f:7:11: found a single value where 'append' needs true or false"},
		{RULE_WITH("proc.pid = 1") "- rule: r\n  override: 1\n"
					   "  condition: and proc.pid > 0\n",
			"f:7:13: found a single value where 'override' needs a mapping"},
		/* what is appended to is not known */
		{"- macro: m\n  condition: [a]\n"
		 "- macro: m\n  append: true\n  condition: or proc.pid = 1\n" RULE_WITH("m"),
			"f:2:14: found a list where 'condition' needs a text"},
		{"- rule: r\n  desc: d\n  condition: [a]\n  output: o\n  priority: ERROR\n"
		 "- rule: r\n  append: true\n  condition: or proc.pid = 1\n",
			"f:3:14: found a list where 'condition' needs a text"},
		{RULE_WITH("proc.pid = 1") "  exceptions: [{name: e, field: proc.name}]\n"
					   "- rule: r\n  append: true\n"
					   "  exceptions: [{name: e, values: [a]}]\n",
			"f:6:33: unknown key 'field': did you mean 'fields'?"},
		/* what seems to be missing is misspelt */
		{"- rule: r\n  desc: d\n  conditoin: proc.pid = 1\n  output: o\n"
		 "  priority: ERROR\n",
			"f:3:3: a rule has no key 'conditoin': did you mean 'condition'?"},
		{"- rule: r\n  enabled: true\n  conditoin: proc.pid = 1\n  desc: d\n  output: o\n"
		 "  priority: ERROR\n",
			"f:3:3: a rule has no key 'conditoin': did you mean 'condition'?"},
		{"- list: l\n  item: [a]\n" RULE_WITH("proc.name in (l)"),
			"f:2:3: a list has no key 'item': did you mean 'items'?"},
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		const char *const messages[MESSAGES_MAX] = {cases[i].message};

		assert_all_told(cases[i].text, messages);
	}
}

static void faults_beyond_the_bound_are_counted(void **state)
{
	CLEANUP_RULES struct rule_set *set = rules_empty();
	CLEANUP_DIAGS struct diags diags = DIAGS_INIT;
	CLEANUP_STRBUF struct strbuf text = STRBUF_INIT;

	(void)state;
	for (size_t i = 0; i < DIAGS_KEPT_MAX + 7; i++)
		strbuf_addf(&text, "- macro: m%zu\n  condition: proc.nme exists\n", i);
	assert_true(rule_set_add_text(set, "f", strbuf_slice(&text), &diags) < 0);
	assert_int_equal(diags.count, DIAGS_KEPT_MAX);
	assert_int_equal(diags.counts[DIAG_ERROR], DIAGS_KEPT_MAX + 7);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(items_become_definitions),
		cmocka_unit_test(rule_is_enabled_and_has_no_tags_unless_it_says_so),
		cmocka_unit_test(files_that_hold_no_list_of_items_are_refused),
		cmocka_unit_test(empty_file_is_a_file_without_rules),
		cmocka_unit_test(second_definition_of_a_name_is_refused),
		cmocka_unit_test(mistakes_in_condition_and_output_are_found_in_the_file),
		cmocka_unit_test(every_fault_of_a_file_is_told_in_one_run),
		cmocka_unit_test(what_is_wrong_with_a_key_hides_no_other_mistake),
		cmocka_unit_test(mistakes_that_come_of_others_are_not_told),
		cmocka_unit_test(faults_beyond_the_bound_are_counted),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
