/* SPDX-License-Identifier: Apache-2.0 */
/* Claims about agent/rule/output.c. */
#include "rules_fixture.h"

#include "base/strbuf.h"
#include "rule/output.h"
#include "subject_fixture.h"

static void assert_output(const char *template, const struct subject *subject, const char *expected)
{
	CLEANUP(rule_output_cleanup) struct rule_output *output = NULL;
	CLEANUP_STRBUF struct strbuf out = STRBUF_INIT;
	struct diag d;

	if (rule_output_compile(template, NULL, &output, &d) < 0)
		fail_msg("%s: %s", template, d.message);
	rule_output_format(&(struct rule){.output = output}, subject, &out);
	assert_string_equal(strbuf_text(&out), expected);
}

static void fields_are_replaced_by_their_values(void **state)
{
	static const struct {
		const char *template, *expected;
	} cases[] = {
		{"", ""},
		{"text only", "text only"},
		{"%proc.name", "sh"},
		{"a %proc.name.", "a sh."},
		{"(%proc.name, %proc.pid)", "(sh, 4711)"},
		{"%proc.name%proc.pid", "sh4711"},
		{"%proc.argv", "sh -c 'id; ls'"},
		{"%proc.cmdline", "sh -c id; ls"},
		{"%container.bare %user.loginuid", "true -1"},
		{"%exe.ino", "18364758544493064720"},
		{"%exe.applet %attempt.errno", "<NA> <NA>"},
		{"%proc.aname[1]. %proc.aname[0][1]", "java. sh[1]"},
		{"%proc.name[1] %proc.name[", "sh[1] sh["},
		{"(%container.info)", "(container_id=aaaaaaaaaaaa container_name=web)"},
		{"%proc.env[A B] %proc.aname[9] %evt.arg[0]", "<NA> <NA> <NA>"},
		{"100% %% %%proc.name 5%", "100% % %proc.name 5%"},
	};
	struct subject_fixture f;

	(void)state;
	fixture_exec(&f);
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++)
		assert_output(cases[i].template, &f.subject, cases[i].expected);
}

static void keys_are_in_brackets_or_behind_a_dot(void **state)
{
	struct subject_fixture f;

	(void)state;
	fixture_exec(&f);
	f.container.labels.source = "state";
	container_map_add(&f.container.labels, slice_of("com.example/a b"), slice_of("c d"));
	container_map_add(&f.container.labels, slice_of("tier"), slice_of("front"));
	assert_output("%container.label[com.example/a b]] %container.label.tier.", &f.subject,
		"'c d'] front.");
	assert_output("%container.label[none]", &f.subject, "<NA>");
	container_map_done(&f.container.labels);
}

/* It is a command line, escaped word by word where it is read. */
static void entrypoint_is_not_escaped_twice(void **state)
{
	struct subject_fixture f;

	(void)state;
	fixture_exec(&f);
	f.container.entrypoint = (char *)"/bin/app --motd 'a b' \\x1b c\\\\d";
	assert_output(
		"[%container.entrypoint]", &f.subject, "[/bin/app --motd 'a b' \\x1b c\\\\d]");
}

static void lines_of_the_template_become_one(void **state)
{
	struct subject_fixture f;

	(void)state;
	fixture_exec(&f);
	assert_output("a\n  b %proc.name\nc  d\n", &f.subject, "a b sh c  d");
	assert_output("%proc.name\n", &f.subject, "sh");
}

static void hostile_values_cannot_leave_their_line(void **state)
{
	struct subject_fixture f;

	(void)state;
	fixture_exec(&f);
	f.event.exec.args = TEXT_OF("sh\0a\nb\0\x1b[2J\0\xff\0it's\0\0");
	f.event.exec.resolved = TEXT_OF("/tmp/a b\r");
	assert_output("%proc.argv", &f.subject, "sh a\\nb \\u{1b}[2J \\xff 'it\\'s' ''");
	assert_output("%proc.args", &f.subject, "a\\nb \\u{1b}[2J \\xff it's ");
	assert_output("%exe.resolved", &f.subject, "'/tmp/a b\\r'");
	assert_output("tab\there \x1b", &f.subject, "tab\\there \\u{1b}");
}

static void unknown_field_is_found_where_it_is(void **state)
{
	static const struct {
		const char *template;
		unsigned column;
		const char *message;
	} cases[] = {
		{"%proc.nme", 1, "there is no field 'proc.nme': did you mean 'proc.name'?"},
		{"a %proc.name %nothing", 14, "there is no field 'nothing'"},
		{"a %proc.name.", 0, NULL},
		{"%container.label", 1,
			"the argument of 'container.label' is missing, or is none that it takes"},
		{"%proc.aname[x]", 1,
			"the argument of 'proc.aname[x]' is missing, or is none that it takes"},
		{"%proc.name.x", 1, "there is no field 'proc.name.x': did you mean 'proc.name'?"},
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		CLEANUP(rule_output_cleanup) struct rule_output *output = NULL;
		struct diag d = {0};
		int r = rule_output_compile(cases[i].template, NULL, &output, &d);

		assert_int_equal(r < 0, cases[i].message != NULL);
		assert_string_equal(d.message, cases[i].message ? cases[i].message : "");
		assert_int_equal(d.column, cases[i].column);
	}
}

static void number_of_fields_is_bounded(void **state)
{
	CLEANUP(rule_output_cleanup) struct rule_output *output = NULL;
	CLEANUP_STRBUF struct strbuf text = STRBUF_INIT;
	struct diag d;

	(void)state;
	for (size_t i = 0; i <= OUTPUT_PARTS_MAX; i++)
		strbuf_add_text(&text, "%proc.pid");
	assert_true(rule_output_compile(strbuf_text(&text), NULL, &output, &d) < 0);
	assert_string_equal(d.message, "the output has too many fields");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(fields_are_replaced_by_their_values),
		cmocka_unit_test(keys_are_in_brackets_or_behind_a_dot),
		cmocka_unit_test(entrypoint_is_not_escaped_twice),
		cmocka_unit_test(lines_of_the_template_become_one),
		cmocka_unit_test(hostile_values_cannot_leave_their_line),
		cmocka_unit_test(unknown_field_is_found_where_it_is),
		cmocka_unit_test(number_of_fields_is_bounded),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
