/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Which executable each process runs, or ran, and with which arguments: to name those that an
 * event's process comes from by their own file, also when they have ended. Told by process number
 * and the time it began.
 */
#pragma once

#include <stdint.h>

#include "barewatch/decode.h"
#include "barewatch/rule.h"

#define ANCESTRY_MAX      4096 /* processes kept; who was not asked for longest goes first */
#define ANCESTRY_PATH_MAX 512 /* bytes of a path that are kept: its end */
#define ANCESTRY_ARGS_MAX 768 /* bytes of its arguments that are kept: their beginning */

struct ancestry_entry;

/* Zeros to begin with. */
struct ancestry {
	struct ancestry_entry *entries; /* who was asked for last is last */
	struct lineage found; /* the last one */
	struct relative process; /* the same */
};

void ancestry_done(struct ancestry *ancestry);

/* Keeps what the process of EVENT, an exec or the call of a runtime, runs from now on. */
void ancestry_exec(struct ancestry *ancestry, const struct event *event);

/*
 * Names the lineage of EVENT. Who was never seen to execute anything is looked up in /proc, once,
 * and believed when it is still the same process. Valid until the next call of these. NULL when
 * EVENT has no lineage.
 */
const struct lineage *ancestry_find(struct ancestry *ancestry, const struct event *event);

/*
 * What the process of EVENT, whose lineage was asked for last, was seen to execute. Of one that was
 * not, but runs what its parent does, that. NULL when it is not known.
 */
const struct relative *ancestry_process(struct ancestry *ancestry, const struct event *event);

/* True when the process of EVENT was seen to execute its program, in the mounts that it sees now. */
bool ancestry_executed_here(struct ancestry *ancestry, const struct event *event);
