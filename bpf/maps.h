/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/*
 * What the programs share: maps and configuration. maps.bpf.c, which defines
 * BW_MAPS_HERE, is where they live; every other file only refers to them, and
 * the linker (bpftool gen object) joins the two.
 */
#pragma once

#include "kernel.h"

#include "barewatch/event.h"

#ifdef BW_MAPS_HERE
#define BW_SHARED
#else
#define BW_SHARED extern
#endif

/* Capacities set by the agent before loading; these are the smallest that work. */
#define BW_RING_BYTES_MIN    4096
#define BW_SCOPE_ENTRIES_MIN 1
#define BW_TASK_ENTRIES_MIN  1
#define BW_OPEN_ENTRIES_MIN  1

BW_SHARED struct {
	__uint(type, BPF_MAP_TYPE_RINGBUF);
	__uint(max_entries, BW_RING_BYTES_MIN);
} bw_events SEC(".maps"); /* execs and cgroups */

/* Failed execs have a ring of their own: anyone can make millions of them a second. */
BW_SHARED struct {
	__uint(type, BPF_MAP_TYPE_RINGBUF);
	__uint(max_entries, BW_RING_BYTES_MIN);
} bw_attempts SEC(".maps");

/* And so have mappings: nobody can push them out by failing to execute, or the other way round. */
BW_SHARED struct {
	__uint(type, BPF_MAP_TYPE_RINGBUF);
	__uint(max_entries, BW_RING_BYTES_MIN);
} bw_mappings SEC(".maps");

/* So that no number of opened files can cost an exec. */
BW_SHARED struct {
	__uint(type, BPF_MAP_TYPE_RINGBUF);
	__uint(max_entries, BW_RING_BYTES_MIN);
} bw_opens SEC(".maps");

/* A cache: what falls out of it is sent again. */
BW_SHARED struct {
	__uint(type, BPF_MAP_TYPE_LRU_HASH);
	__uint(max_entries, BW_OPEN_ENTRIES_MIN);
	__type(key, struct bw_open_kind);
	__type(value, struct bw_open_seen);
} bw_opens_seen SEC(".maps");

BW_SHARED struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, BW_SCOPE_ENTRIES_MIN);
	__type(key, __u64);
	__type(value, struct bw_scope);
} bw_scopes SEC(".maps");

/* By thread group. Not LRU: who fills it must not push out who has left its container. */
BW_SHARED struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, BW_TASK_ENTRIES_MIN);
	__type(key, __u32);
	__type(value, struct bw_task);
} bw_tasks SEC(".maps");
BW_SHARED struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, BW_ATTEMPT_KINDS_MAX);
	__type(key, struct bw_attempt_kind);
	__type(value, struct bw_attempt_count);
} bw_attempt_kinds SEC(".maps");

/*
 * An exec that has passed the point of no return and not succeeded yet. By thread group: the kernel
 * lets one of its threads at a time go so far (cred_guard_mutex), which then takes the leader's id.
 */
#define BW_PREPARED_MAX  1024 /* 400 KiB; as a rule each is there for less than a ms */
#define BW_PREPARED_NAME 256

struct bw_prepared {
	__u64 start_ns; /* of the thread group */
	__u64 task; /* which of its threads: the address is the same before and after */
	__u64 mm; /* its memory before */
	__u32 call; /* enum bw_attempt_call */
	__s32 dirfd; /* as in struct bw_attempt */
	__u32 at_flags;
	__u32 text_flags; /* enum bw_text_flag, of `filename` */
	char comm[BW_COMM_SIZE];
	char filename[BW_PREPARED_NAME]; /* the end of it, if it is too long: its name is there */
};

BW_SHARED struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, BW_PREPARED_MAX);
	__type(key, __u32);
	__type(value, struct bw_prepared);
} bw_prepared SEC(".maps");

/* A cache: what falls out of it is sent again. */
BW_SHARED struct {
	__uint(type, BPF_MAP_TYPE_LRU_HASH);
	__uint(max_entries, BW_KNOWN_MAX);
	__type(key, struct bw_known);
	__type(value, __u8);
} bw_known SEC(".maps");

/* The names that OCI runtimes go by, cut to what the kernel keeps of a name (comm). */
BW_SHARED struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, BW_RUNTIMES_MAX);
	__type(key, struct bw_comm);
	__type(value, __u8);
} bw_runtimes SEC(".maps");

BW_SHARED struct {
	__uint(type, BPF_MAP_TYPE_PERCPU_ARRAY);
	__uint(max_entries, BW_EVENT_KINDS);
	__type(key, __u32);
	__type(value, struct bw_counters);
} bw_counts SEC(".maps");

BW_SHARED struct {
	__uint(type, BPF_MAP_TYPE_PERCPU_ARRAY);
	__uint(max_entries, BW_FAILURES);
	__type(key, __u32);
	__type(value, __u64);
} bw_failures SEC(".maps");

/*
 * The version 1 hierarchy that identifies tasks whose version 2 cgroup is the
 * root, as on hosts where an engine uses version 1 only: index of its controller
 * in css_set.subsys and its number. -1 and 0 where there is none.
 */
BW_SHARED const volatile __s32 bw_v1_subsys;
BW_SHARED const volatile __u32 bw_v1_hierarchy;

/* How many of bw_tasks can be one container's: else one could leave none to the others. */
BW_SHARED const volatile __u32 bw_tasks_share;

/* What hashes begin with, so that nobody can choose theirs. */
BW_SHARED __u64 bw_hash_secret;

/*
 * Set once some cgroup has no entry in the scope map that should have one. From
 * then on a task whose cgroup is not found is looked up by all that is above it.
 */
BW_SHARED __u32 bw_scope_incomplete;

/* Set once some container in scope is told by its mount namespace (BW_CGROUP_MNT). */
BW_SHARED __u32 bw_scope_mounts;

/* How many of bw_tasks are BW_TASK_MOVED: while there is none, cgroups tell whose a task is. */
BW_SHARED __u64 bw_tasks_moved;

/* Processes that were entered when their container had ended: they have one share, all together. */
BW_SHARED __u32 bw_tasks_left;

/* How often the reader has been through with the ring of opens: a container's share begins anew. */
BW_SHARED __u32 bw_open_round;

/* What each container may send to that ring in a round when others need room, in bytes. */
BW_SHARED const volatile __u32 bw_open_share;

/* Which texts about the process an open carries: mask of 1 << enum bw_open_text. */
BW_SHARED __u32 bw_open_context;

/* Whether records of processes tell of their capabilities. */
BW_SHARED __u32 bw_capabilities;

/* Which results of system calls are told: of opens that succeeded, and of those that failed. */
BW_SHARED const volatile bool bw_open_results;
BW_SHARED const volatile bool bw_open_failures;

/* Kinds of opens that were entered in bw_opens_seen, and those taken out again. */
BW_SHARED __u64 bw_open_kinds_entered;
BW_SHARED __u64 bw_open_kinds_removed;

/* How many records each CPU has sent to each ring: enum bw_ring. */
BW_SHARED struct {
	__uint(type, BPF_MAP_TYPE_PERCPU_ARRAY);
	__uint(max_entries, BW_RINGS);
	__type(key, __u32);
	__type(value, __u64);
} bw_sequences SEC(".maps");

/* Written and read by agents only; here so that it lives as long as the rings do. */
BW_SHARED struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, BW_HANDOVER_MAX);
	__uint(map_flags, BPF_F_NO_PREALLOC);
	__type(key, __u64);
	__type(value, struct bw_handover);
} bw_handovers SEC(".maps");

BW_SHARED struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, 1);
	__uint(map_flags, BPF_F_MMAPABLE);
	__type(key, __u32);
	__type(value, struct bw_agent);
} bw_agent SEC(".maps");
