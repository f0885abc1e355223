/* SPDX-License-Identifier: Apache-2.0 */
/* Claims about agent/program/inventory.c and inventory_cache.c. */
#include "scratch.h"

#include "barewatch/origin.h"

#define CLEANUP_INVENTORY CLEANUP(inventory_release)
#define CLEANUP_CACHE     CLEANUP(cache_release)

static void inventory_release(struct inventory **inventory)
{
	inventory_free(*inventory);
}

static void cache_release(struct inventory_cache **cache)
{
	inventory_cache_free(*cache);
}

static struct file_key make_file(struct scratch *s, const char *name, mode_t mode)
{
	struct stat st;

	scratch_write_text(s, name, name);
	assert_int_equal(chmod(scratch_path(s, name), mode), 0);
	assert_int_equal(stat(scratch_path(s, name), &st), 0);
	return file_key_of_stat(&st);
}

static int open_top(struct scratch *s, const char *name)
{
	int fd = open(scratch_path(s, name), O_PATH | O_DIRECTORY | O_CLOEXEC);

	assert_true(fd >= 0);
	return fd;
}

static struct inventory *scan(struct scratch *s, const struct inventory_limits *limits)
{
	CLEANUP_FD int fd = open_top(s, ".");
	struct inventory *in = NULL;

	assert_int_equal(inventory_scan(fd, limits, &in), 0);
	return in;
}

static const struct inventory_limits ample = INVENTORY_LIMITS_DEFAULT;

static void what_can_be_executed_or_mapped_is_found_by_inode(void **state)
{
	static const struct {
		const char *name;
		mode_t mode;
		bool listed;
	} files[] = {
		{"bin/app", 0755, true},
		{"app", 0100, true}, /* one bit is enough */
		{"a/b/c/d/tool", 0711, true},
		{"lib/libc.so.6", 0644, true},
		{"lib/plugin.so", 0644, true},
		{"lib/a.sober.so", 0644, true},
		{"etc/a.sober", 0644, false},
		{"etc/passwd", 0644, false},
	};
	CLEANUP_SCRATCH struct scratch s;
	CLEANUP_INVENTORY struct inventory *in = NULL;
	struct file_key keys[ARRAY_SIZE(files)];

	(void)state;
	scratch_init(&s);
	for (size_t i = 0; i < ARRAY_SIZE(files); i++)
		keys[i] = make_file(&s, files[i].name, files[i].mode);
	in = scan(&s, &ample);
	assert_true(inventory_is_complete(in));
	assert_int_equal(inventory_count(in), 6);
	for (size_t i = 0; i < ARRAY_SIZE(files); i++) {
		const char *path = inventory_find(in, &keys[i], false);

		assert_string_equal(path ?: "none", files[i].listed ? files[i].name : "none");
	}
}

static void another_state_of_a_file_is_found_when_asked_for(void **state)
{
	CLEANUP_SCRATCH struct scratch s;
	CLEANUP_INVENTORY struct inventory *in = NULL;
	struct file_key key;

	(void)state;
	scratch_init(&s);
	key = make_file(&s, "bin/app", 0755);
	in = scan(&s, &ample);
	key.ctime_ns ^= 1;
	assert_null(inventory_find(in, &key, false));
	assert_string_equal(inventory_find(in, &key, true), "bin/app");
	key.inode++;
	assert_null(inventory_find(in, &key, true));
}

static void links_lead_nowhere(void **state)
{
	CLEANUP_SCRATCH struct scratch s;
	CLEANUP_INVENTORY struct inventory *in = NULL;

	(void)state;
	scratch_init(&s);
	scratch_mkdir(&s, "loop");
	assert_int_equal(symlink("/bin", scratch_path(&s, "bin")), 0);
	assert_int_equal(symlink("..", scratch_path(&s, "loop/up")), 0);
	assert_int_equal(mkfifo(scratch_path(&s, "fifo"), 0755), 0);
	in = scan(&s, &ample);
	assert_int_equal(inventory_count(in), 0);
	assert_true(inventory_is_complete(in));
}

static void what_a_limit_cuts_is_called_incomplete(void **state)
{
	static const struct inventory_limits limits[] = {
		{.visited_max = 3, .files_max = 99, .depth_max = 9, .time_ns = UINT64_MAX / 2},
		{.visited_max = 99, .files_max = 3, .depth_max = 9, .time_ns = UINT64_MAX / 2},
		{.visited_max = 99, .files_max = 99, .depth_max = 1, .time_ns = UINT64_MAX / 2},
	};
	CLEANUP_SCRATCH struct scratch s;
	struct inventory_limits enough = {99, 4, 2, UINT64_MAX / 2};

	(void)state;
	scratch_init(&s);
	make_file(&s, "a", 0755);
	make_file(&s, "b", 0755);
	make_file(&s, "c", 0755);
	make_file(&s, "d/e/f", 0755);
	for (size_t i = 0; i < ARRAY_SIZE(limits); i++) {
		CLEANUP_INVENTORY struct inventory *in = scan(&s, &limits[i]);

		assert_false(inventory_is_complete(in));
	}
	CLEANUP_INVENTORY struct inventory *in = scan(&s, &enough);

	assert_true(inventory_is_complete(in));
}

static void directory_is_walked_once(void **state)
{
	CLEANUP_SCRATCH struct scratch s;
	CLEANUP_CACHE struct inventory_cache *cache = NULL;
	CLEANUP_FD int one = -1, same = -1, other = -1;
	struct file_key key;

	(void)state;
	scratch_init(&s);
	key = make_file(&s, "one/app", 0755);
	scratch_mkdir(&s, "other");
	assert_int_equal(inventory_cache_new(&ample, &cache), 0);
	one = open_top(&s, "one");
	same = open_top(&s, "other/../one");
	other = open_top(&s, "other");
	for (int i = 0; i < 1000; i++)
		assert_non_null(inventory_find(
			inventory_cache_get(cache, i & 1 ? one : same), &key, false));
	assert_int_equal(inventory_cache_walks(cache), 1);
	assert_null(inventory_find(inventory_cache_get(cache, other), &key, false));
	assert_int_equal(inventory_cache_walks(cache), 2);
}

static void directory_whose_inode_is_used_again_is_walked_anew(void **state)
{
	CLEANUP_SCRATCH struct scratch s;
	CLEANUP_CACHE struct inventory_cache *cache = NULL;
	CLEANUP_FD int fd = -1;
	struct file_key key;

	(void)state;
	scratch_init(&s);
	assert_int_equal(inventory_cache_new(&ample, &cache), 0);
	scratch_mkdir(&s, "one");
	fd = open_top(&s, "one");
	assert_int_equal(inventory_count(inventory_cache_get(cache, fd)), 0);
	key = make_file(&s, "one/app", 0755);
	assert_non_null(inventory_find(inventory_cache_get(cache, fd), &key, false));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_can_be_executed_or_mapped_is_found_by_inode),
		cmocka_unit_test(another_state_of_a_file_is_found_when_asked_for),
		cmocka_unit_test(links_lead_nowhere),
		cmocka_unit_test(what_a_limit_cuts_is_called_incomplete),
		cmocka_unit_test(directory_is_walked_once),
		cmocka_unit_test(directory_whose_inode_is_used_again_is_walked_anew),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
