/* SPDX-License-Identifier: Apache-2.0 */
/* Containers for the next agent, see handover.h. */
#include "handover.h"

#include <string.h>

#define SOURCE "the agent before"

/* Keeps TEXT if there is one that fits with its NUL. */
static bool keep(char *place, size_t size, const char *text)
{
	size_t len = text ? strlen(text) : 0;

	if (len >= size)
		return false;
	memcpy(place, text ? text : "", len + 1);
	return true;
}

bool handover_of(const struct container *container, struct bw_handover *ret)
{
	*ret = (struct bw_handover){.bare = container->bare, .has_started = container->has_started};
	keep(ret->name, sizeof(ret->name), container->name);
	keep(ret->image, sizeof(ret->image), container->image);
	return keep(ret->path, sizeof(ret->path), container->cgroup_path);
}

static bool is_text(const char *place, size_t size)
{
	return memchr(place, '\0', size);
}

bool handover_valid(const struct bw_handover *handover)
{
	return is_text(handover->path, sizeof(handover->path)) &&
	       is_text(handover->name, sizeof(handover->name)) &&
	       is_text(handover->image, sizeof(handover->image)) &&
	       (handover->bare == BARE_NO || handover->bare == BARE_OPTION ||
		       handover->bare == BARE_POLICY);
}

void handover_teach(const struct bw_handover *handover, struct container *container)
{
	container_learn(container, CONTAINER_NAME, handover->name, SOURCE);
	container_learn(container, CONTAINER_IMAGE, handover->image, SOURCE);
	container->has_started = handover->has_started;
}
