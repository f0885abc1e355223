/* SPDX-License-Identifier: Apache-2.0 */
/* Claims about agent/rule/field/present.c, and the readers of its fields. */
#include "field_fixture.h"

static const unsigned char digest[SHA256_SIZE] = {0x01, 0xab};

static struct present busybox(void)
{
	return (struct present){
		.path = slice_of("/bin/busybox"),
		.class = PRESENT_MULTICALL_SHELL,
		.program = slice_of("busybox"),
		.package = slice_of("busybox"),
		.version = slice_of("1.36.1-r29"),
		.layer = 2,
		.links = 304,
		.mode = 0104755,
		.uid = 1,
		.gid = 2,
		.size_bytes = 5000000000,
		.digest = digest,
		.has_manager = true,
	};
}

static struct subject subject_of(const struct present *present)
{
	return (struct subject){.kind = SUBJECT_PRESENT, .present = present};
}

static void every_field_of_a_file_has_its_value(void **state)
{
	static const struct {
		const char *name, *expected;
	} cases[] = {
		{"file.path", "/bin/busybox"},
		{"file.name", "busybox"},
		{"file.class", "multicall_shell"},
		{"file.found_by", "content"},
		{"file.program", "busybox"},
		{"file.package", "busybox"},
		{"file.version", "1.36.1-r29"},
		{"file.layer", "2"},
		{"file.links", "304"},
		{"file.size", "5000000000"},
		{"file.mode", "4755"},
		{"file.uid", "1"},
		{"file.gid", "2"},
		{"file.sha256", "01ab000000000000000000000000000000000000000000000000000000000000"},
		{"file.leaked", "false"},
		{"file.has_manager", "true"},
	};
	struct present present = busybox();
	struct subject subject = subject_of(&present);

	(void)state;
	assert_int_equal(field_class_file.count, ARRAY_SIZE(cases));
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++)
		assert_field(cases[i].name, &subject, cases[i].expected);
	assert_field("evt.subject", &subject, "present");
}

static void what_a_file_has_not_is_none(void **state)
{
	static const char *const names[] = {
		"file.program", "file.package", "file.version", "file.layer", "file.sha256"};
	struct present present = {.path = slice_of("/x")};
	struct subject subject = subject_of(&present);

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(names); i++)
		assert_field(names[i], &subject, "<none>");
}

static void fields_of_events_are_unknown_of_a_file(void **state)
{
	struct present present = busybox();
	struct subject subject = subject_of(&present);
	const struct field *field;

	(void)state;
	for (size_t i = 0; (field = field_at(i)); i++)
		if (strncmp(field->name, "file.", 5) != 0 &&
			strcmp(field->name, "evt.subject") != 0 &&
			field->argument != FIELD_ARGUMENT_KEY)
			assert_field(field->name, &subject, UNKNOWN);
}

static void fields_of_files_are_unknown_of_an_exec(void **state)
{
	static struct subject_fixture f;

	(void)state;
	fixture_exec(&f);
	for (size_t i = 0; i < field_class_file.count; i++)
		assert_field(field_class_file.fields[i].name, &f.subject, UNKNOWN);
}

static void rules_match_files(void **state)
{
	CLEANUP_RULES struct rule_set *set = rules_of(RULE_WITH(
		"evt.subject = present and file.class = multicall_shell and file.mode = 4755"));
	struct present present = busybox();
	struct subject subject = subject_of(&present);
	size_t cursor = 0;

	(void)state;
	assert_int_equal(rule_set_subjects(set), 1 << SUBJECT_PRESENT);
	assert_non_null(rule_set_match(set, &subject, &cursor));
	present.mode = 0755;
	cursor = 0;
	assert_null(rule_set_match(set, &subject, &cursor));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_field_of_a_file_has_its_value),
		cmocka_unit_test(what_a_file_has_not_is_none),
		cmocka_unit_test(fields_of_events_are_unknown_of_a_file),
		cmocka_unit_test(fields_of_files_are_unknown_of_an_exec),
		cmocka_unit_test(rules_match_files),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
