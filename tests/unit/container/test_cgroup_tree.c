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

/* What a walk came by. */
struct visits {
	struct scratch *scratch;
	struct strbuf paths; /* each with a space behind it */
	size_t count;
	uint64_t key_bits; /* expected in each key */
	const char *remove; /* removed when `remove_at` is visited */
	const char *remove_at;
	size_t stop_at;
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
	return cgroup_walk(&hierarchies, visit, v);
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
	assert_int_equal(cgroup_walk(&hierarchies, visit, &v), 0);
	assert_int_equal(v.count, 1);
	v.key_bits = BW_CGROUP_V1;
	hierarchies = (struct cgroup_hierarchies){.v2_path = empty, .v1_path = tree};
	assert_int_equal(cgroup_walk(&hierarchies, visit, &v), 0);
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

static void missing_tree_has_no_cgroups(void **state)
{
	CLEANUP_SCRATCH struct scratch s;
	struct visits v = {.scratch = &s};

	(void)state;
	scratch_init(&s);
	assert_int_equal(walk(&v), 0);
	assert_int_equal(v.count, 0);
}

/* 70 levels: the walk ends at its limit, and without an error. */
static void depth_is_limited(void **state)
{
	CLEANUP_SCRATCH struct scratch s;
	struct visits v = {.scratch = &s};
	char name[256] = "tree";

	(void)state;
	scratch_init(&s);
	for (int i = 0; i < 70; i++)
		strcpy(name + strlen(name), "/d");
	scratch_mkdir(&s, name);
	assert_int_equal(walk(&v), 0);
	assert_int_equal(v.count, 64);
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
	size_t count = 0;
	struct stat st;
	int r = cgroup_hierarchies_find(&found);

	(void)state;
	if (r == -ENOENT) {
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
	assert_int_equal(cgroup_walk(&found, count_visit, &count), 0);
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
		cmocka_unit_test(missing_tree_has_no_cgroups),
		cmocka_unit_test(depth_is_limited),
		cmocka_unit_test(hierarchies_of_this_host_are_found),
		cmocka_unit_test(done_can_be_called_twice),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
