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

/* Appends ID as people write it. */
static void put_short_id(const char *id, struct strbuf *out)
{
	struct slice text = slice_of(id);

	text.len = text.len == 64 ? CONTAINER_ID_SHORT : text.len;
	escape_text(out, text);
}

/*
 * What people call the container: its name, else its short id. Before it stands the one it is
 * nested in.
 */
static void container_label(const struct container *container, struct strbuf *out)
{
	if (!container) {
		strbuf_add_text(out, "host");
		return;
	}
	if (container->outer_name)
		escape_text(out, slice_of(container->outer_name));
	else if (container->outer_id)
		put_short_id(container->outer_id, out);
	if (container->outer_id)
		strbuf_add_char(out, '/');
	if (container->name)
		escape_text(out, slice_of(container->name));
	else
		escape_text(out, container_id_short(container));
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

/* " KEY=TEXT", when there is a text. */
static void put_known(struct strbuf *out, const char *key, const char *text)
{
	if (!text)
		return;
	strbuf_addf(out, " %s=", key);
	escape_word(out, slice_of(text));
}

static void put_container(const struct alert *alert, struct strbuf *out)
{
	const struct container *container = alert->subject->container;

	strbuf_add_text(out, "Known by now of the container of an earlier alert (alert=");
	strbuf_add_text(out, alert->id);
	put_known(out, "id", container->id);
	put_known(out, "container", container->name);
	put_known(out, "image", container->image);
	put_known(out, "namespace", container->pod_namespace);
	put_known(out, "pod", container->pod_name);
	strbuf_add_char(out, ')');
}

static void put_program(const struct alert *alert, struct strbuf *out)
{
	const struct program *program = &alert->subject->program;
	const struct executable *executable = alert->subject->executable;

	strbuf_add_text(out, "Known by now of the program of an earlier alert (alert=");
	strbuf_add_text(out, alert->id);
	put_known(out, "class", program_class_name(program->class));
	strbuf_add_text(out, " program=");
	escape_word(out, program->name);
	if (executable)
		put_known(out, "origin", program_origin_name(executable->origin));
	strbuf_add_char(out, ')');
}

static void put_repeats(const struct alert *alert, struct strbuf *out)
{
	strbuf_addf(out,
		"What an earlier alert tells of was attempted again (alert=%s times=%" PRIu64 ")",
		alert->id, alert->subject->repeats);
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

	container_label(alert->subject->container, &label);
	put_columns(alert->time_ns, priority_of(alert), strbuf_text(&label), color, out);
	put_message(alert, out);
	strbuf_add_char(out, '\n');
	if (label.error)
		out->error = label.error;
}

/* "2026-11-23T07:23:17.123456789Z", as Falco writes it */
static void format_time(uint64_t time_ns, char *buffer, size_t size)
{
	time_t seconds = time_ns / NS_PER_S;
	struct tm tm;
	size_t len;

	gmtime_r(&seconds, &tm);
	len = strftime(buffer, size, "%Y-%m-%dT%H:%M:%S", &tm);
	snprintf(buffer + len, size - len, ".%09uZ", (unsigned)(time_ns % NS_PER_S));
}

static json_t *tags_json(const struct rule *rule)
{
	json_t *list = json_array();

	for (char **tag = rule->tags; list && *tag; tag++)
		json_array_append_new(list, json_string(*tag));
	return list;
}

/* Appends jansson's ASCII, in which DEL is the one control character that it leaves as it is. */
static void put_json(struct strbuf *out, const char *json)
{
	while (*json) {
		size_t len = strcspn(json, "\x7f");

		strbuf_add(out, json, len);
		json += len;
		if (*json) {
			strbuf_add_text(out, "\\u007f");
			json++;
		}
	}
}

/* Appends JSON, which may be NULL and is given up, as a line. */
static int put_json_line(json_t *json, struct strbuf *out)
{
	char *line = json ? json_dumps(json, JSON_COMPACT | JSON_ENSURE_ASCII) : NULL;

	json_decref(json);
	if (!line)
		return -ENOMEM;
	put_json(out, line);
	strbuf_add_char(out, '\n');
	free(line);
	return out->error;
}

static int format_json(const struct alert *alert, struct strbuf *out)
{
	CLEANUP_STRBUF struct strbuf message = STRBUF_INIT;
	CLEANUP_STRBUF struct strbuf hostname = STRBUF_INIT;
	char time[40];
	json_t *json;

	format_time(alert->time_ns, time, sizeof(time));
	put_message(alert, &message);
	escape_text(&hostname, slice_of(alert->hostname)); /* jansson refuses what is no UTF-8 */
	if (message.error || hostname.error)
		return -ENOMEM;
	/* "o" takes the reference over, also on failure */
	json = json_pack("{s:s, s:s, s:s, s:s, s:s, s:s, s:o, s:s, s:o, s:o*}", "time", time,
		"alert_id", alert->id, "rule", alert->rule->name, "priority",
		rule_priority_name(priority_of(alert)), "source", "syscall", "hostname",
		strbuf_text(&hostname), "tags", tags_json(alert->rule), "output",
		strbuf_text(&message), "output_fields", rule_fields_json(alert->subject),
		"follow_up", is_follow_up(alert) ? json_true() : NULL);
	return put_json_line(json, out);
}

static json_t *notice_fields_json(const struct alert_notice *notice)
{
	struct subject subject = {.kind = SUBJECT_CONTAINER, .container = notice->container};

	return notice->container ? rule_fields_json(&subject) : json_object();
}

static int format_notice_json(const struct alert_notice *notice, struct strbuf *out)
{
	CLEANUP_STRBUF struct strbuf hostname = STRBUF_INIT;
	json_t *fields = notice_fields_json(notice);
	char time[40];

	format_time(notice->time_ns, time, sizeof(time));
	escape_text(&hostname, slice_of(notice->hostname));
	if (notice->number_name)
		json_object_set_new(fields, notice->number_name, json_integer(notice->number));
	if (hostname.error) {
		json_decref(fields);
		return -ENOMEM;
	}
	return put_json_line(json_pack("{s:s, s:s, s:s, s:s, s:s, s:s, s:[s], s:s, s:o}", "time",
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

	if (format == ALERT_JSON)
		return format_notice_json(notice, out);
	if (notice->container)
		container_label(notice->container, &label);
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
