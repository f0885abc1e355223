/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/*
 * execve or execveat failed. Read at exit: by then the kernel has faulted in the
 * caller's strings, which at entry are often not there yet. What was asked for
 * is the caller's word, it ran nothing.
 */
#include <linux/fcntl.h>

#include "cgroup.h"
#include "task.h"

#define AT_EXECVE_CHECK_FLAG 0x10000 /* 6.14: asks whether it could be executed, runs nothing */
#define ERESTART_FIRST       512 /* ERESTARTSYS to ERESTART_RESTARTBLOCK: not the last word, */
#define ERESTART_LAST        516 /* the call is made again */

struct attempt_scratch {
	struct bw_attempt record;
	struct tail tail;
	struct lineage lineage;
};

struct {
	__uint(type, BPF_MAP_TYPE_PERCPU_ARRAY);
	__uint(max_entries, 1);
	__type(key, __u32);
	__type(value, struct attempt_scratch);
} bw_attempt_scratch SEC(".maps");

/* What the caller passed. */
struct attempt_args {
	const char *path;
	const char *const *argv;
	__s32 dirfd;
	__u32 at_flags;
};

/* One argument with its NUL. False at the end of the list. */
static __always_inline bool attempt_put_arg(
	struct attempt_scratch *s, struct bw_text *text, const char *const *place)
{
	const char *arg = NULL;
	long len;

	if (bpf_probe_read_user(&arg, sizeof(arg), place)) {
		text->flags |= BW_TEXT_UNREADABLE;
		return false;
	}
	if (!arg)
		return false;
	len = bpf_probe_read_user_str(tail_end(&s->tail), BW_ATTEMPT_ARG + 1, arg);
	if (len <= 0) {
		text->flags |= BW_TEXT_UNREADABLE;
		return false;
	}
	if (user_string_cut(arg, len, BW_ATTEMPT_ARG + 1))
		text->flags |= BW_TEXT_TRUNCATED;
	text->len += len;
	s->tail.used += len;
	return true;
}

static __always_inline void attempt_put_argv(struct attempt_scratch *s, const char *const *argv)
{
	struct bw_text *text = &s->record.text[BW_ATTEMPT_ARGV];
	const char *next = NULL;

	text->len = 0;
	text->flags = 0;
	if (!argv) /* Linux takes that for an empty list */
		return;
	for (int i = 0; i < BW_ATTEMPT_ARGS; i++)
		if (!attempt_put_arg(s, text, &argv[i]))
			return;
	if (bpf_probe_read_user(&next, sizeof(next), &argv[BW_ATTEMPT_ARGS]) == 0 && next)
		text->flags |= BW_TEXT_TRUNCATED;
}

static __always_inline void attempt_put_texts(
	struct attempt_scratch *s, struct task_struct *task, const struct attempt_args *args)
{
	struct bw_text *text = s->record.text;

	s->tail.used = 0;
	tail_put_user_string(&s->tail, &text[BW_ATTEMPT_ASKED], args->path);
	task_put_exe(&s->tail, &text[BW_ATTEMPT_EXE], task, BW_PATH_MAX);
	task_put_cwd(&s->tail, &text[BW_ATTEMPT_CWD], task);
	task_put_exe(&s->tail, &text[BW_ATTEMPT_PARENT], BPF_CORE_READ(task, real_parent),
		BW_SIDE_PATH_MAX);
	attempt_put_argv(s, args->argv);
	lineage_put(&s->tail, &text[BW_ATTEMPT_LINEAGE], task, &s->lineage);
}

static __always_inline int attempt_report(struct task_struct *task, long result,
	enum bw_attempt_call call, const struct attempt_args *args)
{
	struct scope_place place;
	struct attempt_scratch *s;
	__u32 zero = 0;

	if (!scope_find(&place, task))
		return 0;
	s = bpf_map_lookup_elem(&bw_attempt_scratch, &zero);
	if (!s) {
		failure_count(BW_FAILURE_SCRATCH);
		return 0;
	}
	event_begin(&s->record.event, BW_EVENT_ATTEMPT, place.key, place.scope->container);
	task_put(&s->record.process, task, place.key);
	s->record.error = -result;
	s->record.call = call;
	s->record.dirfd = args->dirfd;
	s->record.at_flags = args->at_flags;
	attempt_put_texts(s, task, args);
	emit_with_texts(&bw_attempts, &s->record.event, sizeof(s->record), &s->tail, sizeof(*s),
		emit_wakeup(&bw_attempts));
	return 0;
}

static __always_inline bool attempt_failed(long result)
{
	return result < 0 && !(result <= -ERESTART_FIRST && result >= -ERESTART_LAST);
}

SEC("tracepoint/syscalls/sys_exit_execve")
int bw_attempt_execve(struct trace_event_raw_sys_exit *ctx)
{
	long result = ctx->ret;
	struct task_struct *task;
	struct pt_regs *regs;

	if (!attempt_failed(result))
		return 0;
	task = (void *)bpf_get_current_task();
	regs = task_user_regs(task);
	struct attempt_args args = {
		.path = (void *)SYSCALL_ARG0(regs),
		.argv = (void *)SYSCALL_ARG1(regs),
		.dirfd = AT_FDCWD,
	};
	return attempt_report(task, result, BW_CALL_EXECVE, &args);
}

SEC("tracepoint/syscalls/sys_exit_execveat")
int bw_attempt_execveat(struct trace_event_raw_sys_exit *ctx)
{
	long result = ctx->ret;
	struct task_struct *task;
	struct pt_regs *regs;

	if (!attempt_failed(result))
		return 0;
	task = (void *)bpf_get_current_task();
	regs = task_user_regs(task);
	struct attempt_args args = {
		.dirfd = SYSCALL_ARG0(regs),
		.path = (void *)SYSCALL_ARG1(regs),
		.argv = (void *)SYSCALL_ARG2(regs),
		.at_flags = SYSCALL_ARG4(regs),
	};
	if (args.at_flags & AT_EXECVE_CHECK_FLAG)
		return 0;
	return attempt_report(task, result, BW_CALL_EXECVEAT, &args);
}
