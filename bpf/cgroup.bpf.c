/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/*
 * Cgroups come and go. A new one is put into scope here, in the call that makes
 * it, so that nothing which runs in it can be missed while the agent decides:
 * below a container it takes after its parent, elsewhere it is undecided.
 */
#include "cgroup.h"
#include "emit.h"

struct cgroup_scratch {
	struct bw_cgroup record;
	struct tail tail;
};

struct {
	__uint(type, BPF_MAP_TYPE_PERCPU_ARRAY);
	__uint(max_entries, 2); /* one for each program */
	__type(key, __u32);
	__type(value, struct cgroup_scratch);
} bw_cgroup_scratch SEC(".maps");

static __always_inline __u64 cgroup_parent_key(struct cgroup *cgroup)
{
	struct cgroup *parent = BPF_CORE_READ(cgroup, self.parent, cgroup);

	return parent ? cgroup_key(parent) : 0;
}

/* Puts the new cgroup KEY into scope. Returns the key at which its container begins. */
static __always_inline __u64 scope_add(__u64 key, __u64 parent)
{
	struct bw_scope scope = {.container = key, .state = BW_SCOPE_UNDECIDED};
	struct bw_scope *above = bpf_map_lookup_elem(&bw_scopes, &parent);

	if (above && above->state != BW_SCOPE_UNDECIDED)
		scope = *above;
	if (bpf_map_update_elem(&bw_scopes, &key, &scope, BPF_ANY))
		failure_count(BW_FAILURE_SCOPE_FULL);
	return scope.container;
}

static __always_inline void cgroup_report(enum bw_event_kind kind, __u32 slot,
	struct cgroup *cgroup, const char *path, __u64 key, __u64 container)
{
	struct cgroup_scratch *s = bpf_map_lookup_elem(&bw_cgroup_scratch, &slot);

	if (!s) {
		failure_count(BW_FAILURE_SCRATCH);
		return;
	}
	event_begin(&s->record.event, kind, key, container);
	s->record.parent = cgroup_parent_key(cgroup);
	s->record.level = BPF_CORE_READ(cgroup, level);
	s->tail.used = 0;
	tail_put_kernel_string(&s->tail, &s->record.text[BW_CGROUP_PATH], path, BW_PATH_MAX);
	/* rare, and the agent should decide soon: the ring's own wakeup */
	emit(&s->record.event, sizeof(s->record), &s->tail, sizeof(*s), 0);
}

SEC("tp_btf/cgroup_mkdir")
int BPF_PROG(bw_cgroup_mkdir, struct cgroup *cgroup, const char *path)
{
	__u64 key = cgroup_key(cgroup);

	if (key)
		cgroup_report(BW_EVENT_CGROUP_MKDIR, 0, cgroup, path, key,
			scope_add(key, cgroup_parent_key(cgroup)));
	return 0;
}

SEC("tp_btf/cgroup_rmdir")
int BPF_PROG(bw_cgroup_rmdir, struct cgroup *cgroup, const char *path)
{
	__u64 key = cgroup_key(cgroup);

	if (!key)
		return 0;
	bpf_map_delete_elem(&bw_scopes, &key);
	cgroup_report(BW_EVENT_CGROUP_RMDIR, 1, cgroup, path, key, key);
	return 0;
}
