/* SPDX-License-Identifier: Apache-2.0 */
/* Claims about agent/container/container.c. */
#include "asserts.h"

#include "barewatch/container.h"

static void every_runtime_has_its_word(void **state)
{
	static const char *const expected[CONTAINER_RUNTIMES] = {
		"unknown", "docker", "containerd", "cri-o", "podman"};

	(void)state;
	for (int i = 0; i < CONTAINER_RUNTIMES; i++)
		assert_string_equal(container_runtime_name(i), expected[i]);
}

static void every_source_of_bareness_has_its_word(void **state)
{
	(void)state;
	assert_string_equal(bare_source_name(BARE_NO), "no");
	assert_string_equal(bare_source_name(BARE_OPTION), "option");
	assert_string_equal(bare_source_name(BARE_POLICY), "policy");
}

static void only_ids_of_64_digits_are_shortened(void **state)
{
	struct container container = {.id = ""};

	(void)state;
	assert_slice_text(container_id_short(&container), "");
	strcpy(container.id, "a-name-longer-than-twelve");
	assert_slice_text(container_id_short(&container), "a-name-longer-than-twelve");
	memset(container.id, 'a', 64);
	container.id[64] = '\0';
	assert_slice_text(container_id_short(&container), "aaaaaaaaaaaa");
	memset(container.id, 'a', CONTAINER_ID_MAX);
	assert_int_equal(container_id_short(&container).len, CONTAINER_ID_MAX);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_runtime_has_its_word),
		cmocka_unit_test(every_source_of_bareness_has_its_word),
		cmocka_unit_test(only_ids_of_64_digits_are_shortened),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
