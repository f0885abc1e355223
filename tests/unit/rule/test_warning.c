/* SPDX-License-Identifier: Apache-2.0 */
/* Claims about agent/rule/file/warning.c and shadow.c. */
#include "rules_fixture.h"

#include "base/strbuf.h"

#define RULE(name, condition) \
	"- rule: " name "\n  desc: d\n  condition: " condition "\n  output: o\n  priority: ERROR\n"

/* TEXT loads with the warnings of EXPECTED, one on each line. */
static void assert_said(const char *text, const char *expected)
{
	CLEANUP_RULES struct rule_set *set = rules_empty();
	CLEANUP_DIAGS struct diags diags = DIAGS_INIT;
	CLEANUP_STRBUF struct strbuf found = STRBUF_INIT;

	assert_int_equal(rule_set_add_text(set, "f", slice_of(text), &diags), 0);
	for (size_t i = 0; i < diags.count; i++)
		strbuf_addf(&found, "%u:%u: %s: %s\n", diags.items[i].diag.line,
			diags.items[i].diag.column, diag_severity_name(diags.items[i].severity),
			diags.items[i].diag.message);
	assert_string_equal(strbuf_text(&found), expected);
}

static void names_that_no_process_can_have_are_told(void **state)
{
	(void)state;
	assert_said(RULE("r", "proc.name = docker-containerd"),
		"3:26: warning: 'docker-containerd' can never match: a process's name has 15 bytes "
		"at most, 'docker-containe'\n");
	assert_said(
		RULE("r",
			"proc.name in (l) or proc.aname[2] in (l, httpd)") "- list: l\n  items: [inner, x]\n- list: inner\n  items:\n"
									   "    - httpd-foreground\n",
		"10:7: warning: 'httpd-foreground' can never match: a process's name has 15 bytes "
		"at most, 'httpd-foregroun'\n");
	assert_said(
		RULE("r", "m") "- macro: m\n  condition: proc.pname startswith 1234567890123456\n",
		"7:36: warning: '1234567890123456' can never match: a process's name has 15 bytes "
		"at most, '123456789012345'\n");
	assert_said(
		RULE("r", "proc.name = httpd-foregroun or proc.name glob *aaaaaaaaaaaaaaaa"), "");
	assert_said(RULE("r", "proc.exepath = /usr/sbin/httpd-foreground"), "");
}

static void conditions_that_say_nothing_are_told(void **state)
{
	(void)state;
	assert_said(RULE("r", "evt.type = open and evt.type = openat"),
		"3:14: warning: this condition can never be true\n");
	assert_said(
		RULE("r", "proc.name in ()"), "3:14: warning: this condition can never be true\n");
	assert_said(
		RULE("r", "not proc.name in ()"), "3:14: warning: this condition is always true\n");
	assert_said(
		RULE("r",
			"proc.name = sh or not proc.pname in (none)") "- list: none\n  items: []\n",
		"3:14: warning: this condition is always true\n");
}

static void fields_that_no_event_of_the_rule_has_are_told(void **state)
{
	(void)state;
	assert_said(RULE("r", "evt.subject = exec and not attempt.asked = x"),
		"3:41: warning: no event that this rule is about has 'attempt.asked': it is never "
		"known here\n");
	assert_said(
		RULE("r", "m and evt.type = execve") "- macro: m\n  condition: move.how = fork\n",
		"1:9: warning: no event that this rule is about has 'move.how': it is never known "
		"here\n");
	assert_said(RULE("r", "evt.subject = exec and not attempt.asked exists"), "");
	assert_said(RULE("r", "attempt.asked = x"), "");
}

static void rules_in_the_shadow_of_others_are_told(void **state)
{
	static const char first[] = RULE("a", "m and proc.name = sh");
	CLEANUP_STRBUF struct strbuf text = STRBUF_INIT;
	static const struct {
		const char *condition;
		bool shadowed;
	} cases[] = {
		{"proc.name = sh and m", true},
		{"proc.pid = 7 and (proc.name = sh and container.bare = true)", true},
		{"m and proc.name = bash", false},
		{"m", false},
		{"proc.name = sh or m", false},
		{"not m and proc.name = sh", false},
		{"m and tolower(proc.name) = sh", false},
		{"m and proc.name != sh", false},
		{"m and proc.name in (sh)", false},
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		strbuf_reset(&text);
		strbuf_addf(&text,
			"%s- macro: m\n  condition: container.bare = true\n" RULE("b", "%s"), first,
			cases[i].condition);
		assert_said(strbuf_text(&text),
			cases[i].shadowed ? "8:9: warning: this rule never fires: 'a' at f:1 comes "
					    "first and does whenever this one would\n"
					  : "");
	}
	assert_said(
		RULE("a", "m") "  enabled: false\n"
			       "- macro: m\n  condition: container.bare = true\n" RULE("b", "m"),
		"");
}

static void what_nothing_uses_is_noted(void **state)
{
	(void)state;
	assert_said("- macro: m\n  condition: proc.name in (l)\n- list: l\n  items: [a]\n"
		    "- list: n\n  items: [l]\n",
		"1:10: note: nothing uses the macro 'm'\n5:9: note: nothing uses the list 'n'\n");
	assert_said(RULE("r", "not fd.sip in (l)") "- list: l\n  items: [a]\n", "");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(names_that_no_process_can_have_are_told),
		cmocka_unit_test(conditions_that_say_nothing_are_told),
		cmocka_unit_test(fields_that_no_event_of_the_rule_has_are_told),
		cmocka_unit_test(rules_in_the_shadow_of_others_are_told),
		cmocka_unit_test(what_nothing_uses_is_noted),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
