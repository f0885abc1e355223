/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What fields are worth in one subject of each kind. A test has a table of all fields of its
 * classes, so that none can be added without saying what it is.
 */
#pragma once

#include "rules_fixture.h"

#include "base/strbuf.h"
#include "rule/field/field.h"
#include "rule/field/class.h"
#include "subject_fixture.h"

#define UNKNOWN "<unknown>"
#define SAME(text)                           \
	{                                    \
		text, text, text, text, text \
	}

struct field_case {
	const char *name;
	const char *expected[5]; /* of an exec, attempt, mapping, open and move */
};

struct field_subjects {
	struct subject_fixture of[5];
};

static inline void value_write(const struct value *value, struct strbuf *out)
{
	if (value->type == VALUE_TEXT)
		strbuf_add_slice(out, value->text);
	else if (value->type == VALUE_NUMBER && value->number < 0)
		strbuf_addf(out, "-%llu", (unsigned long long)-value->number);
	else if (value->type == VALUE_NUMBER)
		strbuf_addf(out, "%llu", (unsigned long long)value->number);
	else if (value->type == VALUE_BOOL)
		strbuf_add_text(out, value->truth ? "true" : "false");
	else if (value->type == VALUE_ARGS)
		strbuf_addf(out, "[%zu bytes]", value->args->bytes.len);
	else if (value->type == VALUE_NONE)
		strbuf_add_text(out, "<none>");
	else if (value->type == VALUE_UNKNOWN)
		strbuf_add_text(out, UNKNOWN);
	for (size_t i = 0; value->type == VALUE_LIST && i < value->list.count; i++) {
		strbuf_add_text(out, i == 0 ? "(" : ", ");
		value_write(&value->list.items[i], out);
	}
	if (value->type == VALUE_LIST)
		strbuf_add_char(out, ')');
}

/* The field NAME, which may have a key, of SUBJECT, of KIND, is EXPECTED. */
static inline void assert_field(
	const char *name, const struct subject *subject, const char *expected)
{
	CLEANUP_STRBUF struct strbuf out = STRBUF_INIT;
	static struct field_scratch scratch;
	struct field_ref ref;
	struct value value;

	if (field_find_with(slice_of(name), &ref) != 0)
		fail_msg("no field %s", name);
	value = field_ref_value(&ref, subject, &scratch);
	value_write(&value, &out);
	if (strcmp(strbuf_text(&out), expected) != 0)
		fail_msg("%s of kind %d is '%s', not '%s'", name, subject->kind, strbuf_text(&out),
			expected);
}

/* What the subjects of most tests do not have: a pod, and all that its engine's files tell. */
static inline void put_into_pod(struct subject_fixture *f)
{
	static struct container_pair labels[] = {{(char *)"tier", "front"}, {(char *)"empty", ""}};
	static struct container_pair pod_labels[] = {{(char *)"app", "web"}};

	f->container.outer_id = (char *)"cccc";
	f->container.outer_name = (char *)"node";
	f->container.image_id = (char *)"sha256:1";
	f->container.image_digest = (char *)"web@sha256:2";
	f->container.entrypoint = (char *)"/bin/app --motd 'a b'";
	f->container.rootfs = (char *)"/run/x/rootfs";
	container_learn_number(&f->container, CONTAINER_PRIVILEGED, 1, "test");
	container_learn_number(&f->container, CONTAINER_USER_NAMESPACE, 0, "test");
	container_learn_number(&f->container, CONTAINER_CREATED_NS, 1795433868123456789, "test");
	container_learn_number(&f->container, CONTAINER_STARTED_NS, 1795433868000000000, "test");
	f->container.pod_name = (char *)"p-7d9f";
	f->container.pod_namespace = (char *)"shop";
	f->container.pod_uid = (char *)"3c7c1e5e";
	f->container.sandbox_id = (char *)"bbbbbbbbbbbbbbbb";
	f->container.labels = (struct container_map){labels, .count = 2, .source = "test"};
	f->container.pod_labels = (struct container_map){pod_labels, .count = 1, .source = "test"};
	f->subject.entry = CONTAINER_ENTRY_RUNTIME_EXEC;
}

static inline void subjects_init(struct field_subjects *s)
{
	fixture_exec(&s->of[0]);
	fixture_attempt(&s->of[1]);
	fixture_add_caller(&s->of[1]);
	fixture_mapping(&s->of[2]);
	fixture_add_caller(&s->of[2]);
	fixture_open(&s->of[3]);
	fixture_move(&s->of[4]);
	for (size_t i = 0; i < ARRAY_SIZE(s->of); i++)
		put_into_pod(&s->of[i]);
}

/* CASES are all fields of CLASS that are not elements of another, in their order. */
static inline size_t assert_class(
	const struct field_class *class, const struct field_case *cases, size_t count)
{
	static struct field_subjects subjects;
	size_t used = 0;

	subjects_init(&subjects);
	for (size_t i = 0; i < class->count; i++) {
		if (class->fields[i].is_element)
			continue;
		if (used == count)
			fail_msg("the test lacks %s", class->fields[i].name);
		if (class->fields[i].argument != FIELD_ARGUMENT_KEY)
			assert_string_equal(class->fields[i].name, cases[used].name);
		for (size_t k = 0; k < ARRAY_SIZE(subjects.of); k++)
			assert_field(
				cases[used].name, &subjects.of[k].subject, cases[used].expected[k]);
		used++;
	}
	return used;
}

/* The same for all classes of a file: CASES are theirs together. */
static inline void assert_classes(const struct field_class *const *classes, size_t class_count,
	const struct field_case *cases, size_t count)
{
	size_t used = 0;

	for (size_t i = 0; i < class_count; i++)
		used += assert_class(classes[i], cases + used, count - used);
	assert_int_equal(used, count);
}
