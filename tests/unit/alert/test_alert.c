/* SPDX-License-Identifier: Apache-2.0 */
/* Claims about agent/alert/alert.c. */
#include "asserts.h"

#include <time.h>

#include <jansson.h>

#include "barewatch/alert.h"

/* 2026-11-23 07:23:17 UTC and a bit */
#define TIME_NS (1795418597ULL * 1000000000 + 123456789)

#define RULE(priority, tags)                                          \
	"- rule: Shell\n  desc: d\n  condition: evt.subject = exec\n" \
	"  output: shell %exe.resolved\n  priority: " priority "\n" tags

/* An alert and all that it refers to. */
struct fixture {
	struct rule_set *rules;
	struct bw_exec record;
	struct event event;
	struct container container;
	struct subject subject;
	struct alert alert;
};

static struct fixture *fixture_new(const char *rules)
{
	struct fixture *f = calloc(1, sizeof(*f));
	CLEANUP_DIAGS struct diags diags = DIAGS_INIT;
	size_t cursor = 0;

	assert_non_null(f);
	f->event.kind = BW_EVENT_EXEC;
	f->event.process = &f->record.process;
	f->event.exec.record = &f->record;
	f->event.exec.resolved.bytes = slice_of("/bin/dash");
	memset(f->container.id, 'a', 64);
	f->container.name = (char *)"web";
	f->subject = (struct subject){.kind = SUBJECT_EXEC,
		.event = &f->event,
		.container = &f->container,
		.program = {.class = PROGRAM_SHELL, .name = slice_of("dash")}};
	assert_int_equal(rule_set_new(&f->rules), 0);
	if (rule_set_add_text(f->rules, "r.yaml", slice_of(rules), &diags) < 0)
		fail_msg("%s", diags.items[0].diag.message);
	f->alert = (struct alert){
		.rule = rule_set_match(f->rules, &f->subject, &cursor),
		.subject = &f->subject,
		.time_ns = TIME_NS,
		.hostname = "node-1",
		.id = "00000000000000ab-000001",
	};
	assert_non_null(f->alert.rule);
	return f;
}

static void fixture_free(struct fixture *f)
{
	rule_set_free(f->rules);
	free(f);
}

DEFINE_CLEANUP(struct fixture, fixture, fixture_free);
#define CLEANUP_FIXTURE CLEANUP(fixture_cleanup)

static void assert_formatted(
	const struct fixture *f, enum alert_format format, const char *expected)
{
	CLEANUP_STRBUF struct strbuf out = STRBUF_INIT;

	assert_int_equal(alert_format(&f->alert, format, &out), 0);
	assert_string_equal(strbuf_text(&out), expected);
}

static json_t *formatted_json(const struct fixture *f)
{
	CLEANUP_STRBUF struct strbuf out = STRBUF_INIT;
	json_t *json;

	assert_int_equal(alert_format(&f->alert, ALERT_JSON, &out), 0);
	assert_ptr_equal(strchr(strbuf_text(&out), '\n'), out.data + out.len - 1);
	json = json_loads(strbuf_text(&out), JSON_REJECT_DUPLICATES, NULL);
	assert_non_null(json);
	return json;
}

static void assert_json_text(const json_t *json, const char *key, const char *expected)
{
	const char *found = json_string_value(json_object_get(json, key));

	assert_string_equal(found ? found : "<none>", expected);
}

static void text_is_one_line_in_columns(void **state)
{
	CLEANUP_FIXTURE struct fixture *f = fixture_new(RULE("CRITICAL", ""));

	(void)state;
	assert_formatted(f, ALERT_TEXT, "07:23:17  CRITICAL  web               shell /bin/dash\n");
}

static void nested_container_is_called_by_its_outer_one_too(void **state)
{
	CLEANUP_FIXTURE struct fixture *f = fixture_new(RULE("ERROR", ""));
	static const char id[] = "bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb";

	(void)state;
	f->container.outer_id = (char *)id;
	assert_formatted(f, ALERT_TEXT, "07:23:17  ERROR     bbbbbbbbbbbb/web  shell /bin/dash\n");
	f->container.outer_name = (char *)"no\nde";
	assert_formatted(f, ALERT_TEXT, "07:23:17  ERROR     no\\nde/web        shell /bin/dash\n");
}

static void container_is_called_by_name_id_or_host(void **state)
{
	CLEANUP_FIXTURE struct fixture *f = fixture_new(RULE("ERROR", ""));

	(void)state;
	f->container.name = NULL;
	assert_formatted(f, ALERT_TEXT, "07:23:17  ERROR     aaaaaaaaaaaa      shell /bin/dash\n");
	f->subject.container = NULL;
	assert_formatted(f, ALERT_TEXT, "07:23:17  ERROR     host              shell /bin/dash\n");
}

static void long_values_push_the_rest_and_are_not_cut(void **state)
{
	CLEANUP_FIXTURE struct fixture *f = fixture_new(RULE("INFORMATIONAL", ""));

	(void)state;
	f->container.name = (char *)"a-name-of-more-than-sixteen";
	assert_formatted(f, ALERT_TEXT,
		"07:23:17  INFORMATIONAL  a-name-of-more-than-sixteen  shell /bin/dash\n");
}

static void colour_says_how_urgent_it_is(void **state)
{
	static const struct {
		const char *rule, *column;
	} cases[] = {
		{RULE("EMERGENCY", ""), "\033[1;31mEMERGENCY\033[0m  "},
		{RULE("CRITICAL", ""), "\033[1;31mCRITICAL\033[0m  "},
		{RULE("ERROR", ""), "\033[31mERROR\033[0m     "},
		{RULE("WARNING", ""), "\033[33mWARNING\033[0m   "},
		{RULE("NOTICE", ""), "\033[36mNOTICE\033[0m    "},
		{RULE("DEBUG", ""), "\033[36mDEBUG\033[0m     "},
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		CLEANUP_FIXTURE struct fixture *f = fixture_new(cases[i].rule);
		char expected[256];

		snprintf(expected, sizeof(expected),
			"07:23:17  %s\033[1mweb\033[0m               shell /bin/dash\n",
			cases[i].column);
		assert_formatted(f, ALERT_TEXT_COLOR, expected);
	}
}

static void hostile_names_cannot_break_the_line(void **state)
{
	CLEANUP_FIXTURE struct fixture *f = fixture_new(RULE("CRITICAL", ""));

	(void)state;
	f->container.name = (char *)"a\n\033[2J";
	f->event.exec.resolved.bytes = SLICE("/\xe2\x80\xae\xff\r\n07:00:00  DEBUG");
	assert_formatted(f, ALERT_TEXT,
		"07:23:17  CRITICAL  a\\n\\u{1b}[2J      "
		"shell '/\\u{202e}\\xff\\r\\n07:00:00  DEBUG'\n");
}

static void json_has_falcos_keys(void **state)
{
	CLEANUP_FIXTURE struct fixture *f = fixture_new(
		RULE("CRITICAL", "  tags: [container, T1059.004]\n"));
	json_t *json = formatted_json(f), *tags = json_object_get(json, "tags");

	(void)state;
	assert_json_text(json, "time", "2026-11-23T07:23:17.123456789Z");
	assert_json_text(json, "rule", "Shell");
	assert_json_text(json, "priority", "Critical");
	assert_json_text(json, "source", "syscall");
	assert_json_text(json, "hostname", "node-1");
	assert_json_text(json, "output", "shell /bin/dash");
	assert_int_equal(json_array_size(tags), 2);
	assert_string_equal(json_string_value(json_array_get(tags, 1)), "T1059.004");
	assert_json_text(json_object_get(json, "output_fields"), "exe.resolved", "/bin/dash");
	assert_json_text(json, "alert_id", "00000000000000ab-000001");
	assert_int_equal(json_object_size(json), 9);
	json_decref(json);
}

/* The fields of JSON, which is a follow-up of the fixture's alert. */
static json_t *follow_up_fields(json_t *json)
{
	json_t *fields = json_object_get(json, "output_fields");

	assert_json_text(json, "alert_id", "00000000000000ab-000001");
	assert_true(json_is_true(json_object_get(json, "follow_up")));
	assert_json_text(json, "rule", "Shell");
	assert_json_text(json, "priority", "Informational");
	assert_null(json_object_get(fields, "evt.subject"));
	return fields;
}

static void follow_up_tells_what_is_known_of_the_container(void **state)
{
	CLEANUP_FIXTURE struct fixture *f = fixture_new(RULE("CRITICAL", "  tags: [shell]\n"));
	json_t *json, *fields;

	(void)state;
	f->subject = (struct subject){.kind = SUBJECT_CONTAINER, .container = &f->container};
	f->container.image = (char *)"w\n1";
	json = formatted_json(f);
	fields = follow_up_fields(json);
	assert_json_text(fields, "container.name", "web");
	assert_json_text(fields, "container.image", "w\n1");
	assert_json_text(fields, "container.id", "aaaaaaaaaaaa");
	assert_null(json_object_get(fields, "exe.resolved"));
	assert_int_equal(json_object_size(json), 10);
	json_decref(json);
	assert_formatted(f, ALERT_TEXT,
		"07:23:17  INFORMATIONAL  web               "
		"Known by now of the container of an earlier alert (alert=00000000000000ab-000001 "
		"id=aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa container=web "
		"image=w\\n1)\n");
}

static void follow_up_tells_what_is_known_of_the_program(void **state)
{
	CLEANUP_FIXTURE struct fixture *f = fixture_new(RULE("CRITICAL", "  tags: [shell]\n"));
	struct executable executable = {.origin = PROGRAM_ORIGIN_UPPER, .has_identity = true};
	json_t *json, *fields;

	(void)state;
	f->subject.kind = SUBJECT_PROGRAM;
	f->subject.program = (struct program){.class = PROGRAM_SHELL, .name = slice_of("a b")};
	f->subject.executable = &executable;
	json = formatted_json(f);
	fields = follow_up_fields(json);
	assert_json_text(fields, "exe.class", "shell");
	assert_json_text(fields, "exe.class_source", "content");
	assert_json_text(fields, "exe.origin", "upper");
	json_decref(json);
	assert_formatted(f, ALERT_TEXT,
		"07:23:17  INFORMATIONAL  web               "
		"Known by now of the program of an earlier alert (alert=00000000000000ab-000001 "
		"class=shell program='a b' origin=upper)\n");
}

static void ids_differ_by_run_and_by_number(void **state)
{
	char id[ALERT_ID_SIZE];

	(void)state;
	alert_id_format(id, 0xab, 1);
	assert_string_equal(id, "00000000000000ab-000001");
	alert_id_format(id, UINT64_MAX, UINT64_MAX);
	assert_string_equal(id, "ffffffffffffffff-ffffffffffffffff");
	assert_int_equal(strlen(id), ALERT_ID_SIZE - 1);
}

static const struct alert_notice notice = {
	.rule = "barewatch: blind",
	.priority = RULE_CRITICAL,
	.output = "barewatch does not see execs",
	.number_name = "canary.missed",
	.number = 3,
	.time_ns = TIME_NS,
	.hostname = "node-1",
	.id = "00000000000000ab-000001",
};

static void notice_has_the_keys_of_an_alert(void **state)
{
	CLEANUP_STRBUF struct strbuf out = STRBUF_INIT;

	(void)state;
	assert_int_equal(alert_notice_format(&notice, ALERT_JSON, &out), 0);
	assert_string_equal(strbuf_text(&out),
		"{\"time\":\"2026-11-23T07:23:17.123456789Z\","
		"\"alert_id\":\"00000000000000ab-000001\",\"rule\":\"barewatch: blind\","
		"\"priority\":\"Critical\",\"source\":\"internal\",\"hostname\":\"node-1\","
		"\"tags\":[\"barewatch\"],\"output\":\"barewatch does not see execs\","
		"\"output_fields\":{\"canary.missed\":3}}\n");
}

static void notice_without_a_number_has_no_fields(void **state)
{
	CLEANUP_STRBUF struct strbuf out = STRBUF_INIT;
	struct alert_notice other = notice;

	(void)state;
	other.number_name = NULL;
	assert_int_equal(alert_notice_format(&other, ALERT_JSON, &out), 0);
	assert_non_null(strstr(strbuf_text(&out), "\"output_fields\":{}}\n"));
}

static void notice_stands_in_the_columns_of_alerts(void **state)
{
	CLEANUP_STRBUF struct strbuf out = STRBUF_INIT;

	(void)state;
	assert_int_equal(alert_notice_format(&notice, ALERT_TEXT, &out), 0);
	assert_string_equal(strbuf_text(&out) + strlen("07:23:17"),
		"  CRITICAL  barewatch         barewatch does not see execs\n");
}

/* What a container has done belongs to it, and its name cannot forge a line. */
static void notice_about_a_container_names_it(void **state)
{
	CLEANUP_FIXTURE struct fixture *f = fixture_new(RULE("ERROR", ""));
	CLEANUP_STRBUF struct strbuf json = STRBUF_INIT, text = STRBUF_INIT;
	struct alert_notice other = notice;

	(void)state;
	f->container.name = (char *)"w\nb";
	other.container = &f->container;
	assert_int_equal(alert_notice_format(&other, ALERT_JSON, &json), 0);
	assert_non_null(strstr(strbuf_text(&json), "\"source\":\"internal\""));
	assert_non_null(strstr(strbuf_text(&json), "\"container.name\":\"w\\nb\""));
	assert_non_null(strstr(strbuf_text(&json), "\"canary.missed\":3}}\n"));
	assert_int_equal(alert_notice_format(&other, ALERT_TEXT, &text), 0);
	assert_string_equal(strbuf_text(&text) + strlen("07:23:17"),
		"  CRITICAL  w\\nb              barewatch does not see execs\n");
}

static void json_has_an_empty_list_without_tags(void **state)
{
	CLEANUP_FIXTURE struct fixture *f = fixture_new(RULE("ERROR", ""));
	json_t *json = formatted_json(f), *tags = json_object_get(json, "tags");

	(void)state;
	assert_true(json_is_array(tags));
	assert_int_equal(json_array_size(tags), 0);
	json_decref(json);
}

static void json_time_has_nine_digits_below_the_second(void **state)
{
	CLEANUP_FIXTURE struct fixture *f = fixture_new(RULE("ERROR", ""));
	json_t *json;

	(void)state;
	f->alert.time_ns = 1;
	json = formatted_json(f);
	assert_json_text(json, "time", "1970-01-01T00:00:00.000000001Z");
	json_decref(json);
}

static void json_is_ascii_whatever_the_names_are(void **state)
{
	CLEANUP_FIXTURE struct fixture *f = fixture_new(RULE("ERROR", ""));
	CLEANUP_STRBUF struct strbuf out = STRBUF_INIT;
	json_t *json;

	(void)state;
	f->container.name = (char *)"\xc3\xbc\xff\n";
	f->event.exec.resolved.bytes = SLICE("/\xf0\x9f\x90\x9a\033\xc0\xaf");
	assert_int_equal(alert_format(&f->alert, ALERT_JSON, &out), 0);
	for (size_t i = 0; i + 1 < out.len; i++)
		if (out.data[i] < 0x20 || out.data[i] > 0x7e)
			fail_msg("byte %02x at %zu", (unsigned char)out.data[i], i);
	json = formatted_json(f);
	assert_json_text(json, "output", "shell /\xf0\x9f\x90\x9a\\u{1b}\\xc0\\xaf");
	json_decref(json);
}

/* sethostname() takes any bytes; alerts must not be lost for that. */
static void hostname_that_is_no_utf8_is_escaped(void **state)
{
	CLEANUP_FIXTURE struct fixture *f = fixture_new(RULE("ERROR", ""));
	json_t *json;

	(void)state;
	f->alert.hostname = "node-\xff";
	json = formatted_json(f);
	assert_json_text(json, "hostname", "node-\\xff");
	json_decref(json);
}

static void alerts_are_appended(void **state)
{
	static const enum alert_format formats[] = {ALERT_TEXT, ALERT_TEXT_COLOR, ALERT_JSON};
	CLEANUP_FIXTURE struct fixture *f = fixture_new(RULE("ERROR", ""));

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(formats); i++) {
		CLEANUP_STRBUF struct strbuf out = STRBUF_INIT;
		size_t len;

		alert_format(&f->alert, formats[i], &out);
		len = out.len;
		alert_format(&f->alert, formats[i], &out);
		assert_int_equal(out.len, 2 * len);
		assert_memory_equal(out.data, out.data + len, len);
	}
}

static int set_time_zone(void **state)
{
	(void)state;
	setenv("TZ", "UTC", 1);
	tzset();
	return 0;
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(text_is_one_line_in_columns),
		cmocka_unit_test(nested_container_is_called_by_its_outer_one_too),
		cmocka_unit_test(container_is_called_by_name_id_or_host),
		cmocka_unit_test(long_values_push_the_rest_and_are_not_cut),
		cmocka_unit_test(colour_says_how_urgent_it_is),
		cmocka_unit_test(hostile_names_cannot_break_the_line),
		cmocka_unit_test(json_has_falcos_keys),
		cmocka_unit_test(follow_up_tells_what_is_known_of_the_container),
		cmocka_unit_test(follow_up_tells_what_is_known_of_the_program),
		cmocka_unit_test(ids_differ_by_run_and_by_number),
		cmocka_unit_test(notice_has_the_keys_of_an_alert),
		cmocka_unit_test(notice_without_a_number_has_no_fields),
		cmocka_unit_test(notice_stands_in_the_columns_of_alerts),
		cmocka_unit_test(notice_about_a_container_names_it),
		cmocka_unit_test(json_has_an_empty_list_without_tags),
		cmocka_unit_test(json_time_has_nine_digits_below_the_second),
		cmocka_unit_test(json_is_ascii_whatever_the_names_are),
		cmocka_unit_test(hostname_that_is_no_utf8_is_escaped),
		cmocka_unit_test(alerts_are_appended),
	};

	return cmocka_run_group_tests(tests, set_time_zone, NULL);
}
