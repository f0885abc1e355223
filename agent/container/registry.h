/* SPDX-License-Identifier: Apache-2.0 */
/* A registry, and the containers in it, for the two files that keep them. */
#pragma once

#include <uthash.h>

#include "barewatch/container.h"

struct registered {
	struct container container; /* first: what callers hold is this */
	struct registered *outer; /* the container it is nested in; NULL: none */
	size_t cgroups; /* entries that refer to it */
	size_t nested; /* containers that have it for `outer` */
	size_t alive; /* of both, those that have not ended */
	size_t alive_below; /* nested at any depth */
	size_t claims; /* that were looked into, at any depth; they wear off */
	uint64_t claims_ns; /* until when they have */
	UT_hash_handle hh; /* by container.cgroup_path */
};

struct cgroup_entry;

struct container_registry {
	struct container_registry_config config;
	struct registered *containers;
	struct cgroup_entry *cgroups;
	struct cgroup_entry *gone;
	size_t gone_count;
	size_t alive_nested;
	uint64_t now_ns; /* when it was last told */
};

/* The container whose part of the cgroup path PATH is. NULL when there is none. */
struct registered *registered_find(struct container_registry *registry, struct slice path);

/* Makes the one of IDENTITY in OUTER, which may be NULL. NULL when memory is short. */
struct registered *registered_new(struct container_registry *registry,
	const struct cgroup_identity *identity, struct registered *outer);

/* Gives OWNER up when nothing refers to it, and so on outwards. */
void registered_release(struct container_registry *registry, struct registered *owner);

/* One cgroup of OWNER came (BY is 1) or went (-1). A container lives as long as what is in it. */
void registered_count(struct container_registry *registry, struct registered *owner, int by);

/* Whether one more claim in OUTER may be looked into, which is then counted. */
bool registered_may_claim(struct container_registry *registry, struct registered *outer);

/*
 * A container begins, maybe anew: what was read of it may have changed. False when it is none
 * after all.
 */
bool registered_enrol(struct container_registry *registry, struct registered *r);
