/* SPDX-License-Identifier: Apache-2.0 */
/* bpf/cgroup.bpf.c and cgroup.h: which cgroups are in scope, and since when. */
#include "fixture.h"

#include <poll.h>

static void act_exec(void *argument)
{
	(void)argument;
	execl("/bin/busybox", "true", NULL);
}

/* Joins a second cgroup, in another hierarchy, by its file cgroup.procs. */
static void act_exec_in(void *argument)
{
	int fd = open(argument, O_WRONLY | O_CLOEXEC);

	if (fd < 0 || write(fd, "0", 1) != 1)
		_exit(111);
	execl("/bin/busybox", "true", NULL);
}

/* A cgroup below that of the fixture, or beside it. Returns its key. */
static uint64_t make_cgroup(const struct fixture *f, bool below, const char *name, char *ret)
{
	const char *parent = below ? f->cgroup : f->hierarchies.v2_path;

	assert_true(snprintf(ret, PATH_MAX, "%s/%s%s-%d", parent, below ? "" : "barewatch-", name,
			    getpid()) < PATH_MAX);
	assert_int_equal(mkdir(ret, 0755), 0);
	return cgroup_dir_key(ret);
}

static void made_and_removed_cgroups_are_reported(void **state)
{
	struct fixture *f = *state;
	const struct event *e;
	char path[PATH_MAX];
	uint64_t key;

	fixture_drain(f);
	fixture_forget(f);
	key = make_cgroup(f, false, "made", path);
	assert_int_equal(rmdir(path), 0);
	fixture_drain(f);
	f->only_cgroup = key;
	e = fixture_only(f, BW_EVENT_CGROUP_MKDIR);
	assert_text(&e->cgroup_change.path, path + strlen(f->hierarchies.v2_path));
	assert_int_equal(e->cgroup, key);
	assert_int_equal(e->container, key);
	assert_int_equal(e->cgroup_change.record->unscoped, 0);
	assert_int_equal(e->cgroup_change.record->parent, cgroup_dir_key(f->hierarchies.v2_path));
	assert_int_equal(e->cgroup_change.record->level, 1);
	e = fixture_only(f, BW_EVENT_CGROUP_RMDIR);
	assert_text(&e->cgroup_change.path, path + strlen(f->hierarchies.v2_path));
	assert_int_equal(e->cgroup, key);
	f->only_cgroup = f->key;
}

static void new_cgroup_is_in_scope_before_anyone_decided(void **state)
{
	struct fixture *f = *state;
	char path[PATH_MAX];
	uint64_t key = make_cgroup(f, false, "undecided", path);

	fixture_run(f, path, act_exec, NULL);
	f->only_cgroup = key;
	assert_int_equal(fixture_only(f, BW_EVENT_EXEC)->container, key);
	assert_int_equal(probe_scope_remove(f->probe, key), 0);
	fixture_run(f, path, act_exec, NULL);
	assert_int_equal(fixture_count(f, BW_EVENT_EXEC), 0);
	f->only_cgroup = f->key;
	assert_int_equal(rmdir(path), 0);
}

static void cgroup_below_a_container_belongs_to_it(void **state)
{
	struct fixture *f = *state;
	const struct event *e;
	char path[PATH_MAX];
	uint64_t key = make_cgroup(f, true, "below", path);

	fixture_run(f, path, act_exec, NULL);
	f->only_cgroup = key;
	e = fixture_only(f, BW_EVENT_EXEC);
	assert_int_equal(e->cgroup, key);
	assert_int_equal(e->container, f->key);
	f->only_cgroup = f->key;
	assert_int_equal(rmdir(path), 0);
}

static void cgroup_below_an_ignored_one_is_ignored(void **state)
{
	struct fixture *f = *state;
	char path[PATH_MAX];
	uint64_t key;

	assert_int_equal(probe_scope_set(f->probe, f->key, f->key, BW_SCOPE_IGNORED), 0);
	key = make_cgroup(f, true, "ignored", path);
	fixture_run(f, path, act_exec, NULL);
	f->only_cgroup = key;
	assert_int_equal(fixture_count(f, BW_EVENT_EXEC), 0);
	f->only_cgroup = f->key;
	assert_int_equal(probe_scope_set(f->probe, f->key, f->key, BW_SCOPE_WATCHED), 0);
	assert_int_equal(rmdir(path), 0);
}

/* What a container makes below the cgroup PATH. Returns its key. */
static uint64_t make_below(const char *path, char *ret)
{
	assert_true(snprintf(ret, PATH_MAX, "%s/init", path) < PATH_MAX);
	assert_int_equal(mkdir(ret, 0755), 0);
	return cgroup_dir_key(ret);
}

#define LONG_NAME "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef"

/* An engine in a container that is not bare may be about to start one that is. */
static void what_may_be_nested_in_an_ignored_one_is_undecided(void **state)
{
	struct fixture *f = *state;
	char path[PATH_MAX], below[PATH_MAX];
	struct bw_scope scope;
	uint64_t key_below;

	assert_int_equal(probe_scope_set(f->probe, f->key, f->key, BW_SCOPE_IGNORED), 0);
	make_cgroup(f, true, LONG_NAME, path);
	key_below = make_below(path, below);
	fixture_run(f, below, act_exec, NULL);
	f->only_cgroup = key_below;
	assert_int_equal(fixture_count(f, BW_EVENT_EXEC), 1);
	assert_int_equal(probe_scope_get(f->probe, f->key, &scope), 0);
	assert_int_equal(scope.children, 2);
	/* until it is decided */
	assert_int_equal(probe_scope_decide(f->probe, key_below, f->key, BW_SCOPE_IGNORED), 0);
	fixture_run(f, below, act_exec, NULL);
	assert_int_equal(fixture_count(f, BW_EVENT_EXEC), 0);
	f->only_cgroup = f->key;
	assert_int_equal(rmdir(below) | rmdir(path), 0);
	assert_int_equal(probe_scope_get(f->probe, f->key, &scope), 0);
	assert_int_equal(scope.children, 0);
	assert_int_equal(probe_scope_set(f->probe, f->key, f->key, BW_SCOPE_WATCHED), 0);
}

/* Also when the outer one has used up its entries: then what is nearest above is asked. */
static void nested_container_is_watched_in_an_ignored_one(void **state)
{
	char paths[BW_SCOPE_CHILDREN_MAX][PATH_MAX], path[PATH_MAX], below[PATH_MAX];
	struct fixture *f = *state;
	struct bw_scope scope;
	uint64_t key, key_below;
	char name[16];

	assert_int_equal(probe_scope_set(f->probe, f->key, f->key, BW_SCOPE_IGNORED), 0);
	for (size_t i = 0; i < ARRAY_SIZE(paths); i++) {
		snprintf(name, sizeof(name), "%zu", i);
		make_cgroup(f, true, name, paths[i]);
	}
	key = make_cgroup(f, true, LONG_NAME, path);
	assert_int_equal(probe_scope_get(f->probe, key, &scope), -ENOENT);
	assert_int_equal(probe_scope_set_nested(f->probe, key, BW_SCOPE_WATCHED), 0);
	key_below = make_below(path, below);
	assert_int_equal(probe_scope_get(f->probe, key_below, &scope), -ENOENT);
	fixture_run(f, below, act_exec, NULL);
	f->only_cgroup = key_below;
	assert_int_equal(fixture_only(f, BW_EVENT_EXEC)->container, key);
	f->only_cgroup = f->key;
	assert_int_equal(rmdir(below) | rmdir(path), 0);
	/* which was not counted, so neither is its end */
	assert_int_equal(probe_scope_get(f->probe, f->key, &scope), 0);
	assert_int_equal(scope.children, BW_SCOPE_CHILDREN_MAX);
	for (size_t i = 0; i < ARRAY_SIZE(paths); i++)
		assert_int_equal(rmdir(paths[i]), 0);
	assert_int_equal(probe_scope_get(f->probe, f->key, &scope), 0);
	assert_int_equal(scope.children, 0);
	assert_int_equal(probe_scope_set(f->probe, f->key, f->key, BW_SCOPE_WATCHED), 0);
}

/* Else each nested one could have as many entries as its outer one. */
static void cgroups_of_a_nested_container_are_its_outer_ones(void **state)
{
	struct fixture *f = *state;
	char path[PATH_MAX], below[PATH_MAX];
	struct bw_scope scope;
	uint64_t key = make_cgroup(f, true, LONG_NAME, path);

	assert_int_equal(probe_scope_set_nested(f->probe, key, BW_SCOPE_WATCHED), 0);
	assert_int_equal(probe_scope_get(f->probe, make_below(path, below), &scope), 0);
	assert_int_equal(scope.container, key);
	assert_int_equal(scope.counter, f->key);
	assert_int_equal(probe_scope_get(f->probe, f->key, &scope), 0);
	assert_int_equal(scope.children, 2);
	assert_int_equal(rmdir(below) | rmdir(path), 0);
	assert_int_equal(probe_scope_get(f->probe, f->key, &scope), 0);
	assert_int_equal(scope.children, 0);
}

static bool is_awake(const struct fixture *f, int timeout_ms)
{
	struct pollfd poll_fd = {.fd = probe_fd(f->probe, PROBE_RING_EVENTS), .events = POLLIN};

	return poll(&poll_fd, 1, timeout_ms) == 1;
}

/* A removed one does not, and the ring alone would wake nobody while its record waits. */
static void new_cgroup_wakes_the_reader(void **state)
{
	const struct timespec interval = {.tv_nsec = 10000000}; /* twice that of cgroup.bpf.c */
	struct fixture *f = *state;
	char path[PATH_MAX];

	make_cgroup(f, false, "sleeps", path);
	nanosleep(&interval, NULL);
	fixture_drain(f);
	assert_false(is_awake(f, 0)); /* any more */
	assert_int_equal(rmdir(path), 0);
	assert_false(is_awake(f, 0));
	make_cgroup(f, false, "wakes", path);
	assert_true(is_awake(f, 5000));
	assert_int_equal(rmdir(path), 0);
}

static void scope_of_a_cgroup_ends_with_it(void **state)
{
	struct fixture *f = *state;
	char path[PATH_MAX];
	uint64_t key = make_cgroup(f, false, "gone", path);
	struct bw_scope scope;

	assert_int_equal(probe_scope_get(f->probe, key, &scope), 0);
	assert_int_equal(scope.state, BW_SCOPE_UNDECIDED);
	assert_int_equal(probe_scope_decide(f->probe, key, key, BW_SCOPE_WATCHED), 0);
	assert_int_equal(probe_scope_get(f->probe, key, &scope), 0);
	assert_int_equal(scope.state, BW_SCOPE_WATCHED);
	assert_int_equal(rmdir(path), 0);
	assert_int_equal(probe_scope_get(f->probe, key, &scope), -ENOENT);
}

static void decision_about_a_cgroup_that_is_gone_changes_nothing(void **state)
{
	struct fixture *f = *state;
	char path[PATH_MAX];
	uint64_t key = make_cgroup(f, false, "gone", path);
	struct bw_scope scope;

	assert_int_equal(rmdir(path), 0);
	assert_int_equal(probe_scope_decide(f->probe, key, key, BW_SCOPE_WATCHED), 0);
	assert_int_equal(probe_scope_get(f->probe, key, &scope), -ENOENT);
}

/* Old engines on hosts run by systemd: the task has a place in version 2, but it is no container. */
static void version_1_is_asked_when_version_2_is_not_in_scope(void **state)
{
	struct fixture *f = *state;
	char v2[PATH_MAX], v1[PATH_MAX], procs[PATH_MAX + 16];
	uint64_t key;

	if (!f->hierarchies.v1_path) {
		print_message("# no cgroup v1 hierarchy here\n");
		skip();
	}
	probe_scope_remove(f->probe, make_cgroup(f, false, "service", v2));
	snprintf(v1, sizeof(v1), "%s/barewatch-test-%d", f->hierarchies.v1_path, getpid());
	assert_int_equal(mkdir(v1, 0755), 0);
	key = cgroup_dir_key(v1) | BW_CGROUP_V1;
	snprintf(procs, sizeof(procs), "%s/cgroup.procs", v2);
	fixture_run(f, v1, act_exec_in, procs);
	f->only_cgroup = key;
	assert_int_equal(fixture_only(f, BW_EVENT_EXEC)->container, key);
	f->only_cgroup = f->key;
	assert_int_equal(rmdir(v1) | rmdir(v2), 0);
}

/* A task with no place of its own in version 2, as old engines leave it on hybrid hosts. */
static void version_1_cgroup_stands_in_for_version_2(void **state)
{
	struct fixture *f = *state;
	char path[PATH_MAX];
	uint64_t key;

	if (!f->hierarchies.v1_path) {
		print_message("# no cgroup v1 hierarchy here\n");
		skip();
	}
	snprintf(path, sizeof(path), "%s/barewatch-test-%d", f->hierarchies.v1_path, getpid());
	assert_int_equal(mkdir(path, 0755), 0);
	key = cgroup_dir_key(path) | BW_CGROUP_V1;
	fixture_run(f, path, act_exec, NULL);
	f->only_cgroup = key;
	assert_int_equal(fixture_only(f, BW_EVENT_EXEC)->cgroup, key);
	fixture_drain(f);
	fixture_forget(f);
	assert_int_equal(rmdir(path), 0);
	fixture_drain(f);
	assert_int_equal(fixture_only(f, BW_EVENT_CGROUP_RMDIR)->cgroup, key);
	f->only_cgroup = f->key;
}

/* A container may make any number of cgroups: few get an entry, all belong to it. */
static void container_with_many_cgroups_fills_nothing(void **state)
{
	struct fixture *f = *state;
	char paths[BW_SCOPE_CHILDREN_MAX + 10][PATH_MAX];
	struct bw_scope scope;
	uint64_t key = 0;
	char name[16];

	for (size_t i = 0; i < ARRAY_SIZE(paths); i++) {
		snprintf(name, sizeof(name), "%zu", i);
		key = make_cgroup(f, true, name, paths[i]);
	}
	assert_int_equal(probe_scope_get(f->probe, key, &scope), -ENOENT);
	assert_int_equal(probe_scope_get(f->probe, f->key, &scope), 0);
	assert_int_equal(scope.children, BW_SCOPE_CHILDREN_MAX);
	fixture_run(f, paths[ARRAY_SIZE(paths) - 1], act_exec, NULL);
	f->only_cgroup = key;
	assert_int_equal(fixture_only(f, BW_EVENT_EXEC)->container, f->key);
	f->only_cgroup = f->key;
	for (size_t i = 0; i < ARRAY_SIZE(paths); i++)
		assert_int_equal(rmdir(paths[i]), 0);
	assert_int_equal(probe_scope_get(f->probe, f->key, &scope), 0);
	assert_int_equal(scope.children, 0);
}

/* The last test: it leaves a probe of its own. */
static void full_scope_is_counted_and_said(void **state)
{
	struct fixture *f = *state;
	struct probe_counts counts;
	const struct event *e;
	char path[PATH_MAX];

	probe_free(f->probe);
	fixture_load(f, PROBE_RING_BYTES_DEFAULT, 1);
	assert_int_equal(probe_scope_set(f->probe, f->key, f->key, BW_SCOPE_WATCHED), 0);
	assert_int_equal(probe_scope_set(f->probe, 1, 1, BW_SCOPE_WATCHED), -E2BIG);
	fixture_forget(f);
	f->only_cgroup = make_cgroup(f, false, "full", path);
	fixture_drain(f);
	e = fixture_only(f, BW_EVENT_CGROUP_MKDIR);
	assert_int_equal(e->cgroup_change.record->unscoped, 1);
	assert_int_equal(rmdir(path), 0);
	assert_int_equal(probe_counts_read(f->probe, &counts), 0);
	assert_true(counts.failures[BW_FAILURE_SCOPE_FULL] >= 1);
	assert_int_equal(counts.failures[BW_FAILURE_SCRATCH], 0);
	f->only_cgroup = f->key;
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(made_and_removed_cgroups_are_reported),
		cmocka_unit_test(new_cgroup_is_in_scope_before_anyone_decided),
		cmocka_unit_test(cgroup_below_a_container_belongs_to_it),
		cmocka_unit_test(cgroup_below_an_ignored_one_is_ignored),
		cmocka_unit_test(what_may_be_nested_in_an_ignored_one_is_undecided),
		cmocka_unit_test(cgroups_of_a_nested_container_are_its_outer_ones),
		cmocka_unit_test(new_cgroup_wakes_the_reader),
		cmocka_unit_test(scope_of_a_cgroup_ends_with_it),
		cmocka_unit_test(decision_about_a_cgroup_that_is_gone_changes_nothing),
		cmocka_unit_test(version_1_cgroup_stands_in_for_version_2),
		cmocka_unit_test(version_1_is_asked_when_version_2_is_not_in_scope),
		cmocka_unit_test(container_with_many_cgroups_fills_nothing),
		cmocka_unit_test(nested_container_is_watched_in_an_ignored_one),
		cmocka_unit_test(full_scope_is_counted_and_said),
	};

	return cmocka_run_group_tests(tests, fixture_setup, fixture_teardown);
}
