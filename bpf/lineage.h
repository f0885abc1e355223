/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/*
 * Who a process comes from (struct bw_relative). Ancestors are those that were there at its fork:
 * once one has ended, the kernel calls somebody else the parent.
 */
#pragma once

#include "bound.h"
#include "emit.h"

#define PF_FORKNOEXEC 0x40 /* has executed nothing since it was forked */

struct lineage {
	struct bw_relative relatives[BW_LINEAGE_MAX];
};

/* The process that the kernel takes for TASK's parent. NULL at the top. */
static __always_inline struct task_struct *task_parent(struct task_struct *task)
{
	struct task_struct *parent = BPF_CORE_READ(task, real_parent, group_leader);

	return BPF_CORE_READ(parent, tgid) ? parent : NULL;
}

static __always_inline void relative_clear(struct bw_relative *out)
{
	__builtin_memset(out, 0, sizeof(*out));
}

/* LEADER is the first thread of its process. */
static __always_inline void relative_put(struct bw_relative *out, struct task_struct *leader)
{
	struct inode *inode = BPF_CORE_READ(leader, mm, exe_file, f_inode);
	__u64 number;
	struct super_block *sb = inode_number(inode, &number);
	dev_t dev = BPF_CORE_READ(sb, s_dev);

	relative_clear(out);
	out->tgid = BPF_CORE_READ(leader, tgid);
	out->start_ns = BPF_CORE_READ(leader, start_boottime);
	out->inode = number;
	out->dev_major = dev_major(dev);
	out->dev_minor = dev_minor(dev);
	if (BPF_CORE_READ(leader, flags) & PF_FORKNOEXEC)
		out->flags = BW_RELATIVE_FORKED;
	BPF_CORE_READ_STR_INTO(&out->comm, leader, comm);
}

/* The number of PID at LEVEL of the pid namespaces, 0 when it has none there. */
static __always_inline __u32 pid_number_at(struct pid *pid, __u32 level)
{
	__u64 stride = bpf_core_type_size(struct upid);
	__u64 place = bpf_core_field_offset(pid->numbers) + bpf_core_field_offset(struct upid, nr);
	__u32 number = 0;

	if (level > BPF_CORE_READ(pid, level))
		return 0;
	bpf_probe_read_kernel(&number, sizeof(number), (void *)pid + place + level * stride);
	return number;
}

/* The first thread of the process that PID is the number of. NULL when it has ended. */
static __always_inline struct task_struct *pid_task(struct pid *pid)
{
	struct hlist_node *node = BPF_CORE_READ(pid, tasks[0].first);

	return node ? (void *)node - bpf_core_field_offset(struct task_struct, pid_links) : NULL;
}

/* The number that is TASK's session's or process group's. */
static __always_inline struct pid *task_pid_of(struct task_struct *task, enum pid_type type)
{
	struct signal_struct *signal = BPF_CORE_READ(task, signal);
	struct pid *pid = NULL;

	bpf_probe_read_kernel(&pid, sizeof(pid),
		(void *)signal + bpf_core_field_offset(signal->pids) + type * sizeof(pid));
	return pid;
}

/* As of what a container runs first, and of what a shell without jobs does. */
static __always_inline bool task_leaders_are_one(struct task_struct *task)
{
	return task_pid_of(task, PIDTYPE_SID) == task_pid_of(task, PIDTYPE_PGID);
}

/* The leader of TASK's session or process group, which may have ended before the others. */
static __always_inline void leader_put(
	struct bw_relative *out, struct task_struct *task, enum pid_type type)
{
	struct pid *pid = task_pid_of(task, type);
	struct task_struct *leader;

	relative_clear(out);
	if (!pid)
		return;
	leader = pid_task(pid);
	if (leader)
		relative_put(out, leader);
	out->tgid = pid_number_at(pid, 0);
	out->ns_tgid = pid_number_at(pid, BPF_CORE_READ(task, group_leader, thread_pid, level));
}

/* Ancestor I of the process of ENTRY; LIVE is the next one above that the kernel can lead to. */
static __always_inline struct task_struct *ancestor_put(
	struct bw_relative *out, const struct bw_task *entry, int i, struct task_struct *live)
{
	if (live && (__u32)BPF_CORE_READ(live, tgid) == entry->ancestors[i] &&
		BPF_CORE_READ(live, start_boottime) == entry->ancestor_start_ns[i]) {
		relative_put(out, live);
		live = task_parent(live);
	} else {
		relative_clear(out);
		out->tgid = entry->ancestors[i];
		out->start_ns = entry->ancestor_start_ns[i];
	}
	out->flags = entry->forked & 1 << i ? BW_RELATIVE_FORKED : 0;
	return live;
}

/* Returns how many there are. */
static __always_inline __u32 ancestors_put(struct bw_relative *out, struct task_struct *task)
{
	struct bw_task *entry = task_entry(task);
	struct task_struct *live = task_parent(task);

	for (int i = 0; i < BW_ANCESTORS_MAX; i++) {
		if (entry ? !entry->ancestors[i] : !live)
			return i;
		if (entry) {
			live = ancestor_put(&out[i], entry, i, live);
		} else {
			relative_put(&out[i], live);
			live = task_parent(live);
		}
	}
	return BW_ANCESTORS_MAX;
}

/* Appends the lineage of TASK, put together in S. */
static __always_inline void lineage_put(
	struct tail *tail, struct bw_text *text, struct task_struct *task, struct lineage *s)
{
	struct bw_relative *relatives = s->relatives;
	__u32 len;

	leader_put(&relatives[BW_LINEAGE_SESSION], task, PIDTYPE_SID);
	if (task_leaders_are_one(task))
		__builtin_memcpy(&relatives[BW_LINEAGE_GROUP], &relatives[BW_LINEAGE_SESSION],
			sizeof(*relatives));
	else
		leader_put(&relatives[BW_LINEAGE_GROUP], task, PIDTYPE_PGID);
	len = BW_LINEAGE_ANCESTORS + ancestors_put(&relatives[BW_LINEAGE_ANCESTORS], task);
	len *= sizeof(*relatives);
	barrier_var(len); /* or the compiler checks one copy and passes another */
	if (len > sizeof(*s))
		len = sizeof(*s);
	bpf_probe_read_kernel(tail_end(tail), len, relatives);
	text->len = len;
	text->flags = 0;
	tail->used += len;
}
