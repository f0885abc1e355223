/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Claims about agent/container/cgroup_tree.c: the walk on ordinary directories,
 * whose inode numbers are keys too, the search for hierarchies on this host.
 */
#include "scratch.h"

#include <errno.h>
#include <unistd.h>

#include "barewatch/container.h"
#include "barewatch/event.h"

#define TREE_DEPTH_MAX 256 /* as in cgroup_tree.c */

/* What a walk came by. */
struct visits {
	struct scratch *scratch;
	struct strbuf paths; /* each with a space behind it */
	size_t count;
	uint64_t key_bits; /* expected in each key */
	const char *remove; /* removed when `remove_at` is visited */
	const char *remove_at;
	size_t stop_at;
	size_t unvisited; /* what the walk told */
};

static int visit(uint64_t key, struct slice path, void *userdata)
{
	struct visits *v = userdata;
	char name[PATH_MAX / 4];
	struct stat st;

	snprintf(name, sizeof(name), "tree%.*s", (int)path.len, path.data);
	assert_int_equal(stat(scratch_path(v->scratch, name), &st), 0);
	assert_true(key == ((uint64_t)st.st_ino | v->key_bits));
	strbuf_add_slice(&v->paths, path);
	strbuf_add_char(&v->paths, ' ');
	if (v->remove_at && slice_equal_text(path, v->remove_at))
		assert_int_equal(rmdir(scratch_path(v->scratch, v->remove)), 0);
	return ++v->count == v->stop_at ? 77 : 0;
}

static int walk(struct visits *v)
{
	struct cgroup_hierarchies hierarchies = {.v1_controller = "pids"};
	char tree[64];

	snprintf(tree, sizeof(tree), "%s/tree", v->scratch->root);
	*(v->key_bits ? &hierarchies.v1_path : &hierarchies.v2_path) = tree;
	return cgroup_walk(&hierarchies, visit, v, &v->unvisited);
}

static void parents_are_visited_before_their_children(void **state)
{
	CLEANUP_SCRATCH struct scratch s;
	struct visits v = {.scratch = &s};

	(void)state;
	scratch_init(&s);
	scratch_mkdir(&s, "tree/a/b/c");
	assert_int_equal(walk(&v), 0);
	assert_string_equal(strbuf_text(&v.paths), "/a /a/b /a/b/c ");
	assert_int_equal(v.unvisited, 0);
	strbuf_done(&v.paths);
}

static void every_directory_is_visited_once(void **state)
{
	CLEANUP_SCRATCH struct scratch s;
	struct visits v = {.scratch = &s};
	char name[32];

	(void)state;
	scratch_init(&s);
	for (int i = 0; i < 300; i++) {
		snprintf(name, sizeof(name), "tree/d%d/e%d", i % 17, i);
		scratch_mkdir(&s, name);
	}
	assert_int_equal(walk(&v), 0);
	assert_int_equal(v.count, 300 + 17);
	strbuf_done(&v.paths);
}

static void only_directories_are_visited(void **state)
{
	CLEANUP_SCRATCH struct scratch s;
	struct visits v = {.scratch = &s};

	(void)state;
	scratch_init(&s);
	scratch_write_text(&s, "tree/a/cgroup.procs", "1\n");
	scratch_mkdir(&s, "elsewhere/x");
	assert_int_equal(symlink("../elsewhere", scratch_path(&s, "tree/link")), 0);
	assert_int_equal(walk(&v), 0);
	assert_string_equal(strbuf_text(&v.paths), "/a ");
	strbuf_done(&v.paths);
}

static void root_is_not_visited(void **state)
{
	CLEANUP_SCRATCH struct scratch s;
	struct visits v = {.scratch = &s};

	(void)state;
	scratch_init(&s);
	scratch_mkdir(&s, "tree");
	assert_int_equal(walk(&v), 0);
	assert_int_equal(v.count, 0);
}

static void keys_of_version_1_are_marked(void **state)
{
	CLEANUP_SCRATCH struct scratch s;
	struct visits v = {.scratch = &s, .key_bits = BW_CGROUP_V1};

	(void)state;
	scratch_init(&s);
	scratch_mkdir(&s, "tree/a");
	assert_int_equal(walk(&v), 0);
	assert_int_equal(v.count, 1);
	strbuf_done(&v.paths);
}

static void both_hierarchies_are_walked(void **state)
{
	CLEANUP_SCRATCH struct scratch s;
	struct visits v = {.scratch = &s};
	char tree[64], empty[64];
	struct cgroup_hierarchies hierarchies = {.v2_path = tree, .v1_path = empty};

	(void)state;
	scratch_init(&s);
	scratch_mkdir(&s, "tree/a");
	scratch_mkdir(&s, "empty");
	snprintf(tree, sizeof(tree), "%s/tree", s.root);
	snprintf(empty, sizeof(empty), "%s/empty", s.root);
	assert_int_equal(cgroup_walk(&hierarchies, visit, &v, &v.unvisited), 0);
	assert_int_equal(v.count, 1);
	v.key_bits = BW_CGROUP_V1;
	hierarchies = (struct cgroup_hierarchies){.v2_path = empty, .v1_path = tree};
	assert_int_equal(cgroup_walk(&hierarchies, visit, &v, &v.unvisited), 0);
	assert_int_equal(v.count, 2);
	strbuf_done(&v.paths);
}

static void result_of_the_visitor_ends_the_walk(void **state)
{
	CLEANUP_SCRATCH struct scratch s;
	struct visits v = {.scratch = &s, .stop_at = 2};

	(void)state;
	scratch_init(&s);
	scratch_mkdir(&s, "tree/a/b/c");
	assert_int_equal(walk(&v), 77);
	assert_string_equal(strbuf_text(&v.paths), "/a /a/b ");
	strbuf_done(&v.paths);
}

static void what_vanishes_is_passed_over(void **state)
{
	CLEANUP_SCRATCH struct scratch s;
	struct visits v = {.scratch = &s, .remove_at = "/a/b", .remove = "tree/a/b"};

	(void)state;
	scratch_init(&s);
	scratch_mkdir(&s, "tree/a/b");
	scratch_mkdir(&s, "tree/c");
	assert_int_equal(walk(&v), 0);
	assert_int_equal(v.count, 3);
	strbuf_done(&v.paths);
}

/* Who watches nothing for want of a mount point must know. */
static void mount_point_that_does_not_exist_is_an_error(void **state)
{
	CLEANUP_SCRATCH struct scratch s;
	struct visits v = {.scratch = &s};

	(void)state;
	scratch_init(&s);
	assert_int_equal(walk(&v), -ENOENT);
	assert_int_equal(v.count, 0);
	v.key_bits = BW_CGROUP_V1;
	assert_int_equal(walk(&v), -ENOENT);
	scratch_write_text(&s, "tree", "no directory");
	assert_int_equal(walk(&v), -ENOTDIR);
}

static void host_without_hierarchies_has_no_cgroups(void **state)
{
	struct cgroup_hierarchies none = CGROUP_HIERARCHIES_INIT;
	struct visits v = {.unvisited = 1};

	(void)state;
	assert_int_equal(cgroup_walk(&none, visit, &v, &v.unvisited), 0);
	assert_int_equal(v.unvisited, 0);
}

/* Makes COUNT directories, each in the one before. */
static void make_nested(struct scratch *s, const char *top, unsigned count)
{
	char name[SCRATCH_PATH_MAX / 2];
	size_t len = snprintf(name, sizeof(name), "%s", top);

	for (unsigned i = 0; i < count; i++)
		len += snprintf(name + len, sizeof(name) - len, "/d");
	scratch_mkdir(s, name);
}

/* Nobody can make the walk run out of descriptors; what it left out is said. */
static void what_is_nested_too_deeply_is_counted(void **state)
{
	CLEANUP_SCRATCH struct scratch s;
	struct visits v = {.scratch = &s};

	(void)state;
	scratch_init(&s);
	make_nested(&s, "tree", TREE_DEPTH_MAX - 1);
	assert_int_equal(walk(&v), 0);
	assert_int_equal(v.count, TREE_DEPTH_MAX - 1);
	assert_int_equal(v.unvisited, 0);
	make_nested(&s, "tree", TREE_DEPTH_MAX + 40);
	make_nested(&s, "tree/other", TREE_DEPTH_MAX + 40);
	v.count = 0;
	assert_int_equal(walk(&v), 0);
	assert_int_equal(v.count, 2 * TREE_DEPTH_MAX);
	assert_int_equal(v.unvisited, 2);
	strbuf_done(&v.paths);
}

static int count_visit(uint64_t key, struct slice path, void *userdata)
{
	(void)key;
	assert_true(path.len > 0 && path.data[0] == '/');
	++*(size_t *)userdata;
	return 0;
}

static void hierarchies_of_this_host_are_found(void **state)
{
	CLEANUP(cgroup_hierarchies_cleanup)
	struct cgroup_hierarchies found = CGROUP_HIERARCHIES_INIT;
	size_t count = 0, unvisited;
	struct stat st;
	int r = cgroup_hierarchies_find(&found);

	(void)state;
	if (r == -ENOENT || r == -EXDEV) {
		print_message("# no whole cgroup hierarchy is mounted here\n");
		skip();
	}
	assert_int_equal(r, 0);
	assert_true(found.v1_path || found.v2_path);
	if (found.v2_path)
		assert_int_equal(stat(found.v2_path, &st), 0);
	if (found.v1_path) {
		assert_int_equal(stat(found.v1_path, &st), 0);
		assert_true(found.v1_controller[0] != '\0');
		assert_true(found.v1_hierarchy > 0);
	}
	assert_int_equal(cgroup_walk(&found, count_visit, &count, &unvisited), 0);
}

/*
 * Makes a cgroup where MOUNT_POINT of HIERARCHIES is, asks for its path by its
 * key, and again after its end. False when none can be made.
 */
static bool made_cgroup_is_found(
	const struct cgroup_hierarchies *hierarchies, const char *mount_point, uint64_t key_bits)
{
	CLEANUP_STRBUF struct strbuf path = STRBUF_INIT;
	char name[64], directory[PATH_MAX];
	struct stat st;

	snprintf(name, sizeof(name), "/barewatch-unit-test.%d", getpid());
	snprintf(directory, sizeof(directory), "%s%s", mount_point, name);
	if (mkdir(directory, 0755) < 0)
		return false;
	assert_int_equal(stat(directory, &st), 0);
	strbuf_add_text(&path, "before:");
	assert_int_equal(cgroup_path_by_key(hierarchies, st.st_ino | key_bits, &path), 0);
	assert_int_equal(rmdir(directory), 0);
	assert_memory_equal(strbuf_text(&path), "before:", 7);
	assert_string_equal(strbuf_text(&path) + 7, name);
	strbuf_reset(&path);
	assert_int_equal(cgroup_path_by_key(hierarchies, st.st_ino | key_bits, &path), -ESTALE);
	assert_int_equal(path.len, 0);
	return true;
}

/* In version 1 when KEY_BITS say so, else in version 2. */
static bool path_is_found_by_key(uint64_t key_bits)
{
	CLEANUP(cgroup_hierarchies_cleanup)
	struct cgroup_hierarchies found = CGROUP_HIERARCHIES_INIT;
	const char *mount_point;

	if (geteuid() != 0 || cgroup_hierarchies_find(&found) < 0)
		return false;
	mount_point = key_bits ? found.v1_path : found.v2_path;
	return mount_point && made_cgroup_is_found(&found, mount_point, key_bits);
}

static void path_of_a_version_2_cgroup_is_found_until_its_end(void **state)
{
	(void)state;
	if (path_is_found_by_key(0))
		return;
	print_message("# no version 2 cgroup can be made here\n");
	skip();
}

static void path_of_a_version_1_cgroup_is_found_until_its_end(void **state)
{
	(void)state;
	if (path_is_found_by_key(BW_CGROUP_V1))
		return;
	print_message("# no version 1 cgroup can be made here\n");
	skip();
}

static void key_of_a_hierarchy_that_is_not_there_is_stale(void **state)
{
	struct cgroup_hierarchies none = CGROUP_HIERARCHIES_INIT;
	CLEANUP_STRBUF struct strbuf path = STRBUF_INIT;

	(void)state;
	assert_int_equal(cgroup_path_by_key(&none, 7, &path), -ESTALE);
	assert_int_equal(cgroup_path_by_key(&none, 7 | BW_CGROUP_V1, &path), -ESTALE);
	assert_int_equal(path.len, 0);
}

static void done_can_be_called_twice(void **state)
{
	struct cgroup_hierarchies h = {.v2_path = strdup("/x"), .v1_path = strdup("/y")};

	(void)state;
	cgroup_hierarchies_done(&h);
	assert_null(h.v2_path);
	assert_null(h.v1_path);
	cgroup_hierarchies_done(&h);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(parents_are_visited_before_their_children),
		cmocka_unit_test(every_directory_is_visited_once),
		cmocka_unit_test(only_directories_are_visited),
		cmocka_unit_test(root_is_not_visited),
		cmocka_unit_test(keys_of_version_1_are_marked),
		cmocka_unit_test(both_hierarchies_are_walked),
		cmocka_unit_test(result_of_the_visitor_ends_the_walk),
		cmocka_unit_test(what_vanishes_is_passed_over),
		cmocka_unit_test(mount_point_that_does_not_exist_is_an_error),
		cmocka_unit_test(host_without_hierarchies_has_no_cgroups),
		cmocka_unit_test(what_is_nested_too_deeply_is_counted),
		cmocka_unit_test(hierarchies_of_this_host_are_found),
		cmocka_unit_test(path_of_a_version_2_cgroup_is_found_until_its_end),
		cmocka_unit_test(path_of_a_version_1_cgroup_is_found_until_its_end),
		cmocka_unit_test(key_of_a_hierarchy_that_is_not_there_is_stale),
		cmocka_unit_test(done_can_be_called_twice),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
