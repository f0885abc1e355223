/* SPDX-License-Identifier: Apache-2.0 */
/* Claims about agent/rule/recorded/recorded.c, and member.c, value.c and place.c that it reads by. */
#include "rules_fixture.h"

#include <inttypes.h>

#include "base/escape.h"
#include "base/json.h"
#include "rule/recorded/recorded.h"
#include "subject_fixture.h"

static struct fields_source of_json(const char *text)
{
	return (struct fields_source){.name = "e.json", .text = slice_of(text), .line = 3};
}

/* The values of TEXT, which must be right. */
static struct recorded *recorded_of(const char *text, enum subject_kind kind)
{
	CLEANUP_JSON json_t *json = json_loads(text, JSON_DECODE_ANY, NULL);
	const struct fields_source source = of_json(text);
	struct recorded *recorded = NULL;
	struct diag d;

	assert_non_null(json);
	if (recorded_new(json, kind, &source, &recorded, &d) < 0)
		fail_msg("%u:%u: %s\n%s", d.line, d.column, d.message, text);
	return recorded;
}

static void assert_fails(const char *text, enum subject_kind kind, const char *message)
{
	CLEANUP_JSON json_t *json = json_loads(text, JSON_DECODE_ANY, NULL);
	const struct fields_source source = of_json(text);
	struct recorded *recorded = NULL;
	char found[DIAG_TEXT_SIZE];
	struct diag d;

	assert_non_null(json);
	assert_true(recorded_new(json, kind, &source, &recorded, &d) < 0);
	assert_null(recorded);
	diag_text(&d, found, sizeof(found));
	assert_string_equal(found, message);
}

static struct value value_of(const struct subject *subject, const char *name)
{
	static struct field_scratch scratch;

	return field_value(field_find(slice_of(name)), subject, &scratch);
}

/* VALUE with its type, so that two can be told apart. */
static void describe(const struct value *value, struct strbuf *out)
{
	struct slice arg;
	size_t offset = 0;

	strbuf_addf(out, "%d ", value->type);
	if (value->type == VALUE_TEXT)
		escape_text(out, value->text);
	else if (value->type == VALUE_NUMBER)
		strbuf_addf(out, "%" PRIx64 ":%" PRIx64, (uint64_t)(value->number >> 64),
			(uint64_t)value->number);
	else if (value->type == VALUE_BOOL)
		strbuf_addf(out, "%d", value->truth);
	else if (value->type == VALUE_ARGS)
		while (event_args_next(value->args, &offset, &arg)) {
			strbuf_add_char(out, '[');
			escape_text(out, arg);
		}
}

static void assert_same_values(const struct subject *a, const struct subject *b)
{
	const struct field *field;

	for (size_t i = 0; (field = field_at(i)); i++) {
		CLEANUP_STRBUF struct strbuf of_a = STRBUF_INIT, of_b = STRBUF_INIT;
		struct field_scratch scratch;
		struct value value = field_value(field, a, &scratch);

		strbuf_addf(&of_a, "%s ", field->name);
		strbuf_addf(&of_b, "%s ", field->name);
		describe(&value, &of_a);
		value = field_value(field, b, &scratch);
		describe(&value, &of_b);
		assert_string_equal(strbuf_text(&of_b), strbuf_text(&of_a));
	}
}

/* A template with every field but those that would make it too long, twice. */
static void add_outputs(struct strbuf *rule)
{
	const struct field *field;

	strbuf_add_text(
		rule, "- rule: r\n  desc: d\n  condition: container.bare exists\n  output: o");
	for (size_t i = 0; (field = field_at(i)); i++)
		if (field->argument != FIELD_ARGUMENT_KEY)
			strbuf_addf(rule, " %%%s", field->name);
	strbuf_add_text(rule, "\n  priority: ERROR\n");
}

static void assert_same_outputs(const struct subject *a, const struct subject *b)
{
	CLEANUP_STRBUF struct strbuf text = STRBUF_INIT, of_a = STRBUF_INIT, of_b = STRBUF_INIT;
	CLEANUP_RULES struct rule_set *set = NULL;
	const struct rule *rule;

	add_outputs(&text);
	set = rules_of(strbuf_text(&text));
	rule = rule_set_at(set, 0); /* not all kinds are judged */
	assert_non_null(rule);
	rule_output_format(rule, a, &of_a);
	rule_output_format(rule, b, &of_b);
	assert_string_equal(strbuf_text(&of_b), strbuf_text(&of_a));
}

/* SUBJECT, written down as a text and read, has the same values and gives the same outputs. */
static void assert_comes_back(const struct subject *subject)
{
	CLEANUP_JSON json_t *json = rule_fields_record(subject);
	CLEANUP_FREE char *text = json_dumps(json, JSON_COMPACT | JSON_ENSURE_ASCII), *again = NULL;
	CLEANUP_JSON json_t *alert = rule_fields_json(NULL, subject);
	CLEANUP_JSON json_t *alert_again = NULL, *record_again = NULL;
	CLEANUP_RECORDED struct recorded *recorded = recorded_of(text, subject->kind);
	struct subject back = recorded_subject(recorded);

	assert_same_values(subject, &back);
	assert_same_outputs(subject, &back);
	record_again = rule_fields_record(&back);
	again = json_dumps(record_again, JSON_COMPACT | JSON_ENSURE_ASCII);
	assert_string_equal(again, text);
	alert_again = rule_fields_json(NULL, &back);
	assert_true(json_equal(alert, alert_again));
}

static void every_field_of_every_kind_comes_back(void **state)
{
	static void (*const make[])(struct subject_fixture *) = {fixture_exec, fixture_attempt,
		fixture_lookup, fixture_mapping, fixture_move, fixture_open};
	struct subject_fixture f;

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(make); i++) {
		make[i](&f);
		assert_comes_back(&f.subject);
		f.container.labels = (struct container_map){.source = "state"};
		f.container.outer_name = (char *)"no\nde 'x'";
		f.container.entrypoint = (char *)"'/a b' \\x41";
		assert_comes_back(&f.subject);
	}
}

/* Each label is a value, and so is that there are no others. */
static void labels_come_back(void **state)
{
	struct container_pair pairs[] = {{(char *)"app", "w x"}, {(char *)"a.b/c-d", ""}};
	const struct container_map map = {pairs, 2, 2, 0, false, "state"};
	struct subject_fixture f;

	(void)state;
	fixture_exec(&f);
	f.container.labels = map;
	f.container.pod_labels = map;
	f.container.pod_labels.is_truncated = true;
	assert_comes_back(&f.subject);
	for (size_t recorded = 0; recorded < 2; recorded++) {
		CLEANUP_JSON json_t *json = rule_fields_record(&f.subject);
		CLEANUP_FREE char *text = json_dumps(json, 0);
		CLEANUP_RECORDED struct recorded *values = recorded_of(text, SUBJECT_EXEC);
		struct subject back = recorded_subject(values);
		const struct subject *subject = recorded ? &back : &f.subject;

		assert_true(condition_fires("container.label[app] = 'w x'", subject));
		assert_true(condition_fires("k8s.pod.label[a.b/c-d] exists", subject));
		assert_true(condition_fires("container.label[other] != x", subject));
		assert_false(condition_fires("k8s.pod.label[other] != x", subject));
		assert_true(condition_fires("proc.aname = tini", subject));
	}
}

static void follow_ups_come_back(void **state)
{
	struct subject_fixture f;

	(void)state;
	fixture_exec(&f);
	f.subject.kind = SUBJECT_PROGRAM;
	assert_comes_back(&f.subject);
	fixture_init(&f, SUBJECT_CONTAINER);
	f.subject.event = NULL;
	assert_comes_back(&f.subject);
	fixture_init(&f, SUBJECT_REPEATS);
	f.subject.event = NULL;
	f.subject.repeats = UINT64_MAX;
	assert_comes_back(&f.subject);
}

static void any_bytes_come_back(void **state)
{
	char args[3 * 255], path[256];
	struct subject_fixture f;

	(void)state;
	for (unsigned i = 1; i < 256; i++) {
		path[i - 1] = i;
		args[3 * (i - 1)] = i;
		args[3 * (i - 1) + 1] = i % 2 ? '\\' : ' ';
		args[3 * (i - 1) + 2] = '\0';
	}
	path[255] = '\'';
	fixture_exec(&f);
	f.event.exec.cwd.bytes = (struct slice){path, sizeof(path)};
	f.event.exec.args.bytes = (struct slice){args, sizeof(args)};
	assert_comes_back(&f.subject);
	f.event.exec.cwd = TEXT_OF("\xf0\x9f\x90\x9a \\n \\x41 \x1b[1m\x7f \xe2\x80\xae");
	f.event.exec.args = TEXT_OF("\xc3\xa4\0\0a b\0\\\0");
	assert_comes_back(&f.subject);
}

static void what_was_cut_or_not_readable_comes_back(void **state)
{
	struct subject_fixture f;

	(void)state;
	fixture_exec(&f);
	f.event.exec.args = (struct event_text){.bytes = {"sh\0-c\0ls /ho", 11}, .truncated = true};
	f.event.exec.cwd = (struct event_text){.unreadable = true};
	f.event.exec.parent = (struct event_text){.bytes = slice_of("/op"), .unreadable = true};
	f.event.exec.invoked = TEXT_OF("");
	assert_comes_back(&f.subject);
	f.event.exec.args = (struct event_text){0};
	assert_comes_back(&f.subject);
}

static void host_process_comes_back(void **state)
{
	struct subject_fixture f;

	(void)state;
	fixture_exec(&f);
	f.subject.container = NULL;
	f.subject.executable = NULL;
	f.subject.lineage = NULL;
	f.subject.program = (struct program){0};
	assert_comes_back(&f.subject);
}

static void what_is_absent_is_unknown_and_null_is_none(void **state)
{
	CLEANUP_RECORDED struct recorded *recorded = recorded_of(
		"{\"evt.subject\": \"exec\", \"proc.tty_name\": null, \"exe.layer\": null}",
		SUBJECT_KINDS);
	struct subject subject = recorded_subject(recorded);

	(void)state;
	assert_int_equal(subject.kind, SUBJECT_EXEC);
	assert_int_equal(value_of(&subject, "proc.tty_name").type, VALUE_NONE);
	assert_int_equal(value_of(&subject, "exe.layer").type, VALUE_NONE);
	assert_int_equal(value_of(&subject, "proc.name").type, VALUE_UNKNOWN);
	assert_int_equal(value_of(&subject, "attempt.errno").type, VALUE_UNKNOWN);
}

static void numbers_are_read_whole(void **state)
{
	static const struct {
		const char *text;
		value_number number;
	} cases[] = {
		{"{\"exe.ino\": 0}", 0},
		{"{\"exe.ino\": -1}", -1},
		{"{\"exe.ino\": \"-9223372036854775808\"}", INT64_MIN},
		{"{\"exe.ino\": 9223372036854775807}", INT64_MAX},
		{"{\"exe.ino\": \"9223372036854775808\"}", (value_number)INT64_MAX + 1},
		{"{\"exe.ino\": \"18446744073709551615\"}", UINT64_MAX},
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		CLEANUP_RECORDED struct recorded *recorded = recorded_of(
			cases[i].text, SUBJECT_EXEC);
		struct subject subject = recorded_subject(recorded);

		assert_true(value_of(&subject, "exe.ino").number == cases[i].number);
	}
}

static void what_is_wrong_is_said_with_its_place(void **state)
{
	static const struct {
		const char *text, *message;
	} cases[] = {
		{"{\"proc.nme\": \"sh\"}",
			"e.json:3:2: there is no field 'proc.nme': did you mean 'proc.name'?"},
		{"{\"proc.name\": \"sh\",\n \"proc.pid\": \"x\"}",
			"e.json:4:2: 'proc.pid' is a number, found 'x'"},
		{"{\"proc.name\": \"\\\"proc.pid\\\": 1\", \"proc.pid\" : true}",
			"e.json:3:34: 'proc.pid' is a number, found true or false"},
		{"{\"proc.pid\": 1.5}",
			"e.json:3:2: 'proc.pid' is a number, found a number that is not whole"},
		{"{\"exe.ino\": \"18446744073709551616\"}",
			"e.json:3:2: 'exe.ino' is a number, found '18446744073709551616'"},
		{"{\"exe.ino\": \"-9223372036854775809\"}",
			"e.json:3:2: 'exe.ino' is a number, found '-9223372036854775809'"},
		{"{\"exe.ino\": \"1844674407370955161500\"}",
			"e.json:3:2: 'exe.ino' is a number, found '1844674407370955161500'"},
		{"{\"exe.ino\": \"-\"}", "e.json:3:2: 'exe.ino' is a number, found '-'"},
		{"{\"proc.name\": 1}", "e.json:3:2: 'proc.name' is a text, found a number"},
		{"{\"container.bare\": \"maybe\"}",
			"e.json:3:2: 'container.bare' is true or false, found 'maybe'"},
		{"{\"exe.class\": \"shel\"}",
			"e.json:3:2: 'exe.class' is never 'shel': did you mean 'shell'?"},
		{"{\"proc.argv\": \"sh\"}",
			"e.json:3:2: 'proc.argv' is a list of arguments, found 'sh'"},
		{"{\"proc.argv\": [\"sh\", 1]}",
			"e.json:3:2: 'proc.argv' is a list of texts, found a number in it"},
		{"{\"attempt.errno\": \"ENOENT\"}",
			"e.json:3:2: 'attempt.errno' is not a field of an exec"},
		{"{\"attempt.errno\": null}",
			"e.json:3:2: 'attempt.errno' is not a field of an exec"},
		{"{\"proc.aname\": \"sh\"}",
			"e.json:3:2: 'proc.aname' has several values: a list of them is expected"},
		{"{\"proc.aname\": [\"sh\", 1]}",
			"e.json:3: 'proc.aname[2]' is a text, found a number"},
		{"{\"proc.apid\": [1, 2, 3, 4, 5, 6, 7, 8, 9]}",
			"e.json:3:2: there is no 'proc.apid[9]'"},
		{"{\"container.label\": \"x\"}",
			"e.json:3:2: 'container.label' needs a key: 'container.label[KEY]'"},
		{"{\"container.label[]\": \"x\"}",
			"e.json:3:2: there is no field 'container.label[]': did you mean "
			"'container.labels'?"},
		{"{\"evt.escaped\": 1}",
			"e.json:3:2: 'evt.escaped' is a list of fields, found a number"},
		{"{\"evt.escaped\": [1]}",
			"e.json:3:2: 'evt.escaped' is a list of fields, found a number in it"},
		{"{\"evt.escaped\": [\"proc.cw\"]}",
			"e.json:3:2: there is no field 'proc.cw': did you mean 'proc.cwd'?"},
		{"{\"evt.escaped\": [\"proc.cwd\"], \"proc.cwd\": \"\\\\q\"}",
			"e.json:3:31: 'proc.cwd' is named in 'evt.escaped', but has a '\\\\' without "
			"meaning"},
		{"{\"evt.escaped\": [\"proc.argv\"], \"proc.argv\": [\"\\\\u{0}\"]}",
			"e.json:3:32: an argument cannot have a NUL in it"},
		{"[]", "e.json:3: fields are expected, {\"NAME\": value, ...}"},
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++)
		assert_fails(cases[i].text, SUBJECT_EXEC, cases[i].message);
}

static void kind_is_told_by_the_fields(void **state)
{
	(void)state;
	assert_fails("{\"proc.name\": \"sh\"}", SUBJECT_KINDS,
		"e.json:3: 'evt.subject' has to say what this is: exec, attempt, mapping, open or move");
	assert_fails("{\"evt.subject\": \"exek\"}", SUBJECT_KINDS,
		"e.json:3:2: 'evt.subject' is never 'exek': did you mean 'exec'?");
}

static void place_in_yaml_is_that_of_the_value(void **state)
{
	static const char text[] = "event:\n  evt.subject: exec\n  proc.pid: x\n";
	CLEANUP_YAML struct yaml_document document = YAML_DOCUMENT_INIT;
	const struct fields_source source = {.document = &document, .name = "c.yaml"};
	struct recorded *recorded = NULL;
	char found[DIAG_TEXT_SIZE];
	struct diag d;

	(void)state;
	assert_int_equal(yaml_load_text("c.yaml", slice_of(text), &document, &d), 0);
	assert_true(recorded_new(json_object_get(document.root, "event"), SUBJECT_KINDS, &source,
			    &recorded, &d) < 0);
	diag_text(&d, found, sizeof(found));
	assert_string_equal(found, "c.yaml:3:13: 'proc.pid' is a number, found 'x'");
}

static void rules_judge_what_is_recorded(void **state)
{
	static const char text[] = "{\"evt.subject\": \"exec\", \"proc.name\": \"sh\", "
				   "\"proc.pid\": \"12\", \"container.bare\": \"true\"}";
	CLEANUP_RECORDED struct recorded *recorded = recorded_of(text, SUBJECT_KINDS);
	struct subject subject = recorded_subject(recorded);

	(void)state;
	assert_true(condition_fires("proc.name = sh and proc.pid > 11", &subject));
	assert_true(condition_fires("container.bare = true", &subject));
	assert_false(condition_fires("not proc.cwd = /x", &subject));
	assert_false(condition_fires("proc.name = bash", &subject));
}

static void list_of_values_is_that_of_its_elements(void **state)
{
	CLEANUP_RECORDED struct recorded *recorded = recorded_of(
		"{\"proc.aname\": [\"a\", \"b\", null], \"proc.aname[2]\": \"c\"}", SUBJECT_EXEC);
	const struct subject subject = recorded_subject(recorded);

	(void)state;
	assert_true(condition_fires("proc.aname = a and proc.aname[1] = a", &subject));
	assert_true(condition_fires("proc.aname = c and proc.aname[2] = c", &subject));
	assert_false(condition_fires("proc.aname[0] exists", &subject));
	assert_int_equal(value_of(&subject, "proc.aname[3]").type, VALUE_UNKNOWN);
	assert_int_equal(value_of(&subject, "proc.aname[4]").type, VALUE_NONE);
	assert_int_equal(value_of(&subject, "proc.aname[8]").type, VALUE_NONE);
}

static void list_tells_what_it_does_not_have(void **state)
{
	CLEANUP_RECORDED struct recorded *recorded = recorded_of(
		"{\"proc.aname\": [\"a\"], \"proc.apid\": []}", SUBJECT_EXEC);
	const struct subject subject = recorded_subject(recorded);

	(void)state;
	assert_true(condition_fires("proc.aname != b and not proc.aname in (b, c)", &subject));
	assert_true(condition_fires("not proc.apid exists", &subject));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_field_of_every_kind_comes_back),
		cmocka_unit_test(labels_come_back),
		cmocka_unit_test(follow_ups_come_back),
		cmocka_unit_test(any_bytes_come_back),
		cmocka_unit_test(what_was_cut_or_not_readable_comes_back),
		cmocka_unit_test(host_process_comes_back),
		cmocka_unit_test(what_is_absent_is_unknown_and_null_is_none),
		cmocka_unit_test(numbers_are_read_whole),
		cmocka_unit_test(list_of_values_is_that_of_its_elements),
		cmocka_unit_test(list_tells_what_it_does_not_have),
		cmocka_unit_test(what_is_wrong_is_said_with_its_place),
		cmocka_unit_test(kind_is_told_by_the_fields),
		cmocka_unit_test(place_in_yaml_is_that_of_the_value),
		cmocka_unit_test(rules_judge_what_is_recorded),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
