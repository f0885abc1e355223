/* SPDX-License-Identifier: Apache-2.0 */
/* Claims about agent/program/class.c. */
#include "asserts.h"

#include "barewatch/program.h"

static void every_class_has_its_word(void **state)
{
	static const char *const expected[PROGRAM_CLASSES] = {"other", "shell", "package_manager",
		"multicall", "runtime", "interpreter", "downloader", "debugger", "loader"};

	(void)state;
	for (int i = 0; i < PROGRAM_CLASSES; i++)
		assert_string_equal(program_class_name(i), expected[i]);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_class_has_its_word),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
