/* SPDX-License-Identifier: Apache-2.0 */
/* Claims about agent/base/hash.h. */
#include "asserts.h"

#include "base/hash.h"

/* Vectors of the draft that describes it (draft-eastlake-fnv, appendix C). */
static void hashes_are_those_of_the_draft(void **state)
{
	(void)state;
	assert_int_equal(hash_add(HASH_INIT, "", 0), 0xcbf29ce484222325);
	assert_int_equal(hash_add(HASH_INIT, "a", 1), 0xaf63dc4c8601ec8c);
	assert_int_equal(hash_add(HASH_INIT, "foobar", 6), 0x85944171f73967e8);
}

static void parts_add_up(void **state)
{
	(void)state;
	assert_int_equal(hash_add(hash_add(HASH_INIT, "foo", 3), "bar", 3),
		hash_add(HASH_INIT, "foobar", 6));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(hashes_are_those_of_the_draft),
		cmocka_unit_test(parts_add_up),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
