/* SPDX-License-Identifier: Apache-2.0 */
/* Claims about agent/tracker.c: what it keeps of runtimes that were called. */
#include "asserts.h"

#include "tracker.h"

#define HOST   1 /* keys of cgroups */
#define INSIDE 2
#define RUNC   701
#define HOSTS  4026531840 /* mount namespaces */
#define OWN    4026532000

static void add(struct tracker *tracker, uint64_t key, const char *path)
{
	int error;

	(void)container_registry_add(tracker->registry, key, slice_of(path), &error);
	assert_int_equal(error, 0);
}

static void enrol(struct container *container, void *userdata)
{
	(void)container;
	(void)userdata;
}

static void call(struct tracker *tracker, uint64_t cgroup, uint32_t uid)
{
	static const char args[] = "runc\0exec\0web\0sh";
	struct bw_process process = {.tgid = RUNC, .mnt_ns = HOSTS, .uid = uid};
	static struct event event;

	event = (struct event){.kind = BW_EVENT_RUNTIME,
		.cgroup = cgroup,
		.container = cgroup,
		.process = &process};
	event.runtime.args = (struct event_text){.bytes = {args, sizeof(args)}};
	tracker_runtime_called(tracker, &event);
}

static bool is_runtimes(const struct tracker *tracker, uint32_t parent, uint32_t mnt_ns)
{
	struct bw_process process = {.tgid = 702, .ppid = parent, .mnt_ns = mnt_ns};
	static struct event event;

	event = (struct event){.kind = BW_EVENT_EXEC, .process = &process};
	return calls_is_runtimes(&tracker->calls, &event);
}

static void child_of_a_runtime_is_its_own_until_it_leaves_its_files(void **state)
{
	struct container_registry_config config = {
		.containers_max = 16, .keep_ns = 1, .enrol = enrol};
	static struct tracker tracker;

	(void)state;
	assert_int_equal(container_registry_new(&config, &tracker.registry), 0);
	add(&tracker, HOST, "/system.slice/containerd.service");
	add(&tracker, INSIDE,
		"/docker/ffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff");
	assert_false(is_runtimes(&tracker, RUNC, HOSTS));
	assert_false(is_runtimes(&tracker, 0, 0));
	call(&tracker, INSIDE, 0); /* anything in a container can be called runc */
	call(&tracker, HOST, 1000);
	assert_false(is_runtimes(&tracker, RUNC, HOSTS));
	call(&tracker, HOST, 0);
	assert_true(is_runtimes(&tracker, RUNC, HOSTS));
	assert_false(is_runtimes(&tracker, RUNC, OWN)); /* it is in the container */
	assert_false(is_runtimes(&tracker, RUNC + 1, HOSTS));
	container_registry_free(tracker.registry);
}

static void containers_that_are_not_bare_are_watched_when_all_are(void **state)
{
	static struct tracker tracker;
	struct container bare = {.bare = BARE_POLICY}, other = {.bare = BARE_NO};

	(void)state;
	tracker.watches_all = false;
	assert_true(tracker_watches(&tracker, &bare));
	assert_false(tracker_watches(&tracker, &other));
	tracker.watches_all = true;
	assert_true(tracker_watches(&tracker, &bare));
	assert_true(tracker_watches(&tracker, &other));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(child_of_a_runtime_is_its_own_until_it_leaves_its_files),
		cmocka_unit_test(containers_that_are_not_bare_are_watched_when_all_are),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
