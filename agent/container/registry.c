/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Which container a cgroup belongs to. Cgroups are entered by key; each refers
 * to its container, which lives as long as one of its cgroups does. A removed
 * cgroup stays for a while, because its last events are read after its end.
 */
#include "barewatch/container.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <uthash.h>
#include <utlist.h>

#include "base/cleanup.h"

/* A container makes few cgroups, unless it runs an init system or another engine. */
#define CGROUPS_PER_CONTAINER 8

struct registered {
	struct container container; /* first: what callers hold is this */
	size_t cgroups; /* entries that refer to it, removed ones too */
	UT_hash_handle hh;
};

struct cgroup_entry {
	uint64_t key;
	struct registered *owner;
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
	free(r->container.cgroup_path);
	free(r->container.name);
	free(r->container.image);
	free(r);
}

static void entry_drop(struct container_registry *registry, struct cgroup_entry *entry)
{
	struct registered *owner = entry->owner;

	HASH_DEL(registry->cgroups, entry);
	if (entry->gone)
		DL_DELETE(registry->gone, entry);
	free(entry);
	if (--owner->cgroups == 0) {
		HASH_DEL(registry->containers, owner);
		registered_free(owner);
	}
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

/*
 * Makes room for a cgroup, and for its container when that is NEW, by giving up
 * what went away first. False when all that is left is alive.
 */
static bool registry_make_room(struct container_registry *registry, bool new)
{
	const struct container_registry_config *config = &registry->config;

	while ((new &&HASH_COUNT(registry->containers) >= config->containers_max) ||
		HASH_COUNT(registry->cgroups) >= config->containers_max * CGROUPS_PER_CONTAINER) {
		if (!registry->gone)
			return false;
		entry_drop(registry, registry->gone);
	}
	return true;
}

static struct registered *registered_find(struct container_registry *registry, struct slice id)
{
	struct registered *r;

	HASH_FIND(hh, registry->containers, id.data, id.len, r);
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
	HASH_ADD_STR(registry->containers, container.id, r);
	registry->config.enrol(&r->container, registry->config.userdata);
	return r;
}

/* Enters KEY for OWNER. On failure an owner without any cgroup is given up again. */
static int entry_add(struct container_registry *registry, uint64_t key, struct registered *owner)
{
	struct cgroup_entry *entry = calloc(1, sizeof(*entry));

	if (!entry) {
		if (owner->cgroups == 0) {
			HASH_DEL(registry->containers, owner);
			registered_free(owner);
		}
		return -ENOMEM;
	}
	entry->key = key;
	entry->owner = owner;
	owner->cgroups++;
	HASH_ADD(hh, registry->cgroups, key, sizeof(entry->key), entry);
	return 0;
}

static struct cgroup_entry *entry_find(struct container_registry *registry, uint64_t key)
{
	struct cgroup_entry *entry;

	HASH_FIND(hh, registry->cgroups, &key, sizeof(key), entry);
	return entry;
}

struct container *container_registry_add(
	struct container_registry *registry, uint64_t key, struct slice path, int *ret_error)
{
	struct cgroup_entry *entry = entry_find(registry, key);
	struct cgroup_identity identity;
	struct registered *owner;

	*ret_error = 0;
	if (entry && !entry->gone)
		return &entry->owner->container;
	if (entry) /* the id was given out again: another cgroup */
		entry_drop(registry, entry);
	if (!cgroup_path_identify(path, &identity))
		return NULL;
	if (!registry_make_room(registry, !registered_find(registry, identity.id))) {
		*ret_error = -ENOSPC;
		return NULL;
	}
	owner = registered_find(registry, identity.id);
	if (!owner)
		owner = registered_new(registry, &identity);
	*ret_error = owner ? entry_add(registry, key, owner) : -ENOMEM;
	return *ret_error == 0 ? &owner->container : NULL;
}

void container_registry_remove(struct container_registry *registry, uint64_t key, uint64_t now_ns)
{
	struct cgroup_entry *entry = entry_find(registry, key);

	if (!entry || entry->gone)
		return;
	entry->gone = true;
	entry->gone_ns = now_ns;
	DL_APPEND(registry->gone, entry);
}

struct container *container_registry_find(struct container_registry *registry, uint64_t key)
{
	struct cgroup_entry *entry = entry_find(registry, key);

	return entry ? &entry->owner->container : NULL;
}

void container_registry_expire(struct container_registry *registry, uint64_t now_ns)
{
	while (registry->gone && registry->gone->gone_ns + registry->config.keep_ns <= now_ns)
		entry_drop(registry, registry->gone);
}

size_t container_registry_count(const struct container_registry *registry)
{
	return HASH_COUNT(registry->containers);
}
