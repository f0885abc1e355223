/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Files that were looked at. All memory is taken at the start. Who makes room is found by a
 * hand that goes round and passes over those that were asked for since it came by ("clock").
 */
#include "identity_cache.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"

#define NOWHERE UINT32_MAX

struct slot {
	struct identity_key key;
	uint32_t next; /* of the same bucket; NOWHERE behind the last */
	bool is_used, is_wanted;
	struct executable executable;
};

struct identity_cache {
	unsigned size, hand, bucket_mask;
	uint32_t *buckets;
	struct slot *slots;
};

void identity_cache_free(struct identity_cache *cache)
{
	if (!cache)
		return;
	free(cache->buckets);
	free(cache->slots);
	free(cache);
}
DEFINE_CLEANUP(struct identity_cache, identity_cache, identity_cache_free);

int identity_cache_new(unsigned size, struct identity_cache **ret)
{
	CLEANUP(identity_cache_cleanup) struct identity_cache *cache = calloc(1, sizeof(*cache));
	unsigned buckets = 1;

	if (!cache)
		return -ENOMEM;
	while (buckets < size)
		buckets *= 2;
	cache->size = size;
	cache->bucket_mask = buckets - 1;
	cache->buckets = malloc(buckets * sizeof(*cache->buckets));
	cache->slots = calloc(size, sizeof(*cache->slots));
	if (!cache->buckets || !cache->slots)
		return -ENOMEM;
	memset(cache->buckets, 0xff, buckets * sizeof(*cache->buckets));
	*ret = TAKE_PTR(cache);
	return 0;
}

/* Inode numbers are not the container's to choose, so a plain mix will do (MurmurHash3's last). */
static uint32_t *bucket_of(struct identity_cache *cache, const struct identity_key *key)
{
	uint64_t h = key->file.inode * 0x9e3779b97f4a7c15 ^ key->scope ^ key->file.ctime_ns;

	h ^= h >> 33;
	h *= 0xff51afd7ed558ccd;
	h ^= h >> 33;
	return &cache->buckets[h & cache->bucket_mask];
}

static bool key_equal(const struct identity_key *a, const struct identity_key *b)
{
	return a->scope == b->scope && a->dev_major == b->dev_major &&
	       a->dev_minor == b->dev_minor && a->flags == b->flags &&
	       file_key_equal(&a->file, &b->file);
}

static struct slot *find(struct identity_cache *cache, const struct identity_key *key)
{
	for (uint32_t i = *bucket_of(cache, key); i != NOWHERE; i = cache->slots[i].next)
		if (key_equal(&cache->slots[i].key, key))
			return &cache->slots[i];
	return NULL;
}

const struct executable *identity_cache_find(
	struct identity_cache *cache, const struct identity_key *key)
{
	struct slot *slot = find(cache, key);

	if (!slot)
		return NULL;
	slot->is_wanted = true;
	return &slot->executable;
}

static void unlink_slot(struct identity_cache *cache, uint32_t index)
{
	uint32_t *place = bucket_of(cache, &cache->slots[index].key);

	while (*place != index)
		place = &cache->slots[*place].next;
	*place = cache->slots[index].next;
}

/* One that is free, or was not wanted since the hand last passed. */
static uint32_t take_slot(struct identity_cache *cache)
{
	uint32_t index;

	for (;;) {
		struct slot *slot = &cache->slots[cache->hand];

		index = cache->hand;
		cache->hand = (cache->hand + 1) % cache->size;
		if (!slot->is_used || !slot->is_wanted)
			break;
		slot->is_wanted = false;
	}
	if (cache->slots[index].is_used)
		unlink_slot(cache, index);
	return index;
}

void identity_cache_put(struct identity_cache *cache, const struct identity_key *key,
	const struct executable *executable)
{
	struct slot *slot = find(cache, key);
	uint32_t *bucket = bucket_of(cache, key), index;

	if (slot) {
		slot->executable = *executable;
		return;
	}
	index = take_slot(cache);
	cache->slots[index] = (struct slot){
		.key = *key, .next = *bucket, .is_used = true, .executable = *executable};
	*bucket = index;
}
