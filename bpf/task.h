/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/* Who a task is, and the texts about it that several records carry. */
#pragma once

#include "cgroup.h"
#include "lineage.h"
#include "path.h"

static __always_inline struct mnt_namespace *task_mnt_ns(struct task_struct *task)
{
	return BPF_CORE_READ(task, nsproxy, mnt_ns);
}

static __always_inline void task_put_tty(struct bw_process *process, struct task_struct *task)
{
	struct tty_struct *tty = BPF_CORE_READ(task, signal, tty);

	__builtin_memset(process->tty, 0, sizeof(process->tty));
	if (tty)
		bpf_probe_read_kernel_str(process->tty, sizeof(process->tty), &tty->name);
}

/* The ids in struct cred, which are side by side in every kernel so far. */
struct cred_ids {
	__u32 uid, gid, suid, sgid, euid, egid;
};

static __always_inline void cred_ids_get(struct cred_ids *ids, const struct cred *cred)
{
	const __u32 uid = bpf_core_field_offset(struct cred, uid);

	__builtin_memset(ids, 0, sizeof(*ids));
	if (bpf_core_field_offset(struct cred, gid) - uid == offsetof(struct cred_ids, gid) &&
		bpf_core_field_offset(struct cred, euid) - uid == offsetof(struct cred_ids, euid) &&
		bpf_core_field_offset(struct cred, egid) - uid == offsetof(struct cred_ids, egid)) {
		bpf_probe_read_kernel(ids, sizeof(*ids), (void *)cred + uid);
		return;
	}
	ids->uid = BPF_CORE_READ(cred, uid.val);
	ids->gid = BPF_CORE_READ(cred, gid.val);
	ids->euid = BPF_CORE_READ(cred, euid.val);
	ids->egid = BPF_CORE_READ(cred, egid.val);
}

static __always_inline void task_put_credentials(
	struct bw_process *process, struct task_struct *task)
{
	const struct cred *cred = BPF_CORE_READ(task, cred);
	struct cred_ids ids;

	cred_ids_get(&ids, cred);
	process->uid = ids.uid;
	process->gid = ids.gid;
	process->euid = ids.euid;
	process->egid = ids.egid;
	process->loginuid = BW_ID_UNSET;
	if (bpf_core_field_exists(task->loginuid))
		process->loginuid = BPF_CORE_READ(task, loginuid.val);
	process->cap_effective = 0;
	if (bw_capabilities) {
		process->flags |= BW_PROCESS_CAPABILITIES;
		BPF_CORE_READ_INTO(&process->cap_effective, cred, cap_effective);
	}
}

static __always_inline void task_put_parents(
	struct bw_process *process, struct task_struct *task, __u64 cgroup)
{
	struct task_struct *real = BPF_CORE_READ(task, real_parent);
	struct bw_task *moved;

	process->ppid = BPF_CORE_READ(real, tgid);
	moved = task_moved_entry(real);
	process->parent_cgroup = moved ? moved->container : task_cgroup_key(real, cgroup);
	process->tracer = 0;
	if (BPF_CORE_READ(task, ptrace))
		process->tracer = BPF_CORE_READ(task, parent, tgid);
	/* the thread that forked may be called anything; the process is called as its leader */
	BPF_CORE_READ_STR_INTO(&process->parent_comm, real, group_leader, comm);
}

/* The thread group's id in the innermost pid namespace of TASK. */
static __always_inline __u32 task_ns_tgid(struct task_struct *task)
{
	struct pid *pid = BPF_CORE_READ(task, group_leader, thread_pid);

	return pid_number_at(pid, BPF_CORE_READ(pid, level));
}

/* CGROUP is the key of the task's own cgroup. */
static __always_inline void task_put(
	struct bw_process *process, struct task_struct *task, __u64 cgroup)
{
	process->tgid = BPF_CORE_READ(task, tgid);
	process->tid = BPF_CORE_READ(task, pid);
	process->start_ns = BPF_CORE_READ(task, group_leader, start_boottime);
	process->mnt_ns = BPF_CORE_READ(task, nsproxy, mnt_ns, ns.inum);
	BPF_CORE_READ_STR_INTO(&process->comm, task, comm);
	process->ns_tgid = task_ns_tgid(task);
	process->flags = task_moved_entry(task) ? BW_PROCESS_MOVED : 0;
	task_put_parents(process, task, cgroup);
	task_put_credentials(process, task);
	task_put_tty(process, task);
}

static __always_inline void task_put_cwd(
	struct tail *tail, struct bw_text *text, struct task_struct *task)
{
	struct path_walk start = {
		.dentry = BPF_CORE_READ(task, fs, pwd.dentry),
		.mnt = BPF_CORE_READ(task, fs, pwd.mnt),
	};

	path_put(tail, text, &start, task_mnt_ns(task), BW_SIDE_PATH_MAX);
}

/* The executable of TASK, whichever of its threads that is, seen in its own mount namespace. */
static __always_inline void task_put_exe(
	struct tail *tail, struct bw_text *text, struct task_struct *task, __u32 limit)
{
	path_put_file(tail, text, BPF_CORE_READ(task, mm, exe_file), task_mnt_ns(task), limit);
}

/*
 * Appends argv as the program has it that the running task TASK has just started,
 * from its own memory. Returns its true length.
 */
static __always_inline __u32 task_put_args(
	struct tail *tail, struct bw_text *text, struct task_struct *task)
{
	unsigned long start = BPF_CORE_READ(task, mm, arg_start);
	__u64 total = BPF_CORE_READ(task, mm, arg_end) - start;
	__u64 len = total;

	text->flags = len > BW_ARGS_MAX ? BW_TEXT_TRUNCATED : 0;
	if (len > BW_ARGS_MAX)
		len = BW_ARGS_MAX;
	if (bpf_probe_read_user(tail_end(tail), len, (void *)start)) {
		text->flags |= BW_TEXT_UNREADABLE;
		len = 0;
	}
	text->len = len;
	tail->used += len;
	return total;
}
