/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/*
 * What is kept of each process in a container (struct bw_task): whose it is, wherever it goes, and
 * who forked it.
 */
#pragma once

#include "maps.h"

/*
 * What MAP has of TASK's process. NULL when it has nothing of it: ids are used again, so the values
 * of such a map begin with the time at which the process was made.
 */
static __always_inline void *process_find(void *map, struct task_struct *task)
{
	__u32 tgid = BPF_CORE_READ(task, tgid);
	__u64 *start_ns = bpf_map_lookup_elem(map, &tgid);

	if (start_ns && *start_ns != BPF_CORE_READ(task, group_leader, start_boottime))
		return NULL;
	return start_ns;
}

/* The entry of the process that TASK is a thread of. NULL when it has none. */
static __always_inline struct bw_task *task_entry(struct task_struct *task)
{
	_Static_assert(
		__builtin_offsetof(struct bw_task, start_ns) == 0, "process_find() reads it");
	return process_find(&bw_tasks, task);
}

/* Same of a process that has left its container. While there is none this is one read. */
static __always_inline struct bw_task *task_moved_entry(struct task_struct *task)
{
	struct bw_task *entry = bw_tasks_moved ? task_entry(task) : NULL;

	return entry && (entry->flags & BW_TASK_MOVED) ? entry : NULL;
}
