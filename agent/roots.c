/* SPDX-License-Identifier: Apache-2.0 */
/* Root file systems of containers, see roots.h. */
#include "roots.h"

#include <stdlib.h>
#include <unistd.h>

#include "base/proc.h"

void roots_init(struct roots *roots, const struct container_roots *places)
{
	*roots = (struct roots){.places = places};
}

static void drop(struct roots *roots, struct roots_entry *entry)
{
	HASH_DEL(roots->entries, entry);
	container_root_free(entry->root);
	free(entry);
}

void roots_done(struct roots *roots)
{
	while (roots->entries)
		drop(roots, roots->entries);
}

static struct roots_entry *find(const struct roots *roots, uint64_t container)
{
	struct roots_entry *entry;

	HASH_FIND(hh, roots->entries, &container, sizeof(container), entry);
	return entry;
}

const struct container_root *roots_find(const struct roots *roots, uint64_t container)
{
	const struct roots_entry *entry = find(roots, container);

	return entry ? entry->root : NULL;
}

/* A new entry for CONTAINER, in place of the oldest if there are too many. */
static struct roots_entry *enter(struct roots *roots, const struct container *container)
{
	struct roots_entry *entry;

	if (HASH_COUNT(roots->entries) >= ROOTS_MAX)
		drop(roots, roots->entries);
	entry = calloc(1, sizeof(*entry));
	if (!entry)
		return NULL;
	entry->container = container->cgroup;
	HASH_ADD(hh, roots->entries, container, sizeof(entry->container), entry);
	return entry;
}

static void look(struct roots *roots, struct roots_entry *entry, const struct container *container,
	const struct container_root_witnesses *witnesses)
{
	if (entry->root || entry->tries >= ROOTS_TRIES_MAX)
		return;
	entry->tries++;
	(void)container_root_find(container, roots->places, witnesses, &entry->root);
}

void roots_made(
	struct roots *roots, const struct container *container, pid_t runtime, uint64_t time_ns)
{
	struct container_root_witnesses witnesses = {.runtime = runtime};
	struct roots_entry *entry = find(roots, container->cgroup) ?: enter(roots, container);

	if (!entry)
		return;
	entry->started_ns = time_ns;
	look(roots, entry, container, &witnesses);
}

void roots_gone(struct roots *roots, uint64_t cgroup)
{
	struct roots_entry *entry = find(roots, cgroup);

	if (entry)
		drop(roots, entry);
}

/*
 * A container from before the agent, or whose making was not seen. Its first process is
 * asked, and that one's parent.
 */
static struct roots_entry *enter_existing(struct roots *roots, struct container *container)
{
	struct container_root_witnesses witnesses = {0};
	struct roots_entry *entry = enter(roots, container);
	uint64_t start_ticks;

	if (!entry || !container_read_init(container, roots->places, NULL))
		return entry;
	witnesses.inside = container->init_pid;
	if (process_stat(witnesses.inside, &start_ticks, &witnesses.runtime))
		entry->started_ns = process_ticks_ns(start_ticks);
	look(roots, entry, container, &witnesses);
	return entry;
}

const struct roots_entry *roots_of(struct roots *roots, struct container *container,
	const struct bw_process *process, enum container_entry entry, bool mounts_are_outside)
{
	struct roots_entry *known = find(roots, container->cgroup);
	struct container_root_witnesses witnesses = {0};

	if (!known)
		known = enter_existing(roots, container);
	if (!known)
		return NULL;
	if (entry != CONTAINER_ENTRY_CHILD && !mounts_are_outside) {
		witnesses.runtime = process->ppid;
		witnesses.inside = process->tgid;
	}
	look(roots, known, container, &witnesses);
	if (known->root && !mounts_are_outside)
		container_root_see(known->root, container, process->tgid);
	return known;
}
