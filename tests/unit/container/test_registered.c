/* SPDX-License-Identifier: Apache-2.0 */
/* Claims about agent/container/registered.c: containers in containers. */
#include "registry_fixture.h"

/* Adds the cgroup KEY of container INNER in container OUTER. */
static struct container *try_add_nested(struct container_registry *registry, uint64_t key,
	unsigned outer, unsigned inner, int *ret_error)
{
	char below[128];

	snprintf(below, sizeof(below), "/docker/%064x", inner);
	return try_add(registry, key, outer, below, ret_error);
}

static struct container *add_nested(
	struct container_registry *registry, uint64_t key, unsigned outer, unsigned inner)
{
	int error = 1;
	struct container *container = try_add_nested(registry, key, outer, inner, &error);

	assert_int_equal(error, 0);
	assert_non_null(container);
	return container;
}

static void nested_container_is_one_of_its_own_when_it_is_believed(void **state)
{
	CLEANUP_REGISTRY struct container_registry *registry = registry_of(8);
	struct container *outer = add(registry, 1, 0xa, ""), *inner;

	(void)state;
	inner = add_nested(registry, 2, 0xa, 0xb);
	assert_ptr_not_equal(inner, outer);
	assert_string_equal(inner->outer_id, outer->id);
	assert_null(outer->outer_id);
	assert_int_equal(inner->cgroup, 2);
	assert_int_equal(outer->cgroup, 1);
	assert_ptr_equal(find(registry, 2), inner);
	assert_ptr_equal(find(registry, 1), outer);
	assert_ptr_equal(add_at(registry, 3, inner->cgroup_path), inner);
	assert_int_equal(nested.calls, 1);
	assert_int_equal(enrolled.calls, 1);
}

static void what_is_not_believed_is_its_outer_containers(void **state)
{
	CLEANUP_REGISTRY struct container_registry *registry = registry_of(8);
	struct container *outer = add(registry, 1, 0xa, "");
	char path[300];

	(void)state;
	assert_ptr_equal(add_nested(registry, 2, 0xa, NEST_REFUSED), outer);
	assert_int_equal(container_registry_count(registry), 1);
	/* and nothing in it is looked into, whatever it may be */
	snprintf(path, sizeof(path), "%s/docker/%064x/docker/%064x", outer->cgroup_path,
		NEST_REFUSED, 0xc);
	assert_ptr_equal(add_at(registry, 3, path), outer);
	assert_int_equal(nested.calls, 2);
	assert_int_equal(container_registry_count(registry), 1);
}

static void nested_container_can_come_before_its_outer_one(void **state)
{
	CLEANUP_REGISTRY struct container_registry *registry = registry_of(8);
	struct container *inner = add_nested(registry, 2, 0xa, 0xb), *outer;

	(void)state;
	assert_int_equal(enrolled.calls, 1);
	outer = add(registry, 1, 0xa, "");
	assert_int_equal(enrolled.calls, 1); /* known since */
	assert_string_equal(inner->outer_id, outer->id);
	assert_int_equal(outer->cgroup, 1);
	/* nor is what is not believed lost */
	assert_int_equal(strtoul(add_nested(registry, 3, 0xd, NEST_REFUSED)->id, NULL, 16), 0xd);
	assert_int_equal(container_registry_count(registry), 3);
}

static void outer_container_is_kept_as_long_as_what_is_in_it(void **state)
{
	CLEANUP_REGISTRY struct container_registry *registry = registry_of(8);
	struct container *outer = add(registry, 1, 0xa, "");

	(void)state;
	add_nested(registry, 2, 0xa, 0xb);
	container_registry_remove(registry, 1, 10);
	container_registry_expire(registry, 10 + KEEP_NS);
	assert_int_equal(container_registry_count(registry), 2);
	assert_ptr_equal(container_registry_find_id(registry, slice_of(outer->id)), outer);
	container_registry_remove(registry, 2, 20 + KEEP_NS);
	assert_null(container_registry_find_id(registry, slice_of(outer->id)));
	container_registry_expire(registry, 20 + 2 * KEEP_NS);
	assert_int_equal(container_registry_count(registry), 0);
}

/* Who writes the files in a container could give what is in it any id. */
static void nested_container_is_not_found_by_id(void **state)
{
	CLEANUP_REGISTRY struct container_registry *registry = registry_of(8);
	struct container *inner = add_nested(registry, 2, 0xa, 0xb), *real;

	(void)state;
	assert_null(container_registry_find_id(registry, slice_of(inner->id)));
	real = add(registry, 3, 0xb, "");
	assert_string_equal(real->id, inner->id);
	assert_ptr_equal(container_registry_find_id(registry, slice_of(inner->id)), real);
}

static void nested_container_that_begins_anew_is_looked_at_anew(void **state)
{
	CLEANUP_REGISTRY struct container_registry *registry = registry_of(8);

	(void)state;
	add(registry, 1, 0xa, "");
	add_nested(registry, 2, 0xa, 0xb);
	container_registry_remove(registry, 2, 10);
	add_nested(registry, 3, 0xa, 0xb);
	assert_int_equal(nested.calls, 2);
	assert_int_equal(container_registry_count(registry), 2);
}

static void nesting_goes_on_in_what_is_nested(void **state)
{
	CLEANUP_REGISTRY struct container_registry *registry = registry_of(16);
	char path[CGROUP_NESTING_MAX * 80 + 80] = "";
	struct container *outer = NULL, *inner;

	(void)state;
	for (unsigned i = 0; i <= CGROUP_NESTING_MAX; i++) {
		size_t len = strlen(path);

		snprintf(path + len, sizeof(path) - len, "/docker/%064x", i + 1);
		inner = add_at(registry, i + 1, path);
		if (i == CGROUP_NESTING_MAX) { /* deeper than is followed */
			assert_ptr_equal(inner, outer);
			break;
		}
		assert_ptr_not_equal(inner, outer);
		if (outer)
			assert_string_equal(inner->outer_id, outer->id);
		outer = inner;
	}
}

/* Room is made by giving up what went away: never what the new one is in. */
static void outer_container_is_not_given_up_for_an_inner_one(void **state)
{
	CLEANUP_REGISTRY struct container_registry *registry = registry_of(2);
	struct container *outer, *inner;

	(void)state;
	add(registry, 1, 0xa, "");
	add(registry, 2, 0xc, "");
	container_registry_remove(registry, 1, 10);
	container_registry_remove(registry, 2, 20);
	inner = add_nested(registry, 3, 0xa, 0xb);
	assert_false(knows(registry, 1));
	assert_int_equal(container_registry_count(registry), 2);
	outer = add(registry, 4, 0xa, "");
	assert_string_equal(inner->outer_id, outer->id);
	container_registry_remove(registry, 3, 30);
	container_registry_remove(registry, 4, 30);
	container_registry_expire(registry, 30 + KEEP_NS);
	assert_int_equal(container_registry_count(registry), 0);
}

/* One container makes claims until no more of them are looked into. Returns their number. */
static unsigned use_up_claims(struct container_registry *registry, unsigned outer, bool believed)
{
	unsigned calls = nested.calls, i;
	int error = 0;

	for (i = 0; i < 2 * CONTAINER_CLAIMS_MAX && error == 0; i++) {
		assert_non_null(try_add_nested(registry, 1000 * outer + i, outer,
			believed ? 0x100000 + i : NEST_REFUSED, &error));
	}
	assert_int_equal(error, -EDQUOT);
	return nested.calls - calls;
}

static void claims_of_one_container_are_limited(void **state)
{
	CLEANUP_REGISTRY struct container_registry *registry = registry_of(4096);
	int error;

	(void)state;
	container_registry_expire(registry, 5000000000);
	assert_int_equal(use_up_claims(registry, 1, false), CONTAINER_CLAIMS_MAX);
	assert_int_equal(container_registry_count(registry), 1);
	/* which is nothing to another */
	assert_int_equal(use_up_claims(registry, 2, false), CONTAINER_CLAIMS_MAX);
	/* and wears off */
	container_registry_expire(registry, 6000000000);
	assert_int_equal(use_up_claims(registry, 1, false), CONTAINER_CLAIMS_PER_SECOND);
	container_registry_expire(registry, 600000000000);
	assert_int_equal(use_up_claims(registry, 1, false), CONTAINER_CLAIMS_MAX);
	assert_non_null(try_add(registry, 1, 1, "", &error)); /* its own are not affected */
	assert_int_equal(error, 0);
}

static void containers_in_one_container_are_limited(void **state)
{
	CLEANUP_REGISTRY struct container_registry *registry = registry_of(4096);
	struct container *inner;
	int error;

	(void)state;
	assert_int_equal(use_up_claims(registry, 1, true), CONTAINER_NESTED_MAX);
	container_registry_expire(registry, 600000000000); /* the claims wore off */
	inner = try_add_nested(registry, 7, 1, 0xb, &error);
	assert_int_equal(error, -EDQUOT);
	assert_null(inner->outer_id);
	container_registry_remove(registry, 1000, 600000000000);
	assert_non_null(add_nested(registry, 8, 1, 0xb)->outer_id);
}

static void half_of_the_registry_is_for_containers_that_are_not_nested(void **state)
{
	CLEANUP_REGISTRY struct container_registry *registry = registry_of(20);
	int error;

	(void)state;
	add(registry, 1, 1, "");
	add(registry, 2, 2, "");
	assert_int_equal(use_up_claims(registry, 1, true), 10);
	assert_null(try_add_nested(registry, 3, 2, 0xb, &error)->outer_id);
	assert_int_equal(error, -EDQUOT);
	for (unsigned i = 0; i < 8; i++)
		add(registry, 10 + i, 10 + i, "");
	assert_int_equal(container_registry_count(registry), 20);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(nested_container_is_one_of_its_own_when_it_is_believed),
		cmocka_unit_test(what_is_not_believed_is_its_outer_containers),
		cmocka_unit_test(nested_container_can_come_before_its_outer_one),
		cmocka_unit_test(outer_container_is_kept_as_long_as_what_is_in_it),
		cmocka_unit_test(nested_container_is_not_found_by_id),
		cmocka_unit_test(nested_container_that_begins_anew_is_looked_at_anew),
		cmocka_unit_test(nesting_goes_on_in_what_is_nested),
		cmocka_unit_test(outer_container_is_not_given_up_for_an_inner_one),
		cmocka_unit_test(claims_of_one_container_are_limited),
		cmocka_unit_test(containers_in_one_container_are_limited),
		cmocka_unit_test(half_of_the_registry_is_for_containers_that_are_not_nested),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
