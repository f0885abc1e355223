/* SPDX-License-Identifier: Apache-2.0 */
/* Claims about agent/rule/file/list.c. */
#include "rules_fixture.h"

#include "base/strbuf.h"
#include "rule/file/definitions.h"

static void list_that_contains_itself_is_refused(void **state)
{
	(void)state;
	assert_text_fails("- list: a\n  items: [x, a]\n",
		"rules.yaml:2:14: 'a' is a list that contains this one");
	assert_text_fails("- list: a\n  items: [b]\n- list: b\n  items:\n    - x\n    - 'a'\n",
		"rules.yaml:6:8: 'a' is a list that contains this one");
}

static void lists_within_lists_are_bounded(void **state)
{
	CLEANUP_STRBUF struct strbuf text = STRBUF_INIT;
	CLEANUP_RULES struct rule_set *set = rules_empty();

	(void)state;
	for (size_t i = 0; i < DEFINITION_DEPTH_MAX; i++)
		strbuf_addf(&text, "- list: l%zu\n  items: [l%zu]\n", i + 1, i);
	rules_add(set, strbuf_text(&text));
	assert_rules_fail(set, "- list: x\n  items: [l16]\n",
		"rules.yaml:2:11: 'l16' has too many lists within lists");
}

static void lists_that_multiply_are_stopped(void **state)
{
	CLEANUP_STRBUF struct strbuf text = STRBUF_INIT;

	(void)state;
	strbuf_add_text(&text, "- list: l0\n  items: [x,x,x,x,x,x,x,x]\n");
	for (size_t i = 1; i < 7; i++) {
		strbuf_addf(&text, "- list: l%zu\n  items: [", i);
		for (size_t k = 0; k < 8; k++)
			strbuf_addf(&text, "l%zu,", i - 1);
		strbuf_add_text(&text, "]\n");
	}
	assert_text_fails(strbuf_text(&text), "rules.yaml:12:29: 'l4' makes the lists too long");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(list_that_contains_itself_is_refused),
		cmocka_unit_test(lists_within_lists_are_bounded),
		cmocka_unit_test(lists_that_multiply_are_stopped),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
