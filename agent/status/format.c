/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The form of the agent's file:
 *
 *   {"version": 1, "barewatch": "0.1.0", "pid": 4711, "start_ticks": 12345,
 *    "started_ns": 1795446000000000000, "alerts": 1,
 *    "events": {"execs": {"seen": 5, "lost": 0, "held": 0}, ...}, "missed": 0,
 *    "failures": {"scopes_full": 0, ...}, "open_kinds": {"kept": 5, "max": 32768, "evicted": 0},
 *    "sensors": {"execs": {"hook": "tracepoint", "unseen": []}, ...},
 *    "rules": {"version": 2, "active": 12, "loaded_ns": 1795446000000000000, "added": 1,
 *     "removed": 0, "changed": 0, "tried_ns": 4711000000, "failures": 0, "error": ""},
 *    "containers": {
 *     "/path/of/its.cgroup": {"id": "...", "execs": 3, "attempts": 1, "alerts": 1,
 *      "opens": 7, "opens_lost": 0}, ...},
 *    "truncated": false}
 *
 * Written by hand rather than by jansson: it is done again and again, with thousands of
 * containers. Keys may be added; what changes the meaning of one changes the version.
 */
#include "status/format.h"

#include <errno.h>
#include <inttypes.h>
#include <limits.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/escape.h"
#include "base/json.h"
#include "base/proc.h"

#define VERSION 1

/* Behind the containers: "truncated", and brackets. */
#define TAIL_BYTES 64

struct status {
	json_t *root, *containers;
};

/* ---- agents ---- */

void status_agent_self(struct status_agent *ret)
{
	pid_t parent;

	*ret = (struct status_agent){.pid = getpid(), .started_ns = clock_wall_ns()};
	(void)process_stat(ret->pid, &ret->start_ticks, &parent);
}

bool status_agent_runs(const struct status_agent *agent)
{
	uint64_t start_ticks;
	pid_t parent;

	return process_stat(agent->pid, &start_ticks, &parent) && start_ticks == agent->start_ticks;
}

/* ---- writing ---- */

static void put_events(struct strbuf *out, const struct probe_counts *counts)
{
	static const char *const names[BW_EVENT_KINDS] = {
		[BW_EVENT_EXEC] = "execs",
		[BW_EVENT_ATTEMPT] = "attempts",
		[BW_EVENT_CGROUP_MKDIR] = "cgroups_made",
		[BW_EVENT_CGROUP_RMDIR] = "cgroups_removed",
		[BW_EVENT_RUNTIME] = "runtime_calls",
		[BW_EVENT_FAILED_START] = "failed_starts",
		[BW_EVENT_MOVE] = "moves",
		[BW_EVENT_MAPPING] = "mappings",
		[BW_EVENT_CANARY] = "canaries",
		[BW_EVENT_OPEN] = "opens",
	};

	strbuf_add_text(out, "\"events\": {");
	for (int i = 0; i < BW_EVENT_KINDS; i++)
		strbuf_addf(out,
			"%s\"%s\": {\"seen\": %" PRIu64 ", \"lost\": %" PRIu64
			", \"held\": %" PRIu64 "}",
			i ? ", " : "", names[i], (uint64_t)counts->events[i].seen,
			(uint64_t)counts->events[i].lost, (uint64_t)counts->events[i].held);
	strbuf_addf(out, "}, \"missed\": %" PRIu64, counts->missed);
}

static void put_failures(struct strbuf *out, const struct probe_counts *counts)
{
	static const char *const names[BW_FAILURES] = {
		[BW_FAILURE_SCOPE_FULL] = "scopes_full",
		[BW_FAILURE_SCRATCH] = "scratch",
		[BW_FAILURE_TASKS_FULL] = "tasks_full",
		[BW_FAILURE_MAPPING] = "mappings_untold",
		[BW_FAILURE_OPEN] = "opens_untold",
		[BW_FAILURE_PREPARED_FULL] = "prepared_full",
	};

	strbuf_add_text(out, ",\n\"failures\": {");
	for (int i = 0; i < BW_FAILURES; i++)
		strbuf_addf(
			out, "%s\"%s\": %" PRIu64, i ? ", " : "", names[i], counts->failures[i]);
	strbuf_add_char(out, '}');
}

static void put_sensor(struct strbuf *out, const struct status_sensor *sensor)
{
	json_add_string(out, slice_of(sensor->name));
	strbuf_add_text(out, ": {\"hook\": ");
	json_add_string(out, slice_of(sensor->hook));
	strbuf_add_text(out, ", \"unseen\": [");
	for (size_t i = 0; sensor->unseen[i]; i++) {
		strbuf_add_text(out, i ? ", " : "");
		json_add_string(out, slice_of(sensor->unseen[i]));
	}
	strbuf_add_text(out, "]}");
}

static void put_sensors(struct strbuf *out, const struct status_sensor *sensors)
{
	strbuf_add_text(out, ",\n\"sensors\": {");
	for (int i = 0; i < PROBE_SENSORS; i++) {
		strbuf_add_text(out, i ? ", " : "");
		put_sensor(out, &sensors[i]);
	}
	strbuf_add_char(out, '}');
}

static void put_rules(struct strbuf *out, const struct status_rules *rules)
{
	strbuf_addf(out,
		",\n\"rules\": {\"version\": %" PRIu64 ", \"active\": %" PRIu64
		", \"loaded_ns\": %" PRIu64
		", \"added\": %zu, \"removed\": %zu, \"changed\": %zu, \"tried_ns\": %" PRIu64
		", \"failures\": %" PRIu64 ", \"error\": ",
		rules->version, rules->active, rules->loaded_ns, rules->changes.added,
		rules->changes.removed, rules->changes.changed, rules->tried_ns, rules->failures);
	json_add_string(out, slice_of(rules->error));
	strbuf_add_char(out, '}');
}

struct writing {
	struct strbuf *out;
	size_t count;
	bool is_truncated;
};

/* Of one that is not bare there are some when it is watched. */
static bool has_counts(const struct container *container)
{
	return container->execs || container->attempts || container->opens || container->alerts;
}

static void put_container(const struct container *container, void *userdata)
{
	struct writing *w = userdata;
	size_t before = w->out->len;

	/* what is no UTF-8 is no JSON either, and no engine's doing */
	if ((container->bare == BARE_NO && !has_counts(container)) || w->is_truncated ||
		!utf8_valid(slice_of(container->cgroup_path)) ||
		!utf8_valid(slice_of(container->id)))
		return;
	strbuf_add_text(w->out, w->count++ ? ",\n " : "\n ");
	json_add_string(w->out, slice_of(container->cgroup_path));
	strbuf_add_text(w->out, ": {\"id\": ");
	json_add_string(w->out, slice_of(container->id));
	strbuf_addf(w->out,
		", \"execs\": %" PRIu64 ", \"attempts\": %" PRIu64 ", \"alerts\": %" PRIu64
		", \"opens\": %" PRIu64 ", \"opens_lost\": %" PRIu64 "}",
		container->execs, container->attempts, container->alerts, container->opens,
		container->opens_lost);
	if (w->out->len + TAIL_BYTES > STATUS_BYTES_MAX) {
		strbuf_truncate(w->out, before);
		w->is_truncated = true;
	}
}

/* All that is before the containers. */
static void put_agent(
	struct strbuf *out, const struct status_agent *agent, const struct status_report *report)
{
	strbuf_addf(out,
		"{\"version\": %d, \"barewatch\": \"" BAREWATCH_VERSION "\", \"pid\": %d, "
		"\"start_ticks\": %" PRIu64 ", \"started_ns\": %" PRIu64 ", \"alerts\": %" PRIu64
		",\n",
		VERSION, (int)agent->pid, agent->start_ticks, agent->started_ns, report->alerts);
	put_events(out, report->counts);
	put_failures(out, report->counts);
	strbuf_addf(out,
		",\n\"open_kinds\": {\"kept\": %" PRIu64 ", \"max\": %d, \"evicted\": %" PRIu64 "}",
		report->counts->open_kinds, PROBE_OPENS_DEFAULT,
		report->counts->open_kinds_evicted);
	if (report->sensors)
		put_sensors(out, report->sensors);
	if (report->rules)
		put_rules(out, report->rules);
}

void status_format_summary(
	struct strbuf *out, const struct status_agent *agent, const struct status_report *report)
{
	CLEANUP_STRBUF struct strbuf text = STRBUF_INIT;

	put_agent(&text, agent, report);
	for (char *p = text.data; p && *p; p++)
		*p = *p == '\n' ? ' ' : *p; /* between keys: in strings it is escaped */
	strbuf_addf(out,
		"%s, \"containers\": {\"watched\": %" PRIu64 ", \"bare\": %" PRIu64
		"}, \"memory_bytes\": %" PRIu64 "}\n",
		strbuf_text(&text), report->watched, report->bare, report->memory_bytes);
	if (text.error)
		out->error = text.error;
}

void status_format(
	struct strbuf *out, const struct status_agent *agent, const struct status_report *report)
{
	struct writing w = {.out = out};

	put_agent(out, agent, report);
	strbuf_add_text(out, ",\n\"containers\": {");
	container_registry_each(report->containers, put_container, &w);
	strbuf_addf(out, "},\n\"truncated\": %s}\n", w.is_truncated ? "true" : "false");
}

/* ---- reading ---- */

/* The number at KEY of OBJECT. False when it is none, or negative. */
static bool get_number(const json_t *object, const char *key, uint64_t *ret)
{
	const json_t *value = json_object_get(object, key);

	if (!json_is_integer(value) || json_integer_value(value) < 0)
		return false;
	*ret = json_integer_value(value);
	return true;
}

int status_parse(struct slice text, struct status_agent *ret_agent, struct status **ret)
{
	CLEANUP_JSON json_t *root = json_loadb(text.data, text.len, 0, NULL);
	json_t *containers = json_object_get(root, "containers");
	uint64_t version, pid, start_ticks;
	struct status *status;

	if (!get_number(root, "version", &version) || version != VERSION ||
		!get_number(root, "pid", &pid) || pid == 0 || pid > INT_MAX ||
		!get_number(root, "start_ticks", &start_ticks) || !json_is_object(containers))
		return -EBADMSG;
	status = calloc(1, sizeof(*status));
	if (!status)
		return -ENOMEM;
	status->root = json_incref(root);
	status->containers = containers;
	*ret_agent = (struct status_agent){.pid = pid, .start_ticks = start_ticks};
	*ret = status;
	return 0;
}

bool status_find_rules(const struct status *status, struct status_rules *ret)
{
	const json_t *object = json_object_get(status->root, "rules");
	const char *error = json_string_value(json_object_get(object, "error"));
	uint64_t added, removed, changed;
	struct status_rules rules = {.error = error};

	if (!error || !get_number(object, "version", &rules.version) ||
		!get_number(object, "active", &rules.active) ||
		!get_number(object, "loaded_ns", &rules.loaded_ns) ||
		!get_number(object, "added", &added) || !get_number(object, "removed", &removed) ||
		!get_number(object, "changed", &changed) ||
		!get_number(object, "tried_ns", &rules.tried_ns) ||
		!get_number(object, "failures", &rules.failures))
		return false;
	rules.changes = (struct rule_changes){added, removed, changed};
	*ret = rules;
	return true;
}

bool status_find(
	const struct status *status, const struct container *container, struct status_counts *ret)
{
	const json_t *found = status ? json_object_get(status->containers, container->cgroup_path)
				     : NULL;
	const char *id = json_string_value(json_object_get(found, "id"));
	struct status_counts counts = {0};

	if (!id || strcmp(id, container->id) != 0 || !get_number(found, "execs", &counts.execs) ||
		!get_number(found, "attempts", &counts.attempts) ||
		!get_number(found, "alerts", &counts.alerts))
		return false;
	(void)get_number(found, "opens", &counts.opens); /* an older agent has none */
	(void)get_number(found, "opens_lost", &counts.opens_lost);
	*ret = counts;
	return true;
}

void status_free(struct status *status)
{
	if (!status)
		return;
	json_decref(status->root);
	free(status);
}
