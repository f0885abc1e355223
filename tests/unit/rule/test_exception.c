/* SPDX-License-Identifier: Apache-2.0 */
/* Claims about agent/rule/file/exception.c. */
#include "rules_fixture.h"

#include "subject_fixture.h"

#define RULE         RULE_WITH("proc.name = sh or proc.name = x") "  exceptions:\n"
#define REST_OF_RULE "  desc: d\n  condition: proc.name = sh\n  output: o\n  priority: ERROR\n"

/* `/bin/sh -c`, a child of java, of uid 1000, in the container "web". */
static bool fires(const char *text)
{
	CLEANUP_RULES struct rule_set *set = rules_of(text);
	struct subject_fixture f;

	fixture_exec(&f);
	return rules_match(set, &f.subject);
}

static void values_are_taken_out_of_the_condition(void **state)
{
	static const struct {
		const char *exceptions;
		bool fires;
	} cases[] = {
		{"    - {name: e, fields: proc.pname, values: [tini, java]}\n", false},
		{"    - {name: e, fields: proc.pname, values: [tini]}\n", true},
		{"    - {name: e, fields: proc.pname, values: [parents]}\n", false},
		{"    - {name: e, fields: proc.pname, values: ['\"parents\"']}\n", true},
		{"    - {name: e, fields: proc.pname}\n", true},
		{"    - {name: e, fields: proc.pname, values: []}\n", true},
		{"    - {name: e, fields: proc.pname, comps: startswith, values: [x, ja]}\n",
			false},
		{"    - {name: e, fields: [proc.pname, proc.name], values: [[java, sh]]}\n", false},
		{"    - {name: e, fields: [proc.pname, proc.name], values: [[java, x], [x, sh]]}\n",
			true},
		{"    - {name: e, fields: [proc.pname, proc.name], comps: [startswith, in],\n"
		 "       values: [[ja, [dash, sh]]]}\n",
			false},
		{"    - {name: e, fields: [proc.pname, proc.name], comps: [in, =],\n"
		 "       values: [[parents, sh]]}\n",
			false},
		{"    - {name: e, fields: proc.args, comps: contains, values: ['id; ls']}\n",
			false},
		{"    - {name: e, fields: proc.args, comps: contains, values: ['say \"\\']}\n",
			true},
		{"    - {name: a, fields: proc.pname, values: [x]}\n"
		 "    - {name: b, fields: proc.pname, values: [java]}\n",
			false},
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		char text[1024];

		snprintf(text, sizeof(text), RULE "%s- list: parents\n  items: [java]\n",
			cases[i].exceptions);
		if (fires(text) != cases[i].fires)
			fail_msg("%s: not %d", cases[i].exceptions, cases[i].fires);
	}
}

static void later_items_add_values_and_exceptions(void **state)
{
	static const char *const more[] = {
		"- rule: r\n  append: true\n  exceptions: [{name: e, values: [java]}]\n",
		"- rule: r\n  override: {exceptions: append}\n"
		"  exceptions: [{name: e, values: [java]}]\n",
		"- rule: r\n  override: {exceptions: append}\n"
		"  exceptions: [{name: n, fields: proc.pname, values: [java]}]\n",
		"- rule: r\n  override: {exceptions: replace}\n"
		"  exceptions: [{name: e, fields: proc.name, values: [sh]}]\n",
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(more); i++) {
		CLEANUP_RULES struct rule_set *set = rules_of(
			RULE "    - {name: e, fields: proc.pname, values: [tini]}\n");
		struct subject_fixture f;

		fixture_exec(&f);
		assert_true(rules_match(set, &f.subject));
		rules_add(set, more[i]);
		if (rules_match(set, &f.subject))
			fail_msg("%s: fires", more[i]);
	}
}

static void mistakes_are_found_where_they_are(void **state)
{
	static const struct {
		const char *exceptions, *message;
	} cases[] = {
		{"  exceptions: x\n", "6:15: found a single value where 'exceptions' needs a list"},
		{"  exceptions: [x]\n",
			"6:16: found a single value where an exception is expected"},
		{"  exceptions:\n    -\n", "7:5: exception 1 is empty"},
		{"  exceptions: [{fields: a}]\n", "6:16: an exception needs a text at 'name'"},
		{"  exceptions: [{name: e, field: a}]\n",
			"6:33: unknown key 'field': did you mean 'fields'?"},
		{"  exceptions: [{name: e}]\n", "6:16: exception 'e' needs the key 'fields'"},
		{"  exceptions: [{name: e, comps: in}]\n",
			"6:16: 'comps' needs 'fields' beside it"},
		{"  exceptions: [{name: e, fields: []}]\n", "6:16: 'fields' needs 1 to 32 fields"},
		{"  exceptions: [{name: e, fields: proc.nme}]\n",
			"6:34: there is no field 'proc.nme': did you mean 'proc.name'?"},
		{"  exceptions: [{name: e, fields: [proc.name], comps: in}]\n",
			"6:16: 'fields' and 'comps' need as many entries as each other"},
		{"  exceptions: [{name: e, fields: [proc.name], comps: [is]}]\n",
			"6:55: found 'is' where an operator with a value is expected"},
		{"  exceptions: [{name: e, fields: proc.name, values: x}]\n",
			"6:53: found a single value where 'values' needs a list"},
		{"  exceptions: [{name: e, fields: proc.name, values: [[x]]}]\n",
			"6:54: found a list where exception 'e', of a single field, needs a text"},
		{"  exceptions: [{name: e, fields: [proc.name, proc.pid], values: [[x]]}]\n",
			"6:66: exception 'e' needs a list of 2 values, one for each field"},
		{"  exceptions: [{name: e, fields: [proc.name], values: [[[x]]]}]\n",
			"6:57: found a list where '=' needs a text"},
		{"  exceptions: [{name: e, fields: [proc.pid], values: [[x]]}]\n",
			"6:55: found 'x' where proc.pid needs a whole number"},
		{"  exceptions:\n    - {name: e, fields: proc.name}\n"
		 "    - {name: e, fields: proc.name}\n",
			"8:7: exception 'e' is given twice"},
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		char text[1024], message[512];

		snprintf(text, sizeof(text), "- rule: r\n" REST_OF_RULE "%s", cases[i].exceptions);
		snprintf(message, sizeof(message), "rules.yaml:%s", cases[i].message);
		assert_text_fails(text, message);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(values_are_taken_out_of_the_condition),
		cmocka_unit_test(later_items_add_values_and_exceptions),
		cmocka_unit_test(mistakes_are_found_where_they_are),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
