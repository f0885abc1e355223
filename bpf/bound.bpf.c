/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/*
 * Processes are bound to their container: at their fork there, or when they come in from outside.
 * One that leaves its container's cgroup, by whoever's hand, stays bound, and so does all that it
 * forks: the move is reported, and its events remain those of the container. Where it left from has
 * to be known from before: cgroup_attach_task comes when the task is in its new cgroup
 * (cgroup_attach_task() in kernel/cgroup/cgroup.c, 5.10 to 6.18), and not at all for
 * CLONE_INTO_CGROUP.
 */
#include "cgroup.h"
#include "enter.h"
#include "task.h"

struct move_scratch {
	struct bw_move record;
	struct tail tail;
	struct lineage lineage;
};

struct {
	__uint(type, BPF_MAP_TYPE_PERCPU_ARRAY);
	__uint(max_entries, 2); /* one for each program */
	__type(key, __u32);
	__type(value, struct move_scratch);
} bw_move_scratch SEC(".maps");

/* ---- reports ---- */

/* TASK is now in the cgroup TO, at PATH if that is known, and CONTAINER is what it left. */
static __always_inline void move_report(struct move_scratch *s, struct task_struct *task, __u64 to,
	const char *path, __u64 container)
{
	struct bw_text *text = s->record.text;
	struct task_struct *mover = (void *)bpf_get_current_task();

	event_begin(&s->record.event, BW_EVENT_MOVE, to, container);
	task_put(&s->record.process, task, to);
	s->record.process.flags |= BW_PROCESS_MOVED;
	s->record.mover = BPF_CORE_READ(mover, tgid);
	s->record.how = path ? BW_MOVE_ATTACH : BW_MOVE_FORK;
	BPF_CORE_READ_STR_INTO(&s->record.mover_comm, mover, group_leader, comm);
	s->tail.used = 0;
	text[BW_MOVE_TO] = (struct bw_text){};
	if (path)
		tail_put_kernel_string(&s->tail, &text[BW_MOVE_TO], path);
	task_put_exe(&s->tail, &text[BW_MOVE_EXE], task, BW_PATH_MAX);
	task_put_exe(&s->tail, &text[BW_MOVE_PARENT], BPF_CORE_READ(task, real_parent),
		BW_SIDE_PATH_MAX);
	lineage_put(&s->tail, &text[BW_MOVE_LINEAGE], task, &s->lineage);
	emit_with_texts(&bw_events, &s->record.event, sizeof(s->record), &s->tail, sizeof(*s),
		emit_wakeup(&bw_events));
}

/* ---- forks ---- */

/* TASK is in the cgroup with the key LIKE, or below it, in the hierarchy of that key. */
static __always_inline bool task_is_within(struct task_struct *task, __u64 like)
{
	struct cgroup *cgroup = like & BW_CGROUP_V1 ? task_cgroup_v1(task)
						    : BPF_CORE_READ(task, cgroups, dfl_cgrp);

	return cgroup_is_within(cgroup, like);
}

/*
 * What leaves a cgroup of which is not decided what it is, for one that is in scope, is at its
 * start: the cgroup is an engine's helper's, from which a runtime puts it into its container.
 */
static __always_inline bool is_start(const struct bw_scope *from, const struct bw_scope *to)
{
	return from->state == BW_SCOPE_UNDECIDED && to;
}

/* CHILD was put elsewhere than its parent, which is at FROM, in the container unless IS_OUTSIDE. */
static __always_inline void fork_elsewhere(
	struct task_struct *child, const struct scope_place *from, bool is_outside, bool is_moved)
{
	struct scope_place to;
	bool is_inside = scope_find_here(&to, child);
	struct move_scratch *s;

	if (is_outside) {
		if (is_inside)
			task_enter(child, to.key, to.scope, 0, BPF_ANY);
		return;
	}
	if (from->scope->container & BW_CGROUP_MNT) { /* it has no cgroup to be in */
		task_enter(child, from->scope->container, from->scope, BW_TASK_MOVED, BPF_ANY);
		return;
	}
	if (!is_moved && (is_start(from->scope, is_inside ? to.scope : NULL) ||
				 task_is_within(child, from->scope->container))) {
		task_enter(child, is_inside ? to.key : from->key,
			is_inside ? to.scope : from->scope, 0, BPF_ANY);
		return;
	}
	to.key = task_cgroup_key(child, from->scope->container);
	task_enter(child, to.key, from->scope, BW_TASK_MOVED, BPF_ANY);
	s = is_moved ? NULL : scratch_get(&bw_move_scratch, 0);
	if (s)
		move_report(s, child, to.key, NULL, from->scope->container);
}

/* CHILD comes from where PARENT does: a runtime that gives no cgroup. */
static __always_inline void fork_called(struct task_struct *parent, struct task_struct *child)
{
	struct bw_task *entry = bw_scope_mounts ? task_entry(parent) : NULL;

	if (entry && entry->called_from)
		task_call(child, entry->called_from);
}

/* Comes before the child runs. */
SEC("tp_btf/sched_process_fork")
int BPF_PROG(bw_fork, struct task_struct *parent, struct task_struct *child)
{
	struct scope_place from;
	bool is_inside, is_moved;

	if (BPF_CORE_READ(parent, tgid) == BPF_CORE_READ(child, tgid)) /* a thread */
		return 0;
	is_inside = scope_find(&from, parent);
	is_moved = is_inside && task_moved_entry(parent);
	/* all cgroups of a task are one object, which it shares with others */
	if (BPF_CORE_READ(parent, cgroups) != BPF_CORE_READ(child, cgroups))
		fork_elsewhere(child, &from, !is_inside, is_moved);
	else if (is_inside)
		task_enter(child, from.key, from.scope, is_moved ? BW_TASK_MOVED : 0, BPF_ANY);
	if (BPF_CORE_READ(parent, cgroups) == BPF_CORE_READ(child, cgroups))
		fork_called(parent, child);
	return 0;
}

/* ---- moves ---- */

/* The process of TASK, of which nothing was known, is now in the cgroup KEY. */
static __always_inline void attach_unknown(
	struct task_struct *task, struct cgroup *to, __u64 key, const char *path)
{
	struct task_struct *parent = BPF_CORE_READ(task, real_parent);
	struct scope_place of_parent, here;
	struct move_scratch *s;

	/* nobody in a container has parents who are in one but those that belong there */
	if (scope_find(&of_parent, parent) && of_parent.scope->state == BW_SCOPE_WATCHED &&
		!((of_parent.scope->container ^ key) & (BW_CGROUP_V1 | BW_CGROUP_MNT)) &&
		!cgroup_is_within(to, of_parent.scope->container)) {
		task_enter(task, key, of_parent.scope, BW_TASK_MOVED, BPF_ANY);
		s = scratch_get(&bw_move_scratch, 1);
		if (s)
			move_report(s, task, key, path, of_parent.scope->container);
	} else if (scope_find_here(&here, task)) {
		task_enter(task, here.key, here.scope, 0, BPF_ANY);
	}
}

/* The container of ENTRY is none that is watched: where the process is now counts. */
static __always_inline void entry_rebind(struct bw_task *entry, struct task_struct *task)
{
	__u32 tgid = BPF_CORE_READ(task, tgid);
	struct scope_place here;

	if (scope_find_here(&here, task)) {
		entry->cgroup = here.key;
		entry->container = here.scope->container;
	} else {
		task_forget(tgid);
	}
}

/* What the process of ENTRY belonged to before it was moved, as it is decided by now. */
static __always_inline struct bw_scope *entry_scope(const struct bw_task *entry)
{
	struct bw_scope *scope = scope_lookup(entry->cgroup);

	return scope ? scope : scope_lookup(entry->container);
}

/*
 * The process of ENTRY, whose container has no cgroup, was put into one. Nothing is left by that;
 * but what runs in the cgroup is that container's from now on, and no other's.
 */
static __always_inline void entry_keep(struct bw_task *entry)
{
	entry->flags |= BW_TASK_MOVED;
	__sync_fetch_and_add(&bw_tasks_moved, 1);
}

/* TASK is in the cgroup TO by now. Of many hierarchies only those that tell containers matter. */
SEC("tp_btf/cgroup_attach_task")
int BPF_PROG(bw_attach, struct cgroup *to, const char *path, struct task_struct *task)
{
	__u64 key = cgroup_key(to);
	struct bw_task *entry;
	struct move_scratch *s;
	struct bw_scope *from, *here;

	if (!key)
		return 0;
	entry = task_entry(task);
	if (entry)
		entry->called_from = 0; /* it was given one */
	if (!entry || !entry->container) {
		attach_unknown(task, to, key, path);
		return 0;
	}
	if (entry->flags & BW_TASK_MOVED)
		return 0;
	if (entry->container & BW_CGROUP_MNT) {
		entry_keep(entry);
		return 0;
	}
	if ((entry->container ^ key) & BW_CGROUP_V1)
		return 0;
	from = entry_scope(entry);
	if (!from || from->state == BW_SCOPE_IGNORED || is_start(from, scope_lookup(key))) {
		entry_rebind(entry, task);
		return 0;
	}
	entry->cgroup = key;
	entry->container = from->container;
	if (cgroup_is_within(to, from->container)) {
		here = scope_lookup(key);
		if (here) /* it may be nested there */
			entry->container = here->container;
		return 0;
	}
	entry->scope = *from;
	entry->flags |= BW_TASK_MOVED;
	__sync_fetch_and_add(&bw_tasks_moved, 1);
	s = scratch_get(&bw_move_scratch, 1);
	if (s)
		move_report(s, task, key, path, entry->container);
	return 0;
}

/* ---- the end, and what was there before ---- */

/* The process TGID of the container KEY, which is told by its mounts, has ended: so does that. */
static __always_inline void scope_end(__u64 key, __u32 tgid)
{
	struct bw_scope *scope = scope_lookup(key);

	if (scope && scope->init == tgid) /* the number of its namespace may be given out again */
		bpf_map_delete_elem(&bw_scopes, &key);
}

/*
 * Comes when a thread ends; its process does with the last one. Two that end at once both see that
 * none is left.
 */
SEC("tp_btf/sched_process_exit")
int BPF_PROG(bw_exit, struct task_struct *task)
{
	__u32 tgid = BPF_CORE_READ(task, tgid);
	struct bw_task *entry;

	if (BPF_CORE_READ(task, signal, live.counter) > 0)
		return 0;
	entry = bpf_map_lookup_elem(&bw_tasks, &tgid);
	if (entry && (entry->container & BW_CGROUP_MNT))
		scope_end(entry->container, tgid);
	task_forget(tgid);
	return 0;
}

/* Read once, after the containers that are there have been put into scope. */
SEC("iter/task")
int bw_task_walk(struct bpf_iter__task *ctx)
{
	struct task_struct *task = ctx->task;
	struct scope_place place;
	struct bw_task *entry;

	if (!task || BPF_CORE_READ(task, pid) != BPF_CORE_READ(task, tgid) ||
		BPF_CORE_READ(task, signal, live.counter) <= 0 || !scope_find_here(&place, task))
		return 0;
	entry = task_entry(task);
	if (!entry)
		task_enter(task, place.key, place.scope, 0, BPF_NOEXIST);
	else if (entry->called_from && (place.key & BW_CGROUP_MNT))
		task_arrive(entry, place.key, place.scope);
	return 0;
}
