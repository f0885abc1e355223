/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The status module: what a running agent has counted, left in a file for others to
 * read. The only place that knows the form of that file.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "barewatch/container.h"
#include "barewatch/probe.h"
#include "barewatch/rule.h"
#include "base/strbuf.h"

#define STATUS_DEFAULT_PATH "/run/barewatch/agent.json"

/* What an agent tells of its rules. */
struct status_rules {
	uint64_t version; /* of those in force; 1: the ones that it began with */
	uint64_t active; /* how many */
	uint64_t loaded_ns; /* since 1970, when they came into force */
	struct rule_changes changes; /* against those before */
	uint64_t tried_ns; /* CLOCK_BOOTTIME, when the last reload began; 0: there was none */
	uint64_t failures; /* reloads that were refused */
	const char *error; /* why the last was, in lines that end in a newline; "": it was not */
};

/* ---- the agent's side ---- */

#define STATUS_UNSEEN_MAX 8

/* How one kind of events is seen. Texts are borrowed. */
struct status_sensor {
	const char *name, *hook;
	const char *unseen[STATUS_UNSEEN_MAX + 1]; /* sentences; ends with NULL */
};

/* What the agent tells of itself; borrowed. */
struct status_report {
	uint64_t changes; /* differs whenever anything below may */
	uint64_t alerts;
	const struct probe_counts *counts;
	const struct status_rules *rules;
	const struct status_sensor *sensors; /* PROBE_SENSORS of them; NULL: none are told */
	uint64_t watched, bare; /* containers by now, and how many of these are bare */
	uint64_t memory_bytes; /* resident */
	bool is_urgent; /* somebody waits for it */
	const struct container_registry *containers; /* of these, the ones that are watched */
};

struct status_file;

/*
 * The file at PATH, of which nothing is read or written yet; borrows PATH. An empty
 * PATH gives NULL, which the functions below take and do nothing with. 0 or -ENOMEM.
 */
int status_file_new(const char *path, struct status_file **ret);

/*
 * Replaces the file as a whole by REPORT, when that has changed and the last time is long enough
 * before NOW_NS: a second, and more when the file is large (STATUS_BYTES_PER_S), unless it is urgent. While another
 * live agent's file is there, it is left alone. A failure is said once and tried again.
 */
void status_file_update(
	struct status_file *file, const struct status_report *report, uint64_t now_ns);

/*
 * Appends what FILE's agent tells who asks: a line of JSON, as the file but for its containers, of which
 * there are the numbers.
 */
void status_summarize(
	const struct status_file *file, const struct status_report *report, struct strbuf *out);

/* Removes the file, unless it is somebody else's by now. */
void status_file_free(struct status_file *file);

/* Of some 300 for each container: 4,096 of them are written every five seconds, in 3 ms. */
#define STATUS_BYTES_PER_S (256u << 10)
#define STATUS_BYTES_MAX   (4u << 20) /* what is more is not written, and not read */

/* ---- the readers' side ---- */

struct status_counts {
	uint64_t execs, attempts, alerts;
	uint64_t opens, opens_lost; /* files: opens that were told, and that found no room */
};

struct status;

/*
 * Reads the file at PATH. -ENOENT when there is none, -ESRCH when its agent does not
 * run any more, -EPERM when others than root may have written it, -EBADMSG when it is
 * not of this form, or another error of reading it.
 */
int status_read(const char *path, struct status **ret);
void status_free(struct status *status);

/*
 * Same, with a descriptor of the agent's process (pidfd) in *RET_PIDFD: signals that are sent by that reach no
 * other.
 */
int status_open_agent(const char *path, int *ret_pidfd, struct status **ret);

/* What the agent tells of its rules, borrowed from STATUS. False when it does not. */
bool status_find_rules(const struct status *status, struct status_rules *ret);

/* What the agent counted of CONTAINER. False when it does not watch it; STATUS may be NULL. */
bool status_find(
	const struct status *status, const struct container *container, struct status_counts *ret);
