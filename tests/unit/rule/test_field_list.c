/* SPDX-License-Identifier: Apache-2.0 */
/* Claims about agent/rule/field/list.c. */
#include "rules_fixture.h"

#include <fcntl.h>

#include "base/io.h"
#include "base/json.h"
#include "base/strbuf.h"

/* Run from the top of the tree. */
static void documentation_is_what_the_tables_say(void **state)
{
	CLEANUP_STRBUF struct strbuf out = STRBUF_INIT;
	CLEANUP_FREE char *text = NULL;
	size_t size;

	(void)state;
	assert_int_equal(read_file_at(AT_FDCWD, "docs/fields.md", 1 << 20, &text, &size), 0);
	assert_true(rule_fields_list(RULE_FIELDS_MARKDOWN, "", &out) > 0);
	if (strcmp(strbuf_text(&out), text) != 0)
		fail_msg("docs/fields.md is out of date: make docs/fields.md");
}

static void text_is_narrow(void **state)
{
	CLEANUP_STRBUF struct strbuf out = STRBUF_INIT;

	(void)state;
	rule_fields_list(RULE_FIELDS_TEXT, "", &out);
	for (const char *line = strbuf_text(&out), *end; (end = strchr(line, '\n')); line = end + 1)
		if (end - line > 100)
			fail_msg("%.*s", (int)(end - line), line);
}

static void prefix_chooses(void **state)
{
	static const struct {
		const char *prefix;
		size_t count;
	} cases[] = {{"proc.aname", 1}, {"group", 2}, {"group.gid", 1}, {"nobody", 0}};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		CLEANUP_STRBUF struct strbuf out = STRBUF_INIT;
		CLEANUP_JSON json_t *list = rule_fields_list_json(cases[i].prefix);

		assert_int_equal(
			rule_fields_list(RULE_FIELDS_TEXT, cases[i].prefix, &out), cases[i].count);
		assert_int_equal(json_array_size(list), cases[i].count);
		assert_int_equal(out.len > 0, cases[i].count > 0);
	}
}

static void text_has_all_that_there_is_of_a_field(void **state)
{
	CLEANUP_STRBUF struct strbuf out = STRBUF_INIT;

	(void)state;
	rule_fields_list(RULE_FIELDS_TEXT, "move.how", &out);
	assert_string_equal(strbuf_text(&out),
		"move: A process that left its container's cgroup.\n"
		"\n"
		"  move.how                                text        kernel record   move\n"
		"      attach: it was put there; fork: it was made there\n"
		"      one of: attach, fork\n");
}

static void field_is_an_object(void **state)
{
	static const struct {
		const char *prefix, *expected;
	} cases[] = {
		{"k8s.pod.label",
			"{\"name\":\"k8s.pod.labels\",\"class\":\"k8s\",\"type\":\"text\","
			"\"subjects\":[\"exec\",\"attempt\",\"mapping\",\"open\",\"move\","
			"\"follow-up\"],\"source\":\"engine's files\",\"meaning\":\"labels of its "
			"pod: key:value, key:value\",\"in_alerts\":true,\"no_value\":\"the "
			"engine's files do not tell, or were not found yet\"}"},
		{"move.how", "{\"name\":\"move.how\",\"class\":\"move\",\"type\":\"text\","
			     "\"subjects\":[\"move\"],\"source\":\"kernel record\",\"meaning\":"
			     "\"attach: it was put there; fork: it was made there\","
			     "\"in_alerts\":true,\"words\":[\"attach\",\"fork\"]}"},
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		CLEANUP_JSON json_t *list = rule_fields_list_json(cases[i].prefix);
		CLEANUP_FREE char *text = json_dumps(json_array_get(list, 0), JSON_COMPACT);

		assert_string_equal(text, cases[i].expected);
	}
}

static void argument_is_shown(void **state)
{
	static const char *const cases[][2] = {
		{"proc.apid", "  proc.apid[N]  "}, {"container.label", "  container.label[KEY]  "}};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		CLEANUP_STRBUF struct strbuf out = STRBUF_INIT;

		rule_fields_list(RULE_FIELDS_TEXT, cases[i][0], &out);
		if (!strstr(strbuf_text(&out), cases[i][1]))
			fail_msg("%s", strbuf_text(&out));
	}
}

static void suggestion_is_a_field_or_a_class(void **state)
{
	static const char *const cases[][2] = {
		{"prc", "x: did you mean 'proc'?"},
		{"proc.nam", "x: did you mean 'proc.name'?"},
		{"zzzzzz", "x"},
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		struct diag d = {.message = "x"};

		rule_fields_suggest(&d, cases[i][0]);
		assert_string_equal(d.message, cases[i][1]);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(documentation_is_what_the_tables_say),
		cmocka_unit_test(text_is_narrow),
		cmocka_unit_test(prefix_chooses),
		cmocka_unit_test(text_has_all_that_there_is_of_a_field),
		cmocka_unit_test(field_is_an_object),
		cmocka_unit_test(argument_is_shown),
		cmocka_unit_test(suggestion_is_a_field_or_a_class),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
