/* SPDX-License-Identifier: Apache-2.0 */
/* A registry of containers with numbers for ids, and what it has told. */
#pragma once

#include "asserts.h"

#include <errno.h>

#include "barewatch/container.h"

#define KEEP_NS               100
#define CGROUPS_PER_CONTAINER 16 /* as in registry.c */
#define GONE_PER_CONTAINER    4

DEFINE_CLEANUP(struct container_registry, registry, container_registry_free);
#define CLEANUP_REGISTRY CLEANUP(registry_cleanup)

/* What the registry has told. */
static struct {
	unsigned calls;
	struct container *last;
} enrolled;

/* What is to be filled in is not there yet, whatever was there before. */
static inline void note_enrolled(struct container *container, void *userdata)
{
	assert_ptr_equal(userdata, &enrolled);
	assert_null(container->name);
	assert_null(container->image);
	assert_int_equal(container->bare, BARE_NO);
	enrolled.calls++;
	enrolled.last = container;
}

/* Believes what NEST_REFUSED does not stand in the id of; knows them by the outer one's id. */
#define NEST_REFUSED 0xbad

static struct {
	unsigned calls;
} nested;

static inline bool note_nested(
	struct container *container, const struct container *outer, void *userdata)
{
	assert_ptr_equal(userdata, &enrolled);
	assert_null(container->name);
	nested.calls++;
	container_learn(container, CONTAINER_NAME, "learned", "test");
	container_learn(container, CONTAINER_OUTER_ID, outer->id, "test");
	return strtoul(container->id + 48, NULL, 16) != NEST_REFUSED;
}

static inline struct container_registry *registry_of(size_t containers_max)
{
	struct container_registry_config config = {
		.containers_max = containers_max,
		.keep_ns = KEEP_NS,
		.enrol = note_enrolled,
		.nest = note_nested,
		.userdata = &enrolled,
	};
	struct container_registry *registry = NULL;

	memset(&enrolled, 0, sizeof(enrolled));
	memset(&nested, 0, sizeof(nested));
	assert_int_equal(container_registry_new(&config, &registry), 0);
	return registry;
}

/* Adds the cgroup KEY of container NUMBER, BELOW which may be more. */
static inline struct container *try_add(struct container_registry *registry, uint64_t key,
	unsigned number, const char *below, int *ret_error)
{
	char path[256];

	snprintf(path, sizeof(path), "/docker/%064x%s", number, below);
	return container_registry_add(registry, key, slice_of(path), ret_error);
}

static inline struct container *add(
	struct container_registry *registry, uint64_t key, unsigned number, const char *below)
{
	int error = 1;
	struct container *container = try_add(registry, key, number, below, &error);

	assert_int_equal(error, 0);
	assert_non_null(container);
	return container;
}

static inline bool knows(struct container_registry *registry, uint64_t key)
{
	struct container *container;

	return container_registry_find(registry, key, &container);
}

/* The container of the cgroup KEY; NULL also when that is not known. */
static inline struct container *find(struct container_registry *registry, uint64_t key)
{
	struct container *container = (void *)registry;

	if (!container_registry_find(registry, key, &container))
		assert_null(container);
	return container;
}

static inline struct container *add_at(
	struct container_registry *registry, uint64_t key, const char *path)
{
	int error = 1;
	struct container *container = container_registry_add(registry, key, slice_of(path), &error);

	assert_int_equal(error, 0);
	return container;
}
