/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/*
 * The kernel's structures as far as they are read here, by hand: only the fields
 * that are used. libbpf moves every access to where the running kernel has the
 * field (CO-RE), so order and gaps mean nothing. Layouts that changed between
 * 5.8 and today are at the end as flavours (name___what), each with one accessor
 * that picks the one this kernel has.
 */
#pragma once

#include <linux/bpf.h>
#include <linux/types.h>
#include <stdbool.h>

#include <bpf/bpf_helpers.h>
#include <bpf/bpf_core_read.h>
#include <bpf/bpf_tracing.h>

typedef __u32 dev_t;
typedef unsigned short umode_t;

#pragma clang attribute push(__attribute__((preserve_access_index)), apply_to = record)

/* ---- cgroups ---- */

struct kernfs_node {
	__u64 id;
	const char *name;
};

struct cgroup;

struct cgroup_subsys_state {
	struct cgroup *cgroup;
	struct cgroup_subsys_state *parent;
};

struct cgroup_root {
	int hierarchy_id;
};

struct cgroup {
	struct cgroup_subsys_state self;
	int level;
	struct kernfs_node *kn;
	struct cgroup_root *root;
};

struct css_set {
	struct cgroup_subsys_state *subsys[1]; /* one for each controller; only its place is used */
	struct cgroup *dfl_cgrp;
};

/* ---- files ---- */

struct qstr {
	__u64 hash_len; /* in unions of its own */
	const unsigned char *name;
};

struct hlist_bl_node {
	struct hlist_bl_node **pprev;
};

struct inode;

struct dentry {
	struct hlist_bl_node d_hash;
	struct dentry *d_parent;
	struct qstr d_name;
	struct inode *d_inode;
	struct super_block *d_sb;
};

struct super_block {
	dev_t s_dev;
	unsigned long s_flags;
	unsigned long s_magic;
};

struct inode {
	umode_t i_mode;
	unsigned int i_flags;
	struct super_block *i_sb;
	unsigned long i_ino;
	unsigned int i_nlink;
	long long i_size;
	__u32 i_generation;
};

struct vfsmount {
	struct dentry *mnt_root;
};

struct mnt_namespace;

struct mount {
	struct mount *mnt_parent;
	struct dentry *mnt_mountpoint;
	struct vfsmount mnt;
	struct mnt_namespace *mnt_ns;
};

struct path {
	struct vfsmount *mnt;
	struct dentry *dentry;
};

struct file {
	unsigned int f_mode, f_flags;
	struct path f_path;
	struct inode *f_inode;
};

struct fdtable {
	unsigned int max_fds;
	struct file **fd;
};

struct files_struct {
	struct fdtable *fdt;
};

struct vm_area_struct {
	unsigned long vm_start, vm_end;
	unsigned long vm_flags;
	struct file *vm_file;
};

/* ---- tasks ---- */

struct ns_common {
	unsigned int inum;
};

struct mnt_namespace {
	struct ns_common ns;
};

struct nsproxy {
	struct mnt_namespace *mnt_ns;
};

typedef struct {
	unsigned int val;
} kuid_t;

typedef struct {
	unsigned int val;
} kgid_t;

struct capabilities { /* kernel_cap_t: two words until 6.3 (f122a08b197d), in the same order */
	__u64 val;
};

struct cred {
	kuid_t uid, euid;
	kgid_t gid, egid;
	struct capabilities cap_effective;
};

struct fs_struct {
	struct path pwd;
};

struct mm_struct {
	unsigned long arg_start, arg_end;
	struct file *exe_file;
};

struct tty_struct {
	char name[64];
};

typedef struct {
	int counter;
} atomic_t;

struct hlist_node {
	struct hlist_node *next;
};

struct hlist_head {
	struct hlist_node *first;
};

struct upid {
	int nr;
};

enum pid_type {
	PIDTYPE_PID,
	PIDTYPE_TGID,
	PIDTYPE_PGID,
	PIDTYPE_SID,
};

struct pid {
	unsigned int level;
	struct hlist_head tasks[1]; /* one for each enum pid_type; only its place is used */
	struct upid numbers[1]; /* one for each level of pid namespaces */
};

struct thread_info {
	unsigned long flags;
	__u32 status;
};

struct signal_struct {
	atomic_t live; /* threads that have not ended */
	struct pid *pids[4]; /* one for each enum pid_type */
	struct tty_struct *tty;
};

struct task_struct {
	struct thread_info thread_info;
	int pid, tgid;
	unsigned int flags;
	int exit_code;
	unsigned int personality;
	__u64 self_exec_id;
	struct pid *thread_pid;
	struct hlist_node pid_links[4]; /* one for each enum pid_type */
	unsigned int ptrace;
	__u64 start_boottime; /* real_start_time before 5.5 */
	struct task_struct *real_parent, *parent, *group_leader;
	struct mm_struct *mm;
	const struct cred *cred;
	char comm[16];
	struct fs_struct *fs;
	struct files_struct *files;
	struct nsproxy *nsproxy;
	struct signal_struct *signal;
	struct css_set *cgroups;
	void *stack;
	kuid_t loginuid; /* only with CONFIG_AUDIT */
};

struct bpf_iter__task {
	struct task_struct *task;
};

struct linux_binprm {
	struct file *file;
	int argc;
	const char *filename;
	const char *interp;
};

/* ---- system calls ---- */

struct trace_entry {
	int pid;
};

struct trace_event_raw_sys_exit {
	struct trace_entry ent;
	long id;
	long ret;
};

#if defined(__TARGET_ARCH_x86)
struct pt_regs {
	unsigned long di, si, dx, r10, r8; /* the arguments of a 64-bit call */
	unsigned long bx, cx, bp; /* with dx, si and di, those of a 32-bit one */
	unsigned long orig_ax;
};
#define KERNEL_STACK_SIZE 16384 /* THREAD_SIZE without KASAN */
#elif defined(__TARGET_ARCH_arm64)
struct pt_regs {
	__u64 regs[31];
	__u64 orig_x0; /* x0 holds the result by the time the call returns */
	__s32 syscallno;
};
#define KERNEL_STACK_SIZE 16384 /* THREAD_SIZE with pages of 4 KiB, without KASAN */
#else
#error "barewatch knows the system call registers of x86 and arm64 only"
#endif

/* ---- io_uring ---- */

struct io_cqe {
	int res;
};

struct io_kiocb {
	__u8 opcode;
	struct io_cqe cqe; /* from 5.19 */
};

struct open_how___kernel { /* the headers for programs have one of that name */
	__u64 flags, mode;
};

/* What a request to open begins with; from 6.0 where the request does. */
struct io_open {
	__u32 file_slot; /* 0: the result is a descriptor of the process */
	struct open_how___kernel how;
};

/* ---- flavours ---- */

/* until 6.5 */
struct timespec64 {
	long long tv_sec;
	long tv_nsec;
};

struct inode___ctime {
	struct timespec64 i_ctime;
};

/* 6.6 to 6.10: 13bc24457850 made the field private, so that all use the accessors */
struct inode___private_ctime {
	struct timespec64 __i_ctime;
};

/* from 6.11: 3aa63a569c64 keeps seconds and nanoseconds apart */
struct inode___split_ctime {
	long long i_ctime_sec;
	__u32 i_ctime_nsec;
};

/*
 * Overlayfs maps the file below it. From 6.5 that has a struct around it, and from 6.7
 * (def3ae83da02) its f_path is its own and the user's is beside it. In 6.5 and 6.6 the member
 * is called real_path, and f_path is the user's as before.
 */
struct backing_file___user_path {
	struct file file;
	struct path user_path;
};

/* until 6.17 */
struct mnt_namespace___with_seq {
	__u64 seq;
};

/* from 6.18 */
struct ns_common___with_id {
	__u64 ns_id;
};

/* until 6.0: 524e00b36e8c removed the tree of areas */
struct rb_node {
	struct rb_node *rb_right, *rb_left;
};

struct rb_root {
	struct rb_node *rb_node;
};

struct vm_area_struct___in_tree {
	struct rb_node vm_rb;
};

struct mm_struct___with_tree {
	struct rb_root mm_rb;
};

/* until 6.0 */
struct cgroup___ancestor_ids {
	__u64 ancestor_ids[1]; /* one for each level */
};

/* from 6.1: 7f203bc89eb6 */
struct cgroup___ancestors {
	struct cgroup *ancestors[1];
};

#pragma clang attribute pop

/* The id of the cgroup LEVEL steps below the root on the way to CGROUP; LEVEL is at most its own. */
static __always_inline __u64 cgroup_ancestor_id(struct cgroup *cgroup, __u32 level)
{
	struct cgroup___ancestors *pointers = (void *)cgroup;
	struct cgroup___ancestor_ids *ids = (void *)cgroup;
	struct cgroup *ancestor = NULL;
	__u64 place, id = 0;

	if (bpf_core_field_exists(pointers->ancestors)) {
		place = bpf_core_field_offset(pointers->ancestors) + level * sizeof(ancestor);
		bpf_probe_read_kernel(&ancestor, sizeof(ancestor), (void *)cgroup + place);
		return BPF_CORE_READ(ancestor, kn, id);
	}
	place = bpf_core_field_offset(ids->ancestor_ids) + level * sizeof(id);
	bpf_probe_read_kernel(&id, sizeof(id), (void *)cgroup + place);
	return id;
}

/*
 * What counts mount namespaces: unlike their inode numbers these are not given out again. 0 where
 * the kernel has none.
 */
static __always_inline __u64 mnt_ns_serial(struct mnt_namespace *mnt_ns)
{
	struct mnt_namespace___with_seq *with_seq = (void *)mnt_ns;
	struct ns_common___with_id *with_id = (void *)mnt_ns +
					      bpf_core_field_offset(struct mnt_namespace, ns);

	if (bpf_core_field_exists(with_id->ns_id))
		return BPF_CORE_READ(with_id, ns_id);
	return bpf_core_field_exists(with_seq->seq) ? BPF_CORE_READ(with_seq, seq) : 0;
}

/* MAJOR() and MINOR(): the kernel's own dev_t has 20 bits of minor (include/linux/kdev_t.h). */
static __always_inline __u32 dev_major(dev_t dev)
{
	return dev >> 20;
}

static __always_inline __u32 dev_minor(dev_t dev)
{
	return dev & 0xfffff;
}

/* Linux 6.13: somebody has asked for the time since it was set (I_CTIME_QUERIED); no part of it. */
#define CTIME_QUERIED (1u << 31)

static __always_inline void inode_ctime(struct inode *inode, __s64 *ret_s, __u32 *ret_ns)
{
	struct inode___split_ctime *split = (void *)inode;
	struct inode___private_ctime *hidden = (void *)inode;
	struct inode___ctime *plain = (void *)inode;

	if (bpf_core_field_exists(split->i_ctime_sec)) {
		*ret_s = BPF_CORE_READ(split, i_ctime_sec);
		*ret_ns = BPF_CORE_READ(split, i_ctime_nsec) & ~CTIME_QUERIED;
	} else if (bpf_core_field_exists(hidden->__i_ctime)) {
		*ret_s = BPF_CORE_READ(hidden, __i_ctime.tv_sec);
		*ret_ns = BPF_CORE_READ(hidden, __i_ctime.tv_nsec);
	} else {
		*ret_s = BPF_CORE_READ(plain, i_ctime.tv_sec);
		*ret_ns = BPF_CORE_READ(plain, i_ctime.tv_nsec);
	}
}

#define INODE_WORDS 4 /* from i_sb to i_ino: side by side but for two pointers */

/* The number of INODE and its file system. */
static __always_inline struct super_block *inode_number(struct inode *inode, __u64 *ret)
{
	const __u32 sb = bpf_core_field_offset(struct inode, i_sb);
	const __u32 number = bpf_core_field_offset(struct inode, i_ino);
	__u64 words[INODE_WORDS] = {};

	if (number > sb && number - sb < sizeof(words)) {
		bpf_probe_read_kernel(words, sizeof(words), (void *)inode + sb);
		*ret = words[(number - sb) / sizeof(words[0])];
		return (void *)words[0];
	}
	*ret = BPF_CORE_READ(inode, i_ino);
	return BPF_CORE_READ(inode, i_sb);
}

/*
 * The user registers of the running task, saved at its entry into the kernel.
 * The helper came with 5.15; before, they are at the end of the kernel stack.
 */
static __always_inline struct pt_regs *task_user_regs(struct task_struct *task)
{
	if (bpf_core_enum_value_exists(enum bpf_func_id, BPF_FUNC_task_pt_regs))
		return (void *)bpf_task_pt_regs((void *)bpf_get_current_task_btf());
	return BPF_CORE_READ(task, stack) + KERNEL_STACK_SIZE - bpf_core_type_size(struct pt_regs);
}

/* The first argument of the function that a kprobe is at. */
static __always_inline __u64 function_arg(struct pt_regs *ctx)
{
#if defined(__TARGET_ARCH_x86)
	return ctx->di;
#else
	return ctx->regs[0];
#endif
}
