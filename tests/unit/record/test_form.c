/* SPDX-License-Identifier: Apache-2.0 */
/* Claims about agent/record/form.c. */
#include "asserts.h"

#include "../rule/subject_fixture.h"
#include "record/form.h"

#define TIME_NS 1795418597123456789ULL
#define TIME    "2026-11-23T07:23:17.123456789Z"

static struct slice line_of(const struct strbuf *text)
{
	return (struct slice){strbuf_text(text), text->len - 1};
}

static void header_comes_back(void **state)
{
	const struct record_header header = {
		.recording = "00000000000000ab", .hostname = "no\\d\xff\n"};
	CLEANUP_STRBUF struct strbuf text = STRBUF_INIT;
	struct record_header back;
	struct recorded *subject;
	struct record record;
	struct diag d;

	(void)state;
	assert_int_equal(record_header_format(&header, TIME_NS, 2, &text), 0);
	assert_string_equal(strbuf_text(&text),
		"{\"version\":1,\"barewatch\":\"" BAREWATCH_VERSION
		"\",\"hostname\":\"no\\\\\\\\d\\\\xff\\\\n\",\"start\":\"" TIME
		"\",\"recording\":\"00000000000000ab\",\"part\":2}\n");
	assert_int_equal(record_parse(line_of(&text), "r", 1, &record, &back, &subject, &d), 0);
	assert_int_equal(record.kind, RECORD_HEADER);
	assert_null(subject);
	assert_string_equal(back.hostname, header.hostname);
	assert_string_equal(back.recording, header.recording);
}

static void assert_comes_back(const struct record *record, const struct subject *subject)
{
	CLEANUP_STRBUF struct strbuf text = STRBUF_INIT, again = STRBUF_INIT;
	struct record_header header;
	struct recorded *recorded = NULL;
	struct subject copy;
	struct record back;
	struct diag d;

	assert_int_equal(record_format(record, subject, &text), 0);
	if (record_parse(line_of(&text), "r", 1, &back, &header, &recorded, &d) < 0)
		fail_msg("%u: %s\n%s", d.column, d.message, strbuf_text(&text));
	assert_int_equal(back.kind, record->kind);
	assert_int_equal(back.id, record->id);
	assert_int_equal(back.completes, record->completes);
	assert_int_equal(back.container, record->container);
	assert_int_equal(back.time_ns, record->time_ns);
	assert_int_equal(back.happened_ns, record->happened_ns);
	copy = recorded_subject(recorded);
	assert_int_equal(record_format(&back, &copy, &again), 0);
	assert_string_equal(strbuf_text(&again), strbuf_text(&text));
	recorded_free(recorded);
}

static void records_of_all_kinds_come_back(void **state)
{
	const struct record event = {.kind = RECORD_EVENT, .id = 1, .time_ns = TIME_NS};
	const struct record incomplete = {
		.kind = RECORD_EVENT, .id = INT64_MAX, .time_ns = 1, .container = UINT64_MAX};
	const struct record container = {
		.kind = RECORD_CONTAINER, .id = 2, .time_ns = TIME_NS, .container = 1ULL << 63};
	const struct record program = {.kind = RECORD_PROGRAM,
		.id = 3,
		.time_ns = TIME_NS,
		.happened_ns = TIME_NS - 1,
		.completes = 1};
	const struct record repeats = {
		.kind = RECORD_REPEATS, .id = 4, .time_ns = TIME_NS, .completes = 1};
	struct subject_fixture f;

	(void)state;
	fixture_exec(&f);
	f.event.exec.cwd = TEXT_OF("/\xff\x7f\n");
	assert_comes_back(&event, &f.subject);
	assert_comes_back(&incomplete, &f.subject);
	assert_comes_back(&program, &f.subject);
	fixture_init(&f, SUBJECT_CONTAINER);
	assert_comes_back(&container, &f.subject);
	fixture_init(&f, SUBJECT_REPEATS);
	assert_comes_back(&repeats, &f.subject);
}

#define HEADER_WITH(text)                                                               \
	"{\"version\":1,\"barewatch\":\"x\",\"hostname\":\"h\",\"start\":\"" TIME "\"," \
	"\"recording\":\"00000000000000ab\"," text "}"
#define EVENT_WITH(text) "{\"version\":1," text ",\"fields\":{\"evt.subject\":\"exec\"}}"

static void what_is_wrong_is_said_with_its_place(void **state)
{
	static const struct {
		const char *text, *message;
	} cases[] = {
		{"", "r:7: '[' or '{' expected near end of file"},
		{"[]", "r:7: 'version' is not 1, the one that is understood"},
		{"{\"version\":2}", "r:7: 'version' is not 1, the one that is understood"},
		{HEADER_WITH("\"part\":0"), "r:7: 'part' is not a number from 1 on"},
		{HEADER_WITH("\"parts\":1"), "r:7: unknown key 'parts': did you mean 'part'?"},
		{"{\"version\":1,\"hostname\":7}", "r:7: 'hostname' is not the name of a host"},
		{"{\"version\":1,\"hostname\":\"h\",\"start\":\"now\"}",
			"r:7: 'start' is not a time like 2026-11-23T07:23:17.123456789Z"},
		{"{\"version\":1,\"hostname\":\"h\",\"start\":\"" TIME
		 "\",\"part\":1,\"recording\":\"x\"}",
			"r:7: 'recording' is not a text of 16 hexadecimal digits"},
		{EVENT_WITH("\"id\":0"), "r:7: 'id' is not a number from 1 on"},
		{EVENT_WITH("\"id\":\"1\""), "r:7: 'id' is not a number from 1 on"},
		{EVENT_WITH("\"id\":1,\"idd\":1"), "r:7: unknown key 'idd': did you mean 'id'?"},
		{EVENT_WITH("\"id\":1,\"time\":1"),
			"r:7: 'time' is not a time like 2026-11-23T07:23:17.123456789Z"},
		{EVENT_WITH("\"id\":1,\"time\":\"" TIME "\",\"follow_up\":\"x\""),
			"r:7: 'follow_up' is neither 'container', 'program' nor 'repeats'"},
		{EVENT_WITH("\"id\":1,\"time\":\"" TIME "\",\"follow_up\":\"repeats\""),
			"r:7: 'completes' is not a number from 1 on"},
		{EVENT_WITH("\"id\":1,\"time\":\"" TIME "\",\"follow_up\":\"program\""),
			"r:7: 'happened' is not a time like 2026-11-23T07:23:17.123456789Z"},
		{EVENT_WITH("\"id\":1,\"time\":\"" TIME "\",\"follow_up\":\"container\""),
			"r:7: 'container' is not a text of 16 hexadecimal digits"},
		{EVENT_WITH("\"id\":1,\"time\":\"" TIME "\",\"container\":\"00000000000000ag\""),
			"r:7: 'container' is not a text of 16 hexadecimal digits"},
		{"{\"version\":1,\"id\":1,\"time\":\"" TIME
		 "\",\"fields\":{\"evt.subject\":\"exec\",\"proc.pid\":\"x\"}}",
			"r:7:92: 'proc.pid' is a number, found 'x'"},
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		struct record_header header;
		struct recorded *recorded;
		struct record record;
		struct diag d;

		assert_true(record_parse(slice_of(cases[i].text), "r", 7, &record, &header,
				    &recorded, &d) < 0);
		assert_diag_text(&d, cases[i].message);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(header_comes_back),
		cmocka_unit_test(records_of_all_kinds_come_back),
		cmocka_unit_test(what_is_wrong_is_said_with_its_place),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
