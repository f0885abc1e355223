/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/*
 * Cgroups come and go. A new one is put into scope here, in the call that makes
 * it, so that nothing which runs in it can be missed while the agent decides:
 * below a container it takes after its parent, elsewhere it is undecided. So it is below
 * one that is ignored, when it may be a container of an engine in there: that one can be bare.
 */
#include "cgroup.h"
#include "emit.h"

#define WAKEUP_INTERVAL_NS 5000000 /* a fifth of the time after which the reader comes by itself */

static __u64 woken_ns; /* when it was last woken for a new cgroup, CLOCK_BOOTTIME */

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

/* Enters the new cgroup KEY with SCOPE. False when it has no entry now. */
static __always_inline bool scope_enter(__u64 key, const struct bw_scope *scope)
{
	if (bpf_map_update_elem(&bw_scopes, &key, scope, BPF_ANY) == 0)
		return true;
	failure_count(BW_FAILURE_SCOPE_FULL);
	bw_scope_incomplete = 1;
	return false;
}

/*
 * Whether CGROUP can be a container by its name, which has the digits of an id in it. The agent
 * looks closer; what is missed here are names that somebody gave to containerd.
 */
static __always_inline bool cgroup_has_long_name(struct cgroup *cgroup)
{
	const char *name = BPF_CORE_READ(cgroup, kn, name);
	char text[BW_CONTAINER_NAME_MIN + 1];

	return bpf_probe_read_kernel_str(text, sizeof(text), name) == sizeof(text);
}

/*
 * Enters the new cgroup KEY below ABOVE, which belongs to a container, and returns
 * the key of its own. When the outermost has used up its entries, what is above
 * the new cgroup will be asked.
 */
static __always_inline __u64 scope_enter_below(
	struct cgroup *cgroup, __u64 key, const struct bw_scope *above)
{
	struct bw_scope scope = {.container = above->container,
		.counter = above->counter,
		.state = above->state,
		.is_counted = 1};
	struct bw_scope *counter = scope_lookup(above->counter);

	if (above->state == BW_SCOPE_UNDECIDED ||
		(above->state == BW_SCOPE_IGNORED && cgroup_has_long_name(cgroup))) {
		scope.container = key;
		scope.state = BW_SCOPE_UNDECIDED;
	}
	if (!counter || counter->children >= BW_SCOPE_CHILDREN_MAX)
		bw_scope_incomplete = 1;
	else if (scope_enter(key, &scope))
		__sync_fetch_and_add(&counter->children, 1);
	return scope.container;
}

/* Takes the cgroup KEY, which is gone, out of scope. */
static __always_inline void scope_leave(__u64 key)
{
	struct bw_scope *scope = scope_lookup(key);
	struct bw_scope *counter = scope && scope->is_counted ? scope_lookup(scope->counter) : NULL;

	if (counter && counter->children > 0)
		__sync_fetch_and_add(&counter->children, -1);
	bpf_map_delete_elem(&bw_scopes, &key);
}

static __always_inline struct bw_scope *scope_above(struct cgroup *cgroup, __u64 key, __u64 parent)
{
	struct bw_scope *above = scope_lookup(parent);

	if (!above && bw_scope_incomplete)
		above = scope_lookup_above(cgroup, key & BW_CGROUP_V1);
	return above;
}

/* Begins a record about CGROUP. NULL when there is no memory for it. */
static __always_inline struct cgroup_scratch *cgroup_record(enum bw_event_kind kind, __u32 slot,
	struct cgroup *cgroup, const char *path, __u64 key, __u64 parent)
{
	struct cgroup_scratch *s = scratch_get(&bw_cgroup_scratch, slot);

	if (!s)
		return NULL;
	event_begin(&s->record.event, kind, key, key);
	s->record.parent = parent;
	s->record.level = BPF_CORE_READ(cgroup, level);
	s->record.unscoped = 0;
	s->tail.used = 0;
	tail_put_kernel_string(&s->tail, &s->record.text[BW_CGROUP_PATH], path);
	return s;
}

static __always_inline void cgroup_send(struct cgroup_scratch *s, __u64 wakeup)
{
	emit_with_texts(
		&bw_events, &s->record.event, sizeof(s->record), &s->tail, sizeof(*s), wakeup);
}

/*
 * The agent is woken for a new cgroup, to look at it soon, but not for each of many: that
 * would double the price of making one.
 */
static __always_inline __u64 mkdir_wakeup(const struct bw_event *event)
{
	if (event->container != event->cgroup)
		return emit_wakeup(&bw_events);
	return emit_wakeup_soon(&bw_events, &woken_ns, event->time_ns, WAKEUP_INTERVAL_NS);
}

SEC("tp_btf/cgroup_mkdir")
int BPF_PROG(bw_cgroup_mkdir, struct cgroup *cgroup, const char *path)
{
	__u64 key = cgroup_key(cgroup), parent = cgroup_parent_key(cgroup);
	struct bw_scope undecided = {.container = key, .counter = key, .state = BW_SCOPE_UNDECIDED};
	struct cgroup_scratch *s;
	struct bw_scope *above;
	__u64 container;

	if (!key)
		return 0;
	s = cgroup_record(BW_EVENT_CGROUP_MKDIR, 0, cgroup, path, key, parent);
	above = scope_above(cgroup, key, parent);
	if (above && (above->state != BW_SCOPE_UNDECIDED || above->is_counted)) {
		container = scope_enter_below(cgroup, key, above);
		if (s)
			s->record.event.container = container;
	} else if (!scope_enter(key, &undecided) && s) {
		s->record.unscoped = 1;
	}
	if (s)
		cgroup_send(s, mkdir_wakeup(&s->record.event));
	return 0;
}

SEC("tp_btf/cgroup_rmdir")
int BPF_PROG(bw_cgroup_rmdir, struct cgroup *cgroup, const char *path)
{
	__u64 key = cgroup_key(cgroup);
	struct cgroup_scratch *s;

	if (!key)
		return 0;
	scope_leave(key);
	s = cgroup_record(BW_EVENT_CGROUP_RMDIR, 1, cgroup, path, key, cgroup_parent_key(cgroup));
	if (s)
		cgroup_send(s, emit_wakeup(&bw_events));
	return 0;
}
