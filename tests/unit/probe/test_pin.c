/* SPDX-License-Identifier: Apache-2.0 */
/* Claims about the names of agent/probe/pin.c. */
#include "asserts.h"

#include "probe/pin.h"

static void name_of_a_generation_has_its_version(void **state)
{
	char name[PIN_NAME_MAX];
	unsigned version;

	(void)state;
	pin_generation(name, 0xabc);
	assert_true(pin_generation_parse(name, &version));
	assert_int_equal(version, BW_ABI_VERSION);
	assert_null(strchr(name, '.'));
}

static void other_identities_have_other_names(void **state)
{
	char a[PIN_NAME_MAX], b[PIN_NAME_MAX];

	(void)state;
	pin_generation(a, UINT64_MAX);
	pin_generation(b, UINT64_MAX - 1);
	assert_string_not_equal(a, b);
}

static void versions_of_other_agents_are_read(void **state)
{
	unsigned version;

	(void)state;
	assert_true(pin_generation_parse("4_0123456789abcdef", &version));
	assert_int_equal(version, 4);
}

static void other_names_are_no_generations(void **state)
{
	static const char *const names[] = {"", "5", "5_", "_0123456789abcdef", PIN_UNFINISHED,
		"5_0123456789abcdef0", "5_0123456789abcdex", "x5_0123456789abcdef"};
	unsigned version;

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(names); i++)
		assert_false(pin_generation_parse(names[i], &version));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(name_of_a_generation_has_its_version),
		cmocka_unit_test(other_identities_have_other_names),
		cmocka_unit_test(versions_of_other_agents_are_read),
		cmocka_unit_test(other_names_are_no_generations),
	};

	return cmocka_run_group_tests_name("pin", tests, NULL, NULL);
}
