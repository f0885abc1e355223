/* SPDX-License-Identifier: Apache-2.0 */
/* Claims about agent/rule/field/executable.c, and the readers of its fields. */
#include "field_fixture.h"

/* clang-format off */
static const struct field_case cases[] = {
	{"exe.class", {"shell", "shell", "other", UNKNOWN, UNKNOWN}},
	{"exe.program", {"dash", "bash", "x.so", UNKNOWN, UNKNOWN}},
	{"exe.applet", {"<none>", "<none>", "<none>", UNKNOWN, UNKNOWN}},
	{"exe.class_source", {"content", "name", "name", UNKNOWN, UNKNOWN}},
	{"exe.origin", {"image", UNKNOWN, UNKNOWN, UNKNOWN, UNKNOWN}},
	{"exe.foreign", {"false", UNKNOWN, UNKNOWN, UNKNOWN, UNKNOWN}},
	{"exe.layer", {"3", UNKNOWN, UNKNOWN, UNKNOWN, UNKNOWN}},
	{"exe.script_origin", {"<none>", UNKNOWN, UNKNOWN, UNKNOWN, UNKNOWN}},
	{"exe.sha256", {"01fe000000000000000000000000000000000000000000000000000000000000", UNKNOWN, UNKNOWN, UNKNOWN, UNKNOWN}},
	{"exe.build_id", {"0aff", UNKNOWN, UNKNOWN, UNKNOWN, UNKNOWN}},
	{"exe.invoked", {"/bin/sh", "/bin/bash", UNKNOWN, UNKNOWN, UNKNOWN}},
	{"exe.resolved", {"/usr/bin/dash", UNKNOWN, "/tmp/x.so", UNKNOWN, UNKNOWN}},
	{"exe.loads", {"<none>", UNKNOWN, UNKNOWN, UNKNOWN, UNKNOWN}},
	{"exe.ino", {"18364758544493064720", UNKNOWN, "4711", UNKNOWN, UNKNOWN}},
	{"exe.dev", {"8:1", UNKNOWN, "0:0", UNKNOWN, UNKNOWN}},
	{"exe.size", {"125688", UNKNOWN, "8192", UNKNOWN, UNKNOWN}},
	{"exe.nlink", {"1", UNKNOWN, "1", UNKNOWN, UNKNOWN}},
	{"exe.mode", {"0755", UNKNOWN, "0000", UNKNOWN, UNKNOWN}},
	{"exe.deleted", {"false", UNKNOWN, "false", UNKNOWN, UNKNOWN}},
	{"exe.memfd", {"false", UNKNOWN, "false", UNKNOWN, UNKNOWN}},
	{"exe.setuid", {"false", UNKNOWN, "false", UNKNOWN, UNKNOWN}},
	{"exe.script", {"false", UNKNOWN, UNKNOWN, UNKNOWN, UNKNOWN}},
	{"exe.truncated", {"false", "false", "false", "false", UNKNOWN}},
};
/* clang-format on */

static void every_field_has_its_value_for_each_kind(void **state)
{
	static const struct field_class *const classes[] = {&field_class_exe};

	(void)state;
	assert_classes(classes, ARRAY_SIZE(classes), cases, ARRAY_SIZE(cases));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_field_has_its_value_for_each_kind),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
