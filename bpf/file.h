/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/* What a file is, as records carry it, and whether the agent knows it already. */
#pragma once

#include "maps.h"
#include "path.h"

#define TMPFS_MAGIC 0x01021994
#define MODE_SETUID 04000
#define MODE_SETGID 02000

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

/* Where it is, is told by its path: what a mapping has of an overlay's file is the one below. */
static __always_inline void file_put(struct bw_file *out, struct file *file)
{
	struct inode *inode = BPF_CORE_READ(file, f_inode);
	struct dentry *dentry = path_of_file(file).dentry;
	struct super_block *sb = BPF_CORE_READ(dentry, d_sb);
	dev_t dev = BPF_CORE_READ(sb, s_dev);
	__u32 mode = BPF_CORE_READ(inode, i_mode);

	out->inode = BPF_CORE_READ(inode, i_ino);
	out->size_bytes = BPF_CORE_READ(inode, i_size);
	inode_ctime(inode, &out->ctime_s, &out->ctime_ns);
	out->dev_major = dev_major(dev);
	out->dev_minor = dev_minor(dev);
	out->nlink = BPF_CORE_READ(inode, i_nlink);
	out->mode = mode;
	out->fs_magic = BPF_CORE_READ(sb, s_magic);
	out->flags = file_flags(out, dentry, mode);
}

/* The open file NUMBER of TASK. NULL when there is none. */
static __always_inline struct file *descriptor_file(struct task_struct *task, __u32 number)
{
	struct fdtable *table = BPF_CORE_READ(task, files, fdt);
	struct file **files = BPF_CORE_READ(table, fd);
	struct file *file = NULL;

	if (number >= BPF_CORE_READ(table, max_fds))
		return NULL;
	bpf_probe_read_kernel(&file, sizeof(file), &files[number]);
	return file;
}

/* Whether the agent has said of FILE, in the container CONTAINER, that there is nothing to say. */
static __always_inline bool file_is_known(__u64 container, const struct bw_file *file)
{
	struct bw_known key = {
		.container = container,
		.inode = file->inode,
		.size_bytes = file->size_bytes,
		.ctime_s = file->ctime_s,
		.ctime_ns = file->ctime_ns,
		.dev_major = file->dev_major,
		.dev_minor = file->dev_minor,
	};

	return bpf_map_lookup_elem(&bw_known, &key);
}
