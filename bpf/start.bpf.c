/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/*
 * Starts that fail before they become an exec. A runtime that is to start a
 * program in a container looks for it first, from inside, and gives up when it is
 * not there: no execve is ever made. What can be seen is that the runtime was
 * called, with its arguments, and that its child in the container ended with an
 * error and had executed nothing. The system calls of the search itself are not
 * looked at: their tracepoints would slow every stat of the host.
 */
#include "cgroup.h"
#include "enter.h"
#include "task.h"

#define CALL_WORDS_MAX 16 /* options of a runtime before its command; podman gives it five */
#define WORD_DISABLED  0x64656c6261736964ULL /* "disabled" as the memory has it */

struct runtime_scratch {
	struct bw_runtime record;
	struct tail tail;
};

struct {
	__uint(type, BPF_MAP_TYPE_PERCPU_ARRAY);
	__uint(max_entries, 1);
	__type(key, __u32);
	__type(value, struct runtime_scratch);
} bw_runtime_scratch SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_PERCPU_ARRAY);
	__uint(max_entries, 1);
	__type(key, __u32);
	__type(value, struct bw_failed_start);
} bw_failed_start_scratch SEC(".maps");

/* The name of a runtime is the one it was executed by: at this point nobody has changed it. */
static __always_inline bool task_is_runtime(struct task_struct *task)
{
	struct bw_comm comm = {};

	BPF_CORE_READ_STR_INTO(&comm.name, task, comm);
	return bpf_map_lookup_elem(&bw_runtimes, &comm);
}

/*
 * Whether the call is one that a container makes, where anything can go by any name and
 * what a runtime does stays inside. Of a cgroup that is new, such as that of an engine's own
 * helpers, it is not known yet.
 */
static __always_inline bool call_is_from_inside(const struct scope_place *place)
{
	return place->scope && place->scope->state != BW_SCOPE_UNDECIDED;
}

/*
 * Whether one of the first words that the running program TASK was given ends in "disabled", as crun
 * is told to give no cgroup (--cgroup-manager=disabled). The agent reads closer. SCRATCH is overwritten.
 */
static __always_inline bool call_may_give_no_cgroup(struct task_struct *task, struct tail *scratch)
{
	unsigned long at = BPF_CORE_READ(task, mm, arg_start);

	for (int i = 0; i < CALL_WORDS_MAX; i++) {
		long len = bpf_probe_read_user_str(tail_end(scratch), BW_PATH_MAX, (void *)at);
		__u64 end = 0;

		if (len <= 0)
			return false;
		at += len;
		bpf_probe_read_user(&end, sizeof(end), (void *)(at - 1 - sizeof(end)));
		if (end == WORD_DISABLED)
			return true;
	}
	return false;
}

/* What comes from it, and is given no cgroup, is looked for by its mounts. Only root is believed. */
static __always_inline void call_follow(struct task_struct *task, struct tail *scratch)
{
	if (BPF_CORE_READ(task, cred, uid.val) != 0 || !call_may_give_no_cgroup(task, scratch))
		return;
	bw_scope_mounts = 1;
	task_call(task, BPF_CORE_READ(task, nsproxy, mnt_ns, ns.inum));
}

/* The agent has a few ms to read what the arguments name: it is woken at once. */
SEC("tp_btf/sched_process_exec")
int BPF_PROG(bw_runtime, struct task_struct *task)
{
	struct scope_place place;
	struct runtime_scratch *s;

	if (!task_is_runtime(task))
		return 0;
	scope_find(&place, task);
	if (call_is_from_inside(&place))
		return 0;
	s = scratch_get(&bw_runtime_scratch, 0);
	if (!s)
		return 0;
	event_begin(&s->record.event, BW_EVENT_RUNTIME, place.key,
		place.scope ? place.scope->container : place.key);
	task_put(&s->record.process, task, place.key);
	s->record.unused = 0;
	s->tail.used = 0;
	task_put_cwd(&s->tail, &s->record.text[BW_RUNTIME_CWD], task);
	s->record.args_bytes = task_put_args(&s->tail, &s->record.text[BW_RUNTIME_ARGS], task);
	emit_with_texts(&bw_events, &s->record.event, sizeof(s->record), &s->tail, sizeof(*s),
		BPF_RB_FORCE_WAKEUP);
	call_follow(task, &s->tail);
	return 0;
}

/*
 * Whether TASK, the leader of its threads, ends with an error and has executed
 * nothing, in a mount namespace that is not its parent's. Few do, so this is asked
 * before the scope.
 */
static __always_inline bool task_failed_to_start(struct task_struct *task)
{
	return BPF_CORE_READ(task, pid) == BPF_CORE_READ(task, tgid) &&
	       (BPF_CORE_READ(task, flags) & PF_FORKNOEXEC) && BPF_CORE_READ(task, exit_code) &&
	       task_mnt_ns(task) != task_mnt_ns(BPF_CORE_READ(task, real_parent));
}

/* Anyone can fork and fail, so this goes with the failed execs; what a container's own did is left out. */
SEC("tp_btf/sched_process_exit")
int BPF_PROG(bw_failed_start, struct task_struct *task)
{
	struct bw_failed_start *record;
	struct scope_place place;

	if (!task_failed_to_start(task) || !scope_find(&place, task))
		return 0;
	record = scratch_get(&bw_failed_start_scratch, 0);
	if (!record)
		return 0;
	event_begin(&record->event, BW_EVENT_FAILED_START, place.key, place.scope->container);
	task_put(&record->process, task, place.key);
	if (record->process.parent_cgroup == place.key)
		return 0;
	record->parent_start_ns = BPF_CORE_READ(task, real_parent, group_leader, start_boottime);
	record->status = BPF_CORE_READ(task, exit_code);
	record->unused = 0;
	emit(&bw_attempts, &record->event, sizeof(*record), emit_wakeup(&bw_attempts));
	return 0;
}
