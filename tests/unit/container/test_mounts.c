/* SPDX-License-Identifier: Apache-2.0 */
/* Claims about agent/container/mounts.c, and what else tells containers without a cgroup. */
#include "state_fixture.h"

#include "base/proc.h"
#include "container/process.h"

static const struct {
	const char *status;
	pid_t pid; /* 0: it is none of these */
} statuses[] = {
	{"{\"pid\": 4711, \"cgroup-path\": \"\", \"owner\": \"root\"}", 4711},
	{"{\"pid\": 4711}", 4711},
	{"{\"pid\": 4711, \"cgroup-path\": \"/libpod_parent/libpod-1\"}", 0},
	{"{\"pid\": -1, \"cgroup-path\": \"\"}", 0},
	{"{\"pid\": \"4711\", \"cgroup-path\": \"\"}", 0},
	{"{\"pid\": 4294967297, \"cgroup-path\": \"\"}", 0},
	{"[4711]", 0},
	{"{", 0},
	{"", 0},
};

static void first_process_is_read_from_cruns_status(void **state)
{
	CLEANUP_STATE_FIXTURE struct state_fixture f;

	(void)state;
	state_fixture_init(&f);
	f.roots.crun = f.s.root;
	for (size_t i = 0; i < ARRAY_SIZE(statuses); i++) {
		scratch_write_text(&f.s, ID "/status", statuses[i].status);
		assert_int_equal(container_mounts_init(&f.roots, ID, NULL), statuses[i].pid);
	}
	assert_int_equal(container_mounts_init(&f.roots, OTHER, NULL), 0);
	assert_int_equal(container_mounts_init(&f.roots, "../" ID, NULL), 0);
}

static void file_that_the_runtime_was_told_comes_first(void **state)
{
	CLEANUP_STATE_FIXTURE struct state_fixture f;

	(void)state;
	state_fixture_init(&f);
	f.roots.crun = f.s.root;
	scratch_write_text(&f.s, ID "/status", statuses[0].status);
	scratch_write_text(&f.s, "pidfile", "42");
	assert_int_equal(container_mounts_init(&f.roots, ID, scratch_path(&f.s, "pidfile")), 42);
	scratch_write_text(&f.s, "pidfile", "42x");
	assert_int_equal(container_mounts_init(&f.roots, ID, scratch_path(&f.s, "pidfile")), 0);
	assert_int_equal(container_mounts_init(&f.roots, ID, "pidfile"), 4711);
}

static void on_walk(const char *id, pid_t init, void *userdata)
{
	assert_string_equal(id, ID);
	*(pid_t *)userdata += init;
}

static void walk_finds_those_without_a_cgroup(void **state)
{
	CLEANUP_STATE_FIXTURE struct state_fixture f;
	pid_t sum = 0;

	(void)state;
	state_fixture_init(&f);
	container_mounts_walk(&f.roots, on_walk, &sum);
	assert_int_equal(sum, 0);
	f.roots.crun = f.s.root;
	scratch_write_text(&f.s, ID "/status", statuses[0].status);
	scratch_write_text(&f.s, OTHER "/status", statuses[2].status);
	scratch_mkdir(&f.s, "empty");
	container_mounts_walk(&f.roots, on_walk, &sum);
	assert_int_equal(sum, 4711);
}

static void process_is_in_the_container_of_its_mounts(void **state)
{
	uint32_t mnt_ns = process_mnt_ns(getpid());
	char path[CONTAINER_MOUNTS_PATH_MAX];

	(void)state;
	assert_int_not_equal(mnt_ns, 0);
	container_mounts_path(path, mnt_ns, ID);
	assert_true(process_is_in(getpid(), path));
	container_mounts_path(path, mnt_ns / 10, ID);
	assert_false(process_is_in(getpid(), path));
	assert_int_equal(process_mnt_ns(0), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(first_process_is_read_from_cruns_status),
		cmocka_unit_test(file_that_the_runtime_was_told_comes_first),
		cmocka_unit_test(walk_finds_those_without_a_cgroup),
		cmocka_unit_test(process_is_in_the_container_of_its_mounts),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
