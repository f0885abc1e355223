/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/*
 * System calls by number, for the hooks that see all of them: those of 64-bit programs, of 32-bit
 * ones (int $0x80, compat) and of x32. Numbers are those of the kernel's tables
 * (arch/x86/entry/syscalls, arch/arm64/tools).
 */
#pragma once

#include "kernel.h"

enum syscall_kind {
	SYSCALL_OTHER,
	SYSCALL_EXECVE,
	SYSCALL_EXECVEAT,
	SYSCALL_MMAP,
	SYSCALL_MMAP_BLOCK, /* the arguments are in memory */
	SYSCALL_MPROTECT, /* and pkey_mprotect */
	SYSCALL_OPEN,
	SYSCALL_CREAT,
	SYSCALL_OPENAT,
	SYSCALL_OPENAT2,
	SYSCALL_OPEN_BY_HANDLE, /* open_by_handle_at */
	SYSCALL_IO_URING, /* io_uring_enter */
};

#if defined(__TARGET_ARCH_x86)
#define TS_COMPAT   0x2
#define X32_BIT     0x40000000
#define X32(number) (X32_BIT | (number))

static __always_inline __u32 syscall_number(struct pt_regs *regs)
{
	return BPF_CORE_READ(regs, orig_ax);
}

/* As the task entered: an execve that succeeds may leave another mode behind. */
static __always_inline bool syscall_is_compat(struct task_struct *task)
{
	return BPF_CORE_READ(task, thread_info.status) & TS_COMPAT;
}

static __always_inline enum syscall_kind syscall_kind_native(__u32 number)
{
	switch (number) {
	case 59:
	case X32(520):
		return SYSCALL_EXECVE;
	case 322:
	case X32(545):
		return SYSCALL_EXECVEAT;
	case 9:
	case X32(9):
		return SYSCALL_MMAP;
	case 10:
	case X32(10):
	case 329:
	case X32(329):
		return SYSCALL_MPROTECT;
	case 2:
	case X32(2):
		return SYSCALL_OPEN;
	case 85:
	case X32(85):
		return SYSCALL_CREAT;
	case 257:
	case X32(257):
		return SYSCALL_OPENAT;
	case 437:
	case X32(437):
		return SYSCALL_OPENAT2;
	case 304:
	case X32(304):
		return SYSCALL_OPEN_BY_HANDLE;
	case 426:
	case X32(426):
		return SYSCALL_IO_URING;
	default:
		return SYSCALL_OTHER;
	}
}

static __always_inline enum syscall_kind syscall_kind_compat(__u32 number)
{
	switch (number) {
	case 11:
		return SYSCALL_EXECVE;
	case 358:
		return SYSCALL_EXECVEAT;
	case 90:
		return SYSCALL_MMAP_BLOCK;
	case 192:
		return SYSCALL_MMAP;
	case 125:
	case 380:
		return SYSCALL_MPROTECT;
	case 5:
		return SYSCALL_OPEN;
	case 8:
		return SYSCALL_CREAT;
	case 295:
		return SYSCALL_OPENAT;
	case 437:
		return SYSCALL_OPENAT2;
	case 342:
		return SYSCALL_OPEN_BY_HANDLE;
	case 426:
		return SYSCALL_IO_URING;
	default:
		return SYSCALL_OTHER;
	}
}

/* Whether pointers in the task's memory have four bytes. */
static __always_inline bool syscall_has_short_pointers(__u32 number, bool compat)
{
	return compat || (number & X32_BIT);
}
#else
#define TIF_32BIT 22

static __always_inline __u32 syscall_number(struct pt_regs *regs)
{
	return BPF_CORE_READ(regs, syscallno);
}

static __always_inline bool syscall_is_compat(struct task_struct *task)
{
	return BPF_CORE_READ(task, thread_info.flags) & 1UL << TIF_32BIT;
}

static __always_inline enum syscall_kind syscall_kind_native(__u32 number)
{
	switch (number) {
	case 221:
		return SYSCALL_EXECVE;
	case 281:
		return SYSCALL_EXECVEAT;
	case 222:
		return SYSCALL_MMAP;
	case 226:
	case 288:
		return SYSCALL_MPROTECT;
	case 56:
		return SYSCALL_OPENAT;
	case 437:
		return SYSCALL_OPENAT2;
	case 265:
		return SYSCALL_OPEN_BY_HANDLE;
	case 426:
		return SYSCALL_IO_URING;
	default:
		return SYSCALL_OTHER;
	}
}

static __always_inline enum syscall_kind syscall_kind_compat(__u32 number)
{
	switch (number) {
	case 11:
		return SYSCALL_EXECVE;
	case 387:
		return SYSCALL_EXECVEAT;
	case 192:
		return SYSCALL_MMAP;
	case 125:
	case 394:
		return SYSCALL_MPROTECT;
	case 5:
		return SYSCALL_OPEN;
	case 8:
		return SYSCALL_CREAT;
	case 322:
		return SYSCALL_OPENAT;
	case 437:
		return SYSCALL_OPENAT2;
	case 371:
		return SYSCALL_OPEN_BY_HANDLE;
	case 426:
		return SYSCALL_IO_URING;
	default:
		return SYSCALL_OTHER;
	}
}

static __always_inline bool syscall_has_short_pointers(__u32 number, bool compat)
{
	return compat;
}
#endif

static __always_inline enum syscall_kind syscall_kind_of(__u32 number, bool compat)
{
	return compat ? syscall_kind_compat(number) : syscall_kind_native(number);
}

/* Argument N, a constant, of the system call that REGS entered with; COMPAT: a 32-bit one. */
static __always_inline __u64 syscall_arg(struct pt_regs *regs, int n, bool compat)
{
#if defined(__TARGET_ARCH_x86)
	switch (n) {
	case 0:
		return compat ? (__u32)BPF_CORE_READ(regs, bx) : BPF_CORE_READ(regs, di);
	case 1:
		return compat ? (__u32)BPF_CORE_READ(regs, cx) : BPF_CORE_READ(regs, si);
	case 2:
		return compat ? (__u32)BPF_CORE_READ(regs, dx) : BPF_CORE_READ(regs, dx);
	case 3:
		return compat ? (__u32)BPF_CORE_READ(regs, si) : BPF_CORE_READ(regs, r10);
	default:
		return compat ? (__u32)BPF_CORE_READ(regs, di) : BPF_CORE_READ(regs, r8);
	}
#else
	__u64 value = 0, place = bpf_core_field_offset(regs->regs) + n * sizeof(value);

	if (n == 0)
		return BPF_CORE_READ(regs, orig_x0);
	bpf_probe_read_kernel(&value, sizeof(value), (void *)regs + place);
	return compat ? (__u32)value : value;
#endif
}
