/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Which container a cgroup belongs to. Cgroups are entered by key; each refers
 * to its container (registered.c), which lives as long as one of its cgroups does, or to
 * none. A removed cgroup stays for a while, because its last events are read after its
 * end.
 */
#include "container/registry.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <utlist.h>

/*
 * Cgroups kept of one container. More are not needed to find it: the kernel side
 * sends the key of the container with every event once it knows that.
 */
#define CGROUPS_PER_CONTAINER 16

/*
 * Removed cgroups kept, for each container that there may be: the oldest are given up
 * before their time. A cgroup can be made and removed some 20,000 times a second, by
 * whoever may make one; of records that are read late the rings hold fewer than this.
 */
#define GONE_PER_CONTAINER 4

struct cgroup_entry {
	uint64_t key;
	struct registered *owner; /* NULL: it belongs to no container */
	bool gone;
	uint64_t gone_ns;
	struct cgroup_entry *prev, *next; /* among the gone, oldest first */
	UT_hash_handle hh;
};

int container_registry_new(
	const struct container_registry_config *config, struct container_registry **ret)
{
	struct container_registry *registry = calloc(1, sizeof(*registry));

	if (!registry)
		return -ENOMEM;
	registry->config = *config;
	*ret = registry;
	return 0;
}

static void entry_drop(struct container_registry *registry, struct cgroup_entry *entry)
{
	struct registered *owner = entry->owner;

	HASH_DEL(registry->cgroups, entry);
	if (registry->config.forget)
		registry->config.forget(entry->key, registry->config.userdata);
	if (entry->gone) {
		DL_DELETE(registry->gone, entry);
		registry->gone_count--;
	}
	if (owner && !entry->gone)
		registered_count(registry, owner, -1);
	if (owner)
		owner->cgroups--;
	free(entry);
	registered_release(registry, owner);
}

void container_registry_free(struct container_registry *registry)
{
	struct cgroup_entry *entry, *next;

	if (!registry)
		return;
	registry->config.forget = NULL;
	HASH_ITER (hh, registry->cgroups, entry, next)
		entry_drop(registry, entry);
	free(registry);
}

static size_t cgroups_max(const struct container_registry *registry)
{
	return registry->config.containers_max * CGROUPS_PER_CONTAINER;
}

/* Makes room for one more container by giving up what went away first. False when all are alive. */
static bool make_room(struct container_registry *registry)
{
	while (HASH_COUNT(registry->containers) >= registry->config.containers_max) {
		if (!registry->gone)
			return false;
		entry_drop(registry, registry->gone);
	}
	return true;
}

/*
 * The container of IDENTITY in OUTER, made and enrolled where that is needed. -ENOENT when it
 * is none, -EDQUOT when that was not looked into. It must be referred to or released.
 */
static int owner_get(struct container_registry *registry, const struct cgroup_identity *identity,
	struct registered *outer, struct registered **ret)
{
	struct registered *r = registered_find(registry, identity->container_path);

	if (r && r->alive > 0) {
		*ret = r;
		return 0;
	}
	if (outer && !registry->config.nest)
		return -ENOENT;
	if (outer && !registered_may_claim(registry, outer))
		return -EDQUOT;
	if (!r && !make_room(registry))
		return -ENOSPC;
	if (!r)
		r = registered_new(registry, identity, outer);
	if (!r)
		return -ENOMEM;
	if (registered_enrol(registry, r)) {
		*ret = r;
		return 0;
	}
	container_forget(&r->container);
	registered_release(registry, r);
	return -ENOENT;
}

/* Enters KEY for OWNER, NULL when it is no container's. */
static int entry_add(struct container_registry *registry, uint64_t key, struct registered *owner)
{
	struct cgroup_entry *entry = calloc(1, sizeof(*entry));

	if (!entry)
		return -ENOMEM;
	entry->key = key;
	entry->owner = owner;
	if (owner) {
		owner->cgroups++;
		registered_count(registry, owner, 1);
	}
	HASH_ADD(hh, registry->cgroups, key, sizeof(entry->key), entry);
	return 0;
}

static struct cgroup_entry *entry_find(struct container_registry *registry, uint64_t key)
{
	struct cgroup_entry *entry;

	HASH_FIND(hh, registry->cgroups, &key, sizeof(key), entry);
	return entry;
}

/* Remembers that KEY belongs to no container. Only saves work: not done when there is no room. */
static void add_outside(struct container_registry *registry, uint64_t key)
{
	if (HASH_COUNT(registry->cgroups) < cgroups_max(registry))
		(void)entry_add(registry, key, NULL);
}

/*
 * The innermost container that is believed of the COUNT that IDENTITIES claim. *RET_ERROR
 * tells why it is not the last one, when that is not because it is none.
 */
static struct registered *find_owner(struct container_registry *registry,
	const struct cgroup_identity *identities, size_t count, int *ret_error)
{
	struct registered *owner = NULL;
	int r = 0;

	for (size_t i = 0; r == 0 && i < count; i++) {
		struct registered *inner;

		if (owner) /* as nothing else may refer to it yet */
			owner->nested++;
		r = owner_get(registry, &identities[i], owner, &inner);
		if (owner)
			owner->nested--;
		if (r == 0)
			owner = inner;
	}
	*ret_error = r == -ENOENT ? 0 : r;
	return owner;
}

/* Enters KEY, at PATH, for OWNER. */
static int add_inside(struct container_registry *registry, uint64_t key, struct slice path,
	struct registered *owner)
{
	bool is_its_own = path.len == strlen(owner->container.cgroup_path);
	int r = 0;

	if (is_its_own || owner->cgroups < CGROUPS_PER_CONTAINER)
		r = entry_add(registry, key, owner);
	if (r < 0)
		registered_release(registry, owner);
	else if (is_its_own || !owner->container.cgroup)
		owner->container.cgroup = key;
	return r;
}

struct container *container_registry_add(
	struct container_registry *registry, uint64_t key, struct slice path, int *ret_error)
{
	struct cgroup_entry *entry = entry_find(registry, key);
	struct cgroup_identity identities[CGROUP_NESTING_MAX];
	struct registered *owner = NULL;
	size_t count;
	int r;

	*ret_error = 0;
	if (entry && !entry->gone)
		return entry->owner ? &entry->owner->container : NULL;
	if (entry) /* the id was given out again: another cgroup */
		entry_drop(registry, entry);
	count = cgroup_path_identify_all(path, identities);
	if (count == 0)
		add_outside(registry, key);
	else
		owner = find_owner(registry, identities, count, ret_error);
	r = owner ? add_inside(registry, key, path, owner) : 0;
	if (r < 0)
		*ret_error = r;
	return owner && r == 0 ? &owner->container : NULL;
}

static void entry_end(
	struct container_registry *registry, struct cgroup_entry *entry, uint64_t now_ns)
{
	entry->gone = true;
	entry->gone_ns = now_ns;
	if (entry->owner)
		registered_count(registry, entry->owner, -1);
	DL_APPEND(registry->gone, entry);
	registry->gone_count++;
}

/* Apart from entry_end(): what it gives up must not be what a caller still holds. */
static void gone_limit(struct container_registry *registry)
{
	while (registry->gone_count > registry->config.containers_max * GONE_PER_CONTAINER)
		entry_drop(registry, registry->gone);
}

void container_registry_remove(struct container_registry *registry, uint64_t key, uint64_t now_ns)
{
	struct cgroup_entry *entry = entry_find(registry, key);

	if (entry && !entry->gone)
		entry_end(registry, entry, now_ns);
	gone_limit(registry);
}

bool container_registry_find(
	struct container_registry *registry, uint64_t key, struct container **ret)
{
	struct cgroup_entry *entry = entry_find(registry, key);

	*ret = entry && entry->owner ? &entry->owner->container : NULL;
	return entry;
}

const struct container *container_registry_find_id(
	const struct container_registry *registry, struct slice id)
{
	const struct container *found = NULL;
	const struct registered *r;

	for (r = registry->containers; r; r = r->hh.next)
		if (r->alive > 0 && !r->outer && slice_equal_text(id, r->container.id) &&
			(!found || found->bare == BARE_NO))
			found = &r->container;
	return found;
}

void container_registry_expire(struct container_registry *registry, uint64_t now_ns)
{
	registry->now_ns = now_ns > registry->now_ns ? now_ns : registry->now_ns;
	while (registry->gone && registry->gone->gone_ns + registry->config.keep_ns <= now_ns)
		entry_drop(registry, registry->gone);
}

void container_registry_sweep(struct container_registry *registry, uint64_t now_ns,
	bool (*is_gone)(uint64_t key, void *userdata), void *userdata)
{
	struct cgroup_entry *entry, *next;

	HASH_ITER (hh, registry->cgroups, entry, next)
		if (!entry->gone && is_gone(entry->key, userdata))
			entry_end(registry, entry, now_ns);
	gone_limit(registry);
}

void container_registry_each(const struct container_registry *registry,
	void (*visit)(const struct container *container, void *userdata), void *userdata)
{
	const struct registered *r;

	for (r = registry->containers; r; r = r->hh.next)
		visit(&r->container, userdata);
}

void container_registry_each_cgroup(const struct container_registry *registry,
	const struct container *container, void (*visit)(uint64_t key, void *userdata),
	void *userdata)
{
	const struct cgroup_entry *entry;

	for (entry = registry->cgroups; entry; entry = entry->hh.next)
		if (!entry->gone && entry->owner && &entry->owner->container == container)
			visit(entry->key, userdata);
}

size_t container_registry_count(const struct container_registry *registry)
{
	return HASH_COUNT(registry->containers);
}
