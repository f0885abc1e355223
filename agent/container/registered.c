/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The containers of a registry: made, counted, and given up when nothing refers to them. What
 * is nested makes its outer containers live, and uses up what these may claim.
 */
#include "container/registry.h"

#include <stdlib.h>
#include <string.h>

#define CLAIM_INTERVAL_NS (1000000000ULL / CONTAINER_CLAIMS_PER_SECOND)

static void registered_free(struct registered *r)
{
	container_forget(&r->container);
	free(r->container.cgroup_path);
	free(r);
}

void registered_release(struct container_registry *registry, struct registered *owner)
{
	while (owner && owner->cgroups == 0 && owner->nested == 0) {
		struct registered *outer = owner->outer;

		HASH_DEL(registry->containers, owner);
		registered_free(owner);
		if (outer)
			outer->nested--;
		owner = outer;
	}
}

/* OWNER has begun (BY is 1) or ended (-1): so has one of those that its outer ones hold. */
static void count_outwards(struct container_registry *registry, struct registered *owner, int by)
{
	registry->alive_nested += by;
	for (struct registered *outer = owner->outer; outer; outer = outer->outer)
		outer->alive_below += by;
}

void registered_count(struct container_registry *registry, struct registered *owner, int by)
{
	for (; owner; owner = owner->outer) {
		bool was_alive = owner->alive > 0;

		owner->alive += by;
		if (was_alive == (owner->alive > 0) || !owner->outer)
			return;
		count_outwards(registry, owner, by);
	}
}

struct registered *registered_find(struct container_registry *registry, struct slice path)
{
	struct registered *r;

	HASH_FIND(hh, registry->containers, path.data, path.len, r);
	return r;
}

struct registered *registered_new(struct container_registry *registry,
	const struct cgroup_identity *identity, struct registered *outer)
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
	r->outer = outer;
	if (outer)
		outer->nested++;
	HASH_ADD_KEYPTR(hh, registry->containers, r->container.cgroup_path,
		identity->container_path.len, r);
	return r;
}

/* Lets claims wear off with time, and says whether one more in R is looked into. */
static bool has_claims_left(const struct container_registry *registry, struct registered *r)
{
	uint64_t worn_off = (registry->now_ns - r->claims_ns) / CLAIM_INTERVAL_NS;

	if (worn_off >= r->claims) {
		r->claims = 0;
		r->claims_ns = registry->now_ns;
	} else {
		r->claims -= worn_off;
		r->claims_ns += worn_off * CLAIM_INTERVAL_NS;
	}
	return r->claims < (r->outer ? CONTAINER_CLAIMS_BELOW_MAX : CONTAINER_CLAIMS_MAX);
}

bool registered_may_claim(struct container_registry *registry, struct registered *outer)
{
	/* half of the registry is left to the host's own containers */
	bool may = registry->alive_nested < registry->config.containers_max / 2;

	for (struct registered *r = outer; r; r = r->outer)
		may &= has_claims_left(registry, r) &&
		       r->alive_below <
			       (r->outer ? CONTAINER_NESTED_BELOW_MAX : CONTAINER_NESTED_MAX);
	for (struct registered *r = outer; may && r; r = r->outer)
		r->claims++;
	return may;
}

bool registered_enrol(struct container_registry *registry, struct registered *r)
{
	const struct container_registry_config *config = &registry->config;

	container_forget(&r->container);
	r->container.bare = BARE_NO;
	r->container.cgroup = 0;
	if (r->outer)
		return config->nest(&r->container, &r->outer->container, config->userdata);
	config->enrol(&r->container, config->userdata);
	return true;
}
