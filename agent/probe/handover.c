/* SPDX-License-Identifier: Apache-2.0 */
/* What one agent leaves to the next about the containers: who they are, and what is in scope. */
#include <bpf/bpf.h>
#include <errno.h>
#include <stdlib.h>

#include "base/cleanup.h"
#include "probe/probe.h"

/*
 * The keys of MAP, to be freed. All before any is visited: an entry that is written while the map
 * is walked moves to the front of its bucket, and the walk would begin there anew.
 */
static int read_keys(const struct bpf_map *map, uint64_t **ret, size_t *ret_count)
{
	size_t count = 0, max = bpf_map__max_entries(map);
	CLEANUP_FREE uint64_t *keys = calloc(max, sizeof(*keys));
	uint64_t *last = NULL;

	if (!keys)
		return -ENOMEM;
	while (count < max && bpf_map_get_next_key(bpf_map__fd(map), last, &keys[count]) == 0)
		last = &keys[count++];
	*ret = TAKE_PTR(keys);
	*ret_count = count;
	return 0;
}

int probe_scope_each(const struct probe *probe,
	void (*visit)(uint64_t key, const struct bw_scope *scope, void *userdata), void *userdata)
{
	CLEANUP_FREE uint64_t *keys = NULL;
	struct bw_scope scope;
	size_t count;
	int r = read_keys(probe->object->maps.bw_scopes, &keys, &count);

	for (size_t i = 0; r == 0 && i < count; i++)
		if (probe_scope_get(probe, keys[i], &scope) == 0)
			visit(keys[i], &scope, userdata);
	return r;
}

static int handovers(const struct probe *probe)
{
	return bpf_map__fd(probe->object->maps.bw_handovers);
}

int probe_handover_set(struct probe *probe, uint64_t key, const struct bw_handover *handover)
{
	if (!probe->config.pins)
		return 0;
	return bpf_map_update_elem(handovers(probe), &key, handover, BPF_ANY) < 0 ? -errno : 0;
}

int probe_handover_remove(struct probe *probe, uint64_t key)
{
	if (!probe->config.pins)
		return 0;
	return bpf_map_delete_elem(handovers(probe), &key) < 0 && errno != ENOENT ? -errno : 0;
}

int probe_handover_each(const struct probe *probe,
	void (*visit)(uint64_t key, const struct bw_handover *handover, void *userdata),
	void *userdata)
{
	CLEANUP_FREE uint64_t *keys = NULL;
	struct bw_handover handover;
	size_t count;
	int r = read_keys(probe->object->maps.bw_handovers, &keys, &count);

	for (size_t i = 0; r == 0 && i < count; i++)
		if (bpf_map_lookup_elem(handovers(probe), &keys[i], &handover) == 0)
			visit(keys[i], &handover, userdata);
	return r;
}
