/* SPDX-License-Identifier: Apache-2.0 */
/* Claims about agent/rule/field/field.c. */
#include "field_fixture.h"

#include <errno.h>

static void every_row_is_found_by_its_name(void **state)
{
	const struct field *field;
	struct field_ref ref;

	(void)state;
	for (size_t i = 0; (field = field_at(i)); i++) {
		bool keyed = field->argument == FIELD_ARGUMENT_KEY;

		assert_ptr_equal(field_find(slice_of(field->name)), keyed ? NULL : field);
		assert_int_equal(field_find_with(slice_of(field->name), &ref), keyed ? -EINVAL : 0);
		assert_ptr_equal(ref.field, field);
		assert_int_equal(field_index(field), i);
	}
}

static void rows_are_complete(void **state)
{
	const struct field *field;

	(void)state;
	for (size_t i = 0; (field = field_at(i)); i++) {
		assert_true(strlen(field->description) > 0);
		assert_int_not_equal(field->kinds, 0);
		assert_non_null(field->read);
		assert_string_not_equal(field_type_name(field->type), "nothing");
		assert_true(strlen(field_source_name(field->source)) > 0);
	}
}

static void row_is_in_the_class_that_its_name_begins_with(void **state)
{
	const struct field_class *class;
	size_t rows = 0;

	(void)state;
	for (size_t i = 0; (class = field_class_at(i)); i++) {
		size_t len = strlen(class->name);

		for (size_t j = 0; j < class->count; j++, rows++) {
			assert_memory_equal(class->fields[j].name, class->name, len);
			assert_int_equal(class->fields[j].name[len], '.');
		}
	}
	assert_int_equal(field_count(), rows);
	assert_null(field_at(rows));
	assert_non_null(field_at(rows - 1));
}

/* What read_any_ancestor() takes for granted. */
static void elements_follow_their_list(void **state)
{
	const struct field *field;
	char name[64];

	(void)state;
	for (size_t i = 0; (field = field_at(i)); i++) {
		for (unsigned j = 0;
			field->argument == FIELD_ARGUMENT_INDEX && j <= BW_ANCESTORS_MAX; j++) {
			snprintf(name, sizeof(name), "%s[%u]", field->name, j);
			assert_string_equal(field[1 + j].name, name);
			assert_true(field[1 + j].is_element);
			assert_int_equal(field[1 + j].type, field->type);
		}
	}
}

static void argument_is_checked(void **state)
{
	static const struct {
		const char *name;
		int r;
		const char *field, *key;
	} names[] = {
		{"k8s.pod.label[app]", 0, "k8s.pod.label", "app"},
		{"k8s.pod.label.app", 0, "k8s.pod.label", "app"},
		{"k8s.pod.label[app.kubernetes.io/name]", 0, "k8s.pod.label",
			"app.kubernetes.io/name"},
		{"k8s.pod.label.app.kubernetes.io/name", 0, "k8s.pod.label",
			"app.kubernetes.io/name"},
		{"container.label[a[b]]", 0, "container.label", "a[b]"},
		{"k8s.pod.label", -EINVAL, NULL, NULL},
		{"k8s.pod.label[]", -EINVAL, NULL, NULL},
		{"k8s.pod.label.", -EINVAL, NULL, NULL},
		{"k8s.pod.label[", -EINVAL, NULL, NULL},
		{"k8s.pod.label[app", -EINVAL, NULL, NULL},
		{"k8s.pod.label[app]x", -EINVAL, NULL, NULL},
		{"proc.aname[2]", 0, "proc.aname[2]", ""},
		{"proc.aname", 0, "proc.aname", ""},
		{"proc.aname[9]", -EINVAL, NULL, NULL},
		{"proc.aname[-1]", -EINVAL, NULL, NULL},
		{"proc.aname[x]", -EINVAL, NULL, NULL},
		{"proc.aname[]", -EINVAL, NULL, NULL},
		{"proc.aname[2", -EINVAL, NULL, NULL},
		{"proc.name[2]", -EINVAL, NULL, NULL},
		{"proc.nam[2]", -ENOENT, NULL, NULL},
		{"k8s.pod.labels", 0, "k8s.pod.labels", ""},
		{"k8s.pod.labelx", -ENOENT, NULL, NULL},
		{"", -ENOENT, NULL, NULL},
		{".", -ENOENT, NULL, NULL},
		{"[", -ENOENT, NULL, NULL},
		{"proc", -ENOENT, NULL, NULL},
		{"proc.", -ENOENT, NULL, NULL},
		{"proc.nam", -ENOENT, NULL, NULL},
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(names); i++) {
		struct field_ref ref;
		int r = field_find_with(slice_of(names[i].name), &ref);

		if (r != names[i].r)
			fail_msg("%s: %d, not %d", names[i].name, r, names[i].r);
		if (r < 0)
			continue;
		assert_string_equal(ref.field->name, names[i].field);
		assert_true(slice_equal_text(ref.key, names[i].key));
	}
}

static void kind_without_the_field_does_not_know_it(void **state)
{
	struct subject_fixture f;
	const struct field *field;
	static struct field_scratch scratch;

	(void)state;
	fixture_move(&f);
	for (size_t i = 0; (field = field_at(i)); i++)
		if (!(field->kinds & MOVE))
			assert_int_equal(
				field_value(field, &f.subject, &scratch).type, VALUE_UNKNOWN);
}

static void unknown_name_is_no_field_and_gets_a_suggestion(void **state)
{
	struct diag d = {.message = "x"};

	(void)state;
	assert_null(field_find(slice_of("proc.nam")));
	assert_null(field_find(slice_of("")));
	field_suggest(&d, "proc.nam");
	assert_string_equal(d.message, "x: did you mean 'proc.name'?");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_row_is_found_by_its_name),
		cmocka_unit_test(rows_are_complete),
		cmocka_unit_test(row_is_in_the_class_that_its_name_begins_with),
		cmocka_unit_test(elements_follow_their_list),
		cmocka_unit_test(argument_is_checked),
		cmocka_unit_test(kind_without_the_field_does_not_know_it),
		cmocka_unit_test(unknown_name_is_no_field_and_gets_a_suggestion),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
