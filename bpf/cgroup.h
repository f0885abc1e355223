/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/*
 * Cgroup keys and the scope: the first question of every program is whether the
 * task's cgroup is watched.
 */
#pragma once

#include "bound.h"

/* Containers begin near the root: the deepest known forms (nested engines) are at about 8. */
#define CONTAINER_LEVEL_MAX 24

/* Where a task was found to belong. */
struct scope_place {
	__u64 key; /* of its own cgroup */
	struct bw_scope *scope;
};

/* The cgroup of TASK in the version 1 hierarchy that is in use. */
static __always_inline struct cgroup *task_cgroup_v1(struct task_struct *task)
{
	struct css_set *set = BPF_CORE_READ(task, cgroups);
	struct cgroup_subsys_state *css = NULL;
	__u64 place = bpf_core_field_offset(set->subsys) + bw_v1_subsys * sizeof(css);

	bpf_probe_read_kernel(&css, sizeof(css), (void *)set + place);
	return BPF_CORE_READ(css, cgroup);
}

/* The key of CGROUP, or 0 when its hierarchy identifies nothing. */
static __always_inline __u64 cgroup_key(struct cgroup *cgroup)
{
	__u32 hierarchy = BPF_CORE_READ(cgroup, root, hierarchy_id);
	__u64 id = BPF_CORE_READ(cgroup, kn, id);

	if (hierarchy == 0)
		return id;
	if (bw_v1_hierarchy && hierarchy == bw_v1_hierarchy)
		return id | BW_CGROUP_V1;
	return 0;
}

static __always_inline struct bw_scope *scope_lookup(__u64 key)
{
	return bpf_map_lookup_elem(&bw_scopes, &key);
}

/*
 * The scope of the innermost cgroup on the way to CGROUP that has one: a container that is nested
 * has one of its own. No container has any below this level.
 */
static __always_inline struct bw_scope *scope_lookup_above(struct cgroup *cgroup, __u64 version)
{
	__u32 level = BPF_CORE_READ(cgroup, level);
	struct bw_scope *innermost = NULL;

	for (__u32 i = 1; i <= CONTAINER_LEVEL_MAX && i <= level; i++) {
		struct bw_scope *scope = scope_lookup(cgroup_ancestor_id(cgroup, i) | version);

		if (scope)
			innermost = scope;
	}
	return innermost;
}

static __always_inline bool scope_place_find(
	struct scope_place *place, struct cgroup *cgroup, __u64 version)
{
	place->key = BPF_CORE_READ(cgroup, kn, id) | version;
	place->scope = scope_lookup(place->key);
	if (!place->scope && bw_scope_incomplete)
		place->scope = scope_lookup_above(cgroup, version);
	return place->scope;
}

/* CGROUP is the one with KEY, or below it. Both are of one hierarchy. */
static __always_inline bool cgroup_is_within(struct cgroup *cgroup, __u64 key)
{
	__u32 level = BPF_CORE_READ(cgroup, level);

	for (__u32 i = 1; i <= CONTAINER_LEVEL_MAX && i <= level; i++)
		if (cgroup_ancestor_id(cgroup, i) == (key & ~BW_CGROUP_V1))
			return true;
	return false;
}

/* The key of the mount namespace that TASK is in when nobody holds that. */
static __always_inline __u64 task_mount_key_begun(struct task_struct *task)
{
	struct mnt_namespace *mnt_ns = BPF_CORE_READ(task, nsproxy, mnt_ns);
	__u64 serial = mnt_ns_serial(mnt_ns) & ((1ULL << BW_MNT_SERIAL_BITS) - 1);

	return BPF_CORE_READ(mnt_ns, ns.inum) | serial << 32 | BW_CGROUP_MNT;
}

/*
 * The key of a container without a cgroup that TASK is in: that to which it is bound, which stays
 * when it makes itself a mount namespace, else that of the one it is in, which need not be one.
 */
static __always_inline __u64 task_mount_key(struct task_struct *task)
{
	struct bw_task *entry = task_entry(task);
	__u64 held, begun;

	if (entry && (entry->container & BW_CGROUP_MNT))
		return entry->container;
	held = BPF_CORE_READ(task, nsproxy, mnt_ns, ns.inum) | BW_CGROUP_MNT;
	begun = task_mount_key_begun(task);
	return scope_lookup(begun) ? begun : held;
}

/* The key of TASK in the hierarchy that LIKE is a key of. */
static __always_inline __u64 task_cgroup_key(struct task_struct *task, __u64 like)
{
	if (like & BW_CGROUP_MNT)
		return task_mount_key(task);
	if (like & BW_CGROUP_V1) {
		struct cgroup *cgroup = task_cgroup_v1(task);

		return BPF_CORE_READ(cgroup, kn, id) | BW_CGROUP_V1;
	}
	return BPF_CORE_READ(task, cgroups, dfl_cgrp, kn, id);
}

/* Where TASK is when no cgroup tells. PLACE is as it was when that is nowhere. */
static __always_inline bool scope_place_mounts(struct scope_place *place, struct task_struct *task)
{
	__u64 key = task_mount_key(task);
	struct bw_scope *scope = scope_lookup(key);

	if (!scope)
		return false;
	place->key = key;
	place->scope = scope;
	return true;
}

/*
 * Where TASK is, in version 2 or else, on hosts that have it, in version 1: an engine that
 * uses only that leaves its containers in its own version 2 cgroup. Last, by its mounts: while
 * there is no container of that kind this is one read. False when what is there is not wanted.
 */
static __always_inline bool scope_find_here(struct scope_place *place, struct task_struct *task)
{
	if (!scope_place_find(place, BPF_CORE_READ(task, cgroups, dfl_cgrp), 0) &&
		(bw_v1_subsys < 0 ||
			!scope_place_find(place, task_cgroup_v1(task), BW_CGROUP_V1)) &&
		(!bw_scope_mounts || !scope_place_mounts(place, task)))
		return false;
	return place->scope->state != BW_SCOPE_IGNORED;
}

/*
 * The scope of the container that the process of ENTRY has left. The container may have ended
 * since; the cgroup may also have turned out to be none.
 */
static __always_inline struct bw_scope *scope_left(struct bw_task *entry)
{
	struct bw_scope *scope = scope_lookup(entry->container);

	if (!scope && entry->scope.state == BW_SCOPE_WATCHED)
		return &entry->scope;
	return scope;
}

/*
 * Whose TASK is: of the container that it has left, else where it is. False when its events
 * are not wanted.
 */
static __always_inline bool scope_find(struct scope_place *place, struct task_struct *task)
{
	struct bw_task *moved = task_moved_entry(task);

	if (moved) {
		place->key = task_cgroup_key(task, moved->container);
		place->scope = scope_left(moved);
		if (place->scope)
			return place->scope->state != BW_SCOPE_IGNORED;
	}
	return scope_find_here(place, task);
}
