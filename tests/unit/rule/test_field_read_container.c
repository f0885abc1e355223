/* SPDX-License-Identifier: Apache-2.0 */
/* Claims about agent/rule/field_read_container.c: what is out of the ordinary. */
#include "field_read_fixture.h"

static void outside_of_containers_only_id_and_bare_are_known(void **state)
{
	static const char *const names[] = {"container.full_id", "container.name",
		"container.image", "container.runtime", "container.bare_source"};
	struct subject_fixture f;

	(void)state;
	fixture_exec(&f);
	f.subject.container = NULL;
	assert_text("container.id", &f.subject, "host");
	assert_int_equal(value_of("container.bare", &f.subject).type, VALUE_BOOL);
	assert_false(value_of("container.bare", &f.subject).truth);
	for (size_t i = 0; i < ARRAY_SIZE(names); i++)
		assert_int_equal(value_of(names[i], &f.subject).type, VALUE_UNKNOWN);
}

static void what_the_engine_did_not_tell_is_unknown(void **state)
{
	static const char *const names[] = {
		"container.name", "container.image", "container.runtime"};
	struct subject_fixture f;

	(void)state;
	fixture_exec(&f);
	f.container.name = f.container.image = NULL;
	f.container.runtime = CONTAINER_RUNTIME_UNKNOWN;
	for (size_t i = 0; i < ARRAY_SIZE(names); i++)
		assert_int_equal(value_of(names[i], &f.subject).type, VALUE_UNKNOWN);
}

static void labels_that_are_known_to_be_none_are_none(void **state)
{
	static const char *const names[] = {"container.labels", "k8s.pod.labels"};
	struct subject_fixture f;

	(void)state;
	fixture_exec(&f);
	for (size_t i = 0; i < ARRAY_SIZE(names); i++)
		assert_int_equal(value_of(names[i], &f.subject).type, VALUE_UNKNOWN);
	f.container.labels.source = f.container.pod_labels.source = "test";
	for (size_t i = 0; i < ARRAY_SIZE(names); i++)
		assert_int_equal(value_of(names[i], &f.subject).type, VALUE_NONE);
	f.subject.container = NULL;
	for (size_t i = 0; i < ARRAY_SIZE(names); i++)
		assert_int_equal(value_of(names[i], &f.subject).type, VALUE_UNKNOWN);
}

static void container_that_is_not_bare_says_so(void **state)
{
	struct subject_fixture f;

	(void)state;
	fixture_exec(&f);
	f.container.bare = BARE_NO;
	assert_false(value_of("container.bare", &f.subject).truth);
	assert_text("container.bare_source", &f.subject, "no");
}

static void entry_is_known_of_programs_and_of_searches(void **state)
{
	static const struct {
		enum container_entry entry;
		const char *name;
	} cases[] = {
		{CONTAINER_ENTRY_ENTRYPOINT, "entrypoint"},
		{CONTAINER_ENTRY_RUNTIME_EXEC, "runtime-exec"},
		{CONTAINER_ENTRY_EPHEMERAL, "ephemeral"},
	};
	struct subject_fixture f;

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		fixture_exec(&f);
		f.subject.entry = cases[i].entry;
		assert_text("proc.entry", &f.subject, cases[i].name);
		fixture_lookup(&f);
		f.subject.entry = cases[i].entry;
		assert_text("proc.entry", &f.subject, cases[i].name);
		fixture_attempt(&f);
		f.subject.entry = cases[i].entry;
		assert_int_equal(value_of("proc.entry", &f.subject).type, VALUE_UNKNOWN);
	}
	fixture_lookup(&f);
	f.subject.container = NULL;
	assert_int_equal(value_of("proc.entry", &f.subject).type, VALUE_UNKNOWN);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(outside_of_containers_only_id_and_bare_are_known),
		cmocka_unit_test(what_the_engine_did_not_tell_is_unknown),
		cmocka_unit_test(labels_that_are_known_to_be_none_are_none),
		cmocka_unit_test(container_that_is_not_bare_says_so),
		cmocka_unit_test(entry_is_known_of_programs_and_of_searches),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
