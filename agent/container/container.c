/* SPDX-License-Identifier: Apache-2.0 */
/* The words for what a container is. */
#include "barewatch/container.h"

#include "base/cleanup.h"

const char *container_runtime_name(enum container_runtime runtime)
{
	static const char *const names[CONTAINER_RUNTIMES] = {
		[CONTAINER_RUNTIME_UNKNOWN] = "unknown",
		[CONTAINER_RUNTIME_DOCKER] = "docker",
		[CONTAINER_RUNTIME_CONTAINERD] = "containerd",
		[CONTAINER_RUNTIME_CRIO] = "cri-o",
		[CONTAINER_RUNTIME_PODMAN] = "podman",
	};

	return names[runtime];
}

const char *bare_source_name(enum bare_source source)
{
	static const char *const names[] = {
		[BARE_NO] = "no",
		[BARE_OPTION] = "option",
		[BARE_POLICY] = "policy",
	};

	return names[source];
}

struct slice container_id_short(const struct container *container)
{
	struct slice id = slice_of(container->id);

	if (id.len == 64)
		id.len = CONTAINER_ID_SHORT;
	return id;
}
