/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/*
 * A program started. sched_process_exec comes after the point of no return, when
 * the kernel has opened the file and laid out the new memory: what is read here
 * is what runs, whichever system call, ABI, script or descriptor led to it.
 */
#include "cgroup.h"
#include "task.h"

#define TMPFS_MAGIC 0x01021994
#define MODE_SETUID 04000
#define MODE_SETGID 02000

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

/* True for a file that never had a name: its dentry is its own parent, on shared memory. */
static __always_inline bool file_is_memfd(struct dentry *dentry, __u64 fs_magic)
{
	return fs_magic == TMPFS_MAGIC && BPF_CORE_READ(dentry, d_parent) == dentry;
}

/* True when no directory lists the file any more. Overlayfs keeps nlink at 1: ask the dentry. */
static __always_inline bool file_is_deleted(struct dentry *dentry, __u32 nlink)
{
	return nlink == 0 || BPF_CORE_READ(dentry, d_hash.pprev) == NULL;
}

static __always_inline __u32 file_flags(struct bw_file *out, struct dentry *dentry, __u32 mode)
{
	__u32 flags = 0;

	if (file_is_memfd(dentry, out->fs_magic))
		flags |= BW_FILE_MEMFD;
	if (file_is_deleted(dentry, out->nlink))
		flags |= BW_FILE_DELETED;
	if (mode & MODE_SETUID)
		flags |= BW_FILE_SETUID;
	if (mode & MODE_SETGID)
		flags |= BW_FILE_SETGID;
	return flags;
}

static __always_inline void file_put(struct bw_file *out, struct file *file)
{
	struct inode *inode = BPF_CORE_READ(file, f_inode);
	struct super_block *sb = BPF_CORE_READ(inode, i_sb);
	__u32 dev = BPF_CORE_READ(sb, s_dev);
	__u32 mode = BPF_CORE_READ(inode, i_mode);

	out->inode = BPF_CORE_READ(inode, i_ino);
	out->size_bytes = BPF_CORE_READ(inode, i_size);
	inode_ctime(inode, &out->ctime_s, &out->ctime_ns);
	out->dev_major = dev >> 20; /* MAJOR(): the kernel's own dev_t has 20 bits of minor */
	out->dev_minor = dev & 0xfffff;
	out->nlink = BPF_CORE_READ(inode, i_nlink);
	out->mode = mode;
	out->fs_magic = BPF_CORE_READ(sb, s_magic);
	out->flags = file_flags(out, BPF_CORE_READ(file, f_path.dentry), mode);
}

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

SEC("tp_btf/sched_process_exec")
int BPF_PROG(bw_exec, struct task_struct *task, int old_tid, struct linux_binprm *bprm)
{
	struct scope_place place;
	struct exec_scratch *s;
	__u32 zero = 0;

	if (!scope_find(&place, task))
		return 0;
	s = bpf_map_lookup_elem(&bw_exec_scratch, &zero);
	if (!s) {
		failure_count(BW_FAILURE_SCRATCH);
		return 0;
	}
	event_begin(&s->record.event, BW_EVENT_EXEC, place.key, place.scope->container);
	task_put(&s->record.process, task, place.key);
	file_put(&s->record.file, BPF_CORE_READ(bprm, file));
	if (BPF_CORE_READ(bprm, interp) != BPF_CORE_READ(bprm, filename))
		s->record.file.flags |= BW_FILE_SCRIPT;
	s->record.old_tid = old_tid;
	s->record.argc = BPF_CORE_READ(bprm, argc);
	exec_put_texts(s, task, bprm);
	emit_with_texts(&bw_events, &s->record.event, sizeof(s->record), &s->tail, sizeof(*s),
		emit_wakeup(&bw_events));
	return 0;
}
