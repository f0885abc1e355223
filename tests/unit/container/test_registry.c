/* SPDX-License-Identifier: Apache-2.0 */
/* Claims about agent/container/registry.c. */
#include "asserts.h"

#include <errno.h>

#include "barewatch/container.h"

#define KEEP_NS 100

DEFINE_CLEANUP(struct container_registry, registry, container_registry_free);
#define CLEANUP_REGISTRY CLEANUP(registry_cleanup)

/* What the registry has told. */
static struct {
	unsigned calls;
	struct container *last;
} enrolled;

static void note_enrolled(struct container *container, void *userdata)
{
	assert_ptr_equal(userdata, &enrolled);
	enrolled.calls++;
	enrolled.last = container;
}

static struct container_registry *registry_of(size_t containers_max)
{
	struct container_registry_config config = {
		.containers_max = containers_max,
		.keep_ns = KEEP_NS,
		.enrol = note_enrolled,
		.userdata = &enrolled,
	};
	struct container_registry *registry = NULL;

	memset(&enrolled, 0, sizeof(enrolled));
	assert_int_equal(container_registry_new(&config, &registry), 0);
	return registry;
}

/* Adds the cgroup KEY of container NUMBER, BELOW which may be more. */
static struct container *try_add(struct container_registry *registry, uint64_t key, unsigned number,
	const char *below, int *ret_error)
{
	char path[128];

	snprintf(path, sizeof(path), "/docker/%064x%s", number, below);
	return container_registry_add(registry, key, slice_of(path), ret_error);
}

static struct container *add(
	struct container_registry *registry, uint64_t key, unsigned number, const char *below)
{
	int error = 1;
	struct container *container = try_add(registry, key, number, below, &error);

	assert_int_equal(error, 0);
	assert_non_null(container);
	return container;
}

static void new_container_is_enrolled_with_what_its_path_tells(void **state)
{
	CLEANUP_REGISTRY struct container_registry *registry = registry_of(4);
	struct container *container = add(registry, 7, 0xabc, "/init");

	(void)state;
	assert_int_equal(enrolled.calls, 1);
	assert_ptr_equal(enrolled.last, container);
	assert_int_equal(strlen(container->id), 64);
	assert_string_equal(container->id + 60, "0abc");
	assert_int_equal(container->runtime, CONTAINER_RUNTIME_DOCKER);
	assert_slice_text(slice_basename(slice_of(container->cgroup_path)), container->id);
	assert_null(container->name);
	assert_int_equal(container->bare, BARE_NO);
	assert_ptr_equal(container_registry_find(registry, 7), container);
	assert_int_equal(container_registry_count(registry), 1);
}

static void cgroup_of_no_container_is_not_entered(void **state)
{
	CLEANUP_REGISTRY struct container_registry *registry = registry_of(4);
	int error = 1;

	(void)state;
	assert_null(container_registry_add(registry, 7, slice_of("/system.slice"), &error));
	assert_int_equal(error, 0);
	assert_null(container_registry_find(registry, 7));
	assert_int_equal(container_registry_count(registry), 0);
	assert_int_equal(enrolled.calls, 0);
}

static void sub_cgroups_belong_to_the_same_container(void **state)
{
	CLEANUP_REGISTRY struct container_registry *registry = registry_of(4);
	struct container *container = add(registry, 1, 1, "");

	(void)state;
	assert_ptr_equal(add(registry, 2, 1, "/sub"), container);
	assert_ptr_equal(add(registry, 3, 1, "/sub/sub"), container);
	assert_ptr_not_equal(add(registry, 4, 2, ""), container);
	assert_int_equal(enrolled.calls, 2);
	assert_int_equal(container_registry_count(registry), 2);
}

static void adding_again_changes_nothing(void **state)
{
	CLEANUP_REGISTRY struct container_registry *registry = registry_of(4);
	struct container *container = add(registry, 1, 1, "");
	int error = 1;

	(void)state;
	assert_ptr_equal(add(registry, 1, 1, ""), container);
	/* while it is alive a key cannot be of another cgroup, whatever the path says */
	assert_ptr_equal(try_add(registry, 1, 2, "", &error), container);
	assert_ptr_equal(
		container_registry_add(registry, 1, slice_of("/system.slice"), &error), container);
	assert_int_equal(enrolled.calls, 1);
}

static void removed_cgroup_is_found_until_it_expires(void **state)
{
	CLEANUP_REGISTRY struct container_registry *registry = registry_of(4);
	struct container *container = add(registry, 1, 1, "");

	(void)state;
	container_registry_remove(registry, 1, 1000);
	container_registry_expire(registry, 1000 + KEEP_NS - 1);
	assert_ptr_equal(container_registry_find(registry, 1), container);
	container_registry_expire(registry, 1000 + KEEP_NS + 1);
	assert_null(container_registry_find(registry, 1));
	assert_int_equal(container_registry_count(registry), 0);
}

static void second_removal_does_not_prolong_life(void **state)
{
	CLEANUP_REGISTRY struct container_registry *registry = registry_of(4);

	(void)state;
	add(registry, 1, 1, "");
	container_registry_remove(registry, 1, 1000);
	container_registry_remove(registry, 1, 2000);
	container_registry_expire(registry, 1000 + KEEP_NS + 1);
	assert_null(container_registry_find(registry, 1));
}

static void container_lives_as_long_as_one_cgroup(void **state)
{
	CLEANUP_REGISTRY struct container_registry *registry = registry_of(4);
	struct container *container = add(registry, 1, 1, "");

	(void)state;
	add(registry, 2, 1, "/sub");
	container_registry_remove(registry, 1, 1000);
	container_registry_expire(registry, 1000000);
	assert_null(container_registry_find(registry, 1));
	assert_ptr_equal(container_registry_find(registry, 2), container);
	container_registry_remove(registry, 2, 1000000);
	container_registry_expire(registry, 2000000);
	assert_int_equal(container_registry_count(registry), 0);
}

static void restarted_container_is_the_same_one(void **state)
{
	CLEANUP_REGISTRY struct container_registry *registry = registry_of(4);
	struct container *container = add(registry, 1, 1, "");

	(void)state;
	container_registry_remove(registry, 1, 1000);
	assert_ptr_equal(add(registry, 2, 1, ""), container);
	container_registry_expire(registry, 1000000);
	assert_ptr_equal(container_registry_find(registry, 2), container);
	assert_int_equal(enrolled.calls, 1);
}

static void key_given_out_again_is_another_cgroup(void **state)
{
	CLEANUP_REGISTRY struct container_registry *registry = registry_of(4);
	int error;

	(void)state;
	add(registry, 1, 1, "");
	container_registry_remove(registry, 1, 1000);
	assert_string_equal(add(registry, 1, 2, "")->id + 63, "2");
	assert_int_equal(container_registry_count(registry), 1);
	container_registry_expire(registry, 1000000);
	assert_non_null(container_registry_find(registry, 1));
	/* and when it is then of no container, it is of none */
	container_registry_remove(registry, 1, 1000000);
	assert_null(container_registry_add(registry, 1, slice_of("/x.slice"), &error));
	assert_null(container_registry_find(registry, 1));
	assert_int_equal(container_registry_count(registry), 0);
}

static void unknown_keys_are_of_no_container(void **state)
{
	CLEANUP_REGISTRY struct container_registry *registry = registry_of(4);

	(void)state;
	assert_null(container_registry_find(registry, 99));
	container_registry_remove(registry, 99, 1000);
	container_registry_expire(registry, 1000000);
	assert_int_equal(container_registry_count(registry), 0);
}

static void full_of_the_living_is_no_space(void **state)
{
	CLEANUP_REGISTRY struct container_registry *registry = registry_of(2);
	int error = 0;

	(void)state;
	add(registry, 1, 1, "");
	add(registry, 2, 2, "");
	assert_null(try_add(registry, 3, 3, "", &error));
	assert_int_equal(error, -ENOSPC);
	assert_int_equal(enrolled.calls, 2);
	assert_non_null(container_registry_find(registry, 1));
	assert_non_null(container_registry_find(registry, 2));
}

static void oldest_of_the_gone_makes_room(void **state)
{
	CLEANUP_REGISTRY struct container_registry *registry = registry_of(3);

	(void)state;
	for (unsigned i = 1; i <= 3; i++)
		add(registry, i, i, "");
	container_registry_remove(registry, 2, 1000);
	container_registry_remove(registry, 1, 1001);
	add(registry, 4, 4, "");
	assert_null(container_registry_find(registry, 2));
	assert_non_null(container_registry_find(registry, 1));
	add(registry, 5, 5, "");
	assert_null(container_registry_find(registry, 1));
	assert_non_null(container_registry_find(registry, 3));
	assert_int_equal(container_registry_count(registry), 3);
}

/* A full registry must not lose sight of what those in it do next. */
static void known_container_may_make_cgroups_when_full(void **state)
{
	CLEANUP_REGISTRY struct container_registry *registry = registry_of(2);
	struct container *first = add(registry, 1, 1, ""), *second = add(registry, 2, 2, "");

	(void)state;
	assert_ptr_equal(add(registry, 3, 1, "/sub"), first);
	container_registry_remove(registry, 2, 1000);
	/* nor is another given up for that */
	assert_ptr_equal(add(registry, 4, 1, "/sub2"), first);
	assert_ptr_equal(container_registry_find(registry, 2), second);
	assert_int_equal(container_registry_count(registry), 2);
}

/* No container may take all memory by making cgroups. */
static void number_of_cgroups_is_limited(void **state)
{
	CLEANUP_REGISTRY struct container_registry *registry = registry_of(2);
	uint64_t key = 1;
	int error = 0;

	(void)state;
	while (key < 1000 && try_add(registry, key, 1, "/sub", &error))
		key++;
	assert_int_equal(error, -ENOSPC);
	assert_int_equal(key, 2 * 8 + 1);
	container_registry_remove(registry, 1, 1000);
	add(registry, key, 1, "/sub");
	assert_null(container_registry_find(registry, 1));
}

/* The room that is made for a container's next cgroup may be that of its last one. */
static void container_may_end_while_room_is_made_for_it(void **state)
{
	CLEANUP_REGISTRY struct container_registry *registry = registry_of(2);

	(void)state;
	add(registry, 100, 1, "");
	for (uint64_t key = 1; key <= 2 * 8 - 1; key++)
		add(registry, key, 2, "/sub");
	container_registry_remove(registry, 100, 1000);
	add(registry, 101, 1, "/sub");
	assert_null(container_registry_find(registry, 100));
	assert_int_equal(container_registry_count(registry), 2);
	assert_int_equal(enrolled.calls, 3);
}

static void hundred_thousand_lives_leave_nothing(void **state)
{
	CLEANUP_REGISTRY struct container_registry *registry = registry_of(64);

	(void)state;
	for (unsigned i = 0; i < 100000; i++) {
		struct container *container = add(registry, 2 * i, i, "");

		container->name = strdup("name");
		container->image = strdup("image");
		add(registry, 2 * i + 1, i, "/sub");
		container_registry_remove(registry, 2 * i + 1, i);
		container_registry_remove(registry, 2 * i, i);
		container_registry_expire(registry, i);
		assert_true(container_registry_count(registry) <= 64);
	}
	container_registry_expire(registry, 100000 + KEEP_NS);
	assert_int_equal(container_registry_count(registry), 0);
	assert_int_equal(enrolled.calls, 100000);
}

static void free_releases_the_living_and_the_gone(void **state)
{
	struct container_registry *registry = registry_of(8);

	(void)state;
	for (unsigned i = 0; i < 8; i++)
		add(registry, i, i, "")->name = strdup("name");
	for (unsigned i = 0; i < 4; i++)
		container_registry_remove(registry, i, 1);
	container_registry_free(registry);
	container_registry_free(NULL);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(new_container_is_enrolled_with_what_its_path_tells),
		cmocka_unit_test(cgroup_of_no_container_is_not_entered),
		cmocka_unit_test(sub_cgroups_belong_to_the_same_container),
		cmocka_unit_test(adding_again_changes_nothing),
		cmocka_unit_test(removed_cgroup_is_found_until_it_expires),
		cmocka_unit_test(second_removal_does_not_prolong_life),
		cmocka_unit_test(container_lives_as_long_as_one_cgroup),
		cmocka_unit_test(restarted_container_is_the_same_one),
		cmocka_unit_test(key_given_out_again_is_another_cgroup),
		cmocka_unit_test(unknown_keys_are_of_no_container),
		cmocka_unit_test(full_of_the_living_is_no_space),
		cmocka_unit_test(oldest_of_the_gone_makes_room),
		cmocka_unit_test(known_container_may_make_cgroups_when_full),
		cmocka_unit_test(number_of_cgroups_is_limited),
		cmocka_unit_test(container_may_end_while_room_is_made_for_it),
		cmocka_unit_test(hundred_thousand_lives_leave_nothing),
		cmocka_unit_test(free_releases_the_living_and_the_gone),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
