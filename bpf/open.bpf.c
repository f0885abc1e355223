/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/*
 * A file was opened. Which one, the kernel's own struct file tells, never the path that the caller
 * gave. Of opens that are one to the agent (struct bw_open_kind) the first is sent and the others
 * are counted, unless the agent wants each.
 *
 * One body, for hooks of which each kernel has some: security_file_open (fentry, else a kprobe), which
 * every open passes; else the exits of system calls, at which the descriptor leads to the file, and
 * the completion of requests of io_uring.
 */
#include "open_record.h"

#define FMODE_PATH_FLAG      (1u << 14) /* O_PATH: nothing is read or written by it */
#define SB_KERNMOUNT_FLAG    (1u << 22)
#define MNT_NS_INTERNAL_ADDR ((void *)-EINVAL)
#define ERRNO_RESTART        512 /* ERESTARTSYS and those behind it: nobody gets to see them */
#define HASH_STEP            8
#define HASH_STEPS           (BW_PATH_MAX / HASH_STEP + 1)
#define IORING_OP_OPENAT_NR  18
#define IORING_OP_OPENAT2_NR 28

/* ---- an open ---- */

/* Tells of FILE, which TASK has opened by CALL. */
static __always_inline int open_report(struct task_struct *task, const struct scope_place *place,
	struct file *file, __u32 f_mode, const struct open_call *call)
{
	struct bw_scope *account;
	struct open_scratch *s = scratch_get(&bw_open_scratch, 0);
	bool again = false;

	if (!s)
		return 0;
	s->record.kind.container = place->scope->container;
	s->record.kind.use = open_use(f_mode, call->flags, call->mode);
	kind_put_file(&s->record.kind, file);
	kind_put_exe(&s->record.kind, task);
	account = open_meet(&s->record.kind, task, place, &again);
	if (!account)
		return 0;
	event_begin(&s->record.event, BW_EVENT_OPEN, place->key, place->scope->container);
	task_put(&s->record.process, task, place->key);
	file_put(&s->record.file, file);
	open_put_call(&s->record, call);
	s->tail.used = 0;
	open_put_file(file, task, BW_OPEN_FILE, BW_PATH_MAX);
	open_put_asked(s, call);
	open_put_context(s, task);
	open_send(s, account, again);
	return 0;
}

/* Same of the file that the descriptor is of which CALL has returned: another thread may have closed it. */
static __always_inline int open_report_descriptor(
	struct task_struct *task, const struct scope_place *place, const struct open_call *call)
{
	struct file *file = descriptor_file(task, call->result);
	__u32 f_mode;

	if (!file) {
		failure_count(BW_FAILURE_OPEN);
		return 0;
	}
	f_mode = BPF_CORE_READ(file, f_mode);
	return f_mode & FMODE_PATH_FLAG ? 0 : open_report(task, place, file, f_mode, call);
}

/* Of the path that was asked for, the only text so far. */
static __always_inline __u64 open_hash_asked(struct open_scratch *s)
{
	__u64 hash = kind_hash_step(bw_hash_secret, s->record.text[BW_OPEN_ASKED].len);

	/* up to a whole step; later texts are written over it */
	__builtin_memset(tail_end(&s->tail), 0, HASH_STEP);
	for (__u32 i = 0; i < HASH_STEPS && i * HASH_STEP < s->tail.used; i++) {
		__u64 word;

		__builtin_memcpy(&word, &s->tail.text[i * HASH_STEP], HASH_STEP);
		hash = kind_hash_step(hash, word);
	}
	return hash;
}

/* What the kernel would have made of FLAGS. */
static __always_inline __u32 open_f_mode(__u32 flags)
{
	return ((flags & O_ACCMODE_MASK) + 1) & (FMODE_READ_FLAG | FMODE_WRITE_FLAG);
}

/* Tells of CALL of TASK, which has failed. Of one kind are those for the same path and with the same error. */
static __always_inline int open_report_failure(
	struct task_struct *task, const struct scope_place *place, const struct open_call *call)
{
	struct bw_scope *account;
	struct open_scratch *s = scratch_get(&bw_open_scratch, 0);
	struct bw_open_kind *kind;
	bool again = false;

	if (!s)
		return 0;
	kind = &s->record.kind;
	__builtin_memset(kind, 0, sizeof(*kind));
	s->tail.used = 0;
	s->record.text[BW_OPEN_FILE] = (struct bw_text){.flags = BW_TEXT_UNREADABLE};
	open_put_asked(s, call);
	kind->container = place->scope->container;
	kind->path = open_hash_asked(s);
	kind->generation = -call->result;
	kind->use = open_use(open_f_mode(call->flags), call->flags, call->mode);
	kind_put_exe(kind, task);
	account = open_meet(kind, task, place, &again);
	if (!account)
		return 0;
	event_begin(&s->record.event, BW_EVENT_OPEN, place->key, place->scope->container);
	task_put(&s->record.process, task, place->key);
	__builtin_memset(&s->record.file, 0, sizeof(s->record.file));
	open_put_call(&s->record, call);
	open_put_context(s, task);
	open_send(s, account, again);
	return 0;
}

/* ---- exits of system calls ---- */

/* The call in REGS, of KIND, has returned RESULT. */
static __always_inline int open_result(struct pt_regs *regs, struct task_struct *task,
	enum syscall_kind kind, bool compat, long result)
{
	struct open_call call = {.result = result};
	struct scope_place place;

	if (result < 0 ? !bw_open_failures || result <= -ERRNO_RESTART : !bw_open_results)
		return 0;
	if (!scope_find(&place, task) || !open_call_get(&call, regs, kind, compat))
		return 0;
	if (result < 0)
		return open_report_failure(task, &place, &call);
	return open_report_descriptor(task, &place, &call);
}

#define OPEN_PROGRAM(name, call, kind)                                               \
	SEC("tracepoint/syscalls/sys_exit_" call)                                    \
	int name(struct trace_event_raw_sys_exit *ctx)                               \
	{                                                                            \
		long result = ctx->ret;                                              \
		struct task_struct *task = (void *)bpf_get_current_task();           \
                                                                                     \
		return open_result(task_user_regs(task), task, kind, false, result); \
	}

OPEN_PROGRAM(bw_open_open, "open", SYSCALL_OPEN)
OPEN_PROGRAM(bw_open_creat, "creat", SYSCALL_CREAT)
OPEN_PROGRAM(bw_open_openat, "openat", SYSCALL_OPENAT)
OPEN_PROGRAM(bw_open_openat2, "openat2", SYSCALL_OPENAT2)
OPEN_PROGRAM(bw_open_handle, "open_by_handle_at", SYSCALL_OPEN_BY_HANDLE)

/* Instead of those where 32-bit programs count: the others do not see these. */
SEC("tp_btf/sys_exit")
int BPF_PROG(bw_open_any, struct pt_regs *regs, long result)
{
	struct task_struct *task = (void *)bpf_get_current_task();
	bool compat = syscall_is_compat(task);
	enum syscall_kind kind = syscall_kind_of(syscall_number(regs), compat);

	if (kind < SYSCALL_OPEN || kind > SYSCALL_OPEN_BY_HANDLE)
		return 0;
	return open_result(regs, task, kind, compat, result);
}

/*
 * A request of io_uring has ended, in a thread of the process that made it (from 5.12). Of one that put
 * the file into the ring's own table, there is no descriptor to go by, and of one that was told
 * to be silent (IOSQE_CQE_SKIP_SUCCESS) no end.
 */
SEC("tp_btf/io_uring_complete")
int BPF_PROG(bw_open_uring, void *ring, struct io_kiocb *req)
{
	struct task_struct *task = (void *)bpf_get_current_task();
	struct io_open *request = (void *)req;
	struct open_call call = {.call = BW_OPEN_BY_IO_URING};
	__u8 opcode = req ? BPF_CORE_READ(req, opcode) : 0;
	struct scope_place place;

	if (opcode != IORING_OP_OPENAT_NR && opcode != IORING_OP_OPENAT2_NR)
		return 0;
	call.result = BPF_CORE_READ(req, cqe.res);
	if (call.result < 0 || BPF_CORE_READ(request, file_slot) || !scope_find(&place, task))
		return 0;
	call.flags = BPF_CORE_READ(request, how.flags);
	call.mode = BPF_CORE_READ(request, how.mode);
	return open_report_descriptor(task, &place, &call);
}

/* ---- inside the kernel ---- */

/*
 * Whether the kernel opens FILE for itself: exec the program, whose exec is told; an overlay the file
 * below that which was opened, or, to copy it, both (in mounts of its own, of which those of memfd and
 * pipes are no others').
 */
static __always_inline bool open_is_kernels(struct file *file)
{
	struct vfsmount *mnt = BPF_CORE_READ(file, f_path.mnt);

	if ((BPF_CORE_READ(file, f_flags) & FMODE_EXEC_IN_FLAGS) ||
		(BPF_CORE_READ(file, f_mode) & FMODE_NOACCOUNT))
		return true;
	return BPF_CORE_READ(mount_of(mnt), mnt_ns) == MNT_NS_INTERNAL_ADDR &&
	       !(BPF_CORE_READ(file, f_inode, i_sb, s_flags) & SB_KERNMOUNT_FLAG);
}

/* FILE is being opened. It may still be refused: by another security module, or by its driver. */
static __always_inline int open_inside(struct file *file)
{
	struct task_struct *task = (void *)bpf_get_current_task();
	struct open_call call = {};
	struct scope_place place;

	if (!scope_find(&place, task) || open_is_kernels(file))
		return 0;
	open_call_find(&call, task, file);
	return open_report(task, &place, file, BPF_CORE_READ(file, f_mode), &call);
}

/* The file is read as a number: what the verifier knows as a pointer is no argument of a global function. */
SEC("fentry/security_file_open")
int bw_open_fentry(__u64 *ctx)
{
	__u64 file = 0;

	bpf_probe_read_kernel(&file, sizeof(file), ctx);
	return open_inside((void *)file);
}

SEC("kprobe/security_file_open")
int bw_open_kprobe(struct pt_regs *ctx)
{
	return open_inside((void *)function_arg(ctx));
}

/* ---- decisions ---- */

/* What the agent hands over: a kind and a state, a word each for what a raw tracepoint takes. */
struct open_decision {
	struct bw_open_kind kind;
	__u64 state; /* enum bw_open_state */
};

/*
 * Run by the agent and attached to nothing: the state of a kind changes in place, so that nothing that
 * is counted meanwhile is lost. 1: there is no such kind.
 */
SEC("raw_tp/sys_enter")
int bw_open_decide(const __u64 *words)
{
	struct open_decision decision = {};
	struct bw_open_seen *seen;
	__u64 *to = (void *)&decision;

#pragma unroll /* the verifier wants each place of the context as a number */
	for (int i = 0; i < (int)(sizeof(decision) / sizeof(*to)); i++)
		to[i] = words[i];
	seen = bpf_map_lookup_elem(&bw_opens_seen, &decision.kind);
	if (!seen)
		return 1;
	if (decision.state == BW_OPEN_UNDECIDED)
		seen->tgid = 0;
	seen->state = decision.state;
	return 0;
}
