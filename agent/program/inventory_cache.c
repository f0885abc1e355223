/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Inventories by directory. A directory is told by device, inode and change time, as a layer
 * that was removed leaves its inode to another one.
 */
#include <errno.h>
#include <stdlib.h>
#include <uthash.h>

#include "barewatch/origin.h"
#include "base/cleanup.h"

struct layer_key {
	uint64_t dev, inode;
	int64_t ctime_s, ctime_ns;
};

struct layer {
	struct layer_key key;
	struct inventory *inventory;
	UT_hash_handle hh; /* in the order in which they were asked for last */
};

struct inventory_cache {
	struct inventory_limits limits;
	struct layer *layers;
	size_t files; /* of all of them */
	uint64_t walks;
};

int inventory_cache_new(const struct inventory_limits *limits, struct inventory_cache **ret)
{
	struct inventory_cache *cache = calloc(1, sizeof(*cache));

	if (!cache)
		return -ENOMEM;
	cache->limits = *limits;
	*ret = cache;
	return 0;
}

static void layer_drop(struct inventory_cache *cache, struct layer *layer)
{
	HASH_DEL(cache->layers, layer);
	cache->files -= inventory_count(layer->inventory);
	inventory_free(layer->inventory);
	free(layer);
}

void inventory_cache_free(struct inventory_cache *cache)
{
	if (!cache)
		return;
	while (cache->layers)
		layer_drop(cache, cache->layers);
	free(cache);
}

/* Gives LAYER the last place, and those before it up as far as they are too many. */
static void layer_enter(struct inventory_cache *cache, struct layer *layer)
{
	size_t count = inventory_count(layer->inventory);

	while (cache->layers && (HASH_COUNT(cache->layers) >= INVENTORY_CACHE_LAYERS_MAX ||
					cache->files + count > INVENTORY_CACHE_FILES_MAX))
		layer_drop(cache, cache->layers);
	cache->files += count;
	HASH_ADD(hh, cache->layers, key, sizeof(layer->key), layer);
}

static struct layer *layer_walk(struct inventory_cache *cache, int fd, const struct layer_key *key)
{
	struct layer *layer = calloc(1, sizeof(*layer));

	cache->walks++;
	if (!layer || inventory_scan(fd, &cache->limits, &layer->inventory) < 0) {
		free(layer);
		return NULL;
	}
	layer->key = *key;
	return layer;
}

const struct inventory *inventory_cache_get(struct inventory_cache *cache, int fd)
{
	struct layer_key key;
	struct layer *layer;
	struct stat st;

	if (fstat(fd, &st) < 0)
		return NULL;
	key = (struct layer_key){st.st_dev, st.st_ino, st.st_ctim.tv_sec, st.st_ctim.tv_nsec};
	HASH_FIND(hh, cache->layers, &key, sizeof(key), layer);
	if (layer) {
		HASH_DEL(cache->layers, layer);
		HASH_ADD(hh, cache->layers, key, sizeof(layer->key), layer);
		return layer->inventory;
	}
	layer = layer_walk(cache, fd, &key);
	if (!layer)
		return NULL;
	layer_enter(cache, layer);
	return layer->inventory;
}

uint64_t inventory_cache_walks(const struct inventory_cache *cache)
{
	return cache->walks;
}
