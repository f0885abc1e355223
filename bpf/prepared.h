/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/* Execs between the point of no return and their end (struct bw_prepared). */
#pragma once

#include "bound.h"

/* That of the process of TASK. NULL when none is under way. */
static __always_inline struct bw_prepared *prepared_find(struct task_struct *task)
{
	_Static_assert(
		__builtin_offsetof(struct bw_prepared, start_ns) == 0, "process_find() reads it");
	return process_find(&bw_prepared, task);
}

/* False when somebody else has. */
static __always_inline bool prepared_forget(struct task_struct *task)
{
	__u32 tgid = BPF_CORE_READ(task, tgid);
	int r = bpf_map_delete_elem(&bw_prepared, &tgid);

	return r == 0;
}
