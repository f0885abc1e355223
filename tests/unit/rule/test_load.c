/* SPDX-License-Identifier: Apache-2.0 */
/* Claims about agent/rule/load.c. */
#include "rules_fixture.h"

#include "rule/load.h"

#define FILE_TEXT                                                                 \
	"- rule: The rule\n  desc: why\n  condition: m\n  output: '%proc.name'\n" \
	"  priority: notice\n  tags: [a, b]\n  enabled: false\n"                  \
	"- macro: m\n  condition: proc.name in (l)\n"                             \
	"- list: l\n  items: [sh, '7']\n"

static void items_become_definitions(void **state)
{
	CLEANUP_YAML struct yaml_document document = YAML_DOCUMENT_INIT;
	struct source source = {.document = &document, .text = slice_of(FILE_TEXT)};
	struct definitions definitions = {0};
	const struct list_definition *list;
	const struct rule *rule;
	struct diag d;

	(void)state;
	assert_int_equal(yaml_load_text("f", source.text, &document, &d), 0);
	assert_int_equal(definitions_load(&definitions, &source, &d), 0);

	rule = &definition_rule(definitions.tables[DEFINITION_RULE].entries[0])->rule;
	assert_string_equal(rule->name, "The rule");
	assert_string_equal(rule->description, "why");
	assert_int_equal(rule->priority, RULE_NOTICE);
	assert_string_equal(rule->tags[0], "a");
	assert_string_equal(rule->tags[1], "b");
	assert_null(rule->tags[2]);
	assert_false(rule->enabled);
	assert_non_null(rule->output);

	assert_string_equal(definitions.tables[DEFINITION_MACRO].entries[0]->name, "m");
	assert_int_equal(definitions.tables[DEFINITION_MACRO].entries[0]->line, 8);

	list = definition_list(definitions.tables[DEFINITION_LIST].entries[0]);
	assert_int_equal(list->item_count, 2);
	assert_string_equal(list->items[1], "7");
	definitions_truncate(&definitions, &(struct definitions_mark){0});
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

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(items_become_definitions),
		cmocka_unit_test(rule_is_enabled_and_has_no_tags_unless_it_says_so),
		cmocka_unit_test(files_that_hold_no_list_of_items_are_refused),
		cmocka_unit_test(empty_file_is_a_file_without_rules),
		cmocka_unit_test(second_definition_of_a_name_is_refused),
		cmocka_unit_test(mistakes_in_condition_and_output_are_found_in_the_file),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
