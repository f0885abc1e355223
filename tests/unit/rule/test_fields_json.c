/* SPDX-License-Identifier: Apache-2.0 */
/* Claims about agent/rule/field/json.c. */
#include "rules_fixture.h"

#include "subject_fixture.h"

DEFINE_CLEANUP(json_t, json, json_decref);

/* FIELD of SUBJECT as JSON text, or "nothing". */
static void assert_field(const struct subject *subject, const char *field, const char *expected)
{
	CLEANUP(json_cleanup) json_t *object = rule_fields_json(NULL, subject);
	CLEANUP_FREE char *text = NULL;

	assert_non_null(object);
	text = json_dumps(json_object_get(object, field), JSON_ENCODE_ANY | JSON_COMPACT);
	assert_string_equal(text ? text : "nothing", expected);
}

static void values_keep_their_types(void **state)
{
	static const struct {
		const char *field, *expected;
	} cases[] = {
		{"proc.name", "\"sh\""},
		{"proc.pid", "4711"},
		{"user.loginuid", "-1"},
		{"container.bare", "true"},
		{"proc.argv", "[\"sh\",\"-c\",\"id; ls\"]"},
		{"exe.ino", "\"18364758544493064720\""},
		{"evt.escaped", "nothing"},
	};
	struct subject_fixture f;

	(void)state;
	fixture_exec(&f);
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++)
		assert_field(&f.subject, cases[i].field, cases[i].expected);
	f.exec.file.inode = INT64_MAX;
	assert_field(&f.subject, "exe.ino", "9223372036854775807");
}

static void what_is_not_known_is_left_out(void **state)
{
	struct subject_fixture f;

	(void)state;
	fixture_exec(&f);
	f.container.name = NULL;
	f.event.exec.cwd = (struct event_text){.unreadable = true};
	f.event.exec.invoked = TEXT_OF("");
	assert_field(&f.subject, "container.name", "nothing");
	assert_field(&f.subject, "proc.cwd", "nothing");
	assert_field(&f.subject, "exe.applet", "nothing");
	assert_field(&f.subject, "attempt.errno", "nothing");
	assert_field(&f.subject, "exe.invoked", "\"\"");
}

static void what_other_fields_say_is_left_out(void **state)
{
	static const struct {
		const char *field, *expected;
	} cases[] = {
		{"proc.aname[1]", "\"java\""},
		{"proc.aname", "nothing"},
		{"proc.aname[0]", "nothing"},
		{"proc.acmdline[1]", "nothing"},
		{"proc.pcmdline", "\"java -jar app.jar\""},
		{"thread.tid", "nothing"},
		{"container.label", "nothing"},
	};
	struct subject_fixture f;

	(void)state;
	fixture_exec(&f);
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++)
		assert_field(&f.subject, cases[i].field, cases[i].expected);
}

static void text_that_is_no_utf8_is_escaped_and_named(void **state)
{
	struct subject_fixture f;

	(void)state;
	fixture_exec(&f);
	f.event.exec.cwd = TEXT_OF("/\xff\\");
	f.event.exec.args = TEXT_OF("\xc3\xa4\0\xc3\0");
	assert_field(&f.subject, "proc.cwd", "\"/\\\\xff\\\\\\\\\"");
	assert_field(&f.subject, "proc.argv", "[\"\xc3\xa4\",\"\\\\xc3\"]");
	assert_field(&f.subject, "evt.escaped",
		"[\"proc.cmdline\",\"proc.args\",\"proc.argv\",\"proc.cwd\"]");
}

static void one_item_that_is_no_utf8_has_all_items_escaped(void **state)
{
	struct subject_fixture f;

	(void)state;
	fixture_exec(&f);
	f.event.exec.args = TEXT_OF("\\x41\0\x41\xc3\0");
	assert_field(&f.subject, "proc.argv", "[\"\\\\\\\\x41\",\"A\\\\xc3\"]");
	f.event.exec.args = TEXT_OF("\\x41\0");
	assert_field(&f.subject, "proc.argv", "[\"\\\\x41\"]");
}

static void control_characters_stay_as_they_are(void **state)
{
	struct subject_fixture f;

	(void)state;
	fixture_exec(&f);
	f.event.exec.cwd = TEXT_OF("/\x1b\n");
	assert_field(&f.subject, "proc.cwd", "\"/\\u001B\\n\"");
	assert_field(&f.subject, "evt.escaped", "nothing");
}

/* FIELD in the alert of a rule with OUTPUT, as JSON text. */
static void assert_named(
	const struct subject *subject, const char *output, const char *field, const char *expected)
{
	CLEANUP_RULES struct rule_set *set = NULL;
	CLEANUP(json_cleanup) json_t *object = NULL;
	CLEANUP_FREE char *text = NULL;
	char rules[512];

	snprintf(rules, sizeof(rules),
		"- {rule: r, desc: d, condition: evt.subject exists, output: '%s', priority: ERROR}",
		output);
	set = rules_of(rules);
	object = rule_fields_json(rule_set_at(set, 0), subject);
	text = json_dumps(json_object_get(object, field), JSON_ENCODE_ANY | JSON_COMPACT);
	assert_string_equal(text ? text : "nothing", expected);
}

static void what_an_output_names_is_there(void **state)
{
	static const struct {
		const char *output, *field, *expected;
	} cases[] = {
		{"x", "evt.num", "nothing"},
		{"%evt.num %evt.num", "evt.num", "77"},
		{"%thread.tid", "thread.tid", "4712"},
		{"%proc.acmdline[1]", "proc.acmdline[1]", "\"java -jar app.jar\""},
		{"%proc.acmdline[1]", "proc.acmdline[2]", "nothing"},
		{"%proc.aexe", "proc.aexe[1]", "\"/bin/java\""},
		{"%proc.env[HOME]", "proc.env[HOME]", "nothing"},
		{"%container.label[none]", "container.label[none]", "nothing"},
	};
	struct subject_fixture f;

	(void)state;
	fixture_exec(&f);
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++)
		assert_named(&f.subject, cases[i].output, cases[i].field, cases[i].expected);
	assert_named(&f.subject, "%proc.aname", "proc.aname", "[\"java\",\"tini\"]");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(values_keep_their_types),
		cmocka_unit_test(what_is_not_known_is_left_out),
		cmocka_unit_test(what_other_fields_say_is_left_out),
		cmocka_unit_test(what_an_output_names_is_there),
		cmocka_unit_test(text_that_is_no_utf8_is_escaped_and_named),
		cmocka_unit_test(one_item_that_is_no_utf8_has_all_items_escaped),
		cmocka_unit_test(control_characters_stay_as_they_are),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
