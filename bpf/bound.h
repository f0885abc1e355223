/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/*
 * What is kept of each process in a container (struct bw_task): whose it is, wherever it goes, and
 * who forked it.
 */
#pragma once

#include "maps.h"

/* The entry of the process that TASK is a thread of. NULL when it has none. */
static __always_inline struct bw_task *task_entry(struct task_struct *task)
{
	__u32 tgid = BPF_CORE_READ(task, tgid);
	struct bw_task *entry = bpf_map_lookup_elem(&bw_tasks, &tgid);

	if (entry && entry->start_ns != BPF_CORE_READ(task, group_leader, start_boottime))
		return NULL;
	return entry;
}

/* Same of a process that has left its container. While there is none this is one read. */
static __always_inline struct bw_task *task_moved_entry(struct task_struct *task)
{
	struct bw_task *entry = bw_tasks_moved ? task_entry(task) : NULL;

	return entry && (entry->flags & BW_TASK_MOVED) ? entry : NULL;
}
