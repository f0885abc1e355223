/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/* What opens are told apart by (struct bw_open_kind), in as few reads as it takes. */
#pragma once

#include "path.h"

#define FMODE_READ_FLAG     (1u << 0)
#define FMODE_WRITE_FLAG    (1u << 1)
#define FMODE_EXEC_IN_FLAGS (1u << 5) /* __FMODE_EXEC in f_flags: exec's own */
#define FMODE_CREATED_FLAG  (1u << 20)

#define O_ACCMODE_MASK 00000003
#define O_WRONLY_FLAG  00000001
#define O_CREAT_FLAG   00000100
#define O_TRUNC_FLAG   00001000
#define O_TMPFILE_FLAG 020000000 /* __O_TMPFILE */
#if defined(__TARGET_ARCH_x86) /* added by the kernel for each 64-bit program */
#define O_LARGEFILE_FLAG 00100000
#else
#define O_LARGEFILE_FLAG 00400000
#endif
#define O_CLOEXEC_FLAG   02000000
#define MODE_EXECUTE     0111
#define MODE_PERMISSIONS 07777

#define OVERLAYFS_SUPER_MAGIC 0x794c7630

#define MODE_FORMAT   0170000
#define MODE_REGULAR  0100000
#define NS_PER_SECOND 1000000000LL

static __always_inline __u64 kind_hash_step(__u64 hash, __u64 word)
{
	hash = (hash ^ word) * 0x100000001b3ULL;
	return hash ^ (hash >> 29);
}

/*
 * A hash of the path of a struct file, up to the root of the mount namespace: of the hashes that the kernel
 * has of names, over mount points, as path_put() goes. One that is too deep is told by its end. Global, as in
 * open_record.h.
 */
__noinline __u64 bw_open_path_hash(__u64 file_address)
{
	struct file *file = (void *)file_address;
	struct vfsmount *mnt = BPF_CORE_READ(file, f_path.mnt);
	struct dentry *dentry = BPF_CORE_READ(file, f_path.dentry);
	struct dentry *root = BPF_CORE_READ(mnt, mnt_root);
	__u64 hash = bw_hash_secret;

	for (int i = 0; i < BW_PATH_DEPTH_MAX; i++) {
		struct dentry_link link;

		if (dentry == root) {
			struct mount *mount = mount_of(mnt);
			struct mount *parent = BPF_CORE_READ(mount, mnt_parent);

			if (parent == mount || !parent)
				break;
			dentry = BPF_CORE_READ(mount, mnt_mountpoint);
			mnt = (void *)parent + bpf_core_field_offset(struct mount, mnt);
			root = BPF_CORE_READ(mnt, mnt_root);
			continue;
		}
		dentry_link_get(&link, dentry);
		hash = kind_hash_step(hash, link.hash_len);
		if (link.parent == dentry || !link.parent)
			break;
		dentry = link.parent;
	}
	return hash;
}

/*
 * The file that an overlay has written for INODE, which is one of its own. NULL while there is none.
 * struct ovl_inode has the pointer behind its struct inode since Linux 4.13 (09d8b586731b); read so,
 * since the types of modules are not known on every kernel.
 */
static __always_inline struct inode *overlay_upper(struct inode *inode)
{
	struct dentry *upper = NULL;

	bpf_probe_read_kernel(
		&upper, sizeof(upper), (void *)inode + bpf_core_type_size(struct inode));
	return BPF_CORE_READ(upper, d_inode);
}

/* Where the file system gives none: some of these use inode numbers again all the same. */
static __always_inline __u32 kind_changed(struct inode *inode)
{
	__s64 seconds;
	__u32 ns;

	if ((BPF_CORE_READ(inode, i_mode) & MODE_FORMAT) != MODE_REGULAR)
		return 0;
	inode_ctime(inode, &seconds, &ns);
	return kind_hash_step(bw_hash_secret, seconds * NS_PER_SECOND + ns) | 1;
}

/*
 * What tells INODE from another one that has its number, before or after. 0 for what an overlay has
 * from below: that does not change.
 */
static __always_inline __u32 kind_generation(struct inode *inode, struct super_block *sb)
{
	__u32 generation;

	if (BPF_CORE_READ(sb, s_magic) == OVERLAYFS_SUPER_MAGIC)
		inode = overlay_upper(inode);
	if (!inode)
		return 0;
	generation = BPF_CORE_READ(inode, i_generation);
	return generation ? generation : kind_changed(inode);
}

/* The program that TASK runs. Its generation has no place of its own: the hash takes it. */
static __always_inline void kind_put_exe(struct bw_open_kind *kind, struct task_struct *task)
{
	struct inode *inode = BPF_CORE_READ(task, mm, exe_file, f_inode);
	struct super_block *sb = inode_number(inode, &kind->exe_inode);

	kind->exe_dev = BPF_CORE_READ(sb, s_dev);
	kind->path = kind_hash_step(kind->path, kind_generation(inode, sb));
}

static __always_inline void kind_put_file(struct bw_open_kind *kind, struct file *file)
{
	struct inode *inode = BPF_CORE_READ(file, f_inode);
	struct super_block *sb = inode_number(inode, &kind->inode);

	kind->path = bw_open_path_hash((__u64)file);
	kind->dev = BPF_CORE_READ(sb, s_dev);
	kind->generation = kind_generation(inode, sb);
}

/* Whether a call with FLAGS (O_*) may make a file. */
static __always_inline bool open_may_create(__u32 flags)
{
	return flags & (O_CREAT_FLAG | O_TMPFILE_FLAG);
}

/* F_MODE as the kernel has it; FLAGS and MODE as asked for. */
static __always_inline __u32 open_use(__u32 f_mode, __u32 flags, __u32 mode)
{
	__u32 use = 0;

	if (f_mode & FMODE_READ_FLAG)
		use |= BW_OPEN_READ;
	if (f_mode & FMODE_WRITE_FLAG)
		use |= BW_OPEN_WRITE;
	if (flags & O_TRUNC_FLAG)
		use |= BW_OPEN_TRUNC;
	if ((f_mode & FMODE_CREATED_FLAG) || (flags & O_TMPFILE_FLAG)) /* which has no name */
		use |= BW_OPEN_CREATED;
	if (open_may_create(flags) && (mode & MODE_EXECUTE))
		use |= BW_OPEN_EXECUTABLE;
	return use;
}
