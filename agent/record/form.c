/* SPDX-License-Identifier: Apache-2.0 */
/* Lines of a recording as JSON, and back. */
#include "record/form.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "base/escape.h"
#include "base/timestamp.h"

#define RECORDING_DIGITS (RECORD_RECORDING_SIZE - 1)

/* What "follow_up" says. */
static const char *const follow_ups[RECORD_KINDS] = {
	[RECORD_CONTAINER] = "container",
	[RECORD_PROGRAM] = "program",
	[RECORD_REPEATS] = "repeats",
};

/* ---- writing ---- */

int record_header_format(
	const struct record_header *header, uint64_t time_ns, unsigned part, struct strbuf *out)
{
	CLEANUP_STRBUF struct strbuf hostname = STRBUF_INIT;
	char time[TIMESTAMP_SIZE];

	timestamp_format(time_ns, time);
	escape_text(&hostname, slice_of(header->hostname));
	if (hostname.error)
		return -ENOMEM;
	return json_add_line(
		json_pack("{s:i, s:s, s:s, s:s, s:s, s:i}", "version", RECORD_VERSION, "barewatch",
			BAREWATCH_VERSION, "hostname", strbuf_text(&hostname), "start", time,
			"recording", header->recording, "part", (int)part),
		out);
}

/* Keys have 64 bits, of which the first may be set; JSON integers here are signed. */
static json_t *key_json(uint64_t key)
{
	char digits[17];

	snprintf(digits, sizeof(digits), "%016" PRIx64, key);
	return json_string(digits);
}

static json_t *time_json(uint64_t time_ns)
{
	char time[TIMESTAMP_SIZE];

	timestamp_format(time_ns, time);
	return json_string(time);
}

int record_format(const struct record *record, const struct subject *subject, struct strbuf *out)
{
	bool completes = record->completes != 0, is_program = record->kind == RECORD_PROGRAM;

	/* "o" takes the reference over, also on failure; a '*' leaves out what is NULL */
	return json_add_line(
		json_pack("{s:i, s:I, s:o, s:s*, s:o*, s:o*, s:o*, s:o}", "version", RECORD_VERSION,
			"id", (json_int_t)record->id, "time", time_json(record->time_ns),
			"follow_up", follow_ups[record->kind], "completes",
			completes ? json_integer(record->completes) : NULL, "happened",
			is_program ? time_json(record->happened_ns) : NULL, "container",
			record->container ? key_json(record->container) : NULL, "fields",
			rule_fields_record(subject)),
		out);
}

/* ---- reading ---- */

struct parser {
	json_t *object;
	struct fields_source source;
	struct diag *diag;
};

#define parser_fail(p, ...) diag_at((p)->diag, (p)->source.name, (p)->source.line, 0, __VA_ARGS__)

static int parse_time(const struct parser *p, const char *key, uint64_t *ret)
{
	if (timestamp_parse(json_string_value(json_object_get(p->object, key)), ret))
		return 0;
	return parser_fail(p, "'%s' is not a time like 2026-11-23T07:23:17.123456789Z", key);
}

/* A number from 1 on. */
static int parse_id(const struct parser *p, const char *key, uint64_t *ret)
{
	json_int_t id = json_integer_value(json_object_get(p->object, key));

	if (id < 1)
		return parser_fail(p, "'%s' is not a number from 1 on", key);
	*ret = id;
	return 0;
}

/* DIGITS hexadecimal digits. */
static bool is_hex(const char *text, size_t digits)
{
	return text && strlen(text) == digits && strspn(text, "0123456789abcdef") == digits;
}

static int parse_key(const struct parser *p, uint64_t *ret)
{
	const char *text = json_string_value(json_object_get(p->object, "container"));

	if (!is_hex(text, 16) || sscanf(text, "%16" SCNx64, ret) != 1)
		return parser_fail(p, "'container' is not a text of 16 hexadecimal digits");
	return 0;
}

static int parse_kind(const struct parser *p, enum record_kind *ret)
{
	const json_t *told = json_object_get(p->object, "follow_up");
	const char *text = json_string_value(told);

	*ret = RECORD_EVENT;
	if (!told)
		return 0;
	for (size_t i = 0; text && i < RECORD_KINDS; i++) {
		if (!follow_ups[i] || strcmp(follow_ups[i], text) != 0)
			continue;
		*ret = i;
		return 0;
	}
	return parser_fail(p, "'follow_up' is neither 'container', 'program' nor 'repeats'");
}

static int check_keys(const struct parser *p, const char *const *known, size_t count)
{
	const char *key;
	json_t *value;

	json_object_foreach (p->object, key, value) {
		size_t i = 0;

		while (i < count && strcmp(key, known[i]) != 0)
			i++;
		if (i < count)
			continue;
		parser_fail(p, "unknown key '%.64s'", key);
		diag_suggest(p->diag, key, known, count);
		return -EINVAL;
	}
	return 0;
}

/* The host's name as it was. */
static int parse_hostname(const struct parser *p, struct record_header *ret)
{
	const char *text = json_string_value(json_object_get(p->object, "hostname"));
	CLEANUP_STRBUF struct strbuf raw = STRBUF_INIT;

	if (!text || !unescape_text(&raw, slice_of(text)) || raw.len >= sizeof(ret->hostname))
		return parser_fail(p, "'hostname' is not the name of a host");
	snprintf(ret->hostname, sizeof(ret->hostname), "%s", strbuf_text(&raw));
	return 0;
}

static int parse_header(const struct parser *p, struct record_header *ret)
{
	static const char *const keys[] = {
		"version", "barewatch", "hostname", "start", "recording", "part"};
	const char *recording = json_string_value(json_object_get(p->object, "recording"));
	struct record_header header;
	uint64_t ignored;
	int r = check_keys(p, keys, ARRAY_SIZE(keys));

	if (r == 0)
		r = parse_hostname(p, &header);
	if (r == 0)
		r = parse_time(p, "start", &ignored);
	if (r == 0)
		r = parse_id(p, "part", &ignored);
	if (r < 0)
		return r;
	if (!is_hex(recording, RECORDING_DIGITS))
		return parser_fail(p, "'recording' is not a text of 16 hexadecimal digits");
	snprintf(header.recording, sizeof(header.recording), "%s", recording);
	*ret = header;
	return 0;
}

/* All of an event or follow-up but its fields. */
static int parse_members(const struct parser *p, struct record *ret)
{
	int r = parse_kind(p, &ret->kind);

	if (r == 0)
		r = parse_id(p, "id", &ret->id);
	if (r == 0)
		r = parse_time(p, "time", &ret->time_ns);
	if (r == 0 && ret->kind == RECORD_PROGRAM)
		r = parse_time(p, "happened", &ret->happened_ns);
	if (r == 0 && (ret->kind == RECORD_PROGRAM || ret->kind == RECORD_REPEATS))
		r = parse_id(p, "completes", &ret->completes);
	if (r == 0 && (ret->kind == RECORD_CONTAINER || json_object_get(p->object, "container")))
		r = parse_key(p, &ret->container);
	return r;
}

static int parse_record(const struct parser *p, struct record *ret, struct recorded **ret_subject)
{
	static const char *const keys[] = {"version", "id", "time", "follow_up", "completes",
		"happened", "container", "fields"};
	static const enum subject_kind kinds[RECORD_KINDS] = {
		[RECORD_EVENT] = SUBJECT_KINDS, /* as the fields tell */
		[RECORD_CONTAINER] = SUBJECT_CONTAINER,
		[RECORD_PROGRAM] = SUBJECT_KINDS,
		[RECORD_REPEATS] = SUBJECT_REPEATS,
	};
	struct record record = {0};
	int r = check_keys(p, keys, ARRAY_SIZE(keys));

	if (r == 0)
		r = parse_members(p, &record);
	if (r == 0)
		r = recorded_new(json_object_get(p->object, "fields"), kinds[record.kind],
			&p->source, ret_subject, p->diag);
	if (r == 0)
		*ret = record;
	return r;
}

int record_parse(struct slice text, const char *name, unsigned line, struct record *ret,
	struct record_header *header, struct recorded **ret_subject, struct diag *d)
{
	json_error_t error;
	CLEANUP_JSON json_t *object = json_loadb(
		text.data, text.len, JSON_REJECT_DUPLICATES, &error);
	struct parser p = {object, {.name = name, .text = text, .line = line}, d};
	const json_t *version;

	if (!object)
		return diag_at(
			d, name, line, error.column > 0 ? error.column : 0, "%s", error.text);
	version = json_object_get(object, "version");
	if (json_integer_value(version) != RECORD_VERSION)
		return parser_fail(&p, "'version' is not " STRINGIFY(
					       RECORD_VERSION) ", the one that is understood");
	*ret_subject = NULL;
	if (json_object_get(object, "fields"))
		return parse_record(&p, ret, ret_subject);
	*ret = (struct record){.kind = RECORD_HEADER};
	return parse_header(&p, header);
}
