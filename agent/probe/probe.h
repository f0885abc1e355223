/* SPDX-License-Identifier: Apache-2.0 */
/* What the files of this module share about a probe. */
#pragma once

#include <bpf/libbpf.h>

#include "barewatch/probe.h"

#include "barewatch.skel.h"
#include "probe/adopt.h"
#include "probe/hook.h"
#include "probe/pin.h"
#include "probe/selection.h"
#include "probe/sequence.h"

#define HOOKS_MAX 64

/* A ring and its reader. */
struct reader {
	struct ring_buffer *ring;
	probe_record_fn *on_record;
	void *userdata;
	struct sequences *sequences; /* NULL: not followed */
	enum probe_ring which;
	uint64_t from_ns,
		until_ns; /* records of other times are somebody else's; until 0: no end */
	size_t left; /* of the budget of the drain that is under way */
	unsigned emptied; /* how often it was read until nothing was left */
};

/* How many records each CPU had sent to a ring, and what `emptied` was then. */
struct sent {
	uint64_t *cpus; /* NULL: not looked at yet */
	unsigned emptied;
};

/* The kinds of opens that are kept, as they were last counted. */
struct kinds {
	uint64_t entered; /* until then */
	uint64_t evicted;
};

struct probe {
	struct probe_config config;
	struct barewatch_bpf *object;
	struct selection selection;
	struct hook hooks[HOOKS_MAX];
	size_t hook_count;
	bool opens_told; /* their hooks are attached, or are to be */
	int tools[OBJECT_TOOLS]; /* descriptors of programs */
	struct reader readers[PROBE_RINGS];
	struct reader old[PROBE_RINGS]; /* of a kernel side that was replaced, until it is empty */
	char generation[PIN_NAME_MAX], old_generation[PIN_NAME_MAX];
	struct bw_agent *memory; /* shared with the kernel side, and with the next agent */
	struct sequences sequences;
	struct sent sent[PROBE_RINGS];
	struct kinds kinds;
	struct probe_window window;
};

/* Puts ERROR, which WHAT has met, into D. Returns ERROR. */
int probe_fail(struct diag *d, int error, const char *what);

/* The object is open: sets what depends on this host and on the configuration. (configure.c) */
int probe_configure(struct probe *probe, struct diag *d);

/* Opens a reader of the ring that FD is, like the one for RING. */
int reader_open(struct probe *probe, struct reader *reader, enum probe_ring ring, int fd);
void reader_done(struct reader *reader);

/* True when HOOK is not to be attached now: it tells of opened files, and nobody asks for them. (opens_told.c) */
bool probe_hook_rests(const struct probe *probe, const struct hook *hook);

/* Detaches what an agent before has left attached of those. (opens_told.c) */
int probe_opens_rest(struct probe *probe, struct diag *d);

/* Attaches HOOK. One that can be done without may fail; it then holds nothing. */
int probe_attach(struct probe *probe, struct hook *hook, struct diag *d);

/* Sums entry INDEX, of WORDS words, of the per-CPU array FD over all CPUs. */
int sum_per_cpu(int fd, uint32_t index, uint64_t *ret, size_t words);

/* Entry INDEX, one word, of the per-CPU array FD for each of the RET_COUNT CPUs; to be freed. */
int read_per_cpu(int fd, uint32_t index, uint64_t **ret, size_t *ret_count);

/* Counts the kinds of opens that are kept, and those that were pushed out. (opens.c) */
int opens_count(struct probe *probe, struct probe_counts *ret);

/* ---- takeover.c ---- */

/* True when a kernel side like the one that is to be started is pinned. */
bool takeover_is_possible(const struct probe *probe);

/* Takes its maps and programs over. After an error, D says which, the object is of no use. */
int takeover_adopt(struct probe *probe, struct diag *d);

/* The rings are open: attaches what is not, and finds out what happened meanwhile. */
int takeover_continue(struct probe *probe, struct diag *d);

/*
 * Where another kernel side is pinned: before the programs are attached, what it knows of the
 * containers is copied; afterwards it is detached, and what waits in its rings comes first.
 */
void takeover_copy(struct probe *probe);
/* Same of processes, and whose they are: while both are attached, so that none is missing. */
void takeover_copy_tasks(struct probe *probe);
int takeover_replace(struct probe *probe, struct diag *d);

/* Removes what is left of it, once its rings have been read. */
void takeover_finish(struct probe *probe);
