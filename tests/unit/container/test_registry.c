/* SPDX-License-Identifier: Apache-2.0 */
/* Claims about agent/container/registry.c. */
#include "registry_fixture.h"

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
	assert_ptr_equal(find(registry, 7), container);
	assert_int_equal(container_registry_count(registry), 1);
}

static void cgroup_of_no_container_is_known_as_such(void **state)
{
	CLEANUP_REGISTRY struct container_registry *registry = registry_of(4);

	(void)state;
	assert_null(add_at(registry, 7, "/system.slice"));
	assert_true(knows(registry, 7));
	assert_null(find(registry, 7));
	assert_int_equal(container_registry_count(registry), 0);
	assert_int_equal(enrolled.calls, 0);
	container_registry_remove(registry, 7, 1000);
	container_registry_expire(registry, 1000 + KEEP_NS);
	assert_false(knows(registry, 7));
}

/* Who may make cgroups anywhere could else change what a container is taken for. */
static void same_id_at_another_place_is_another_container(void **state)
{
	CLEANUP_REGISTRY struct container_registry *registry = registry_of(4);
	struct container *real = add(registry, 1, 1, ""), *other;
	char path[128];

	(void)state;
	snprintf(path, sizeof(path), "/user.slice/docker-%064x.scope", 1);
	other = add_at(registry, 2, path);
	assert_non_null(other);
	assert_ptr_not_equal(other, real);
	assert_string_equal(other->id, real->id);
	assert_string_equal(other->cgroup_path, path);
	assert_ptr_equal(enrolled.last, other);
	assert_int_equal(container_registry_count(registry), 2);
	container_registry_remove(registry, 2, 1000);
	container_registry_expire(registry, 1000 + KEEP_NS);
	assert_ptr_equal(find(registry, 1), real);
	assert_ptr_equal(add(registry, 3, 1, "/sub"), real);
}

static void container_has_the_key_of_the_cgroup_at_which_it_begins(void **state)
{
	CLEANUP_REGISTRY struct container_registry *registry = registry_of(4);
	struct container *container = add(registry, 2, 1, "/sub");

	(void)state;
	assert_true(container->cgroup == 2); /* as far as it is known */
	add(registry, 1, 1, "");
	assert_true(container->cgroup == 1);
	add(registry, 3, 1, "/other");
	assert_true(container->cgroup == 1);
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
	assert_ptr_equal(find(registry, 1), container);
	container_registry_expire(registry, 1000 + KEEP_NS + 1);
	assert_null(find(registry, 1));
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
	assert_null(find(registry, 1));
}

static void container_lives_as_long_as_one_cgroup(void **state)
{
	CLEANUP_REGISTRY struct container_registry *registry = registry_of(4);
	struct container *container = add(registry, 1, 1, "");

	(void)state;
	add(registry, 2, 1, "/sub");
	container_registry_remove(registry, 1, 1000);
	container_registry_expire(registry, 1000000);
	assert_null(find(registry, 1));
	assert_ptr_equal(find(registry, 2), container);
	container_registry_remove(registry, 2, 1000000);
	container_registry_expire(registry, 2000000);
	assert_int_equal(container_registry_count(registry), 0);
}

/* Its engine may have given it another name, or the policy may say something else of it. */
static void container_that_starts_anew_is_enrolled_again(void **state)
{
	CLEANUP_REGISTRY struct container_registry *registry = registry_of(4);
	struct container *container = add(registry, 1, 1, "");

	(void)state;
	container->name = strdup("old");
	container->image = strdup("old:1");
	container->bare = BARE_OPTION;
	container->execs = 3;
	container_registry_remove(registry, 1, 1000);
	assert_string_equal(find(registry, 1)->name, "old"); /* for its last events */
	assert_ptr_equal(add(registry, 2, 1, ""), container);
	assert_int_equal(enrolled.calls, 2); /* which asserts that all is fresh */
	assert_true(container->cgroup == 2);
	assert_int_equal(container->execs, 3);
	container_registry_expire(registry, 1000000);
	assert_ptr_equal(find(registry, 2), container);
	assert_false(knows(registry, 1));
}

static void container_that_goes_on_is_not_enrolled_again(void **state)
{
	CLEANUP_REGISTRY struct container_registry *registry = registry_of(4);
	struct container *container = add(registry, 1, 1, "");

	(void)state;
	container->bare = BARE_OPTION;
	add(registry, 2, 1, "/sub");
	container_registry_remove(registry, 1, 1000);
	add(registry, 3, 1, "/other");
	assert_int_equal(enrolled.calls, 1);
	assert_int_equal(container->bare, BARE_OPTION);
}

static void key_given_out_again_is_another_cgroup(void **state)
{
	CLEANUP_REGISTRY struct container_registry *registry = registry_of(4);

	(void)state;
	add(registry, 1, 1, "");
	container_registry_remove(registry, 1, 1000);
	assert_string_equal(add(registry, 1, 2, "")->id + 63, "2");
	assert_int_equal(container_registry_count(registry), 1);
	container_registry_expire(registry, 1000000);
	assert_non_null(find(registry, 1));
	/* and when it is then of no container, it is of none */
	container_registry_remove(registry, 1, 1000000);
	assert_null(add_at(registry, 1, "/x.slice"));
	assert_null(find(registry, 1));
	assert_int_equal(container_registry_count(registry), 0);
}

static void unknown_keys_are_not_known(void **state)
{
	CLEANUP_REGISTRY struct container_registry *registry = registry_of(4);

	(void)state;
	assert_false(knows(registry, 99));
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
	assert_non_null(find(registry, 1));
	assert_non_null(find(registry, 2));
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
	assert_null(find(registry, 2));
	assert_non_null(find(registry, 1));
	add(registry, 5, 5, "");
	assert_null(find(registry, 1));
	assert_non_null(find(registry, 3));
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
	assert_ptr_equal(find(registry, 2), second);
	assert_int_equal(container_registry_count(registry), 2);
}

/* No container may take all memory, or the place of another, by making cgroups. */
static void cgroups_of_a_container_are_bounded(void **state)
{
	CLEANUP_REGISTRY struct container_registry *registry = registry_of(2);
	struct container *greedy = add(registry, 1, 1, "");
	size_t known = 0;

	(void)state;
	for (uint64_t key = 2; key < 5000; key++)
		assert_ptr_equal(add(registry, key, 1, "/sub"), greedy);
	for (uint64_t key = 1; key < 5000; key++)
		known += knows(registry, key);
	assert_int_equal(known, CGROUPS_PER_CONTAINER);
	assert_int_equal(enrolled.calls, 1);
	assert_ptr_not_equal(add(registry, 5000, 2, ""), greedy);
	assert_ptr_not_equal(find(registry, 5000), greedy);
	for (uint64_t key = 2; key < 5000; key++)
		container_registry_remove(registry, key, 1000);
	container_registry_expire(registry, 1000 + KEEP_NS);
	assert_ptr_equal(find(registry, 1), greedy);
}

/* The one at which a container begins is what the kernel side knows it by. */
static void cgroup_at_which_a_container_begins_is_always_entered(void **state)
{
	CLEANUP_REGISTRY struct container_registry *registry = registry_of(2);
	struct container *container = NULL;

	(void)state;
	for (uint64_t key = 2; key < 100; key++)
		container = add(registry, key, 1, "/sub");
	assert_ptr_equal(add(registry, 1, 1, ""), container);
	assert_ptr_equal(find(registry, 1), container);
	assert_true(container->cgroup == 1);
}

static void cgroups_of_no_container_are_bounded(void **state)
{
	CLEANUP_REGISTRY struct container_registry *registry = registry_of(2);
	size_t known = 0;

	(void)state;
	for (uint64_t key = 1; key < 5000; key++)
		assert_null(add_at(registry, key, "/system.slice/x.service"));
	for (uint64_t key = 1; key < 5000; key++)
		known += knows(registry, key);
	assert_int_equal(known, 2 * CGROUPS_PER_CONTAINER);
	add(registry, 5000, 1, "");
	add(registry, 5001, 1, "/sub");
	add(registry, 5002, 2, "");
	for (uint64_t key = 5000; key <= 5002; key++)
		assert_non_null(find(registry, key));
}

/* What went away first may be of a container that goes on. */
static void room_is_made_by_a_container_that_is_wholly_gone(void **state)
{
	CLEANUP_REGISTRY struct container_registry *registry = registry_of(2);
	struct container *first = add(registry, 1, 1, "");

	(void)state;
	add(registry, 2, 1, "/sub");
	add(registry, 3, 2, "");
	container_registry_remove(registry, 2, 1000);
	container_registry_remove(registry, 3, 1001);
	add(registry, 4, 3, "");
	assert_ptr_equal(find(registry, 1), first);
	assert_false(knows(registry, 3));
	assert_int_equal(container_registry_count(registry), 2);
}

static bool is_odd(uint64_t key, void *userdata)
{
	++*(unsigned *)userdata;
	return key % 2;
}

static void sweep_ends_what_is_gone(void **state)
{
	CLEANUP_REGISTRY struct container_registry *registry = registry_of(8);
	unsigned asked = 0;

	(void)state;
	for (unsigned i = 1; i <= 4; i++)
		add(registry, i, i, "");
	assert_null(add_at(registry, 5, "/x.slice"));
	container_registry_sweep(registry, 1000, is_odd, &asked);
	assert_int_equal(asked, 5);
	assert_non_null(find(registry, 1)); /* for its last events */
	container_registry_expire(registry, 1000 + KEEP_NS);
	for (unsigned i = 1; i <= 5; i++)
		assert_int_equal(knows(registry, i), i % 2 == 0);
	assert_int_equal(container_registry_count(registry), 2);
}

static void sweep_does_not_prolong_life(void **state)
{
	CLEANUP_REGISTRY struct container_registry *registry = registry_of(8);
	unsigned asked = 0;

	(void)state;
	add(registry, 1, 1, "");
	container_registry_remove(registry, 1, 1000);
	container_registry_sweep(registry, 2000, is_odd, &asked);
	assert_int_equal(asked, 0); /* only the living are asked about */
	container_registry_expire(registry, 1000 + KEEP_NS);
	assert_false(knows(registry, 1));
	/* nor does the removal of what a sweep has found gone */
	add(registry, 3, 1, "");
	container_registry_sweep(registry, 2000, is_odd, &asked);
	container_registry_remove(registry, 3, 3000);
	container_registry_expire(registry, 2000 + KEEP_NS);
	assert_int_equal(container_registry_count(registry), 0);
}

static void hundred_thousand_lives_leave_nothing(void **state)
{
	CLEANUP_REGISTRY struct container_registry *registry = registry_of(64);
	const uint64_t lives = 100000, outside = 1ULL << 40;

	(void)state;
	for (uint64_t i = 0; i < lives; i++) {
		struct container *container = add(registry, 2 * i, i, "");

		container->name = strdup("name");
		container->image = strdup("image");
		add(registry, 2 * i + 1, i, "/sub");
		assert_null(add_at(registry, outside + i, "/x.slice"));
		container_registry_remove(registry, 2 * i + 1, i);
		container_registry_remove(registry, outside + i, i);
		container_registry_remove(registry, 2 * i, i);
		container_registry_expire(registry, i);
		assert_true(container_registry_count(registry) <= 64);
	}
	container_registry_expire(registry, lives + KEEP_NS);
	assert_int_equal(container_registry_count(registry), 0);
	assert_int_equal(enrolled.calls, lives);
	for (uint64_t i = 0; i < lives; i++)
		assert_false(knows(registry, 2 * i) || knows(registry, 2 * i + 1) ||
			     knows(registry, outside + i));
}

/* The same container, over and over within the time that it is kept. */
static void hundred_thousand_restarts_leave_nothing(void **state)
{
	CLEANUP_REGISTRY struct container_registry *registry = registry_of(2);

	(void)state;
	for (unsigned i = 1; i <= 100000; i++) {
		add(registry, i, 1, "")->name = strdup("name");
		container_registry_remove(registry, i, i);
		container_registry_expire(registry, i);
	}
	assert_int_equal(enrolled.calls, 100000);
	assert_int_equal(container_registry_count(registry), 1);
	container_registry_expire(registry, 100000 + KEEP_NS);
	assert_int_equal(container_registry_count(registry), 0);
}

/* The removed are many when one is made and removed all the time: of them the last are kept. */
static void only_the_last_of_the_gone_are_kept(
	struct container_registry *registry, uint64_t lives, size_t max)
{
	size_t known = 0;

	for (uint64_t key = 1; key <= lives; key++)
		known += knows(registry, key);
	assert_int_equal(known, max);
	assert_true(knows(registry, lives));
	assert_true(knows(registry, lives - max + 1));
}

static void restarts_within_the_time_are_bounded(void **state)
{
	CLEANUP_REGISTRY struct container_registry *registry = registry_of(4);
	struct container *container = NULL;

	(void)state;
	for (unsigned i = 1; i <= 5000; i++) {
		container = add(registry, i, 1, "");
		container_registry_remove(registry, i, 1000);
	}
	only_the_last_of_the_gone_are_kept(registry, 5000, 4 * GONE_PER_CONTAINER);
	assert_ptr_equal(find(registry, 5000), container);
	assert_int_equal(container_registry_count(registry), 1);
}

static void gone_cgroups_of_no_container_are_bounded(void **state)
{
	CLEANUP_REGISTRY struct container_registry *registry = registry_of(4);

	(void)state;
	add(registry, 1ULL << 40, 1, "");
	for (unsigned i = 1; i <= 5000; i++) {
		assert_null(add_at(registry, i, "/x.slice"));
		container_registry_remove(registry, i, 1000);
	}
	only_the_last_of_the_gone_are_kept(registry, 5000, 4 * GONE_PER_CONTAINER);
	assert_non_null(find(registry, 1ULL << 40)); /* the living are never given up */
}

static bool is_small(uint64_t key, void *userdata)
{
	return key <= *(uint64_t *)userdata;
}

/* A sweep may find more gone than are kept, the one that it would look at next among them. */
static void gone_of_a_sweep_are_bounded(void **state)
{
	CLEANUP_REGISTRY struct container_registry *registry = registry_of(2);
	uint64_t all = 2 * CGROUPS_PER_CONTAINER;
	size_t known = 0;

	(void)state;
	for (uint64_t key = 1; key <= all; key++)
		add(registry, key, key % 2, "/sub");
	container_registry_sweep(registry, 1000, is_small, &all);
	for (uint64_t key = 1; key <= all; key++)
		known += knows(registry, key);
	assert_int_equal(known, 2 * GONE_PER_CONTAINER);
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

static void container_is_found_by_its_whole_id_while_it_lives(void **state)
{
	CLEANUP_REGISTRY struct container_registry *registry = registry_of(4);
	struct container *container = add(registry, 7, 0xabc, "");
	struct slice id = slice_of(container->id), part = {container->id, 63};

	(void)state;
	add(registry, 8, 0xabc, "/init");
	add(registry, 9, 0xabd, "");
	assert_ptr_equal(container_registry_find_id(registry, id), container);
	assert_null(container_registry_find_id(registry, part));
	assert_null(container_registry_find_id(registry, slice_of("")));
	assert_null(container_registry_find_id(registry, (struct slice){0}));
	container_registry_remove(registry, 7, 1);
	assert_ptr_equal(container_registry_find_id(registry, id), container);
	container_registry_remove(registry, 8, 1);
	assert_true(knows(registry, 7)); /* kept for its last events */
	assert_null(container_registry_find_id(registry, id));
}

static void of_several_with_one_id_a_bare_one_is_found(void **state)
{
	CLEANUP_REGISTRY struct container_registry *registry = registry_of(4);
	struct container *first = add(registry, 7, 1, ""), *second, *third;
	char path[128];

	(void)state;
	snprintf(path, sizeof(path), "/a/docker/%s", first->id);
	second = add_at(registry, 8, path);
	snprintf(path, sizeof(path), "/b/docker/%s", first->id);
	third = add_at(registry, 9, path);
	assert_ptr_not_equal(first, second);
	assert_non_null(container_registry_find_id(registry, slice_of(first->id)));
	second->bare = BARE_POLICY;
	assert_ptr_equal(container_registry_find_id(registry, slice_of(first->id)), second);
	second->bare = BARE_NO;
	third->bare = BARE_OPTION;
	assert_ptr_equal(container_registry_find_id(registry, slice_of(first->id)), third);
	container_registry_remove(registry, 9, 1);
	assert_ptr_not_equal(container_registry_find_id(registry, slice_of(first->id)), third);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(new_container_is_enrolled_with_what_its_path_tells),
		cmocka_unit_test(cgroup_of_no_container_is_known_as_such),
		cmocka_unit_test(same_id_at_another_place_is_another_container),
		cmocka_unit_test(container_has_the_key_of_the_cgroup_at_which_it_begins),
		cmocka_unit_test(sub_cgroups_belong_to_the_same_container),
		cmocka_unit_test(adding_again_changes_nothing),
		cmocka_unit_test(removed_cgroup_is_found_until_it_expires),
		cmocka_unit_test(second_removal_does_not_prolong_life),
		cmocka_unit_test(container_lives_as_long_as_one_cgroup),
		cmocka_unit_test(container_that_starts_anew_is_enrolled_again),
		cmocka_unit_test(container_that_goes_on_is_not_enrolled_again),
		cmocka_unit_test(key_given_out_again_is_another_cgroup),
		cmocka_unit_test(unknown_keys_are_not_known),
		cmocka_unit_test(full_of_the_living_is_no_space),
		cmocka_unit_test(oldest_of_the_gone_makes_room),
		cmocka_unit_test(known_container_may_make_cgroups_when_full),
		cmocka_unit_test(cgroups_of_a_container_are_bounded),
		cmocka_unit_test(cgroup_at_which_a_container_begins_is_always_entered),
		cmocka_unit_test(cgroups_of_no_container_are_bounded),
		cmocka_unit_test(room_is_made_by_a_container_that_is_wholly_gone),
		cmocka_unit_test(sweep_ends_what_is_gone),
		cmocka_unit_test(sweep_does_not_prolong_life),
		cmocka_unit_test(hundred_thousand_lives_leave_nothing),
		cmocka_unit_test(hundred_thousand_restarts_leave_nothing),
		cmocka_unit_test(restarts_within_the_time_are_bounded),
		cmocka_unit_test(gone_cgroups_of_no_container_are_bounded),
		cmocka_unit_test(gone_of_a_sweep_are_bounded),
		cmocka_unit_test(free_releases_the_living_and_the_gone),
		cmocka_unit_test(container_is_found_by_its_whole_id_while_it_lives),
		cmocka_unit_test(of_several_with_one_id_a_bare_one_is_found),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
