/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Lines of a recording: whatever they are, they are refused with a message, or come back the same when they
 * are written and read again; and an alert about them is one line.
 */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "barewatch/alert.h"
#include "record/form.h"

/* Every event gives an alert, which has all that is special in it. */
static const char rules[] =
	"- rule: all\n  desc: d\n  condition: evt.subject exists\n"
	"  output: '%proc.cmdline %proc.argv %container.entrypoint %container.labels %exe.ino'\n"
	"  priority: ERROR\n";

static void check_line(const struct strbuf *line)
{
	const char *end = memchr(strbuf_text(line), '\n', line->len);

	if (!end || end != line->data + line->len - 1 || memchr(line->data, '\x1b', line->len))
		abort();
}

static void judge(const struct subject *subject, const struct record *record)
{
	struct strbuf out = STRBUF_INIT;
	struct diags diags = DIAGS_INIT;
	struct rule_set *set;
	size_t cursor = 0;
	struct alert alert = {
		.subject = subject, .time_ns = record->time_ns, .hostname = "h", .id = "i"};

	if (rule_set_new(&set) < 0)
		return;
	if (rule_set_add_text(set, "rules", slice_of(rules), &diags) < 0)
		abort();
	alert.rule = rule_set_match(set, subject, &cursor);
	for (unsigned format = ALERT_TEXT; alert.rule && format <= ALERT_JSON; format++) {
		if (format == ALERT_TEXT_COLOR)
			continue;
		strbuf_reset(&out);
		if (alert_format(&alert, format, &out) == 0)
			check_line(&out);
	}
	strbuf_done(&out);
	rule_set_free(set);
	diags_done(&diags);
}

static void write_and_read(const struct record *record, const struct subject *subject)
{
	struct strbuf text = STRBUF_INIT, again = STRBUF_INIT;
	struct record_header header;
	struct recorded *recorded;
	struct record back;
	struct subject copy;
	struct diag d;

	if (record_format(record, subject, &text) < 0)
		abort();
	check_line(&text);
	if (record_parse((struct slice){text.data, text.len - 1}, "again", 1, &back, &header,
		    &recorded, &d) < 0)
		abort();
	copy = recorded_subject(recorded);
	if (record_format(&back, &copy, &again) < 0 ||
		strcmp(strbuf_text(&again), strbuf_text(&text)) != 0)
		abort();
	recorded_free(recorded);
	strbuf_done(&text);
	strbuf_done(&again);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct slice text = {(const char *)data, size};
	struct record_header header = {0};
	struct recorded *recorded = NULL;
	struct subject subject;
	struct record record;
	struct diag d = {0};

	if (record_parse(text, "fuzz", 1, &record, &header, &recorded, &d) < 0) {
		if (recorded || !d.message[0])
			abort();
		return 0;
	}
	if (!recorded)
		return 0;
	subject = recorded_subject(recorded);
	write_and_read(&record, &subject);
	judge(&subject, &record);
	recorded_free(recorded);
	return 0;
}
