/* SPDX-License-Identifier: Apache-2.0 */
/* Claims about agent/rule/condition/condition.c: names in conditions. */
#include "rules_fixture.h"

#include "base/strbuf.h"
#include "rule/file/definitions.h"
#include "subject_fixture.h"

static void macros_stand_for_their_conditions(void **state)
{
	CLEANUP_RULES struct rule_set *set = rules_of(RULE_WITH(
		"not wrong and (right or wrong)") "- macro: right\n  condition: inner and exe.nlink = 1\n"
						  "- macro: inner\n  condition: proc.name in (sh, x)\n"
						  "- macro: wrong\n  condition: proc.name = x or proc.pid = 1\n");
	struct subject_fixture f;

	(void)state;
	fixture_exec(&f);
	assert_true(rules_match(set, &f.subject));
	strcpy(f.exec.process.comm, "x");
	assert_false(rules_match(set, &f.subject));
}

/* `not a or b` would be something else. */
static void macros_are_bound_as_one_term(void **state)
{
	CLEANUP_RULES struct rule_set *set = rules_of(RULE_WITH("not m") //
		"- macro: m\n  condition: proc.name = x or proc.name = sh\n");
	struct subject_fixture f;

	(void)state;
	fixture_exec(&f);
	assert_false(rules_match(set, &f.subject));
}

static void lists_stand_for_their_items(void **state)
{
	static const struct {
		const char *condition;
		bool fires;
	} cases[] = {
		{"proc.name in (shells)", true},
		{"proc.name in shells", true},
		{"proc.name in (x, shells)", true},
		{"proc.name in ('shells')", false},
		{"proc.name in (none)", false},
		{"not proc.name in (none)", true},
		{"proc.pid in (numbers)", true},
		{"proc.name in (all)", true},
		{"exe.class in classes", true},
		{"proc.name = 'shells'", false},
	};
	struct subject_fixture f;

	(void)state;
	fixture_exec(&f);
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		CLEANUP_RULES struct rule_set *set = NULL;
		char text[1024];

		snprintf(text, sizeof(text),
			RULE_WITH("%s") "- list: all\n  items: [none, shells, y]\n"
					"- list: shells\n  items: [dash, sh]\n"
					"- list: none\n  items: []\n"
					"- list: numbers\n  items: [1, 4711]\n"
					"- list: classes\n  items: [shell, other]\n",
			cases[i].condition);
		set = rules_of(text);
		if (rules_match(set, &f.subject) != cases[i].fires)
			fail_msg("%s: not %d", cases[i].condition, cases[i].fires);
	}
}

static void wrong_names_and_types_are_found_where_they_are(void **state)
{
	static const struct {
		const char *condition, *message;
	} cases[] = {
		{"proc.nme = sh", "3:14: there is no field 'proc.nme': did you mean 'proc.name'?"},
		{"evt.subject = exec and  proc.nme exists",
			"3:38: there is no field 'proc.nme': did you mean 'proc.name'?"},
		{"'proc.name startswith \"/x\" or nothing'", "3:44: there is no macro 'nothing'"},
		{"in_bare and known", "3:14: there is no macro 'in_bare': did you mean 'is_bare'?"},
		{"proc.name",
			"3:14: field 'proc.name' stands alone: an operator is expected behind "
			"it"},
		{"known or names",
			"3:23: 'names' is a list: a field and 'in' are expected before it"},
		{"proc.name in nmes", "3:27: there is no list 'nmes': did you mean 'names'?"},
		{"proc.name = names",
			"3:26: 'names' is a list: compare with 'in', or put it in quotes if it is a "
			"text"},
		{"proc.pid = sh", "3:25: found 'sh' where proc.pid needs a whole number"},
		{"proc.pid in (1, x)", "3:30: found 'x' where proc.pid needs a whole number"},
		{"proc.pid in (1, names)",
			"3:30: found 'sh' where proc.pid needs a whole number (in list 'names')"},
		{"proc.pid startswith 1",
			"3:23: 'startswith' compares texts, but proc.pid is a number"},
		{"proc.name < x", "3:24: '<' compares numbers, but proc.name is a text"},
		{"container.bare > true",
			"3:29: '>' compares numbers, but container.bare is true or false"},
		{"proc.argv < 1",
			"3:24: '<' compares numbers, but proc.argv is a list of arguments"},
		{"tolower(proc.pid) = 1",
			"3:22: proc.pid is a number, which 'tolower' cannot take"},
		{"len(proc.name) = x", "3:31: found 'x' where proc.name needs a whole number"},
		{"len(proc.name) startswith x",
			"3:29: 'startswith' compares texts, but proc.name is a number"},
		{"proc.name = val(proc.nme)",
			"3:30: there is no field 'proc.nme': did you mean 'proc.name'?"},
		{"proc.name = val(proc.pid)",
			"3:30: proc.pid is a number, but proc.name is a text"},
		{"proc.name regex val(proc.pname)",
			"3:24: 'regex' cannot compare with the value of a field"},
		{"proc.name regex '(a'",
			"3:30: regex '(a', character 1: this '(' has no closing ')'"},
		{"proc.name bcontains 4g",
			"3:34: found '4g' where pairs of hexadecimal digits are expected"},
		{"proc.name pmatch ('/a[')",
			"3:32: pattern '/a[' ends within a '[' set or behind a backslash"},
		{"exe.class = sell",
			"3:26: 'sell' is not a value that exe.class can have: did you mean "
			"'shell'?"},
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		char text[1024], message[512];

		snprintf(text, sizeof(text),
			RULE_WITH("%s") "- list: names\n  items: [sh, ash]\n"
					"- macro: is_bare\n  condition: container.bare = true\n"
					"- macro: known\n  condition: proc.name exists\n",
			cases[i].condition);
		snprintf(message, sizeof(message), "rules.yaml:%s", cases[i].message);
		assert_text_fails(text, message);
	}
}

static void macro_that_leads_to_itself_is_refused(void **state)
{
	(void)state;
	assert_text_fails("- macro: a\n  condition: not a\n",
		"rules.yaml:2:18: macro 'a' is defined by way of itself");
	assert_text_fails("- macro: a\n  condition: b\n"
			  "- macro: b\n  condition: proc.pid = 1 or c\n"
			  "- macro: c\n  condition: (a)\n",
		"rules.yaml:6:15: macro 'a' is defined by way of itself");
}

static void macro_is_checked_though_no_rule_uses_it(void **state)
{
	(void)state;
	assert_text_fails("- macro: a\n  condition: proc.pid = x\n",
		"rules.yaml:2:25: found 'x' where proc.pid needs a whole number");
}

/* COUNT macros m1, m2..., each with BEFORE and AFTER around the one before it. */
static void chain_write(
	struct strbuf *out, size_t count, const char *before, const char *middle, const char *after)
{
	strbuf_add_text(out, "- macro: m0\n  condition: proc.pid = 1\n");
	for (size_t i = 1; i < count; i++) {
		strbuf_addf(out, "- macro: m%zu\n  condition: %sm%zu", i, before, i - 1);
		if (middle)
			strbuf_addf(out, "%sm%zu", middle, i - 1);
		strbuf_addf(out, "%s\n", after);
	}
}

static void macros_within_macros_are_bounded(void **state)
{
	CLEANUP_STRBUF struct strbuf text = STRBUF_INIT;
	CLEANUP_RULES struct rule_set *set = rules_empty();

	(void)state;
	chain_write(&text, DEFINITION_DEPTH_MAX, "", NULL, "");
	rules_add(set, strbuf_text(&text));
	assert_rules_fail(set, "- macro: x\n  condition: m15\n",
		"rules.yaml:2:14: too many macros within macros");
}

static void order_of_macros_does_not_change_the_bound(void **state)
{
	CLEANUP_STRBUF struct strbuf text = STRBUF_INIT;

	(void)state;
	for (size_t i = 0; i < DEFINITION_DEPTH_MAX; i++)
		strbuf_addf(&text, "- macro: m%zu\n  condition: m%zu\n", i, i + 1);
	strbuf_addf(&text, "- macro: m%d\n  condition: proc.pid = 1\n", DEFINITION_DEPTH_MAX);
	assert_text_fails(strbuf_text(&text), "rules.yaml:32:14: too many macros within macros");
}

static void macros_that_double_are_stopped(void **state)
{
	CLEANUP_STRBUF struct strbuf text = STRBUF_INIT;

	(void)state;
	chain_write(&text, 14, "", " or ", "");
	assert_text_fails(strbuf_text(&text),
		"rules.yaml:26:21: with its macros put in the condition has more than 4096 "
		"comparisons");
}

static void depth_counts_through_macros(void **state)
{
	CLEANUP_STRBUF struct strbuf text = STRBUF_INIT;

	(void)state;
	chain_write(&text, 9, "not not not not not not not not ", NULL, "");
	assert_text_fails(strbuf_text(&text),
		"rules.yaml:18:46: with its macros put in the condition is nested too deeply");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(macros_stand_for_their_conditions),
		cmocka_unit_test(macros_are_bound_as_one_term),
		cmocka_unit_test(lists_stand_for_their_items),
		cmocka_unit_test(wrong_names_and_types_are_found_where_they_are),
		cmocka_unit_test(macro_that_leads_to_itself_is_refused),
		cmocka_unit_test(macro_is_checked_though_no_rule_uses_it),
		cmocka_unit_test(macros_within_macros_are_bounded),
		cmocka_unit_test(order_of_macros_does_not_change_the_bound),
		cmocka_unit_test(macros_that_double_are_stopped),
		cmocka_unit_test(depth_counts_through_macros),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
