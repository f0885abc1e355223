/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/*
 * A file was mapped executable: a library, or a program that a loader has read by itself. Seen at
 * the exit of mmap and mprotect, when the kernel's own map of the memory has the file, whatever
 * became of the descriptor. Files that the agent knows are left out, and each other one is told
 * once of a process. Memory without a file (a JIT's) is nobody's code, and not looked at.
 */
#include <linux/errno.h>

#include "cgroup.h"
#include "file.h"
#include "syscall.h"
#include "task.h"

#define PROT_READ_FLAG     0x1
#define PROT_EXEC_FLAG     0x4
#define MAP_SHARED_FLAG    0x1 /* in MAP_SHARED_VALIDATE, too */
#define MAP_ANONYMOUS_FLAG 0x20
#define READ_IMPLIES_EXEC  0x0400000 /* personality: PROT_READ is PROT_EXEC, too */
#define VM_WRITE_FLAG      0x2
#define VM_EXEC_FLAG       0x4
#define VM_SHARED_FLAG     0x8
#define INODE_PRIVATE      512 /* S_PRIVATE: the kernel's own, behind shared anonymous memory */
#define ERRNO_MAX          4095
#define AREAS_IN_CALL_MAX  16 /* of one mprotect; a library has three to five */
#define TREE_DEPTH_MAX     40 /* of a tree of 65,530 areas (max_map_count): at most 32 */
#define MAPPING_SEEN_MAX   8192
#define MAPPING_WAKEUP_NS  1000000

static __u64 woken_ns; /* when the reader was last woken for a mapping, CLOCK_BOOTTIME */

struct mapping_scratch {
	struct bw_mapping record;
	struct tail tail;
};

struct {
	__uint(type, BPF_MAP_TYPE_PERCPU_ARRAY);
	__uint(max_entries, 1);
	__type(key, __u32);
	__type(value, struct mapping_scratch);
} bw_mapping_scratch SEC(".maps");

/* A file that a program has mapped. The program: a process between two execs. */
struct mapping_key {
	__u64 start_ns;
	__u64 exec_id;
	__u32 tgid;
	__u32 ctime_ns;
	__s64 ctime_s;
	__u64 inode;
	__u32 dev_major, dev_minor;
};

/* What has been sent. A cache: what falls out of it is sent again. */
struct {
	__uint(type, BPF_MAP_TYPE_LRU_HASH);
	__uint(max_entries, MAPPING_SEEN_MAX);
	__type(key, struct mapping_key);
	__type(value, __u8);
} bw_mapping_seen SEC(".maps");

/* One call, and how far it has been looked at. */
struct mapping_call {
	__u64 address;
	__u64 next; /* behind the area that was found */
	__u32 call; /* enum bw_mapping_call */
	__u32 fd; /* of mmap */
	__u32 shared; /* mmap was told so */
};

static __always_inline void mapping_key_of(
	struct mapping_key *key, struct task_struct *task, const struct bw_file *file)
{
	key->start_ns = BPF_CORE_READ(task, group_leader, start_boottime);
	key->exec_id = BPF_CORE_READ(task, self_exec_id);
	key->tgid = BPF_CORE_READ(task, tgid);
	key->ctime_ns = file->ctime_ns;
	key->ctime_s = file->ctime_s;
	key->inode = file->inode;
	key->dev_major = file->dev_major;
	key->dev_minor = file->dev_minor;
}

/* True for the first of each KEY. */
static __always_inline bool mapping_is_new(const struct mapping_key *key)
{
	__u8 present = 1;

	if (bpf_map_lookup_elem(&bw_mapping_seen, key))
		return false;
	bpf_map_update_elem(&bw_mapping_seen, key, &present, BPF_ANY);
	return true;
}

static __always_inline void mapping_put_texts(
	struct mapping_scratch *s, struct task_struct *task, struct file *file)
{
	struct bw_text *text = s->record.text;

	s->tail.used = 0;
	path_put_file(&s->tail, &text[BW_MAPPING_FILE], file, task_mnt_ns(task), BW_PATH_MAX);
	task_put_exe(&s->tail, &text[BW_MAPPING_EXE], task, BW_PATH_MAX);
	task_put_exe(&s->tail, &text[BW_MAPPING_PARENT], BPF_CORE_READ(task, real_parent),
		BW_SIDE_PATH_MAX);
}

static __always_inline __u32 mapping_flags(__u64 vm_flags)
{
	return (vm_flags & VM_SHARED_FLAG ? BW_MAPPING_SHARED : 0) |
	       (vm_flags & VM_WRITE_FLAG ? BW_MAPPING_WRITABLE : 0);
}

/* The file, the memory and the call are in S. */
static __always_inline void mapping_send(
	struct mapping_scratch *s, struct task_struct *task, struct file *file)
{
	struct bw_event *event = &s->record.event;
	struct mapping_key key = {};

	mapping_key_of(&key, task, &s->record.file);
	if (!mapping_is_new(&key)) {
		event_hold(BW_EVENT_MAPPING);
		return;
	}
	event_begin(event, BW_EVENT_MAPPING, event->cgroup, event->container);
	task_put(&s->record.process, task, event->cgroup);
	mapping_put_texts(s, task, file);
	if (!emit_with_texts(&bw_mappings, event, sizeof(s->record), &s->tail, sizeof(*s),
		    emit_wakeup_soon(&bw_mappings, &woken_ns, event->time_ns, MAPPING_WAKEUP_NS)))
		bpf_map_delete_elem(&bw_mapping_seen, &key); /* the next one may find room */
}

/*
 * Looks at FILE, a struct file, which the call that mapping_begin() has noted has mapped from START
 * to END with VM_FLAGS. Global, so that the verifier looks at it once and not for each area of a
 * call; until 5.12 it takes numbers only.
 */
__noinline int bw_mapping_look(__u64 file_address, __u64 vm_flags, __u64 start, __u64 end)
{
	struct task_struct *task = (void *)bpf_get_current_task();
	struct file *file = (void *)file_address;
	struct mapping_scratch *s;

	if (!file || !(vm_flags & VM_EXEC_FLAG) ||
		(BPF_CORE_READ(file, f_inode, i_flags) & INODE_PRIVATE))
		return 0;
	s = scratch_get(&bw_mapping_scratch, 0);
	if (!s)
		return 0;
	file_put(&s->record.file, file);
	if (file_is_known(s->record.event.container, &s->record.file))
		return 0;
	s->record.start = start;
	s->record.end = end;
	s->record.flags = mapping_flags(vm_flags);
	mapping_send(s, task, file);
	return 0;
}

/* Looks at the file of AREA, in which CALL's address is. */
static __always_inline void mapping_look_at_area(
	struct vm_area_struct *area, struct mapping_call *call)
{
	call->next = BPF_CORE_READ(area, vm_end);
	bw_mapping_look((__u64)BPF_CORE_READ(area, vm_file), BPF_CORE_READ(area, vm_flags),
		BPF_CORE_READ(area, vm_start), call->next);
}

/* ---- finding the area: from 5.17 the kernel does, unless another thread is changing them ---- */

static long mapping_found(
	struct task_struct *task, struct vm_area_struct *area, struct mapping_call *call)
{
	mapping_look_at_area(area, call);
	return 0;
}

/* Looks at the area of CALL's address. -ENOENT when there is none, or -EBUSY. */
static __always_inline int mapping_find(struct task_struct *task, struct mapping_call *call)
{
	return bpf_find_vma(bpf_get_current_task_btf(), call->address, mapping_found, call, 0);
}

/*
 * Before, in the tree that all areas are in, without its lock: when another thread changes the
 * tree at this moment, nothing may be found, which is counted.
 */
static __always_inline int mapping_find_in_tree(struct task_struct *task, struct mapping_call *call)
{
	struct mm_struct___with_tree *mm = (void *)BPF_CORE_READ(task, mm);
	struct rb_node *node = BPF_CORE_READ(mm, mm_rb.rb_node);
	struct vm_area_struct *area = NULL;

	for (int i = 0; node && i < TREE_DEPTH_MAX; i++) {
		area = (void *)node - bpf_core_field_offset(struct vm_area_struct___in_tree, vm_rb);
		if (call->address < BPF_CORE_READ(area, vm_start))
			node = BPF_CORE_READ(node, rb_left);
		else if (call->address >= BPF_CORE_READ(area, vm_end))
			node = BPF_CORE_READ(node, rb_right);
		else
			break;
	}
	if (!node)
		return -ENOENT;
	mapping_look_at_area(area, call);
	return 0;
}

/*
 * What is left when another thread holds the areas' lock: the descriptor that was mapped. Only a
 * thread that closes it at this moment can hide it, and then it is counted.
 */
static __always_inline bool mapping_find_descriptor(
	struct task_struct *task, struct mapping_call *call)
{
	struct file *file = descriptor_file(task, call->fd);

	if (!file)
		return false;
	bw_mapping_look((__u64)file, VM_EXEC_FLAG | (call->shared ? VM_SHARED_FLAG : 0), 0, 0);
	return true;
}

typedef int mapping_find_fn(struct task_struct *task, struct mapping_call *call);

/* ---- the calls ---- */

/* Notes CALL for the records of it. False when nobody wants to know of it. */
static __always_inline bool mapping_begin(struct task_struct *task, const struct mapping_call *call)
{
	struct mapping_scratch *s;
	struct scope_place place;

	if (!scope_find(&place, task))
		return false;
	s = scratch_get(&bw_mapping_scratch, 0);
	if (!s)
		return false;
	s->record.event.cgroup = place.key;
	s->record.event.container = place.scope->container;
	s->record.call = call->call;
	return true;
}

static __always_inline bool mapping_is_executable(struct task_struct *task, __u64 prot)
{
	return (prot & PROT_EXEC_FLAG) ||
	       ((prot & PROT_READ_FLAG) && (BPF_CORE_READ(task, personality) & READ_IMPLIES_EXEC));
}

/* The arguments of a call. */
struct mapping_args {
	__u64 address, bytes, prot, flags, fd;
};

static __always_inline void mapping_args_get(
	struct mapping_args *args, struct pt_regs *regs, bool compat)
{
	args->address = syscall_arg(regs, 0, compat);
	args->bytes = syscall_arg(regs, 1, compat);
	args->prot = syscall_arg(regs, 2, compat);
	args->flags = syscall_arg(regs, 3, compat);
	args->fd = syscall_arg(regs, 4, compat);
}

/* Of the oldest mmap of 32-bit programs, which has them in memory. False when that is gone. */
static __always_inline bool mapping_args_get_block(struct mapping_args *args, struct pt_regs *regs)
{
	__u32 block[5];

	if (bpf_probe_read_user(block, sizeof(block), (void *)syscall_arg(regs, 0, true)))
		return false;
	args->address = block[0];
	args->bytes = block[1];
	args->prot = block[2];
	args->flags = block[3];
	args->fd = block[4];
	return true;
}

/* RESULT is the address: the file is mapped there whole, in one area. */
static __always_inline int mapping_mmap(long result, const struct mapping_args *args,
	struct task_struct *task, mapping_find_fn *find)
{
	struct mapping_call call = {
		.address = result,
		.call = BW_CALL_MMAP,
		.fd = args->fd,
		.shared = args->flags & MAP_SHARED_FLAG,
	};

	if ((__u64)result >= (__u64)-ERRNO_MAX || !mapping_is_executable(task, args->prot) ||
		(args->flags & MAP_ANONYMOUS_FLAG) || !mapping_begin(task, &call))
		return 0;
	if (find(task, &call) && !mapping_find_descriptor(task, &call))
		failure_count(BW_FAILURE_MAPPING);
	return 0;
}

/*
 * What was made executable may span several areas, and each may be of another file. A call that
 * fails has changed all areas in front of the one that it failed at, or of a hole
 * (do_mprotect_pkey() in mm/mprotect.c, 5.10 to 6.18).
 */
static __always_inline int mapping_mprotect(long result, const struct mapping_args *args,
	struct task_struct *task, mapping_find_fn *find)
{
	struct mapping_call call = {.address = args->address, .call = BW_CALL_MPROTECT};
	__u64 end = args->address + args->bytes;
	int r = 0;

	if (!mapping_is_executable(task, args->prot) || !mapping_begin(task, &call))
		return 0;
	for (int i = 0; i < AREAS_IN_CALL_MAX && call.address < end; i++) {
		r = find(task, &call);
		if (r)
			break;
		call.address = call.next;
	}
	if (call.address < end && !(result < 0 && r == -ENOENT))
		failure_count(BW_FAILURE_MAPPING);
	return 0;
}

#define MAPPING_PROGRAM(name, call, look, find)                            \
	SEC("tracepoint/syscalls/sys_exit_" call)                          \
	int name(struct trace_event_raw_sys_exit *ctx)                     \
	{                                                                  \
		long result = ctx->ret;                                    \
		struct task_struct *task = (void *)bpf_get_current_task(); \
		struct mapping_args args;                                  \
                                                                           \
		mapping_args_get(&args, task_user_regs(task), false);      \
		return look(result, &args, task, find);                    \
	}

MAPPING_PROGRAM(bw_mapping_mmap, "mmap", mapping_mmap, mapping_find)
MAPPING_PROGRAM(bw_mapping_mprotect, "mprotect", mapping_mprotect, mapping_find)
/* which has the arguments of mprotect, and one more behind them */
MAPPING_PROGRAM(bw_mapping_pkey, "pkey_mprotect", mapping_mprotect, mapping_find)
MAPPING_PROGRAM(bw_mapping_mmap_in_tree, "mmap", mapping_mmap, mapping_find_in_tree)
MAPPING_PROGRAM(bw_mapping_mprotect_in_tree, "mprotect", mapping_mprotect, mapping_find_in_tree)
MAPPING_PROGRAM(bw_mapping_pkey_in_tree, "pkey_mprotect", mapping_mprotect, mapping_find_in_tree)

/*
 * Instead of those where 32-bit programs count: the others do not see these. In two programs each,
 * since the verifier takes no more in one.
 */
static __always_inline int mapping_any_mmap(
	struct pt_regs *regs, long result, mapping_find_fn *find)
{
	struct task_struct *task = (void *)bpf_get_current_task();
	bool compat = syscall_is_compat(task);
	enum syscall_kind kind = syscall_kind_of(syscall_number(regs), compat);
	struct mapping_args args;

	if (kind == SYSCALL_MMAP_BLOCK) {
		if (!mapping_args_get_block(&args, regs))
			return 0;
	} else if (kind == SYSCALL_MMAP) {
		mapping_args_get(&args, regs, compat);
	} else {
		return 0;
	}
	return mapping_mmap(result, &args, task, find);
}

static __always_inline int mapping_any_mprotect(
	struct pt_regs *regs, long result, mapping_find_fn *find)
{
	struct task_struct *task = (void *)bpf_get_current_task();
	bool compat = syscall_is_compat(task);
	struct mapping_args args;

	if (syscall_kind_of(syscall_number(regs), compat) != SYSCALL_MPROTECT)
		return 0;
	mapping_args_get(&args, regs, compat);
	return mapping_mprotect(result, &args, task, find);
}

#define MAPPING_PROGRAM_ANY(name, look, find)                 \
	SEC("tp_btf/sys_exit")                                \
	int BPF_PROG(name, struct pt_regs *regs, long result) \
	{                                                     \
		return look(regs, result, find);              \
	}

MAPPING_PROGRAM_ANY(bw_mapping_any_mmap, mapping_any_mmap, mapping_find)
MAPPING_PROGRAM_ANY(bw_mapping_any_mprotect, mapping_any_mprotect, mapping_find)
MAPPING_PROGRAM_ANY(bw_mapping_any_mmap_in_tree, mapping_any_mmap, mapping_find_in_tree)
MAPPING_PROGRAM_ANY(bw_mapping_any_mprotect_in_tree, mapping_any_mprotect, mapping_find_in_tree)
