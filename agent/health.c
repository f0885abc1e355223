/* SPDX-License-Identifier: Apache-2.0 */
/* The forms of health.h. */
#include "health.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>

#include "barewatch/control.h"
#include "base/escape.h"
#include "base/json.h"
#include "base/timestamp.h"

#define MIB 1048576.0

/* What must be there; keys may be added. Borrowed from `json`. */
struct health {
	json_t *json;
	const char *version;
	json_int_t pid, started_ns, alerts, missed, memory_bytes, watched, bare;
	json_int_t kinds, kinds_max, kinds_evicted;
	json_int_t rules_version, rules_active, rules_loaded_ns, rules_failures;
	const char *rules_error;
	json_t *rules, *events, *failures, *sensors;
};

static int read_answer(struct slice answer, struct health *h)
{
	if (!control_next(&answer, &h->json))
		return -EBADMSG;
	return json_unpack(h->json,
		       "{s:s, s:I, s:I, s:I, s:I, s:I, s:{s:I, s:I}, s:o, s:o, s:o, s:o,"
		       " s:{s:I, s:I, s:I},"
		       " s:{s:I, s:I, s:I, s:I, s:s}}",
		       "barewatch", &h->version, "pid", &h->pid, "started_ns", &h->started_ns,
		       "alerts", &h->alerts, "missed", &h->missed, "memory_bytes", &h->memory_bytes,
		       "containers", "watched", &h->watched, "bare", &h->bare, "events", &h->events,
		       "failures", &h->failures, "sensors", &h->sensors, "rules", &h->rules,
		       "open_kinds", "kept", &h->kinds, "max", &h->kinds_max, "evicted",
		       &h->kinds_evicted, "rules", "version", &h->rules_version, "active",
		       &h->rules_active, "loaded_ns", &h->rules_loaded_ns, "failures",
		       &h->rules_failures, "error", &h->rules_error) == 0
		       ? 0
		       : -EBADMSG;
}

/* ---- text ---- */

static void print_escaped(const char *before, const char *text)
{
	CLEANUP_STRBUF struct strbuf out = STRBUF_INIT;

	escape_text(&out, slice_of(text));
	printf("%s%s", before, strbuf_text(&out));
}

static json_int_t number_of(const json_t *object, const char *key)
{
	return json_integer_value(json_object_get(object, key));
}

static void print_rules(const struct health *h)
{
	char loaded[TIMESTAMP_SIZE];

	timestamp_format(h->rules_loaded_ns, loaded);
	printf("rules       version %" PRId64 " since %.19sZ, active %" PRId64,
		(int64_t)h->rules_version, loaded, (int64_t)h->rules_active);
	if (h->rules_failures > 0)
		printf(", reloads refused %" PRId64, (int64_t)h->rules_failures);
	if (h->rules_error[0])
		printf(", the last one, too");
	putchar('\n');
}

static void print_sensors(const struct health *h)
{
	const char *name;
	json_t *sensor, *sentence;
	size_t i;

	printf("\n%-16s  %s\n", "SENSOR", "HOOK");
	json_object_foreach (h->sensors, name, sensor) {
		printf("%-16s  %s\n", name,
			json_string_value(json_object_get(sensor, "hook")) ?: "");
		json_array_foreach (json_object_get(sensor, "unseen"), i, sentence) {
			print_escaped("  ", json_string_value(sentence) ?: "");
			putchar('\n');
		}
	}
}

static void print_events(const struct health *h)
{
	const char *name;
	json_t *event;

	printf("\n%-16s  %12s  %12s  %12s\n", "EVENTS", "SEEN", "LOST", "HELD");
	json_object_foreach (h->events, name, event) {
		printf("%-16s  %12" PRId64 "  %12" PRId64 "  %12" PRId64 "\n", name,
			(int64_t)number_of(event, "seen"), (int64_t)number_of(event, "lost"),
			(int64_t)number_of(event, "held"));
	}
}

/* Nothing of those that there are none of. */
static void print_failures(const struct health *h)
{
	const char *name;
	json_t *count;

	json_object_foreach (h->failures, name, count) {
		if (json_integer_value(count) > 0)
			printf("failures    %s: %" PRId64 "\n", name,
				(int64_t)json_integer_value(count));
	}
	if (h->missed > 0)
		printf("failures    skipped by the kernel: %" PRId64 "\n", (int64_t)h->missed);
}

static int print_text(const struct health *h)
{
	char since[TIMESTAMP_SIZE];

	timestamp_format(h->started_ns, since);
	print_escaped("barewatch   ", h->version);
	printf(", pid %" PRId64 ", since %.19sZ\n", (int64_t)h->pid, since);
	printf("containers  %" PRId64 ", bare %" PRId64 "\n", (int64_t)h->watched,
		(int64_t)h->bare);
	print_rules(h);
	printf("alerts      %" PRId64 "\n", (int64_t)h->alerts);
	printf("memory      %.1f MiB\n", h->memory_bytes / MIB);
	printf("open kinds  %" PRId64 " of %" PRId64 ", pushed out %" PRId64 "\n",
		(int64_t)h->kinds, (int64_t)h->kinds_max, (int64_t)h->kinds_evicted);
	print_failures(h);
	print_sensors(h);
	print_events(h);
	return 0;
}

/* ---- JSON ---- */

/* The time at KEY of OBJECT becomes one in words at NEW_KEY. */
static int put_time(json_t *object, const char *key, json_int_t time_ns, const char *new_key)
{
	char text[TIMESTAMP_SIZE];

	timestamp_format(time_ns, text);
	(void)json_object_del(object, key);
	return json_object_set_new(object, new_key, json_string(text));
}

static int print_json(const struct health *h)
{
	int r = put_time(h->json, "started_ns", h->started_ns, "since");

	(void)json_object_del(h->json, "start_ticks");
	(void)json_object_del(h->rules, "tried_ns");
	if (r == 0)
		r = put_time(h->rules, "loaded_ns", h->rules_loaded_ns, "since");
	if (r == 0)
		r = json_dumpf(h->json, stdout, JSON_INDENT(2) | JSON_ENSURE_ASCII);
	putchar('\n');
	return r < 0 ? -ENOMEM : 0;
}

int health_print(struct slice answer, enum health_format format)
{
	struct health h = {0};
	int r = read_answer(answer, &h);

	if (r == 0)
		r = format == HEALTH_JSON ? print_json(&h) : print_text(&h);
	json_decref(h.json);
	return r;
}
