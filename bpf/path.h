/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/*
 * The path of a file as its container sees it: from the file up to the root of
 * the mount namespace, over mount points, whatever root a chroot pretends. Leaf
 * first, so that a path too long loses its beginning and never its name.
 */
#pragma once

#include "emit.h"

struct path_walk {
	struct dentry *dentry;
	struct vfsmount *mnt;
	struct dentry *root; /* of MNT: set by path_put() */
};

/* A dentry's way up and its name, which are side by side in every kernel so far. */
struct dentry_link {
	struct dentry *parent;
	__u64 hash_len; /* of the name: salted with the directory's address */
	const unsigned char *name;
};

static __always_inline void dentry_link_get(struct dentry_link *link, struct dentry *dentry)
{
	const __u32 parent = bpf_core_field_offset(struct dentry, d_parent);
	const __u32 hash_len = bpf_core_field_offset(struct dentry, d_name.hash_len);
	const __u32 name = bpf_core_field_offset(struct dentry, d_name.name);

	__builtin_memset(link, 0, sizeof(*link));
	if (hash_len == parent + offsetof(struct dentry_link, hash_len) &&
		name == parent + offsetof(struct dentry_link, name)) {
		bpf_probe_read_kernel(link, sizeof(*link), (void *)dentry + parent);
		return;
	}
	link->parent = BPF_CORE_READ(dentry, d_parent);
	link->hash_len = BPF_CORE_READ(dentry, d_name.hash_len);
	link->name = BPF_CORE_READ(dentry, d_name.name);
}

#define FMODE_BACKING_EITHER (1u << 24 | 1u << 25)
#define FMODE_NOACCOUNT      (1u << 29)

/*
 * Whether a struct backing_file is around FILE. Its bit of f_mode was the 25th and became the
 * 24th (6.14, and 6.12.y), but only the kernel's own files have this other one, too.
 */
static __always_inline bool file_is_backing(struct file *file)
{
	struct backing_file___user_path *backing = (void *)file;
	__u32 mode = BPF_CORE_READ(file, f_mode);

	return bpf_core_field_exists(backing->user_path) && (mode & FMODE_NOACCOUNT) &&
	       (mode & FMODE_BACKING_EITHER);
}

/* Where the user opened FILE: of one that overlayfs has mapped, in the overlay. */
static __always_inline struct path_walk path_of_file(struct file *file)
{
	struct backing_file___user_path *backing = (void *)file;

	if (file_is_backing(file)) {
		backing = (void *)file - bpf_core_field_offset(backing->file);
		return (struct path_walk){
			.dentry = BPF_CORE_READ(backing, user_path.dentry),
			.mnt = BPF_CORE_READ(backing, user_path.mnt),
		};
	}
	return (struct path_walk){
		.dentry = BPF_CORE_READ(file, f_path.dentry),
		.mnt = BPF_CORE_READ(file, f_path.mnt),
	};
}

static __always_inline struct mount *mount_of(struct vfsmount *mnt)
{
	return (void *)mnt - bpf_core_field_offset(struct mount, mnt);
}

/* Appends NAME with its NUL. False when LIMIT is reached, which the last name may pass. */
static __always_inline bool path_put_name(
	struct tail *tail, struct bw_text *text, const unsigned char *name, __u32 limit)
{
	long len;

	if (text->len >= limit) {
		text->flags |= BW_TEXT_TRUNCATED;
		return false;
	}
	len = bpf_probe_read_kernel_str(tail_end(tail), BW_NAME_MAX, name);
	if (len <= 0) {
		text->flags |= BW_TEXT_UNREADABLE;
		return false;
	}
	if (kernel_string_cut(name, len, BW_NAME_MAX)) /* some file systems allow longer ones */
		text->flags |= BW_TEXT_TRUNCATED;
	text->len += len;
	tail->used += len;
	return true;
}

static __always_inline void path_enter_mount(struct path_walk *walk, struct vfsmount *mnt)
{
	walk->mnt = mnt;
	walk->root = BPF_CORE_READ(mnt, mnt_root);
}

/*
 * Moves WALK from the root of a mount to the mount point it covers. False at the
 * top; the path is marked when that is not the root of NS.
 */
static __always_inline bool path_leave_mount(
	struct path_walk *walk, struct bw_text *text, struct mnt_namespace *ns)
{
	struct mount *mount = mount_of(walk->mnt);
	struct mount *parent = BPF_CORE_READ(mount, mnt_parent);

	if (parent == mount || !parent) {
		if (BPF_CORE_READ(mount, mnt_ns) != ns)
			text->flags |= BW_TEXT_DETACHED;
		return false;
	}
	walk->dentry = BPF_CORE_READ(mount, mnt_mountpoint);
	path_enter_mount(walk, (void *)parent + bpf_core_field_offset(struct mount, mnt));
	return true;
}

/* One step up. False when the walk is over. */
static __always_inline bool path_step(struct path_walk *walk, struct tail *tail,
	struct bw_text *text, struct mnt_namespace *ns, __u32 limit)
{
	struct dentry_link link;

	if (walk->dentry == walk->root)
		return path_leave_mount(walk, text, ns);
	dentry_link_get(&link, walk->dentry);
	if (!path_put_name(tail, text, link.name, limit))
		return false;
	if (walk->dentry == link.parent) { /* no directory holds it: memfd and the like */
		text->flags |= BW_TEXT_DETACHED;
		return false;
	}
	walk->dentry = link.parent;
	return true;
}

/*
 * Appends the path of MNT and DENTRY, of which LIMIT bytes are kept, as seen in
 * the mount namespace NS. A function of its own so that it is verified, not
 * copied, for each use. Always returns 0.
 */
static __noinline int path_put(struct tail *tail, struct bw_text *text, struct path_walk *start,
	struct mnt_namespace *ns, __u32 limit)
{
	struct path_walk walk = *start;

	text->len = 0;
	text->flags = 0;
	if (!walk.dentry || !walk.mnt) {
		text->flags = BW_TEXT_UNREADABLE;
		return 0;
	}
	path_enter_mount(&walk, walk.mnt);
	for (int i = 0; i < BW_PATH_DEPTH_MAX; i++)
		if (!path_step(&walk, tail, text, ns, limit))
			return 0;
	text->flags |= BW_TEXT_TRUNCATED;
	return 0;
}

static __always_inline void path_put_file(struct tail *tail, struct bw_text *text,
	struct file *file, struct mnt_namespace *ns, __u32 limit)
{
	struct path_walk start = path_of_file(file);

	path_put(tail, text, &start, ns, limit);
}
