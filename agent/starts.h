/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Calls of runtimes that are under way, and which of them failed before anything
 * was executed.
 */
#pragma once

#include "barewatch/runtime.h"
#include "base/helper.h"
#include "tracker.h"

/* Calls kept; what is asked for fails within a second or so, or not at all. */
#define STARTS_MAX     512
#define STARTS_KEEP_NS (60ULL * 1000000000)

/* How long the files of one call may hold up all else; usual is less than 1. */
#define STARTS_PATIENCE_MS 200

struct starts_entry;

struct starts {
	struct starts_entry *by_process;
	struct helper *helper; /* that reads files */
};

/* 0, or a negative errno. */
int starts_init(struct starts *starts);
void starts_done(struct starts *starts);

/*
 * A runtime was called. Reads what it is to start: to be told at once. While what an
 * earlier call named cannot be read to the end, nothing is found out about later ones. Calls from inside
 * of a container are left out: what a runtime there does stays there, and anything can call
 * itself a runtime. So are sessions in containers that are not bare, or not known.
 */
void starts_called(struct starts *starts, const struct event *event, struct tracker *tracker);

/*
 * The start in CONTAINER whose process has ended, as EVENT says, without having executed
 * anything. Each start is given once; NULL when its call is not known. Valid until the next
 * call of these.
 */
const struct runtime_start *starts_failed(
	struct starts *starts, const struct event *event, const struct container *container);

/*
 * EVENT is an exec in CONTAINER by a process that came from outside: a start that did not
 * fail, whatever was found out about it.
 */
void starts_succeeded(
	struct starts *starts, const struct event *event, const struct container *container);

/* Forgets what was called STARTS_KEEP_NS before NOW_NS, or earlier. */
void starts_expire(struct starts *starts, uint64_t now_ns);

/*
 * Makes ATTEMPT, with RECORD for its numbers, tell of START, which failed as EVENT says. It
 * points into all three.
 */
void starts_attempt(const struct runtime_start *start, const struct event *event,
	struct bw_attempt *record, struct event *attempt);
