/* SPDX-License-Identifier: Apache-2.0 */
/* The forms in which an alert leaves: a line for people, a line of JSON for programs. */
#include "barewatch/alert.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <strings.h>
#include <time.h>

#include "base/cleanup.h"
#include "base/clock.h"
#include "base/escape.h"
#include "base/json.h"
#include "base/timestamp.h"

/* Widths of the columns of text; longer values push the rest to the right, nothing is cut. */
#define PRIORITY_WIDTH  8
#define CONTAINER_WIDTH 16

#define COLOR_RESET "\033[0m"
#define COLOR_BOLD  "\033[1m"

static const char *priority_color(enum rule_priority priority)
{
	if (priority <= RULE_CRITICAL)
		return "\033[1;31m"; /* bold red */
	if (priority == RULE_ERROR)
		return "\033[31m"; /* red */
	if (priority == RULE_WARNING)
		return "\033[33m"; /* yellow */
	return "\033[36m"; /* cyan */
}

/* Appends TEXT, padded to WIDTH, in COLOR unless that is NULL. */
static void put_column(struct strbuf *out, const char *text, int width, const char *color)
{
	if (color)
		strbuf_add_text(out, color);
	strbuf_add_text(out, text);
	if (color)
		strbuf_add_text(out, COLOR_RESET);
	for (int len = strlen(text); len < width; len++)
		strbuf_add_char(out, ' ');
	strbuf_add_text(out, "  ");
}

/* Appends the value of FIELD as it is. False when it is not known, or none. */
static bool put_raw(struct strbuf *out, const struct subject *subject, const char *field)
{
	size_t len = out->len;

	rule_field_text(subject, field, out);
	return out->len > len;
}

/* Same, escaped. */
static bool put_text(struct strbuf *out, const struct subject *subject, const char *field)
{
	CLEANUP_STRBUF struct strbuf raw = STRBUF_INIT;
	bool known = put_raw(&raw, subject, field);

	escape_text(out, strbuf_slice(&raw));
	return known;
}

/* The id of the container that SUBJECT's is nested in, as people write it. False without one. */
static bool put_outer_id(struct strbuf *out, const struct subject *subject)
{
	CLEANUP_STRBUF struct strbuf id = STRBUF_INIT;
	bool known = put_raw(&id, subject, "container.outer_id");

	if (id.len == 64)
		strbuf_truncate(&id, CONTAINER_ID_SHORT);
	escape_text(out, strbuf_slice(&id));
	return known;
}

/*
 * What people call the container: its name, else its short id. Before it stands the one it is
 * nested in.
 */
static void container_label(const struct subject *subject, struct strbuf *out)
{
	if (put_text(out, subject, "container.outer_name") || put_outer_id(out, subject))
		strbuf_add_char(out, '/');
	if (!put_text(out, subject, "container.name"))
		put_text(out, subject, "container.id");
}

void alert_id_format(char id[static ALERT_ID_SIZE], uint64_t run, uint64_t number)
{
	snprintf(id, ALERT_ID_SIZE, "%016" PRIx64 "-%06" PRIx64, run, number);
}

static bool is_follow_up(const struct alert *alert)
{
	return alert->subject->kind == SUBJECT_CONTAINER ||
	       alert->subject->kind == SUBJECT_PROGRAM || alert->subject->kind == SUBJECT_REPEATS;
}

/* A follow-up is no second reason to wake anyone. */
static enum rule_priority priority_of(const struct alert *alert)
{
	return is_follow_up(alert) ? RULE_INFORMATIONAL : alert->rule->priority;
}

/* " KEY=VALUE" of FIELD, when that is known. */
static void put_known(
	struct strbuf *out, const char *key, const struct subject *subject, const char *field)
{
	CLEANUP_STRBUF struct strbuf raw = STRBUF_INIT;

	if (!put_raw(&raw, subject, field))
		return;
	strbuf_addf(out, " %s=", key);
	escape_word(out, strbuf_slice(&raw));
}

static void put_container(const struct alert *alert, struct strbuf *out)
{
	const struct subject *subject = alert->subject;

	strbuf_add_text(out, "Known by now of the container of an earlier alert (alert=");
	strbuf_add_text(out, alert->id);
	put_known(out, "id", subject, "container.full_id");
	put_known(out, "container", subject, "container.name");
	put_known(out, "image", subject, "container.image");
	put_known(out, "namespace", subject, "k8s.ns.name");
	put_known(out, "pod", subject, "k8s.pod.name");
	strbuf_add_char(out, ')');
}

static void put_program(const struct alert *alert, struct strbuf *out)
{
	const struct subject *subject = alert->subject;

	strbuf_add_text(out, "Known by now of the program of an earlier alert (alert=");
	strbuf_add_text(out, alert->id);
	put_known(out, "class", subject, "exe.class");
	put_known(out, "program", subject, "exe.program");
	put_known(out, "origin", subject, "exe.origin");
	strbuf_add_char(out, ')');
}

static void put_repeats(const struct alert *alert, struct strbuf *out)
{
	strbuf_add_text(out, "What an earlier alert tells of was attempted again (alert=");
	strbuf_add_text(out, alert->id);
	put_known(out, "times", alert->subject, "attempt.repeats");
	strbuf_add_char(out, ')');
}

/* What the alert says, in one line. */
static void put_message(const struct alert *alert, struct strbuf *out)
{
	if (alert->subject->kind == SUBJECT_CONTAINER)
		put_container(alert, out);
	else if (alert->subject->kind == SUBJECT_PROGRAM)
		put_program(alert, out);
	else if (alert->subject->kind == SUBJECT_REPEATS)
		put_repeats(alert, out);
	else
		rule_output_format(alert->rule, alert->subject, out);
}

/* The columns that are before the message. */
static void put_columns(uint64_t time_ns, enum rule_priority priority, const char *label,
	bool color, struct strbuf *out)
{
	time_t seconds = time_ns / NS_PER_S;
	char clock[16], upper[16];
	struct tm tm;

	localtime_r(&seconds, &tm);
	strftime(clock, sizeof(clock), "%H:%M:%S", &tm);
	snprintf(upper, sizeof(upper), "%s", rule_priority_name(priority));
	for (char *p = upper; *p; p++)
		*p = *p >= 'a' && *p <= 'z' ? *p - 'a' + 'A' : *p;
	put_column(out, clock, 0, NULL);
	put_column(out, upper, PRIORITY_WIDTH, color ? priority_color(priority) : NULL);
	put_column(out, label, CONTAINER_WIDTH, color ? COLOR_BOLD : NULL);
}

static void format_text(const struct alert *alert, bool color, struct strbuf *out)
{
	CLEANUP_STRBUF struct strbuf label = STRBUF_INIT;

	container_label(alert->subject, &label);
	put_columns(alert->time_ns, priority_of(alert), strbuf_text(&label), color, out);
	put_message(alert, out);
	strbuf_add_char(out, '\n');
	if (label.error)
		out->error = label.error;
}

static json_t *tags_json(const struct rule *rule)
{
	json_t *list = json_array();

	for (char **tag = rule->tags; list && *tag; tag++)
		json_array_append_new(list, json_string(*tag));
	return list;
}

static int format_json(const struct alert *alert, struct strbuf *out)
{
	CLEANUP_STRBUF struct strbuf message = STRBUF_INIT;
	CLEANUP_STRBUF struct strbuf hostname = STRBUF_INIT;
	char time[TIMESTAMP_SIZE];
	json_t *json;

	timestamp_format(alert->time_ns, time);
	put_message(alert, &message);
	escape_text(&hostname, slice_of(alert->hostname)); /* jansson refuses what is no UTF-8 */
	if (message.error || hostname.error)
		return -ENOMEM;
	/* "o" takes the reference over, also on failure */
	json = json_pack("{s:s, s:s, s:s, s:s, s:s, s:s, s:o, s:s, s:o, s:o*}", "time", time,
		"alert_id", alert->id, "rule", alert->rule->name, "priority",
		rule_priority_name(priority_of(alert)), "source", "syscall", "hostname",
		strbuf_text(&hostname), "tags", tags_json(alert->rule), "output",
		strbuf_text(&message), "output_fields",
		rule_fields_json(alert->rule, alert->subject), "follow_up",
		is_follow_up(alert) ? json_true() : NULL);
	return json_add_line(json, out);
}

static struct subject notice_subject(const struct alert_notice *notice)
{
	return (struct subject){.kind = SUBJECT_CONTAINER, .container = notice->container};
}

static json_t *notice_fields_json(const struct alert_notice *notice)
{
	struct subject subject = notice_subject(notice);

	return notice->container ? rule_fields_json(NULL, &subject) : json_object();
}

static int format_notice_json(const struct alert_notice *notice, struct strbuf *out)
{
	CLEANUP_STRBUF struct strbuf hostname = STRBUF_INIT;
	json_t *fields = notice_fields_json(notice);
	char time[TIMESTAMP_SIZE];

	timestamp_format(notice->time_ns, time);
	escape_text(&hostname, slice_of(notice->hostname));
	if (notice->number_name)
		json_object_set_new(fields, notice->number_name, json_integer(notice->number));
	if (hostname.error) {
		json_decref(fields);
		return -ENOMEM;
	}
	return json_add_line(json_pack("{s:s, s:s, s:s, s:s, s:s, s:s, s:[s], s:s, s:o}", "time",
				     time, "alert_id", notice->id, "rule", notice->rule, "priority",
				     rule_priority_name(notice->priority), "source", "internal",
				     "hostname", strbuf_text(&hostname), "tags", "barewatch",
				     "output", notice->output, "output_fields", fields),
		out);
}

int alert_notice_format(
	const struct alert_notice *notice, enum alert_format format, struct strbuf *out)
{
	CLEANUP_STRBUF struct strbuf label = STRBUF_INIT;
	struct subject subject = notice_subject(notice);

	if (format == ALERT_JSON)
		return format_notice_json(notice, out);
	if (notice->container)
		container_label(&subject, &label);
	else
		strbuf_add_text(&label, "barewatch");
	put_columns(notice->time_ns, notice->priority, strbuf_text(&label),
		format == ALERT_TEXT_COLOR, out);
	strbuf_add_text(out, notice->output);
	strbuf_add_char(out, '\n');
	return out->error ?: label.error;
}

int alert_format(const struct alert *alert, enum alert_format format, struct strbuf *out)
{
	if (format == ALERT_JSON)
		return format_json(alert, out);
	format_text(alert, format == ALERT_TEXT_COLOR, out);
	return out->error;
}
