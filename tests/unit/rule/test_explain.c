/* SPDX-License-Identifier: Apache-2.0 */
/* Claims about agent/rule/recorded/explain.c. */
#include "rules_fixture.h"

#include <errno.h>

#include "base/json.h"
#include "base/strbuf.h"
#include "subject_fixture.h"

static const char macros[] = "- macro: started\n  condition: evt.subject = exec\n"
			     "- macro: outer\n  condition: started and proc.pid > 1\n"
			     "- list: names\n  items: [sh, bash]\n";

static const char *text_at(const json_t *part, const char *key)
{
	const char *text = json_string_value(json_object_get(part, key));

	return text ? text : "";
}

/* "and:false(comparison:true[proc.pid = 1] ...)", a '!' before what decides. */
static void sketch(const json_t *part, struct strbuf *out)
{
	const json_t *parts = json_object_get(part, "parts");

	strbuf_addf(out, "%s%s:%s%s", json_object_get(part, "decides") ? "!" : "",
		text_at(part, "kind"), text_at(part, "result"), text_at(part, "name"));
	if (json_object_get(part, "text"))
		strbuf_addf(out, "[%s]", text_at(part, "text"));
	for (size_t i = 0; i < json_array_size(parts); i++) {
		strbuf_add_char(out, i == 0 ? '(' : ' ');
		sketch(json_array_get(parts, i), out);
	}
	if (json_array_size(parts) > 0)
		strbuf_add_char(out, ')');
}

/* The explanation of a rule with CONDITION. */
static json_t *explained(const char *condition, const struct subject *subject)
{
	CLEANUP_RULES struct rule_set *set = rules_of(macros);
	json_t *explanation = NULL;
	char text[1024];

	snprintf(text, sizeof(text), RULE_WITH("%s"), condition);
	rules_add(set, text);
	assert_int_equal(rule_explain(set, "r", subject, &explanation), 0);
	assert_int_equal(
		rules_match(set, subject), strcmp(text_at(explanation, "result"), "true") == 0);
	return explanation;
}

static void parts_are_told_as_written_with_the_first_that_decides(void **state)
{
	static const struct {
		const char *condition, *sketch;
	} cases[] = {
		{"proc.pid = 1", "!comparison:false[proc.pid = 1]"},
		{"proc.pid=4711", "comparison:true[proc.pid = 4711]"},
		{"proc.name in (\"sh\", bash)", "comparison:true[proc.name in ('sh', bash)]"},
		{"proc.name in names", "comparison:true[proc.name in names]"},
		{"proc.name in (names)", "comparison:true[proc.name in (names)]"},
		{"container.image.id exists", "!comparison:false[container.image.id exists]"},
		{"started", "macro:truestarted(comparison:true[evt.subject = exec])"},
		{"not started",
			"!not:false(macro:truestarted(comparison:true[evt.subject = exec]))"},
		{"started and proc.pid = 1 and proc.ppid = 1",
			"and:false(macro:truestarted(comparison:true[evt.subject = exec]) "
			"!comparison:false[proc.pid = 1] comparison:false[proc.ppid = 1])"},
		{"proc.pid = 1 or proc.ppid = 1",
			"!or:false(comparison:false[proc.pid = 1] comparison:false[proc.ppid = 1])"},
		{"outer and (proc.pid = 1 or proc.pid = 2)",
			"and:false(macro:trueouter(and:true("
			"macro:truestarted(comparison:true[evt.subject = exec]) "
			"comparison:true[proc.pid > 1])) !or:false(comparison:false[proc.pid = 1] "
			"comparison:false[proc.pid = 2]))"},
		{"proc.pid > 1 and container.image.id = x and proc.name = sh",
			"and:unknown(comparison:true[proc.pid > 1] "
			"!comparison:unknown[container.image.id = x] comparison:true[proc.name = sh])"},
		{"container.image.id = x and proc.pid = 1",
			"and:false(comparison:unknown[container.image.id = x] "
			"!comparison:false[proc.pid = 1])"},
		{"proc.pid = 1 or not container.image.id = x",
			"or:unknown(comparison:false[proc.pid = 1] "
			"not:unknown(!comparison:unknown[container.image.id = x]))"},
	};
	struct subject_fixture f;

	(void)state;
	fixture_exec(&f);
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		CLEANUP_JSON json_t *explanation = explained(cases[i].condition, &f.subject);
		CLEANUP_STRBUF struct strbuf out = STRBUF_INIT;

		sketch(json_object_get(explanation, "condition"), &out);
		assert_string_equal(strbuf_text(&out), cases[i].sketch);
	}
}

static void values_are_told_where_they_are_known(void **state)
{
	static const struct {
		const char *condition, *value;
	} cases[] = {
		{"proc.pid = 1", "4711"},
		{"container.bare = false", "true"},
		{"proc.cwd = x", "\"/\\\\xff\""},
		{"exe.applet = sh", "null"},
		{"container.image.id = x", "nothing"},
	};
	struct subject_fixture f;

	(void)state;
	fixture_exec(&f);
	f.event.exec.cwd = TEXT_OF("/\xff");
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		CLEANUP_JSON json_t *explanation = explained(cases[i].condition, &f.subject);
		const json_t *part = json_object_get(explanation, "condition");
		CLEANUP_FREE char *text = json_dumps(
			json_object_get(part, "value"), JSON_ENCODE_ANY);

		assert_string_equal(text ? text : "nothing", cases[i].value);
		assert_int_equal(json_object_get(part, "escaped") != NULL, i == 2);
	}
}

static void rule_that_is_not_there_cannot_be_explained(void **state)
{
	CLEANUP_RULES struct rule_set *set = rules_of(macros);
	struct subject_fixture f;
	json_t *explanation = NULL;

	(void)state;
	fixture_exec(&f);
	assert_int_equal(rule_explain(set, "started", &f.subject, &explanation), -ENOENT);
	assert_null(explanation);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(parts_are_told_as_written_with_the_first_that_decides),
		cmocka_unit_test(values_are_told_where_they_are_known),
		cmocka_unit_test(rule_that_is_not_there_cannot_be_explained),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
