/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/*
 * Cgroup keys and the scope: the first question of every program is whether the
 * task's cgroup is watched.
 */
#pragma once

#include "maps.h"

#define CGROUP_V2_ROOT_ID 1

static __always_inline __u64 cgroup_key_v1(struct task_struct *task)
{
	struct css_set *set = BPF_CORE_READ(task, cgroups);
	struct cgroup_subsys_state *css = NULL;
	__u64 place = bpf_core_field_offset(set->subsys) + bw_v1_subsys * sizeof(void *);

	bpf_probe_read_kernel(&css, sizeof(css), (void *)set + place);
	return BPF_CORE_READ(css, cgroup, kn, id) | BW_CGROUP_V1;
}

/*
 * The key of the running task TASK. Version 2 where the task has a place of its
 * own there, else the version 1 hierarchy: with old engines on hybrid hosts every
 * task stays in the version 2 root.
 */
static __always_inline __u64 cgroup_key_current(struct task_struct *task)
{
	__u64 id = bpf_get_current_cgroup_id();

	if (id == CGROUP_V2_ROOT_ID && bw_v1_subsys >= 0)
		return cgroup_key_v1(task);
	return id;
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

/* The scope of KEY when its events are wanted, else NULL. */
static __always_inline struct bw_scope *scope_find(__u64 key)
{
	struct bw_scope *scope = bpf_map_lookup_elem(&bw_scopes, &key);

	if (!scope || scope->state == BW_SCOPE_IGNORED)
		return NULL;
	return scope;
}
