/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/*
 * A program started. sched_process_exec comes after the point of no return, when
 * the kernel has opened the file and laid out the new memory: what is read here
 * is what runs, whichever system call, ABI, script or descriptor led to it.
 */
#include "cgroup.h"
#include "enter.h"
#include "file.h"
#include "script.h"
#include "task.h"

/* In a storm of unknown programs one in so many ns pays for the wakeup; the reader stays awake. */
#define EXEC_WAKEUP_NS 1000000

static __u64 woken_ns; /* when the reader was last woken for an exec, CLOCK_BOOTTIME */

struct exec_scratch {
	struct bw_exec record;
	struct tail tail;
	struct lineage lineage;
};

struct {
	__uint(type, BPF_MAP_TYPE_PERCPU_ARRAY);
	__uint(max_entries, 1);
	__type(key, __u32);
	__type(value, struct exec_scratch);
} bw_exec_scratch SEC(".maps");

static __always_inline void exec_put_texts(
	struct exec_scratch *s, struct task_struct *task, struct linux_binprm *bprm)
{
	struct bw_text *text = s->record.text;

	s->tail.used = 0;
	tail_put_kernel_string(&s->tail, &text[BW_EXEC_INVOKED], BPF_CORE_READ(bprm, filename));
	path_put_file(&s->tail, &text[BW_EXEC_RESOLVED], BPF_CORE_READ(bprm, file),
		task_mnt_ns(task), BW_PATH_MAX);
	task_put_cwd(&s->tail, &text[BW_EXEC_CWD], task);
	task_put_exe(&s->tail, &text[BW_EXEC_PARENT], BPF_CORE_READ(task, real_parent),
		BW_SIDE_PATH_MAX);
	s->record.args_bytes = task_put_args(&s->tail, &text[BW_EXEC_ARGS], task);
	lineage_put(&s->tail, &text[BW_EXEC_LINEAGE], task, &s->lineage);
}

/* A file that is not known may lead to an alert: its process should still be there when it is read of. */
static __always_inline __u64 exec_wakeup(const struct bw_exec *record)
{
	if (record->file.flags & BW_FILE_KNOWN)
		return emit_wakeup(&bw_events);
	return emit_wakeup_soon(&bw_events, &woken_ns, record->event.time_ns, EXEC_WAKEUP_NS);
}

/*
 * The agent's own child, which the agent expects to hear of. Where the agent is in scope
 * itself, its child is an exec as any other.
 */
static __always_inline void canary_report(struct task_struct *task)
{
	__u32 zero = 0, parent = BPF_CORE_READ(task, real_parent, tgid);
	struct bw_agent *agent = bpf_map_lookup_elem(&bw_agent, &zero);
	struct bw_canary record = {};

	if (!agent || !agent->tgid || agent->tgid != parent)
		return;
	event_begin(&record.event, BW_EVENT_CANARY, 0, 0);
	record.tgid = BPF_CORE_READ(task, tgid);
	emit(&bw_events, &record.event, sizeof(record), BPF_RB_NO_WAKEUP);
}

/*
 * TASK, which is in no container that is known, comes from a runtime that gives no cgroup, and
 * executes its first program in mounts that are not the runtime's: those are a container's,
 * of which the agent has not heard yet.
 */
static __always_inline bool scope_begin(struct scope_place *place, struct task_struct *task)
{
	struct bw_task *entry = bw_scope_mounts ? task_entry(task) : NULL;
	__u32 mnt_ns = BPF_CORE_READ(task, nsproxy, mnt_ns, ns.inum);
	struct bw_scope scope = {.state = BW_SCOPE_UNDECIDED};
	int r; /* as in task_enter() */

	if (place->scope || !entry || !entry->called_from || entry->called_from == mnt_ns)
		return false;
	place->key = task_mount_key_begun(task);
	scope.container = place->key;
	scope.init = BPF_CORE_READ(task, tgid);
	r = bpf_map_update_elem(&bw_scopes, &place->key, &scope, BPF_NOEXIST);
	if (r != 0)
		failure_count(BW_FAILURE_SCOPE_FULL);
	place->scope = scope_lookup(place->key);
	return r == 0 && place->scope;
}

/* Who came into the mounts of a container by no cgroup could make others. */
static __always_inline void exec_bind(struct task_struct *task, const struct scope_place *place)
{
	struct bw_task *entry;

	if (!(place->key & BW_CGROUP_MNT))
		return;
	entry = task_entry(task);
	if (!entry)
		task_enter(task, place->key, place->scope, 0, BPF_ANY);
	else if (entry->called_from)
		task_arrive(entry, place->key, place->scope);
}

SEC("tp_btf/sched_process_exec")
int BPF_PROG(bw_exec, struct task_struct *task, int old_tid, struct linux_binprm *bprm)
{
	struct scope_place place;
	struct exec_scratch *s;
	bool begins = false;

	if (!scope_find(&place, task)) {
		begins = scope_begin(&place, task);
		if (!begins) {
			canary_report(task);
			return 0;
		}
	}
	exec_bind(task, &place);
	s = scratch_get(&bw_exec_scratch, 0);
	if (!s)
		return 0;
	event_begin(&s->record.event, BW_EVENT_EXEC, place.key, place.scope->container);
	task_put(&s->record.process, task, place.key);
	if (begins)
		s->record.process.flags |= BW_PROCESS_BEGINS;
	file_put(&s->record.file, BPF_CORE_READ(bprm, file));
	__builtin_memset(&s->record.script, 0, sizeof(s->record.script));
	if (BPF_CORE_READ(bprm, interp) != BPF_CORE_READ(bprm, filename)) {
		s->record.file.flags |= BW_FILE_SCRIPT;
		script_put(&s->record.script, task, BPF_CORE_READ(bprm, filename));
	}
	if (file_is_known(place.scope->container, &s->record.file))
		s->record.file.flags |= BW_FILE_KNOWN;
	s->record.old_tid = old_tid;
	s->record.argc = BPF_CORE_READ(bprm, argc);
	exec_put_texts(s, task, bprm);
	emit_with_texts(&bw_events, &s->record.event, sizeof(s->record), &s->tail, sizeof(*s),
		exec_wakeup(&s->record));
	return 0;
}
