/* SPDX-License-Identifier: Apache-2.0 */
/* Which cgroups the kernel side reports on. */
#include <bpf/bpf.h>
#include <errno.h>

#include "probe/probe.h"

/* The entry that counts what is made below the cgroup KEY of CONTAINER. */
static uint64_t find_counter(const struct probe *probe, uint64_t key, uint64_t container)
{
	struct bw_scope scope;

	if (key == container)
		return key;
	return probe_scope_get(probe, container, &scope) == 0 ? scope.counter : 0;
}

/* Writes SCOPE; what the kernel side counts in an entry that is there stays as it is. */
static int scope_update(struct probe *probe, uint64_t key, struct bw_scope *scope, int flags)
{
	int fd = bpf_map__fd(probe->object->maps.bw_scopes);
	struct bw_scope old;

	if (probe_scope_get(probe, key, &old) == 0) {
		scope->children = old.children;
		scope->is_counted = old.is_counted;
		scope->tasks = old.tasks;
		scope->unbound = old.unbound;
		scope->open_round = old.open_round;
		scope->open_bytes = old.open_bytes;
		scope->opens_lost = old.opens_lost;
		scope->init = scope->init ?: old.init;
		if (old.is_counted)
			scope->counter = old.counter;
	}
	if (key & BW_CGROUP_MNT)
		probe->object->bss->bw_scope_mounts = 1;
	return bpf_map_update_elem(fd, &key, scope, flags) < 0 ? -errno : 0;
}

int probe_scope_set(
	struct probe *probe, uint64_t key, uint64_t container, enum bw_scope_state state)
{
	struct bw_scope scope = {.container = container,
		.counter = find_counter(probe, key, container),
		.state = state};

	return scope_update(probe, key, &scope, BPF_ANY);
}

int probe_scope_set_nested(struct probe *probe, uint64_t key, enum bw_scope_state state)
{
	struct bw_scope scope = {.container = key, .state = state};

	return scope_update(probe, key, &scope, BPF_ANY);
}

int probe_scope_set_mounts(struct probe *probe, uint64_t key, uint64_t container, uint32_t init,
	enum bw_scope_state state)
{
	struct bw_scope scope = {.container = container, .state = state, .init = init};

	return scope_update(probe, key, &scope, BPF_ANY);
}

int probe_scope_decide(
	struct probe *probe, uint64_t key, uint64_t container, enum bw_scope_state state)
{
	struct bw_scope scope = {.container = container,
		.counter = find_counter(probe, key, container),
		.state = state};
	int r = scope_update(probe, key, &scope, BPF_EXIST);

	return r == -ENOENT ? 0 : r;
}

int probe_scope_get(const struct probe *probe, uint64_t key, struct bw_scope *ret)
{
	int fd = bpf_map__fd(probe->object->maps.bw_scopes);

	return bpf_map_lookup_elem(fd, &key, ret) < 0 ? -errno : 0;
}

uint64_t probe_task_container(const struct probe *probe, uint32_t tgid)
{
	int fd = bpf_map__fd(probe->object->maps.bw_tasks);
	struct bw_task task;

	return bpf_map_lookup_elem(fd, &tgid, &task) == 0 ? task.container : 0;
}

void probe_scope_incomplete(struct probe *probe)
{
	probe->object->bss->bw_scope_incomplete = 1;
}

int probe_scope_remove(struct probe *probe, uint64_t key)
{
	int fd = bpf_map__fd(probe->object->maps.bw_scopes);

	return bpf_map_delete_elem(fd, &key) < 0 && errno != ENOENT ? -errno : 0;
}
