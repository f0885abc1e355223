/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Paths of cgroups, which containers may name as they like: what is found lies within
 * the path, and what stands below a container does not change who it is.
 */
#include <stdint.h>
#include <stdlib.h>

#include "barewatch/container.h"

/* True when PART is empty or lies within WHOLE. */
static bool lies_within(struct slice part, struct slice whole)
{
	return part.len == 0 ||
	       (part.data >= whole.data && part.data + part.len <= whole.data + whole.len);
}

/* All that are found lie one below the other, and the first is the one that is found alone. */
static void check_nesting(struct slice path, const struct cgroup_identity *first)
{
	struct cgroup_identity all[CGROUP_NESTING_MAX];
	size_t count = cgroup_path_identify_all(path, all);

	if (count == 0 || count > CGROUP_NESTING_MAX ||
		!slice_equal(all[0].container_path, first->container_path))
		abort();
	for (size_t i = 0; i < count; i++)
		if (all[i].id.len == 0 || all[i].id.len > CONTAINER_ID_MAX ||
			!lies_within(all[i].id, all[i].container_path) ||
			!lies_within(all[i].pod_uid, all[i].container_path) ||
			!lies_within(all[i].container_path, path) ||
			(i > 0 && all[i].container_path.len <= all[i - 1].container_path.len))
			abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct slice path = {(const char *)data, size};
	struct cgroup_identity found = {0}, again = {0};

	if (!cgroup_path_identify(path, &found))
		return 0;
	if (found.id.len == 0 || found.id.len > CONTAINER_ID_MAX ||
		found.runtime >= CONTAINER_RUNTIMES || found.container_path.data != path.data ||
		!lies_within(found.id, found.container_path) ||
		!lies_within(found.pod_uid, found.container_path) ||
		!lies_within(found.container_path, path))
		abort();
	if (!cgroup_path_identify(found.container_path, &again) ||
		!slice_equal(again.id, found.id) || again.runtime != found.runtime)
		abort();
	check_nesting(path, &found);
	return 0;
}
