/* SPDX-License-Identifier: Apache-2.0 */
/* Claims about agent/identity_cache.c. */
#include "asserts.h"

#include "identity_cache.h"
#include "rule/allocation_count.h"

#define SIZE 8

static void cache_release(struct identity_cache **cache)
{
	identity_cache_free(*cache);
}
#define CLEANUP_CACHE CLEANUP(cache_release)

static struct identity_key key_of(uint64_t inode)
{
	return (struct identity_key){.scope = 1, .file = {.inode = inode}};
}

static void put(struct identity_cache *cache, uint64_t inode)
{
	struct identity_key key = key_of(inode);
	struct executable executable = {.layer = inode};

	identity_cache_put(cache, &key, &executable);
}

/* What was put for INODE; 0 when nothing is there. */
static unsigned found(struct identity_cache *cache, uint64_t inode)
{
	struct identity_key key = key_of(inode);
	const struct executable *executable = identity_cache_find(cache, &key);

	return executable ? executable->layer : 0;
}

static struct identity_cache *new_cache(void)
{
	struct identity_cache *cache = NULL;

	assert_int_equal(identity_cache_new(SIZE, &cache), 0);
	return cache;
}

static void every_part_of_the_key_counts(void **state)
{
	static const struct identity_key others[] = {
		{.scope = 2, .file = {.inode = 1}},
		{.scope = 1, .file = {.inode = 1}, .dev_major = 1},
		{.scope = 1, .file = {.inode = 1}, .dev_minor = 1},
		{.scope = 1, .file = {.inode = 1}, .flags = 1},
		{.scope = 1, .file = {.inode = 2}},
		{.scope = 1, .file = {.inode = 1, .size_bytes = 1}},
		{.scope = 1, .file = {.inode = 1, .ctime_s = 1}},
		{.scope = 1, .file = {.inode = 1, .ctime_ns = 1}},
	};
	CLEANUP_CACHE struct identity_cache *cache = new_cache();

	(void)state;
	put(cache, 1);
	assert_int_equal(found(cache, 1), 1);
	for (size_t i = 0; i < ARRAY_SIZE(others); i++)
		assert_null(identity_cache_find(cache, &others[i]));
}

static void last_word_about_a_file_counts(void **state)
{
	CLEANUP_CACHE struct identity_cache *cache = new_cache();
	struct identity_key key = key_of(1);
	struct executable executable = {.layer = 7};

	(void)state;
	for (int i = 0; i < 3 * SIZE; i++)
		put(cache, 1);
	put(cache, 2);
	identity_cache_put(cache, &key, &executable);
	assert_int_equal(found(cache, 1), 7);
	assert_int_equal(found(cache, 2), 2);
}

static void what_is_asked_for_stays(void **state)
{
	CLEANUP_CACHE struct identity_cache *cache = new_cache();
	unsigned kept = 0;

	(void)state;
	for (uint64_t i = 1; i <= 1000; i++) {
		put(cache, i);
		assert_int_equal(found(cache, 1), 1);
	}
	assert_int_equal(found(cache, 1000), 1000);
	for (uint64_t i = 1; i <= 1000; i++)
		kept += found(cache, i) == i;
	assert_int_equal(kept, SIZE);
}

static void nothing_is_allocated_after_the_start(void **state)
{
	CLEANUP_CACHE struct identity_cache *cache = new_cache();
	size_t before;

	(void)state;
	allocation_count_start();
	before = allocation_count;
	for (uint64_t i = 1; i <= 1000; i++) {
		put(cache, i);
		(void)found(cache, i / 2 + 1);
	}
	assert_int_equal(allocation_count - before, 0);
	CLEANUP_CACHE struct identity_cache *another = new_cache();

	assert_true(another && allocation_count > before); /* the count counts */
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_part_of_the_key_counts),
		cmocka_unit_test(last_word_about_a_file_counts),
		cmocka_unit_test(what_is_asked_for_stays),
		cmocka_unit_test(nothing_is_allocated_after_the_start),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
