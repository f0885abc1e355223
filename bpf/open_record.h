/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/* The record of an open: put together, and sent. */
#pragma once

#include "file.h"
#include "open_call.h"
#include "open_seen.h"
#include "task.h"

struct open_scratch {
	struct bw_open record;
	struct tail tail;
	struct lineage lineage;
};

struct {
	__uint(type, BPF_MAP_TYPE_PERCPU_ARRAY);
	__uint(max_entries, 1);
	__type(key, __u32);
	__type(value, struct open_scratch);
} bw_open_scratch SEC(".maps");

/* ---- texts: in functions that are global, so that the verifier looks at each of them once ---- */

/* The path of DENTRY and MNT in the mount namespace NS (addresses), of which LIMIT bytes are kept. */
__noinline int bw_open_put_walk(__u64 dentry, __u64 mnt, __u64 ns, __u32 which, __u32 limit)
{
	struct path_walk start = {.dentry = (void *)dentry, .mnt = (void *)mnt};
	struct open_scratch *s = scratch_get(&bw_open_scratch, 0);

	if (!s || which >= BW_OPEN_TEXTS)
		return 0;
	return path_put(&s->tail, &s->record.text[which], &start, (void *)ns, limit);
}

__noinline int bw_open_put_lineage(void)
{
	struct task_struct *task = (void *)bpf_get_current_task();
	struct open_scratch *s = scratch_get(&bw_open_scratch, 0);

	if (s)
		lineage_put(&s->tail, &s->record.text[BW_OPEN_LINEAGE], task, &s->lineage);
	return 0;
}

static __always_inline void open_put_file(
	struct file *file, struct task_struct *task, enum bw_open_text which, __u32 limit)
{
	struct path_walk place = path_of_file(file);

	bw_open_put_walk(
		(__u64)place.dentry, (__u64)place.mnt, (__u64)task_mnt_ns(task), which, limit);
}

static __always_inline void open_put_exe(
	struct task_struct *task, enum bw_open_text which, __u32 limit)
{
	open_put_file(BPF_CORE_READ(task, mm, exe_file), task, which, limit);
}

static __always_inline bool open_wants(enum bw_open_text text)
{
	return bw_open_context & 1u << text;
}

/* What costs most of a record, and not every set of rules asks for. */
static __always_inline void open_put_context(struct open_scratch *s, struct task_struct *task)
{
	for (int i = BW_OPEN_EXE; i < BW_OPEN_TEXTS; i++)
		s->record.text[i] = (struct bw_text){.flags = BW_TEXT_UNREADABLE};
	if (open_wants(BW_OPEN_EXE))
		open_put_exe(task, BW_OPEN_EXE, BW_PATH_MAX);
	if (open_wants(BW_OPEN_CWD))
		bw_open_put_walk((__u64)BPF_CORE_READ(task, fs, pwd.dentry),
			(__u64)BPF_CORE_READ(task, fs, pwd.mnt), (__u64)task_mnt_ns(task),
			BW_OPEN_CWD, BW_SIDE_PATH_MAX);
	if (open_wants(BW_OPEN_PARENT))
		open_put_exe(BPF_CORE_READ(task, real_parent), BW_OPEN_PARENT, BW_SIDE_PATH_MAX);
	if (open_wants(BW_OPEN_LINEAGE))
		bw_open_put_lineage();
}

static __always_inline void open_put_asked(struct open_scratch *s, const struct open_call *call)
{
	struct bw_text *text = &s->record.text[BW_OPEN_ASKED];
	void *asked = open_call_asked(call);

	if (asked) {
		tail_put_user_string(&s->tail, text, asked);
		return;
	}
	text->len = 0;
	text->flags = BW_TEXT_UNREADABLE;
}

static __always_inline void open_put_call(struct bw_open *record, const struct open_call *call)
{
	record->result = call->result;
	record->open_flags = call->flags & ~FMODE_EXEC_IN_FLAGS;
	record->mode = call->mode;
	record->call = call->call;
	record->flags = call->record_flags;
	if (open_call_is_at_directory(call))
		record->flags |= BW_OPEN_AT_DIRECTORY;
	record->unused = 0;
}

static __always_inline void open_send(struct open_scratch *s, struct bw_scope *account, bool again)
{
	__u32 bytes = sizeof(s->record) + s->tail.used;

	if (again)
		s->record.flags |= BW_OPEN_AGAIN;
	if (emit_with_texts(&bw_opens, &s->record.event, sizeof(s->record), &s->tail, sizeof(*s),
		    open_wakeup(account, bytes)))
		return;
	open_lose(account);
	open_forget(&s->record.kind, again);
}
