/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Failed execs on their way to being judged. To look for a program in $PATH is to fail in each
 * directory before the one that has it: failures of one thread that follow each other with the
 * same file name are one attempt, and none at all when the thread then executes that file. So
 * each waits until it is known what followed. Bounded; pure but for the allocations.
 */
#pragma once

#include <stddef.h>
#include <stdint.h>

#include "barewatch/alert.h"
#include "barewatch/decode.h"
#include "base/strbuf.h"

#define ATTEMPTS_JOIN_NS      25000000ULL /* what comes later is another search */
#define ATTEMPTS_WAITING_MAX  64 /* threads; the one that has waited longest makes room */
#define ATTEMPTS_STARTED_MAX  1024 /* threads that have executed something of late */
#define ATTEMPTS_TRIED_BYTES  4096 /* of paths that were tried; what is more is left out */
#define ATTEMPTS_REPORTED_MAX 256

/* EVENT is an attempt; attempt.tried has the paths when there were several. */
typedef void attempts_fn(const struct event *event, void *userdata);

/* A search that is under way. */
struct attempts_search {
	void *record; /* of the failure that stands for all; NULL: a free place */
	struct strbuf tried; /* each path with its NUL */
	unsigned count;
	bool is_grave, is_cut;
	uint32_t tid;
	uint64_t start_ns; /* of its process */
	uint64_t name; /* hash of the file name */
	uint64_t first_ns, last_ns;
};

/* What a thread last executed. */
struct attempts_start {
	uint32_t tid;
	uint64_t name;
	uint64_t time_ns;
	bool is_grave;
};

/* An attempt that was told of, by an alert or to a recording, for those that repeat it. */
struct attempts_report {
	struct bw_attempt_kind kind;
	struct rule *rule; /* as rule_keep() has it; NULL: it was recorded only */
	char id[ALERT_ID_SIZE];
	uint64_t record; /* its id in the recording, else 0 */
};

/* The last of them. */
struct attempts_reports {
	struct attempts_report reports[ATTEMPTS_REPORTED_MAX];
	size_t count; /* so far */
};

struct attempts {
	attempts_fn *on_attempt;
	void *userdata;
	struct attempts_search searches[ATTEMPTS_WAITING_MAX];
	struct attempts_start started[ATTEMPTS_STARTED_MAX];
	struct attempts_reports alerts;
	struct attempts_reports recorded; /* without an alert: these push out none that had one */
};

/* ATTEMPTS, all zero, hands over what was attempted to ON_ATTEMPT. */
void attempts_init(struct attempts *attempts, attempts_fn *on_attempt, void *userdata);
void attempts_done(struct attempts *attempts);

/*
 * EVENT, an execve that failed. IS_GRAVE: of those that are joined with it, one that is grave
 * stands for all. Hands over at once what cannot be part of a search.
 */
void attempts_add(struct attempts *attempts, const struct event *event, bool is_grave);

/*
 * EVENT, a program that started. May come before the failures that led to it. Unless it IS_GRAVE it
 * is not what a grave failure was after: a harmless program by that name hides no attempt.
 */
void attempts_started(struct attempts *attempts, const struct event *event, bool is_grave);

/* Hands over what can have nothing to follow: all events before UNTIL_NS have been seen. */
void attempts_expire(struct attempts *attempts, uint64_t until_ns);

/*
 * EVENT, which was handed over, has led to an alert of RULE, called ID; or to none, when RULE is NULL. RECORD
 * is what it is called in the recording, 0 without one.
 */
void attempts_reported(struct attempts *attempts, const struct event *event,
	const struct rule *rule, const char *id, uint64_t record);

/*
 * What was last told of KIND, an alert before what was only recorded. NULL when there was nothing, or
 * it is too long ago.
 */
const struct attempts_report *attempts_find_report(
	const struct attempts *attempts, const struct bw_attempt_kind *kind);
