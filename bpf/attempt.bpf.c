/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/*
 * execve or execveat failed. Read at exit: by then the kernel has faulted in the
 * caller's strings, which at entry are often not there yet. What was asked for
 * is the caller's word, it ran nothing.
 *
 * An exec that fails behind the point of no return ends its process, and its caller's strings
 * are gone: what it asked for was remembered before (prepare.bpf.c). The end of the call is mostly
 * seen all the same. Where it is not, as of a 32-bit program, the end of the process stands for it:
 * the kernel's error is not known then, and the signal says nothing, it is SIGSEGV or
 * who killed it knows.
 */
#include <linux/fcntl.h>

#include "cgroup.h"
#include "prepared.h"
#include "syscall.h"
#include "task.h"

#define AT_EXECVE_CHECK_FLAG 0x10000 /* 6.14: asks whether it could be executed, runs nothing */
#define ERESTART_FIRST       512 /* ERESTARTSYS to ERESTART_RESTARTBLOCK: not the last word, */
#define ERESTART_LAST        516 /* the call is made again */

struct attempt_scratch {
	struct bw_attempt record;
	struct tail tail;
	struct lineage lineage;
	char comm[BW_COMM_SIZE]; /* of a late one's caller */
	bool is_other_program; /* the memory is not the caller's any more */
};

struct {
	__uint(type, BPF_MAP_TYPE_PERCPU_ARRAY);
	__uint(max_entries, 2); /* one for calls that end, one for processes */
	__type(key, __u32);
	__type(value, struct attempt_scratch);
} bw_attempt_scratch SEC(".maps");

/* What the caller passed. */
struct attempt_args {
	const char *path;
	const char *const *argv; /* of pointers of four bytes in a 32-bit program */
	enum bw_attempt_call call;
	__s32 dirfd;
	__u32 at_flags;
	bool has_short_pointers;
};

/* Reads entry INDEX of the list of arguments. False when it cannot be read. */
static __always_inline bool attempt_get_arg(
	const struct attempt_args *args, int index, const char **ret)
{
	const __u32 *short_argv = (const void *)args->argv;
	__u32 short_pointer = 0;

	if (!args->has_short_pointers)
		return bpf_probe_read_user(ret, sizeof(*ret), &args->argv[index]) == 0;
	if (bpf_probe_read_user(&short_pointer, sizeof(short_pointer), &short_argv[index]))
		return false;
	*ret = (const char *)(__u64)short_pointer;
	return true;
}

/* Argument INDEX with its NUL. False at the end of the list. */
static __always_inline bool attempt_put_arg(
	struct attempt_scratch *s, struct bw_text *text, const struct attempt_args *args, int index)
{
	const char *arg = NULL;
	long len;

	if (!attempt_get_arg(args, index, &arg)) {
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

static __always_inline void attempt_put_argv(
	struct attempt_scratch *s, const struct attempt_args *args)
{
	struct bw_text *text = &s->record.text[BW_ATTEMPT_ARGV];
	const char *next = NULL;

	text->len = 0;
	text->flags = 0;
	if (!args->argv) /* Linux takes that for an empty list */
		return;
	for (int i = 0; i < BW_ATTEMPT_ARGS; i++)
		if (!attempt_put_arg(s, text, args, i))
			return;
	if (attempt_get_arg(args, BW_ATTEMPT_ARGS, &next) && next)
		text->flags |= BW_TEXT_TRUNCATED;
}

/* What was asked for comes first: of most attempts that is all that is read. */
static __always_inline void attempt_put_asked(
	struct attempt_scratch *s, const struct attempt_args *args)
{
	s->tail.used = 0;
	tail_put_user_string(&s->tail, &s->record.text[BW_ATTEMPT_ASKED], args->path);
	attempt_put_argv(s, args);
	s->record.flags = 0;
	s->record.dirfd = args->dirfd;
	s->record.at_flags = args->at_flags;
	s->record.call = args->call;
}

/* Same of what was remembered: where the caller's pointers point to is now another program's. */
static __always_inline void attempt_put_prepared(
	struct attempt_scratch *s, struct task_struct *task, const struct bw_prepared *prepared)
{
	struct bw_text *text = s->record.text;

	s->tail.used = 0;
	tail_put_kernel_string(&s->tail, &text[BW_ATTEMPT_ASKED], prepared->filename);
	text[BW_ATTEMPT_ASKED].flags = prepared->text_flags;
	text[BW_ATTEMPT_ARGV] = (struct bw_text){.flags = BW_TEXT_UNREADABLE};
	s->record.flags = BW_ATTEMPT_LATE;
	s->record.call = prepared->call;
	s->record.dirfd = prepared->dirfd;
	s->record.at_flags = prepared->at_flags;
	__builtin_memcpy(s->comm, prepared->comm, sizeof(s->comm));
	s->is_other_program = (__u64)BPF_CORE_READ(task, mm) != prepared->mm;
}

static __always_inline void attempt_put_caller(struct attempt_scratch *s, struct task_struct *task)
{
	struct bw_text *text = s->record.text;

	if ((s->record.flags & BW_ATTEMPT_LATE) && s->is_other_program)
		text[BW_ATTEMPT_EXE] = (struct bw_text){.flags = BW_TEXT_UNREADABLE};
	else
		task_put_exe(&s->tail, &text[BW_ATTEMPT_EXE], task, BW_PATH_MAX);
	task_put_cwd(&s->tail, &text[BW_ATTEMPT_CWD], task);
	task_put_exe(&s->tail, &text[BW_ATTEMPT_PARENT], BPF_CORE_READ(task, real_parent),
		BW_SIDE_PATH_MAX);
	lineage_put(&s->tail, &text[BW_ATTEMPT_LINEAGE], task, &s->lineage);
}

/* ---- repeats ---- */

#define HASH_STEP  8
#define HASH_STEPS ((BW_PATH_MAX + BW_ATTEMPT_ARGS * (BW_ATTEMPT_ARG + 1)) / HASH_STEP + 1)

/* Each step mixes eight bytes in, so that what follows cannot undo it; the constant is FNV's. */
static __always_inline __u64 hash_step(__u64 hash, __u64 word)
{
	hash = (hash ^ word) * 0x100000001b3ULL;
	return hash ^ (hash >> 29);
}

/* Of all texts so far. Never 0. */
static __always_inline __u64 attempt_hash(struct attempt_scratch *s)
{
	__u64 hash = hash_step(bw_hash_secret, s->record.text[BW_ATTEMPT_ASKED].len);

	/* up to a whole step; later texts are written over it */
	__builtin_memset(tail_end(&s->tail), 0, HASH_STEP);
	for (__u32 i = 0; i < HASH_STEPS && i * HASH_STEP < s->tail.used; i++) {
		__u64 word;

		__builtin_memcpy(&word, &s->tail.text[i * HASH_STEP], HASH_STEP);
		hash = hash_step(hash, word);
	}
	return hash | 1;
}

static __always_inline struct bw_attempt_count *attempt_count_find(
	const struct bw_attempt_kind *kind)
{
	return bpf_map_lookup_elem(&bw_attempt_kinds, kind);
}

/* The count of KIND, made when there is none. NULL when there is no room for it. */
static __always_inline struct bw_attempt_count *attempt_count_make(
	const struct bw_attempt_kind *kind)
{
	struct bw_attempt_count *count = attempt_count_find(kind), none = {};

	if (count)
		return count;
	bpf_map_update_elem(&bw_attempt_kinds, kind, &none, BPF_NOEXIST);
	return attempt_count_find(kind);
}

static __always_inline void attempt_hold(struct bw_attempt_count *count)
{
	__sync_fetch_and_add(&count->held, 1);
	event_hold(BW_EVENT_ATTEMPT);
}

/*
 * Whether one of KIND is to be sent; else it is counted. *RET_COUNT is then where to say that it
 * was: NULL when there is no room for that.
 */
static __always_inline bool attempt_is_wanted(
	const struct bw_attempt_kind *kind, struct bw_attempt_count **ret_count)
{
	struct bw_attempt_kind container = {.container = kind->container};
	struct bw_attempt_count *count = attempt_count_find(kind), *kinds;

	if (!count) {
		kinds = attempt_count_make(&container);
		if (kinds && kinds->sent >= BW_ATTEMPT_KINDS_SENT) {
			attempt_hold(kinds);
			return false;
		}
		count = attempt_count_make(kind);
		if (kinds && count)
			__sync_fetch_and_add(&kinds->sent, 1);
	}
	if (count && count->sent >= BW_ATTEMPTS_SENT) {
		attempt_hold(count);
		return false;
	}
	*ret_count = count;
	return true;
}

/* ---- reporting ---- */

static __always_inline bool attempt_send(
	struct attempt_scratch *s, struct task_struct *task, const struct scope_place *place)
{
	event_begin(&s->record.event, BW_EVENT_ATTEMPT, place->key, place->scope->container);
	task_put(&s->record.process, task, place->key);
	if (s->record.flags & BW_ATTEMPT_LATE)
		__builtin_memcpy(s->record.process.comm, s->comm, sizeof(s->comm));
	attempt_put_caller(s, task);
	return emit_with_texts(&bw_attempts, &s->record.event, sizeof(s->record), &s->tail,
		sizeof(*s), emit_wakeup(&bw_attempts));
}

/* What was asked for is in S. */
static __always_inline void attempt_report(struct attempt_scratch *s, struct task_struct *task,
	const struct scope_place *place, __u32 error)
{
	struct bw_attempt_kind kind = {.container = place->scope->container, .error = error};
	struct bw_attempt_count *count;

	kind.hash = s->record.hash = attempt_hash(s);
	if (!attempt_is_wanted(&kind, &count))
		return;
	s->record.error = error;
	if (attempt_send(s, task, place) && count)
		__sync_fetch_and_add(&count->sent, 1);
}

/* Other threads may fail meanwhile, before they are ended. */
static __always_inline struct bw_prepared *prepared_by(struct task_struct *task)
{
	struct bw_prepared *prepared = prepared_find(task);

	return prepared && prepared->task == (__u64)task ? prepared : NULL;
}

static __always_inline int attempt_call(
	struct task_struct *task, long result, const struct attempt_args *args)
{
	struct bw_prepared *prepared;
	struct attempt_scratch *s;
	struct scope_place place;

	if (!scope_find(&place, task))
		return 0;
	s = scratch_get(&bw_attempt_scratch, 0);
	if (!s)
		return 0;
	prepared = prepared_by(task);
	if (prepared) {
		attempt_put_prepared(s, task, prepared);
		prepared_forget(task);
	} else {
		attempt_put_asked(s, args);
	}
	attempt_report(s, task, &place, -result);
	return 0;
}

static __always_inline bool attempt_failed(long result)
{
	return result < 0 && !(result <= -ERESTART_FIRST && result >= -ERESTART_LAST);
}

static __always_inline int attempt_execve(long result, struct pt_regs *regs,
	struct task_struct *task, bool compat, bool has_short_pointers)
{
	struct attempt_args args = {
		.path = (void *)syscall_arg(regs, 0, compat),
		.argv = (void *)syscall_arg(regs, 1, compat),
		.call = BW_CALL_EXECVE,
		.dirfd = AT_FDCWD,
		.has_short_pointers = has_short_pointers,
	};

	return attempt_call(task, result, &args);
}

static __always_inline int attempt_execveat(long result, struct pt_regs *regs,
	struct task_struct *task, bool compat, bool has_short_pointers)
{
	struct attempt_args args = {
		.call = BW_CALL_EXECVEAT,
		.dirfd = syscall_arg(regs, 0, compat),
		.path = (void *)syscall_arg(regs, 1, compat),
		.argv = (void *)syscall_arg(regs, 2, compat),
		.at_flags = syscall_arg(regs, 4, compat),
		.has_short_pointers = has_short_pointers,
	};

	if (args.at_flags & AT_EXECVE_CHECK_FLAG)
		return 0;
	return attempt_call(task, result, &args);
}

SEC("tracepoint/syscalls/sys_exit_execve")
int bw_attempt_execve(struct trace_event_raw_sys_exit *ctx)
{
	struct task_struct *task = (void *)bpf_get_current_task();
	long result = ctx->ret;

	if (!attempt_failed(result))
		return 0;
	return attempt_execve(result, task_user_regs(task), task, false, false);
}

SEC("tracepoint/syscalls/sys_exit_execveat")
int bw_attempt_execveat(struct trace_event_raw_sys_exit *ctx)
{
	struct task_struct *task = (void *)bpf_get_current_task();
	long result = ctx->ret;

	if (!attempt_failed(result))
		return 0;
	return attempt_execveat(result, task_user_regs(task), task, false, false);
}

/* Instead of both where 32-bit programs count: the others do not see these. */
SEC("tp_btf/sys_exit")
int BPF_PROG(bw_attempt_any, struct pt_regs *regs, long result)
{
	struct task_struct *task = (void *)bpf_get_current_task();
	__u32 number = syscall_number(regs);
	bool compat, is_short;

	if (!attempt_failed(result))
		return 0;
	compat = syscall_is_compat(task);
	is_short = syscall_has_short_pointers(number, compat);
	switch (syscall_kind_of(number, compat)) {
	case SYSCALL_EXECVE:
		return attempt_execve(result, regs, task, compat, is_short);
	case SYSCALL_EXECVEAT:
		return attempt_execveat(result, regs, task, compat, is_short);
	default:
		return 0;
	}
}

/* Comes when a thread ends; its process does with the last one. */
SEC("tp_btf/sched_process_exit")
int BPF_PROG(bw_late_exit, struct task_struct *task)
{
	struct bw_prepared *prepared;
	struct attempt_scratch *s;
	struct scope_place place;

	if (BPF_CORE_READ(task, signal, live.counter) > 0)
		return 0;
	prepared = prepared_find(task);
	if (!prepared)
		return 0;
	s = scratch_get(&bw_attempt_scratch, 1);
	if (s)
		attempt_put_prepared(s, task, prepared);
	if (prepared_forget(task) && s && scope_find(&place, task))
		attempt_report(s, task, &place, 0);
	return 0;
}
