/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Which container a cgroup belongs to. Cgroups are entered by key; each refers
 * to its container, which lives as long as one of its cgroups does, or to none. A
 * removed cgroup stays for a while, because its last events are read after its
 * end.
 */
#include "barewatch/container.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <uthash.h>
#include <utlist.h>

#include "base/cleanup.h"

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

struct registered {
	struct container container; /* first: what callers hold is this */
	size_t cgroups; /* entries that refer to it */
	size_t alive; /* of them, not removed yet */
	UT_hash_handle hh; /* by container.cgroup_path */
};

struct cgroup_entry {
	uint64_t key;
	struct registered *owner; /* NULL: it belongs to no container */
	bool gone;
	uint64_t gone_ns;
	struct cgroup_entry *prev, *next; /* among the gone, oldest first */
	UT_hash_handle hh;
};

struct container_registry {
	struct container_registry_config config;
	struct registered *containers;
	struct cgroup_entry *cgroups;
	struct cgroup_entry *gone;
	size_t gone_count;
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

static void registered_free(struct registered *r)
{
	container_forget(&r->container);
	free(r->container.cgroup_path);
	free(r);
}

/* Gives OWNER up when nothing refers to it. */
static void registered_release(struct container_registry *registry, struct registered *owner)
{
	if (!owner || owner->cgroups > 0)
		return;
	HASH_DEL(registry->containers, owner);
	registered_free(owner);
}

static void entry_drop(struct container_registry *registry, struct cgroup_entry *entry)
{
	struct registered *owner = entry->owner;

	HASH_DEL(registry->cgroups, entry);
	if (entry->gone) {
		DL_DELETE(registry->gone, entry);
		registry->gone_count--;
	}
	if (owner) {
		owner->cgroups--;
		owner->alive -= !entry->gone;
	}
	free(entry);
	registered_release(registry, owner);
}

void container_registry_free(struct container_registry *registry)
{
	struct cgroup_entry *entry, *next;

	if (!registry)
		return;
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

static struct registered *registered_find(struct container_registry *registry, struct slice path)
{
	struct registered *r;

	HASH_FIND(hh, registry->containers, path.data, path.len, r);
	return r;
}

static struct registered *registered_new(
	struct container_registry *registry, const struct cgroup_identity *identity)
{
	struct registered *r = calloc(1, sizeof(*r));

	if (!r)
		return NULL;
	memcpy(r->container.id, identity->id.data, identity->id.len);
	r->container.runtime = identity->runtime;
	r->container.cgroup_path = strndup(
		identity->container_path.data, identity->container_path.len);
	if (!r->container.cgroup_path) {
		free(r);
		return NULL;
	}
	HASH_ADD_KEYPTR(hh, registry->containers, r->container.cgroup_path,
		identity->container_path.len, r);
	return r;
}

/* A container that had ended begins anew: what was read of it may have changed. */
static void registered_enrol(struct container_registry *registry, struct registered *r)
{
	container_forget(&r->container);
	r->container.bare = BARE_NO;
	registry->config.enrol(&r->container, registry->config.userdata);
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
		owner->alive++;
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

/* Enters KEY, at PATH, for the container of IDENTITY. */
static int add_inside(struct container_registry *registry, uint64_t key, struct slice path,
	const struct cgroup_identity *identity, struct registered **ret)
{
	struct registered *owner = registered_find(registry, identity->container_path);
	bool begins;
	int r = 0;

	if (!owner && !make_room(registry))
		return -ENOSPC;
	if (!owner)
		owner = registered_new(registry, identity);
	if (!owner)
		return -ENOMEM;
	begins = owner->alive == 0;
	if (path.len == identity->container_path.len || owner->cgroups < CGROUPS_PER_CONTAINER)
		r = entry_add(registry, key, owner);
	if (r < 0) {
		registered_release(registry, owner);
		return r;
	}
	if (begins || path.len == identity->container_path.len)
		owner->container.cgroup = key;
	if (begins)
		registered_enrol(registry, owner);
	*ret = owner;
	return 0;
}

struct container *container_registry_add(
	struct container_registry *registry, uint64_t key, struct slice path, int *ret_error)
{
	struct cgroup_entry *entry = entry_find(registry, key);
	struct cgroup_identity identity;
	struct registered *owner = NULL;

	*ret_error = 0;
	if (entry && !entry->gone)
		return entry->owner ? &entry->owner->container : NULL;
	if (entry) /* the id was given out again: another cgroup */
		entry_drop(registry, entry);
	if (cgroup_path_identify(path, &identity))
		*ret_error = add_inside(registry, key, path, &identity, &owner);
	else
		add_outside(registry, key);
	return owner ? &owner->container : NULL;
}

static void entry_end(
	struct container_registry *registry, struct cgroup_entry *entry, uint64_t now_ns)
{
	entry->gone = true;
	entry->gone_ns = now_ns;
	if (entry->owner)
		entry->owner->alive--;
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
		if (r->alive > 0 && slice_equal_text(id, r->container.id) &&
			(!found || found->bare == BARE_NO))
			found = &r->container;
	return found;
}

void container_registry_expire(struct container_registry *registry, uint64_t now_ns)
{
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
