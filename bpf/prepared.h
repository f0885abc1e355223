/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/* Execs between the point of no return and their end (struct bw_prepared). */
#pragma once

#include "maps.h"

/* That of the process of TASK. NULL when none is under way. */
static __always_inline struct bw_prepared *prepared_find(struct task_struct *task)
{
	__u32 tgid = BPF_CORE_READ(task, tgid);
	struct bw_prepared *prepared = bpf_map_lookup_elem(&bw_prepared, &tgid);

	if (prepared && prepared->start_ns != BPF_CORE_READ(task, group_leader, start_boottime))
		return NULL;
	return prepared;
}

/* False when somebody else has. */
static __always_inline bool prepared_forget(struct task_struct *task)
{
	__u32 tgid = BPF_CORE_READ(task, tgid);
	int r = bpf_map_delete_elem(&bw_prepared, &tgid);

	return r == 0;
}
