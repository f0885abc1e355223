/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/* The system call that opens a file: what it was asked for. */
#pragma once

#include "open_kind.h"
#include "syscall.h"

#define PF_IO_WORKER_FLAG 0x00000010 /* from 5.12, and the kernel's own threads before */
#define PF_KTHREAD_FLAG   0x00200000

#define AT_FDCWD_NR (-100)

struct open_call {
	struct pt_regs *regs; /* with which it was made; NULL: with none that are known */
	bool compat;
	__s64 result;
	__u32 flags, mode;
	__u32 call; /* enum bw_open_call */
	__u32 record_flags; /* enum bw_open_flag */
};

/* Of openat2, which has them in the task's memory, where another thread could change them. */
static __always_inline void open_call_read_how(struct open_call *call, __u64 address)
{
	struct {
		__u64 flags, mode;
	} how = {};

	if (bpf_probe_read_user(&how, sizeof(how), (void *)address))
		return;
	call->flags = how.flags;
	if (open_may_create(call->flags))
		call->mode = how.mode;
}

/*
 * What the call of KIND that REGS entered with asks for. False when it is none that opens.
 */
static __always_inline bool open_call_get(
	struct open_call *call, struct pt_regs *regs, enum syscall_kind kind, bool compat)
{
	call->regs = regs;
	call->compat = compat;
	switch (kind) {
	case SYSCALL_OPEN:
		call->call = BW_OPEN_BY_OPEN;
		call->flags = syscall_arg(regs, 1, compat);
		if (open_may_create(call->flags))
			call->mode = syscall_arg(regs, 2, compat);
		return true;
	case SYSCALL_CREAT:
		call->call = BW_OPEN_BY_CREAT;
		call->flags = O_CREAT_FLAG | O_WRONLY_FLAG | O_TRUNC_FLAG;
		call->mode = syscall_arg(regs, 1, compat);
		return true;
	case SYSCALL_OPENAT:
		call->call = BW_OPEN_BY_OPENAT;
		call->flags = syscall_arg(regs, 2, compat);
		if (open_may_create(call->flags))
			call->mode = syscall_arg(regs, 3, compat);
		return true;
	case SYSCALL_OPENAT2:
		call->call = BW_OPEN_BY_OPENAT2;
		open_call_read_how(call, syscall_arg(regs, 2, compat));
		return true;
	case SYSCALL_OPEN_BY_HANDLE:
		call->call = BW_OPEN_BY_HANDLE;
		call->flags = syscall_arg(regs, 2, compat);
		return true;
	default:
		call->regs = NULL;
		return false;
	}
}

/* The path that CALL asks for, in the task's memory. NULL when it asks for none. */
static __always_inline void *open_call_asked(const struct open_call *call)
{
	if (!call->regs || call->call == BW_OPEN_BY_HANDLE)
		return NULL;
	if (call->call == BW_OPEN_BY_OPEN || call->call == BW_OPEN_BY_CREAT)
		return (void *)syscall_arg(call->regs, 0, call->compat);
	return (void *)syscall_arg(call->regs, 1, call->compat);
}

/* Whether that path begins at a descriptor. */
static __always_inline bool open_call_is_at_directory(const struct open_call *call)
{
	if (!call->regs || (call->call != BW_OPEN_BY_OPENAT && call->call != BW_OPEN_BY_OPENAT2))
		return false;
	return (__s32)syscall_arg(call->regs, 0, call->compat) != AT_FDCWD_NR;
}

/*
 * The call that is under way in TASK, which opens FILE: as the hooks inside the kernel have it.
 * Where no register has the flags, they are those of the file, and so is the mode for io_uring.
 */
static __always_inline void open_call_find(
	struct open_call *call, struct task_struct *task, struct file *file)
{
	struct pt_regs *regs = task_user_regs(task);
	bool compat = syscall_is_compat(task);
	enum syscall_kind kind;

	__u32 flags = BPF_CORE_READ(file, f_flags) & ~O_LARGEFILE_FLAG;

	call->record_flags = BW_OPEN_NO_FD;
	kind = syscall_kind_of(syscall_number(regs), compat);
	if (kind == SYSCALL_IO_URING ||
		(BPF_CORE_READ(task, flags) & (PF_IO_WORKER_FLAG | PF_KTHREAD_FLAG))) {
		call->call = BW_OPEN_BY_IO_URING;
		call->flags = flags;
		if (open_may_create(flags)) /* what became of it */
			call->mode = BPF_CORE_READ(file, f_inode, i_mode) & MODE_PERMISSIONS;
		return;
	}
	if (!open_call_get(call, regs, kind, compat)) {
		call->record_flags |= BW_OPEN_NO_CALL;
		call->flags = flags;
	} else if (kind == SYSCALL_OPENAT2) { /* what is in memory may have been changed */
		call->flags = flags | (call->flags & O_CLOEXEC_FLAG);
	}
}
