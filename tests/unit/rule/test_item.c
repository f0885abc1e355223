/* SPDX-License-Identifier: Apache-2.0 */
/* Claims about agent/rule/file/item.c: keys and their values. */
#include "rules_fixture.h"

#define REST "  desc: d\n  condition: proc.pid = 1\n  output: o\n  priority: ERROR\n"

static const struct {
	const char *text, *message;
} mistakes[] = {
	{"- 5\n", "1:3: found a single value where a rule, macro or list is expected"},
	{"- [a]\n", "1:3: found a list where a rule, macro or list is expected"},
	{"- {}\n", "1:3: found '{}' where an item needs the key 'rule', 'macro' or 'list'"},
	{"- marco: a\n  condition: b\n",
		"1:3: found 'marco' where an item needs the key 'rule', 'macro' or 'list': did you "
		"mean 'macro'?"},
	{"- rule: r\n" REST "  tag: [a]\n", "6:3: a rule has no key 'tag': did you mean 'tags'?"},
	{"- macro: m\n  desc: why\n  condition: proc.pid = 1\n", "2:3: a macro has no key 'desc'"},
	{"- list: l\n  itmes: [a]\n", "2:3: a list has no key 'itmes': did you mean 'items'?"},
	{"- rule: r\n  macro: m\n" REST, "2:3: a rule has no key 'macro'"},
	{"- rule: r\n  desc: d\n  output: o\n  priority: ERROR\n",
		"1:3: rule 'r' needs the key 'condition'"},
	{"- rule: r\n  condition: proc.pid = 1\n  output: o\n  priority: ERROR\n",
		"1:3: rule 'r' needs the key 'desc'"},
	{"- rule: r\n  condition: proc.pid = 1\n  desc: d\n  priority: ERROR\n",
		"1:3: rule 'r' needs the key 'output'"},
	{"- rule: r\n  condition: proc.pid = 1\n  desc: d\n  output: o\n",
		"1:3: rule 'r' needs the key 'priority'"},
	{"- macro: m\n", "1:3: macro 'm' needs the key 'condition'"},
	{"- list: l\n", "1:3: list 'l' needs the key 'items'"},
	{"- rule:\n" REST, "1:3: found nothing where 'rule' needs a text"},
	{"- rule: ''\n" REST, "1:9: a rule needs a name"},
	{"- rule: [r]\n" REST, "1:9: found a list where 'rule' needs a text"},
	{"- rule: r\n  desc: d\n  condition:\n  output: o\n  priority: ERROR\n",
		"3:3: found nothing where 'condition' needs a text"},
	{"- rule: r\n  desc: d\n  condition: [a, b]\n  output: o\n  priority: ERROR\n",
		"3:14: found a list where 'condition' needs a text"},
	{"- rule: r\n  desc: d\n  condition: proc.pid = 1\n  output: {a: b}\n  priority: ERROR\n",
		"4:11: found a mapping where 'output' needs a text"},
	{"- rule: r\n  desc: d\n  condition: proc.pid = 1\n  output: o\n  priority: critcal\n",
		"5:13: 'critcal' is not a priority: did you mean 'CRITICAL'?"},
	{"- rule: r\n" REST "  enabled: maybe\n",
		"6:12: found a single value where 'enabled' needs true or false"},
	{"- rule: r\n" REST "  tags: a, b\n",
		"6:9: found a single value where 'tags' needs a list"},
	{"- rule: r\n" REST "  tags:\n    - a\n    -\n", "7:5: item 2 of 'tags' is empty"},
	{"- list: l\n  items: [a, '', b]\n",
		"2:14: found an empty text as item 2 of 'items', which needs texts"},
	{"- list: l\n  items: [a, [b]]\n",
		"2:14: found a list as item 2 of 'items', which needs texts"},
	{"- list: l\n  items: a\n", "2:10: found a single value where 'items' needs a list"},
	{"- macro: a b\n  condition: proc.pid = 1\n",
		"1:10: 'a b' cannot be a name: letters, digits, '_', '-' and '.' can"},
	{"- macro: and\n  condition: proc.pid = 1\n", "1:10: 'and' means something else already"},
	{"- list: glob\n  items: [a]\n", "1:9: 'glob' is an operator already"},
	{"- macro: proc.name\n  condition: proc.pid = 1\n", "1:10: 'proc.name' is a field already"},
};

static void mistakes_are_found_where_they_are(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(mistakes); i++) {
		char message[512];

		snprintf(message, sizeof(message), "rules.yaml:%s", mistakes[i].message);
		assert_text_fails(mistakes[i].text, message);
	}
}

static void every_key_may_be_there_in_any_order(void **state)
{
	CLEANUP_RULES struct rule_set *set = rules_of(
		"- tags: [a, b]\n  enabled: no\n  priority: info\n  output: ''\n"
		"  condition: proc.pid = 1\n  desc: ''\n  rule: the rule\n"
		"- {\"list\": \"l\", \"items\": []}\n"
		"- condition: proc.pid = 1\n  macro: a-b.c_1\n");
	size_t all;

	(void)state;
	assert_int_equal(rule_set_count(set, &all), 0);
	assert_int_equal(all, 1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(mistakes_are_found_where_they_are),
		cmocka_unit_test(every_key_may_be_there_in_any_order),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
