/* SPDX-License-Identifier: Apache-2.0 */
/* Claims about agent/tracker_look.c: which containers it keeps. What looks find is in tests/e2e. */
#include "asserts.h"

#include "tracker_look.h"

DEFINE_CLEANUP(struct container_registry, registry, container_registry_free);

static void enrol(struct container *container, void *userdata)
{
	(void)userdata;
	container->is_incomplete = true;
}

static struct container_registry *registry_new(void)
{
	struct container_registry_config config = {.containers_max = 2, .enrol = enrol};
	struct container_registry *registry = NULL;

	assert_int_equal(container_registry_new(&config, &registry), 0);
	return registry;
}

static struct container incomplete(uint64_t key)
{
	return (struct container){.cgroup = key, .is_incomplete = true};
}

static void container_is_entered_once(void **state)
{
	struct container container = incomplete(7);
	static struct tracker tracker;

	(void)state;
	tracker_look_later(&tracker, &container);
	tracker_look_later(&tracker, &container);
	assert_int_equal(tracker.look_count, 1);
	assert_int_equal(tracker.looks[0].key, 7);
	assert_int_equal(tracker.looks[0].wait_ns, TRACKER_LOOK_WAIT_NS);
	assert_true(container.is_incomplete);
}

static void without_room_what_is_known_is_all(void **state)
{
	static struct tracker tracker;
	struct container container;

	(void)state;
	for (uint64_t key = 1; key <= TRACKER_LOOKS_MAX; key++) {
		container = incomplete(key);
		tracker_look_later(&tracker, &container);
		assert_true(container.is_incomplete);
	}
	container = incomplete(TRACKER_LOOKS_MAX + 1);
	tracker_look_later(&tracker, &container);
	assert_false(container.is_incomplete);
	assert_int_equal(tracker.look_count, TRACKER_LOOKS_MAX);
}

/* There is nobody who would be told. */
static void container_that_ends_without_alerts_is_not_looked_at(void **state)
{
	CLEANUP(registry_cleanup) struct container_registry *registry = registry_new();
	static struct tracker tracker;
	char path[80] = "/docker/";
	struct container *container;
	int error;

	(void)state;
	memset(path + strlen(path), 'a', 64);
	tracker.registry = registry;
	container = container_registry_add(registry, 7, slice_of(path), &error);
	assert_non_null(container);
	tracker_look_later(&tracker, container);
	tracker_look_last(&tracker, 8);
	assert_int_equal(tracker.look_count, 1);
	tracker_look_last(&tracker, 7);
	assert_int_equal(tracker.look_count, 0);
	assert_true(container->is_incomplete);
}

/* Its time comes, but it has gone. */
static void container_that_is_not_there_is_given_up(void **state)
{
	CLEANUP(registry_cleanup) struct container_registry *registry = registry_new();
	struct container container = incomplete(7);
	static struct tracker tracker;
	uint64_t due_ns;

	(void)state;
	tracker.registry = registry;
	tracker_look_later(&tracker, &container);
	due_ns = tracker.looks[0].last_ns + TRACKER_LOOK_WAIT_NS;
	tracker_look_again(&tracker, due_ns - 1);
	assert_int_equal(tracker.look_count, 1);
	tracker_look_again(&tracker, due_ns);
	assert_int_equal(tracker.look_count, 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(container_is_entered_once),
		cmocka_unit_test(without_room_what_is_known_is_all),
		cmocka_unit_test(container_that_ends_without_alerts_is_not_looked_at),
		cmocka_unit_test(container_that_is_not_there_is_given_up),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
