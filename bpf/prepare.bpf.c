/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/*
 * What an exec asks for, remembered while it may still fail and nobody can be asked any more:
 * sched_prepare_exec comes right before the point of no return (begin_new_exec() in fs/exec.c,
 * from 6.10). attempt.bpf.c reports those that fail. Kernels without it do without
 * all programs that are called bw_late_*.
 */
#include <linux/fcntl.h>

#include "cgroup.h"
#include "emit.h"
#include "prepared.h"
#include "syscall.h"

struct prepared_scratch {
	struct bw_prepared prepared;
	char whole[BW_PATH_MAX + 1];
};

struct {
	__uint(type, BPF_MAP_TYPE_PERCPU_ARRAY);
	__uint(max_entries, 1);
	__type(key, __u32);
	__type(value, struct prepared_scratch);
} bw_prepared_scratch SEC(".maps");

static __always_inline void prepared_put_filename(struct prepared_scratch *s, const char *filename)
{
	struct bw_prepared *prepared = &s->prepared;
	long len = bpf_probe_read_kernel_str(prepared->filename, BW_PREPARED_NAME, filename);

	prepared->text_flags = len > 0 ? 0 : BW_TEXT_UNREADABLE;
	if (len < BW_PREPARED_NAME)
		return;
	len = bpf_probe_read_kernel_str(s->whole, sizeof(s->whole), filename);
	if (len <= BW_PREPARED_NAME)
		return;
	prepared->text_flags = BW_TEXT_TRUNCATED;
	bpf_probe_read_kernel_str(
		prepared->filename, BW_PREPARED_NAME, filename + len - BW_PREPARED_NAME);
}

/* Now, since an exec that fails late leaves the number of execve, whatever it was (x86). */
static __always_inline void prepared_put_call(
	struct bw_prepared *prepared, struct task_struct *task)
{
	struct pt_regs *regs = task_user_regs(task);
	bool compat = syscall_is_compat(task);

	prepared->call = BW_CALL_EXECVE;
	prepared->dirfd = AT_FDCWD;
	prepared->at_flags = 0;
	if (syscall_kind_of(syscall_number(regs), compat) != SYSCALL_EXECVEAT)
		return;
	prepared->call = BW_CALL_EXECVEAT;
	prepared->dirfd = syscall_arg(regs, 0, compat);
	prepared->at_flags = syscall_arg(regs, 4, compat);
}

/* Of any scope: it may have changed meanwhile. */
SEC("tp_btf/sched_process_exec")
int BPF_PROG(bw_late_success, struct task_struct *task)
{
	if (prepared_find(task))
		prepared_forget(task);
	return 0;
}

/* Behind what takes entries out, in this file and the link order: so those are attached before. */
SEC("tp_btf/sched_prepare_exec")
int BPF_PROG(bw_late_prepare, struct task_struct *task, struct linux_binprm *bprm)
{
	__u32 tgid = BPF_CORE_READ(task, tgid);
	struct prepared_scratch *s;
	struct scope_place place;

	if (!scope_find(&place, task))
		return 0;
	s = scratch_get(&bw_prepared_scratch, 0);
	if (!s)
		return 0;
	s->prepared.start_ns = BPF_CORE_READ(task, group_leader, start_boottime);
	s->prepared.task = (__u64)task;
	s->prepared.mm = (__u64)BPF_CORE_READ(task, mm);
	BPF_CORE_READ_STR_INTO(&s->prepared.comm, task, comm);
	prepared_put_call(&s->prepared, task);
	prepared_put_filename(s, BPF_CORE_READ(bprm, filename));
	if (bpf_map_update_elem(&bw_prepared, &tgid, &s->prepared, BPF_ANY))
		failure_count(BW_FAILURE_PREPARED_FULL);
	return 0;
}
