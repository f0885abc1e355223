/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The probe module: the kernel side loaded, attached and read. The only home of
 * libbpf.
 */
#pragma once

#include <linux/types.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "barewatch/container.h"
#include "barewatch/event.h"
#include "base/diag.h"

/*
 * About 7,000 execs. Rings are mapped twice, so the resident memory of the agent
 * is twice this, and twice an eighth of it for each of the others.
 */
#define PROBE_RING_BYTES_DEFAULT (4u << 20)
#define PROBE_ATTEMPTS_FRACTION  8
#define PROBE_MAPPINGS_FRACTION  8
#define PROBE_SCOPES_DEFAULT     16384 /* cgroups of the node, not containers: 1.3 MiB */
#define PROBE_TASKS_DEFAULT      8192 /* processes in watched containers: 1.9 MiB */

/*
 * The reader comes by itself this often. Shorter than anyone waits for an alert,
 * long enough that an idle agent uses no CPU worth measuring.
 */
#define PROBE_POLL_MS 25

struct probe;

enum probe_ring {
	PROBE_RING_EVENTS, /* execs and cgroups */
	PROBE_RING_ATTEMPTS, /* failed execs, which anyone can make in any number */
	PROBE_RING_MAPPINGS, /* executable mappings: the same */
	PROBE_RINGS,
};

/* Called for each record, which is aligned to 8 and valid during the call. */
typedef void probe_record_fn(const void *record, size_t size, void *userdata);

/* Which system calls are seen where the kernel has a choice. */
enum probe_coverage {
	PROBE_COVERAGE_STANDARD, /* those of 64-bit programs: costs each other call nothing much */
	PROBE_COVERAGE_FULL, /* 32-bit ones too: every system call of the host pays for it */
};

struct probe_config {
	size_t ring_bytes; /* of the ring of events: a power of two, at least four pages */
	uint32_t scopes_max;
	uint32_t tasks_max;
	enum probe_coverage coverage;
	const struct cgroup_hierarchies *hierarchies;
	probe_record_fn *on_record[PROBE_RINGS];
	void *userdata;
};

/*
 * Checks that this host can run the kernel side: capabilities, BTF, lockdown.
 * 0, or a negative errno with D's message naming what is missing.
 */
int probe_check_host(struct diag *d);

/*
 * Loads and attaches everything. On failure D says what could not be done, and
 * with what error of which step.
 */
int probe_new(const struct probe_config *config, struct probe **ret, struct diag *d);
void probe_free(struct probe *probe);

/*
 * What this kernel does not show, each a sentence with its reason; NULL behind the last. Hooks
 * that only some kernels have are tried, and done without.
 */
const char *probe_unseen(const struct probe *probe, size_t index);

/* A descriptor that becomes readable when much is waiting in RING before the next poll is due. */
int probe_fd(const struct probe *probe, enum probe_ring ring);

/*
 * Hands up to BUDGET records that wait in RING to its on_record. Returns their
 * number: BUDGET when there may be more; or a negative errno.
 */
int probe_drain(struct probe *probe, enum probe_ring ring, size_t budget);

/*
 * Puts the cgroup KEY, which may be new to the kernel side, into a state;
 * CONTAINER is the key at which its container begins. -E2BIG when the scope is
 * full.
 */
int probe_scope_set(
	struct probe *probe, uint64_t key, uint64_t container, enum bw_scope_state state);

/*
 * Same for one that the kernel side has put into scope itself. Does nothing when
 * it has been taken out since: the cgroup is gone.
 */
int probe_scope_decide(
	struct probe *probe, uint64_t key, uint64_t container, enum bw_scope_state state);

/*
 * probe_scope_set() for a container that is nested, at whose beginning KEY is: where the kernel
 * side has not counted it as one of the outermost container's, it makes no entries below it.
 */
int probe_scope_set_nested(struct probe *probe, uint64_t key, enum bw_scope_state state);

/* The scope of KEY. -ENOENT when it has none. */
int probe_scope_get(const struct probe *probe, uint64_t key, struct bw_scope *ret);

/* Some cgroup that should be in scope is not: the kernel side asks what is above it from now on. */
void probe_scope_incomplete(struct probe *probe);

/* Takes the cgroup KEY out of scope. 0 also when it was not in it. */
int probe_scope_remove(struct probe *probe, uint64_t key);

/*
 * Binds the processes that run in cgroups which are in scope by now to their containers: the
 * kernel side sees only those to come. 0, or a negative errno.
 */
int probe_tasks_walk(struct probe *probe);

/*
 * Calls of the OCI runtime that goes by NAME are reported from now on. -E2BIG when
 * there are too many (BW_RUNTIMES_MAX).
 */
int probe_runtime_add(struct probe *probe, const char *name);

/*
 * FILE, as an event of the container CONTAINER (key) has it, is one of which there is nothing to
 * say: an exec of it wakes nobody and carries BW_FILE_KNOWN, and mappings of it are not sent. It is
 * forgotten when many others came later, never for its container's sake.
 */
int probe_known_add(struct probe *probe, uint64_t container, const struct bw_file *file);

/* COUNT failed execs of KIND (bw_attempt_kind) were held since the last time. */
typedef void probe_held_fn(const struct bw_attempt_kind *kind, uint64_t count, void *userdata);

/*
 * Takes the counts of failed execs that were held, each of which is told once, and lets the first
 * ones of each kind be sent again. Their sum can be below bw_counters.held, which is exact: one that
 * fails in the moment in which its count is taken may be missing here.
 */
int probe_held_take(struct probe *probe, probe_held_fn *on_held, void *userdata);

struct probe_counts {
	struct bw_counters events[BW_EVENT_KINDS];
	uint64_t failures[BW_FAILURES];
	uint64_t moved; /* processes now running that left their containers */
	uint64_t missed; /* runs of programs that the kernel left out (recursion), from 5.12 */
};

/* The kernel side's counters, summed over all CPUs. */
int probe_counts_read(const struct probe *probe, struct probe_counts *ret);
