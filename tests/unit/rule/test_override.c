/* SPDX-License-Identifier: Apache-2.0 */
/* Claims about agent/rule/file/load.c: what later items change. */
#include "rules_fixture.h"

#include <errno.h>

#include "base/strbuf.h"
#include "subject_fixture.h"

#define RULE(name, condition) \
	"- rule: " name "\n  desc: d\n  condition: " condition "\n  output: o\n  priority: ERROR\n"

/* The program is sh, its parent java. */
static void assert_fires(const struct rule_set *set, bool expected)
{
	struct subject_fixture f;

	fixture_exec(&f);
	assert_int_equal(rules_match(set, &f.subject), expected);
}

static void conditions_are_appended_as_text(void **state)
{
	static const struct {
		const char *more;
		bool fires;
	} cases[] = {
		{"append: true\n  condition: and proc.pname = x\n", false},
		{"append: true\n  condition: or proc.pname = x\n", true},
		{"override: {condition: append}\n  condition: and proc.pname = x\n", false},
		{"override: {condition: replace}\n  condition: proc.pname = x\n", false},
		{"override: {condition: replace}\n  condition: proc.pname = java\n", true},
		{"enabled: false\n", false},
		{"override: {enabled: replace}\n  enabled: false\n", false},
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		CLEANUP_RULES struct rule_set *set = rules_of(RULE("r", "proc.name = sh"));
		CLEANUP_STRBUF struct strbuf text = STRBUF_INIT;

		assert_fires(set, true);
		strbuf_addf(&text, "- rule: r\n  %s", cases[i].more);
		rules_add(set, strbuf_text(&text));
		assert_fires(set, cases[i].fires);
	}
}

static void macros_and_lists_change_where_earlier_files_use_them(void **state)
{
	static const char *const more[] = {
		"- macro: m\n  append: true\n  condition: or proc.name = sh\n",
		"- macro: m\n  override: {condition: append}\n  condition: or proc.name = sh\n",
		"- macro: m\n  override: {condition: replace}\n  condition: proc.name = sh\n",
		"- macro: m\n  condition: proc.name = sh\n",
		"- list: l\n  append: true\n  items: [sh]\n",
		"- list: l\n  override: {items: append}\n  items: [sh]\n",
		"- list: l\n  override: {items: replace}\n  items: [sh]\n",
		"- list: l\n  items: [sh]\n",
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(more); i++) {
		CLEANUP_RULES struct rule_set *set = rules_of(
			RULE("r", "m") "- macro: m\n  condition: proc.name in (x, l)\n"
				       "- list: l\n  items: [y]\n");

		assert_fires(set, false);
		rules_add(set, more[i]);
		assert_fires(set, true);
	}
}

static void rule_that_a_later_file_defines_takes_the_place_with_a_warning(void **state)
{
	CLEANUP_RULES struct rule_set *set = rules_of(
		RULE("r", "proc.name = sh") RULE("s", "proc.name = x"));
	CLEANUP_DIAGS struct diags diags = DIAGS_INIT;
	char message[DIAG_TEXT_SIZE];

	(void)state;
	assert_int_equal(
		rule_set_add_text(set, "b.yaml", slice_of(RULE("r", "proc.name = y")), &diags), 0);
	assert_int_equal(diags.count, 1);
	assert_int_equal(diags.items[0].severity, DIAG_WARNING);
	diag_text(&diags.items[0].diag, message, sizeof(message));
	assert_string_equal(message,
		"b.yaml:1:9: this rule takes the place of 'r' of rules.yaml:1: if only parts of it "
		"change, use 'override'");
	assert_fires(set, false);
	assert_string_equal(rule_set_at(set, 0)->name, "r"); /* where the first one was */
	assert_string_equal(rule_set_at(set, 0)->file, "b.yaml");
	assert_null(rule_set_at(set, 2));
}

static void other_parts_of_a_rule_can_be_overridden(void **state)
{
	CLEANUP_RULES struct rule_set *set = rules_of(RULE("r", "proc.name = sh") "  tags: [a]\n");
	CLEANUP_STRBUF struct strbuf out = STRBUF_INIT;
	const struct rule *rule;
	struct subject_fixture f;

	(void)state;
	rules_add(set, "- rule: r\n  override: {desc: append, output: append, priority: replace, "
		       "tags: append}\n"
		       "  desc: more\n  output: of %proc.name\n  priority: DEBUG\n  tags: [b]\n");
	rule = rule_set_at(set, 0);
	fixture_exec(&f);
	assert_string_equal(rule->description, "d more");
	assert_int_equal(rule->priority, RULE_DEBUG);
	assert_string_equal(rule->tags[0], "a");
	assert_string_equal(rule->tags[1], "b");
	assert_null(rule->tags[2]);
	rule_output_format(rule, &f.subject, &out);
	assert_string_equal(strbuf_text(&out), "o of sh");
}

/* Also when the mistake is in what an earlier file says, as another now means it. */
static void mistake_in_what_is_appended_is_found_in_its_file(void **state)
{
	CLEANUP_RULES struct rule_set *set = rules_of(RULE(
		"r", ">\n    proc.name = sh\n    and m") "- macro: m\n  condition: proc.pid > 1\n");
	char message[DIAG_TEXT_SIZE];
	CLEANUP_DIAGS struct diags diags = DIAGS_INIT;

	(void)state;
	assert_rules_fail(set,
		"# another file\n- rule: r\n  append: true\n  condition: and proc.nme = x\n",
		"rules.yaml:4:18: there is no field 'proc.nme': did you mean 'proc.name'?");
	assert_int_equal(
		rule_set_add_text(set, "b.yaml",
			slice_of("- macro: m\n  append: true\n  condition: or (proc.pid = 1\n"),
			&diags),
		-EINVAL);
	diag_text(&diags.items[0].diag, message, sizeof(message));
	assert_string_equal(message, "b.yaml:3:17: this '(' has no closing ')'");
	assert_fires(set, true);
}

static void overrides_of_nothing_are_refused(void **state)
{
	static const struct {
		const char *text, *message;
	} cases[] = {
		{"- rule: x\n  append: true\n  condition: and proc.pid = 1\n",
			"1:9: there is no rule 'x' that this could change"},
		{"- rule: x\n  enabled: false\n",
			"1:9: there is no rule 'x' that this could change"},
		{"- macro: mm\n  append: true\n  condition: or proc.pid = 1\n"
		 "- macro: m\n  condition: proc.pid = 1\n",
			"1:10: there is no macro 'mm' that this could change"},
		{"- rule: r\n  append: true\n", "2:11: there is nothing to append"},
		{"- rule: r\n  append: true\n  override: {condition: append}\n  condition: or m\n",
			"2:11: 'append: true' and 'override' cannot be used together"},
		{"- rule: r\n  override: {condition: appendd}\n  condition: or m\n",
			"2:25: found 'appendd' where 'append' or 'replace' is expected"},
		{"- rule: r\n  override: {priority: append}\n  priority: INFO\n",
			"2:24: 'priority' can be replaced, but nothing appended to it"},
		{"- rule: r\n  override: {rule: replace}\n", "2:13: 'rule' cannot be overridden"},
		{"- rule: r\n  override: {condition: append}\n",
			"2:25: the item has no key 'condition' to override with"},
		{"- rule: r\n  override: {condition: append}\n  condition: or mac\n  output: o\n",
			"4:11: 'output' does nothing here: 'override' does not name it"},
		{"- rule: r\n  override: append\n",
			"2:13: found a single value where 'override' needs a mapping"},
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		CLEANUP_RULES struct rule_set *set = rules_of(
			RULE("r", "mac") "- macro: mac\n  condition: proc.pid = 1\n");
		char message[512];

		snprintf(message, sizeof(message), "rules.yaml:%s", cases[i].message);
		assert_rules_fail(set, cases[i].text, message);
	}
}

static void keys_without_a_meaning_are_named_once(void **state)
{
	CLEANUP_RULES struct rule_set *set = rules_empty();
	CLEANUP_DIAGS struct diags diags = DIAGS_INIT;
	static const char text[] = "- required_engine_version: 0.57.0\n" //
		RULE("r", "proc.pid = 1") "  warn_evttypes: false\n  source: syscall\n" RULE(
			"s", "proc.pid = 2") "  warn_evttypes: false\n  capture: true\n";

	(void)state;
	assert_int_equal(rule_set_add_text(set, "f", slice_of(text), &diags), 0);
	assert_int_equal(diags.count, 3);
	assert_int_equal(diags.counts[DIAG_NOTE], 3);
	assert_int_equal(diags.items[0].diag.line, 1);
	assert_int_equal(diags.items[1].diag.line, 7);
	assert_string_equal(diags.items[1].diag.message,
		"the key 'warn_evttypes' has no meaning here and is ignored");
	assert_int_equal(diags.items[2].diag.line, 15);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(conditions_are_appended_as_text),
		cmocka_unit_test(macros_and_lists_change_where_earlier_files_use_them),
		cmocka_unit_test(rule_that_a_later_file_defines_takes_the_place_with_a_warning),
		cmocka_unit_test(other_parts_of_a_rule_can_be_overridden),
		cmocka_unit_test(mistake_in_what_is_appended_is_found_in_its_file),
		cmocka_unit_test(overrides_of_nothing_are_refused),
		cmocka_unit_test(keys_without_a_meaning_are_named_once),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
