/* SPDX-License-Identifier: Apache-2.0 */
/* When to look again at containers of which not all is known, see tracker_look.h. */
#include "tracker_look.h"

#include "base/cleanup.h"
#include "base/clock.h"

static void drop_look(struct tracker *t, struct tracker_look *look)
{
	*look = t->looks[--t->look_count];
}

static struct tracker_look *find_look(struct tracker *t, uint64_t key)
{
	for (size_t i = 0; i < t->look_count; i++)
		if (t->looks[i].key == key)
			return &t->looks[i];
	return NULL;
}

void tracker_look_later(struct tracker *tracker, struct container *container)
{
	if (find_look(tracker, container->cgroup))
		return;
	container->is_incomplete = tracker->look_count < ARRAY_SIZE(tracker->looks);
	if (container->is_incomplete)
		tracker->looks[tracker->look_count++] = (struct tracker_look){
			.key = container->cgroup,
			.last_ns = clock_boot_ns(),
			.wait_ns = TRACKER_LOOK_WAIT_NS,
		};
}

/* Looks at CONTAINER again; for the last time when IS_LAST, or when more is found. */
static void look_at(struct tracker *t, struct tracker_look *look, struct container *container,
	uint64_t now_ns, bool is_last)
{
	bool known = tracker_read_state(t, container, false);

	look->last_ns = now_ns;
	if (!known && !is_last)
		return;
	drop_look(t, look);
	tracker_complete(t, container);
	if (known && t->on_known)
		t->on_known(container, t->userdata);
}

void tracker_look(struct tracker *tracker, struct container *container, uint64_t now_ns)
{
	struct tracker_look *look = container->is_incomplete ? find_look(tracker, container->cgroup)
							     : NULL;

	if (look && look->last_ns + TRACKER_LOOK_EVENT_NS <= now_ns)
		look_at(tracker, look, container, now_ns, false);
}

void tracker_look_again(struct tracker *tracker, uint64_t now_ns)
{
	struct container *container;

	for (size_t i = tracker->look_count; i-- > 0;) {
		struct tracker_look *look = &tracker->looks[i];

		if (look->last_ns + look->wait_ns > now_ns)
			continue;
		look->wait_ns *= 2;
		if (container_registry_find(tracker->registry, look->key, &container) &&
			container && container->is_incomplete)
			look_at(tracker, look, container, now_ns,
				look->wait_ns > TRACKER_LOOK_WAIT_MAX_NS);
		else
			drop_look(tracker, look);
	}
}

void tracker_look_last(struct tracker *tracker, uint64_t key)
{
	struct tracker_look *look = find_look(tracker, key);
	struct container *container;

	if (look && container_registry_find(tracker->registry, look->key, &container) &&
		container && container->is_incomplete &&
		(container->alerts > 0 || tracker->completes_all))
		look_at(tracker, look, container, clock_boot_ns(), true);
	else if (look)
		drop_look(tracker, look);
}
