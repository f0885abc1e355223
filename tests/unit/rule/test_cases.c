/* SPDX-License-Identifier: Apache-2.0 */
/* Claims about agent/rule/recorded/cases.c. */
#include "rules_fixture.h"

#include "base/strbuf.h"
#include "scratch.h"

/* Rules a, b, c and d, of which each matches when its field is 1. */
#define RULE_OF(name, field)                                                     \
	"- rule: " name "\n  desc: d\n  condition: " field " = 1\n  output: o\n" \
	"  priority: ERROR\n"
#define RULES RULE_OF("a", "proc.pid") RULE_OF("b", "proc.tid") RULE_OF("c", "proc.ppid")

static void note_case(const struct rule_case *result, void *userdata)
{
	strbuf_addf(userdata, "%u:%u %s %s\n%s", result->line, result->column, result->name,
		result->passed ? "passed" : "failed", result->diff);
}

/* Runs the cases of TEXT; NOTED is what was handed over, and MESSAGE, unless NULL, the error. */
static void assert_cases(const char *text, const char *noted, const char *message)
{
	CLEANUP_SCRATCH struct scratch scratch;
	CLEANUP_STRBUF struct strbuf found = STRBUF_INIT;
	CLEANUP_RULES struct rule_set *set = rules_of(RULES);
	char told[DIAG_TEXT_SIZE];
	const char *path;
	struct diag d;
	int r;

	scratch_init(&scratch);
	scratch_write_text(&scratch, "c.test.yaml", text);
	path = scratch_path(&scratch, "c.test.yaml");
	r = rule_cases_run(set, path, note_case, &found, &d);
	assert_int_equal(r < 0, message != NULL);
	assert_string_equal(strbuf_text(&found), noted);
	if (!message)
		return;
	diag_text(&d, told, sizeof(told));
	assert_memory_equal(told, path, strlen(path));
	assert_string_equal(told + strlen(path), message);
}

#define CASE(event, rules) \
	"- case: x\n  event: {evt.subject: exec, " event "}\n  rules: " rules "\n"

static void differences_are_told_in_order(void **state)
{
	static const struct {
		const char *text, *noted;
	} cases[] = {
		{CASE("proc.pid: 1", "[a]"), "1:3 x passed\n a\n"},
		{CASE("proc.pid: 2", "[]"), "1:3 x passed\n"},
		{CASE("proc.pid: 2", "[a]"), "1:3 x failed\n-a\n"},
		{CASE("proc.pid: 1", "[]"), "1:3 x failed\n+a\n"},
		{CASE("proc.pid: 1", "[b]"), "1:3 x failed\n-b\n+a\n"},
		{CASE("proc.pid: 1, proc.tid: 1", "[a, b]"), "1:3 x passed\n a\n b\n"},
		{CASE("proc.pid: 1, proc.tid: 1", "[b, a]"), "1:3 x failed\n+a\n b\n-a\n"},
		{CASE("proc.pid: 1, proc.ppid: 1", "[a, b, c]"), "1:3 x failed\n a\n-b\n c\n"},
		{CASE("proc.pid: 1, proc.tid: 1, proc.ppid: 1", "[b]"),
			"1:3 x failed\n+a\n b\n+c\n"},
		{CASE("proc.pid: 1", "[a, a]"), "1:3 x failed\n a\n-a\n"},
		{"\n" CASE("proc.pid: 1", "[a]") CASE("proc.pid: ~", "[]"),
			"2:3 x passed\n a\n5:3 x passed\n"},
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++)
		assert_cases(cases[i].text, cases[i].noted, NULL);
}

#define MISS(rules, reasons) CASE("proc.pid: 2", rules) "  false: " reasons "\n"

static void reasons_are_those_of_explain(void **state)
{
	static const struct {
		const char *text, *noted;
	} cases[] = {
		{MISS("[]", "{a: proc.pid = 1}"), "1:3 x passed\n"},
		{MISS("[]", "{a: proc....}"), "1:3 x passed\n"},
		{MISS("[]", "{a: proc.pid}"), "1:3 x failed\n-a: proc.pid\n+a: proc.pid = 1\n"},
		{MISS("[]", "{a: proc.tid...}"),
			"1:3 x failed\n-a: proc.tid...\n+a: proc.pid = 1\n"},
		{MISS("[]", "{a: ...}"), "1:3 x failed\n-a: ...\n+a: proc.pid = 1\n"},
		{MISS("[b]", "{b: proc.tid = 1}"), "1:3 x failed\n-b\n-b: proc.tid = 1\n"
						   "+b: it is unknown, proc.tid = 1\n"},
		{CASE("proc.pid: 1", "[a]") "  false: {a: proc.pid = 1}\n",
			"1:3 x failed\n a\n-a: proc.pid = 1\n+a: it is true, \n"},
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++)
		assert_cases(cases[i].text, cases[i].noted, NULL);
}

static void what_is_no_case_is_refused_with_its_place(void **state)
{
	static const struct {
		const char *text, *message;
	} cases[] = {
		{"", ":1:1: a list of cases is expected, found nothing"},
		{"[]", ":1:1: a list of cases is expected, found an empty one"},
		{"a: b", ":1:1: a list of cases is expected, found a mapping"},
		{"- x", ":1:3: a case is expected, with the keys case, event and rules, found a "
			"single value"},
		{"- case: x\n  event: {}\n  rule: []",
			":3:9: unknown key 'rule': did you mean 'rules'?"},
		{"- case: x\n  event: {}", ":1:3: 'rules' is missing"},
		{"- event: {}\n  rules: []", ":1:3: 'case' is missing"},
		{"- case: x\n  rules: []", ":1:3: 'event' is missing"},
		{"- case: []\n  event: {}\n  rules: []", ":1:9: 'case' is a name, found a list"},
		{CASE("proc.pid: 1", "a"),
			":3:10: 'rules' is a list of the rules that are to match, found a single "
			"value"},
		{CASE("proc.pid: 1", "[[]]"),
			":3:11: the name of a rule is expected, found a list"},
		{CASE("proc.pid: 1", "[aa]"), ":3:11: there is no rule 'aa': did you mean 'a'?"},
		{MISS("[]", "a"),
			":4:10: 'false' is a mapping of rules that do not match to what is "
			"false, found a single value"},
		{MISS("[]", "{d: x}"), ":4:10: there is no rule 'd'"},
		{MISS("[]", "{a: []}"), ":4:14: a part of the condition is expected, found a list"},
		{CASE("proc.pdi: 1", "[a]"),
			":2:40: there is no field 'proc.pdi': did you mean 'proc.pid'?"},
		{"- case: x\n  event: {}\n  rules: []",
			":2:10: 'evt.subject' has to say what this is: exec, attempt, mapping, open "
			"or move"},
		{"- case: x\n  event: 1\n  rules: []",
			":2: fields are expected, {\"NAME\": value, ...}"},
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++)
		assert_cases(cases[i].text, "", cases[i].message);
}

static void events_have_a_number(void **state)
{
	static const struct {
		const char *event;
		bool fires;
	} cases[] = {
		{"{evt.subject: exec}", true},
		{"{evt.subject: exec, evt.num: 3}", true},
		{"{evt.subject: exec, evt.num: 0}", false},
		{"{evt.subject: exec, evt.num: null}", false},
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		CLEANUP_SCRATCH struct scratch scratch;
		CLEANUP_RULES struct rule_set *set = rules_of(RULE_WITH("evt.num > 0"));
		CLEANUP_STRBUF struct strbuf found = STRBUF_INIT;
		char text[256];
		struct diag d;

		snprintf(
			text, sizeof(text), "- {case: x, event: %s, rules: [r]}\n", cases[i].event);
		scratch_init(&scratch);
		scratch_write_text(&scratch, "c.test.yaml", text);
		assert_int_equal(rule_cases_run(set, scratch_path(&scratch, "c.test.yaml"),
					 note_case, &found, &d),
			0);
		assert_string_equal(strbuf_text(&found),
			cases[i].fires ? "1:3 x passed\n r\n" : "1:3 x failed\n-r\n");
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(differences_are_told_in_order),
		cmocka_unit_test(reasons_are_those_of_explain),
		cmocka_unit_test(events_have_a_number),
		cmocka_unit_test(what_is_no_case_is_refused_with_its_place),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
