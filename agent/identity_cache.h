/* SPDX-License-Identifier: Apache-2.0 */
/* Files that were looked at: a table of fixed size, in which those not asked for make room. */
#pragma once

#include "barewatch/origin.h"

/*
 * A file. What is the image's is the same in all containers that are put together of the same
 * layers; anything else is one container's.
 */
struct identity_key {
	uint64_t scope; /* layer set, or key of a container's cgroup */
	uint32_t dev_major, dev_minor; /* 0 on the root of a layer set */
	struct file_key file;
	uint32_t flags; /* of struct bw_file, and whatever else makes a difference */
};

struct identity_cache;

int identity_cache_new(unsigned size, struct identity_cache **ret);
void identity_cache_free(struct identity_cache *cache);

/* NULL when it is not there. Valid until the next identity_cache_put(). */
const struct executable *identity_cache_find(
	struct identity_cache *cache, const struct identity_key *key);

/* Remembers EXECUTABLE; forgets one that was not asked for lately when there is no room. */
void identity_cache_put(struct identity_cache *cache, const struct identity_key *key,
	const struct executable *executable);
