/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/* How a process gets its entry (struct bw_task), out of whose share, and how it loses it. */
#pragma once

#include <linux/errno.h>

#include "lineage.h"

/* ---- shares ---- */

/* The key of the entry that counts for SCOPE's container: the outermost one's, with all below it. */
static __always_inline __u64 scope_counter(const struct bw_scope *scope)
{
	return scope->counter ? scope->counter : scope->container;
}

static __always_inline bool share_take(__u32 *tasks)
{
	if (*tasks >= bw_tasks_share)
		return false;
	__sync_fetch_and_add(tasks, 1);
	return true;
}

static __always_inline void share_return(__u32 *tasks)
{
	if (*tasks > 0)
		__sync_fetch_and_add(tasks, -1);
}

/* A process of COUNTER's, 0 as in struct bw_task, has no entry any more. */
static __always_inline void share_return_to(__u64 counter)
{
	struct bw_scope *scope;

	if (!counter) {
		share_return(&bw_tasks_left);
		return;
	}
	scope = scope_lookup(counter);
	if (scope)
		share_return(&scope->tasks);
}

/* A process that COUNTER, if any, counts could not be entered. */
static __always_inline void task_lost(struct bw_scope *counter)
{
	failure_count(BW_FAILURE_TASKS_FULL);
	if (counter)
		__sync_fetch_and_add(&counter->unbound, 1);
}

/* ---- entries ---- */

/*
 * Takes out the entry of the thread group TGID, if there is one. Of two that do so at once only one
 * finds it.
 */
static __always_inline void task_forget(__u32 tgid)
{
	struct bw_task *entry = bpf_map_lookup_elem(&bw_tasks, &tgid);
	__u64 counter;
	bool is_moved;
	int r; /* until 6.3 only its lower half is set: d7ba4cc900bf */

	if (!entry)
		return;
	counter = entry->counter;
	is_moved = entry->flags & BW_TASK_MOVED;
	r = bpf_map_delete_elem(&bw_tasks, &tgid);
	if (r != 0)
		return;
	share_return_to(counter);
	if (is_moved)
		__sync_fetch_and_add(&bw_tasks_moved, -1);
}

/* PARENT stands before its own ancestors in the entry of its child. */
static __always_inline void ancestors_inherit(struct bw_task *entry, struct task_struct *parent)
{
	struct bw_task *above = task_entry(parent);

	entry->ancestors[0] = BPF_CORE_READ(parent, tgid);
	entry->ancestor_start_ns[0] = BPF_CORE_READ(parent, start_boottime);
	entry->forked = !!(BPF_CORE_READ(parent, flags) & PF_FORKNOEXEC);
	if (above)
		entry->forked |= above->forked << 1;
	for (int i = 1; i < BW_ANCESTORS_MAX; i++) {
		if (above) {
			entry->ancestors[i] = above->ancestors[i - 1];
			entry->ancestor_start_ns[i] = above->ancestor_start_ns[i - 1];
			continue;
		}
		parent = parent ? task_parent(parent) : NULL;
		if (!parent)
			return;
		entry->ancestors[i] = BPF_CORE_READ(parent, tgid);
		entry->ancestor_start_ns[i] = BPF_CORE_READ(parent, start_boottime);
	}
}

/*
 * Enters the process of TASK, which is in the cgroup with the key CGROUP and belongs to SCOPE's
 * container. HOW: BPF_NOEXIST when it may have an entry already, which then stays.
 */
static __always_inline void task_enter(struct task_struct *task, __u64 cgroup,
	const struct bw_scope *scope, __u32 flags, __u64 how)
{
	struct bw_scope *counter = scope_lookup(scope_counter(scope));
	struct task_struct *parent = task_parent(task);
	__u32 tgid = BPF_CORE_READ(task, tgid);
	struct bw_task entry = {
		.start_ns = BPF_CORE_READ(task, group_leader, start_boottime),
		.cgroup = cgroup,
		.container = scope->container,
		.counter = counter ? scope_counter(scope) : 0,
		.scope = *scope,
		.flags = flags,
	};
	int r; /* as in task_forget() */

	if (how == BPF_ANY)
		task_forget(tgid);
	if (!(counter ? share_take(&counter->tasks) : share_take(&bw_tasks_left))) {
		task_lost(counter);
		return;
	}
	if (parent)
		ancestors_inherit(&entry, parent);
	r = bpf_map_update_elem(&bw_tasks, &tgid, &entry, how);
	if (r == 0 && (flags & BW_TASK_MOVED))
		__sync_fetch_and_add(&bw_tasks_moved, 1);
	if (r != 0)
		share_return_to(entry.counter);
	if (r != 0 && r != -EEXIST)
		task_lost(counter);
}

/*
 * The process of TASK is a runtime's in the mount namespace CALLED_FROM, or comes from one, that was
 * told to give no cgroup.
 */
static __always_inline void task_call(struct task_struct *task, __u32 called_from)
{
	struct bw_task *entry = task_entry(task);
	struct bw_scope none = {};

	if (!entry) {
		task_enter(task, 0, &none, 0, BPF_ANY);
		entry = task_entry(task);
	}
	if (entry)
		entry->called_from = called_from;
}

/* The process of ENTRY, which comes from a runtime, is in the container of SCOPE. */
static __always_inline void task_arrive(
	struct bw_task *entry, __u64 key, const struct bw_scope *scope)
{
	entry->cgroup = key;
	entry->container = scope->container;
	entry->scope = *scope;
	entry->called_from = 0;
}
