/* SPDX-License-Identifier: Apache-2.0 */
/* Claims about agent/rule/field_read_executable.c: what is out of the ordinary. */
#include "field_read_fixture.h"

static void file_that_was_not_looked_at_is_unknown(void **state)
{
	static const char *const names[] = {
		"exe.origin", "exe.foreign", "exe.layer", "exe.sha256", "exe.build_id"};
	struct subject_fixture f;

	(void)state;
	fixture_exec(&f);
	f.subject.executable = NULL;
	for (size_t i = 0; i < ARRAY_SIZE(names); i++)
		assert_int_equal(value_of(names[i], &f.subject).type, VALUE_UNKNOWN);
	assert_text("exe.class_source", &f.subject, "name");
}

static void what_is_not_known_is_neither_foreign_nor_native(void **state)
{
	static const struct {
		enum program_origin origin, script;
		bool is_script, is_engines;
		int foreign; /* -1: not known */
	} cases[] = {
		{PROGRAM_ORIGIN_IMAGE, 0, false, false, false},
		{PROGRAM_ORIGIN_UNKNOWN, 0, false, false, -1},
		{PROGRAM_ORIGIN_VOLUME, 0, false, false, true},
		{PROGRAM_ORIGIN_VOLUME, 0, false, true, false},
		{PROGRAM_ORIGIN_IMAGE, PROGRAM_ORIGIN_IMAGE, true, false, false},
		{PROGRAM_ORIGIN_IMAGE, PROGRAM_ORIGIN_UNKNOWN, true, false, -1},
		{PROGRAM_ORIGIN_IMAGE, PROGRAM_ORIGIN_TMPFS, true, false, true},
		{PROGRAM_ORIGIN_UNKNOWN, PROGRAM_ORIGIN_TMPFS, true, false, true},
		{PROGRAM_ORIGIN_UPPER, PROGRAM_ORIGIN_UNKNOWN, true, false, true},
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		struct subject_fixture f;
		struct value value;

		fixture_exec(&f);
		f.executable.origin = cases[i].origin;
		f.executable.script_origin = cases[i].script;
		f.executable.is_engines = cases[i].is_engines;
		if (cases[i].is_script)
			f.exec.file.flags |= BW_FILE_SCRIPT;
		value = value_of("exe.foreign", &f.subject);
		assert_int_equal(value.type == VALUE_UNKNOWN ? -1 : value.truth, cases[i].foreign);
	}
}

static void layer_and_build_id_may_be_known_not_to_be(void **state)
{
	struct subject_fixture f;

	(void)state;
	fixture_exec(&f);
	f.executable.origin = PROGRAM_ORIGIN_UPPER;
	f.executable.layer = 0;
	f.executable.identity.build_id_bytes = 0;
	assert_int_equal(value_of("exe.layer", &f.subject).type, VALUE_NONE);
	assert_int_equal(value_of("exe.build_id", &f.subject).type, VALUE_NONE);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(file_that_was_not_looked_at_is_unknown),
		cmocka_unit_test(what_is_not_known_is_neither_foreign_nor_native),
		cmocka_unit_test(layer_and_build_id_may_be_known_not_to_be),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
