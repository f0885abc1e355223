/* SPDX-License-Identifier: Apache-2.0 */
/* Claims about agent/rule/field_read_lineage.c: what is out of the ordinary. */
#include "field_read_fixture.h"

static void without_a_lineage_no_relative_is_known(void **state)
{
	static const char *const names[] = {
		"proc.sid", "proc.aname[2]", "proc.apid[2]", "proc.ancestors"};
	struct subject_fixture f;

	(void)state;
	fixture_exec(&f);
	f.subject.lineage = NULL;
	for (size_t i = 0; i < ARRAY_SIZE(names); i++)
		assert_int_equal(value_of(names[i], &f.subject).type, VALUE_UNKNOWN);
}

static void process_without_ancestors_has_none(void **state)
{
	struct subject_fixture f;

	(void)state;
	fixture_exec(&f);
	f.lineage.ancestors = 0;
	assert_int_equal(value_of("proc.ancestors", &f.subject).type, VALUE_NONE);
	assert_int_equal(value_of("proc.aname[2]", &f.subject).type, VALUE_UNKNOWN);
}

static void ancestor_without_a_name_keeps_its_place(void **state)
{
	struct subject_fixture f;

	(void)state;
	fixture_exec(&f);
	f.lineage.relatives[BW_LINEAGE_ANCESTORS].name = slice_of("");
	assert_text("proc.ancestors", &f.subject, "?<tini");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(without_a_lineage_no_relative_is_known),
		cmocka_unit_test(process_without_ancestors_has_none),
		cmocka_unit_test(ancestor_without_a_name_keeps_its_place),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
