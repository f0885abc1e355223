/* SPDX-License-Identifier: Apache-2.0 */
/* Members of an object of fields: which field each is of, with an index or a key or without. */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "rule/recorded/reader.h"

static int no_such_field(const struct fields_reader *r, const char *key, const char *name)
{
	fields_fail(r, key, "there is no field '%.64s'", name);
	field_suggest(r->diag, name);
	return -EINVAL;
}

/* Notes which fields are escaped. */
int fields_read_escaped(const struct fields_reader *r)
{
	const json_t *list = json_object_get(r->object, FIELDS_ESCAPED);

	if (list && !json_is_array(list))
		return fields_fail(r, FIELDS_ESCAPED,
			"'" FIELDS_ESCAPED "' is a list of fields, found %s",
			fields_describe(list));
	for (size_t i = 0; i < json_array_size(list); i++) {
		const char *name = json_string_value(json_array_get(list, i));
		struct field_ref ref;

		if (!name)
			return fields_fail(r, FIELDS_ESCAPED,
				"'" FIELDS_ESCAPED "' is a list of fields, found %s in it",
				fields_describe(json_array_get(list, i)));
		if (field_find_with(slice_of(name), &ref) < 0)
			return no_such_field(r, FIELDS_ESCAPED, name);
		if (ref.key.len == 0) /* of a key, its own text is looked for */
			r->out->fields[field_index(ref.field)].escaped = true;
	}
	return 0;
}

static const char *kind_name(enum subject_kind kind)
{
	static const char *const names[SUBJECT_KINDS] = {
		[SUBJECT_EXEC] = "an exec",
		[SUBJECT_ATTEMPT] = "an attempt",
		[SUBJECT_MAPPING] = "a mapping",
		[SUBJECT_MOVE] = "a move",
		[SUBJECT_OPEN] = "an open",
		[SUBJECT_PRESENT] = "a file that is present",
		[SUBJECT_CONTAINER] = "a container",
		[SUBJECT_PROGRAM] = "a program",
		[SUBJECT_REPEATS] = "repeats",
	};

	return names[kind] ? names[kind] : "such a subject";
}

static bool is_escaped(const struct fields_reader *r, const char *name)
{
	const json_t *list = json_object_get(r->object, FIELDS_ESCAPED);

	for (size_t i = 0; i < json_array_size(list); i++)
		if (strcmp(json_string_value(json_array_get(list, i)), name) == 0)
			return true;
	return false;
}

/* The field of REF, which takes a key, under NAME. Without one, it tells of all others. */
static int read_keyed(const struct fields_reader *r, const struct field_ref *ref, const char *name,
	const json_t *value)
{
	struct strbuf *texts = &r->out->texts;
	struct recorded_key *key = &r->out->keys[r->out->key_count];

	key->ref.field = ref->field;
	key->ref.key = (struct slice){strbuf_text(texts) + texts->len, ref->key.len};
	strbuf_add_slice(texts, ref->key);
	key->value.escaped = is_escaped(r, name);
	r->out->key_count++;
	return fields_read_value(r, ref->field, value, &key->value);
}

/* The field that takes a key called NAME, written without one. */
static const struct field *find_without_key(const char *name)
{
	const struct field *field;

	for (size_t i = 0; (field = field_at(i)); i++)
		if (field->argument == FIELD_ARGUMENT_KEY && strcmp(field->name, name) == 0)
			return field;
	return NULL;
}

/* VALUE is that of ELEMENT unless null, of an ancestor that is not known. NULL: there is none. */
static int read_element(const struct fields_reader *r, const struct field *field,
	const struct field *element, const json_t *value)
{
	struct recorded_field *own = &r->out->fields[field_index(element)];

	if (json_object_get(r->object, element->name) || json_is_null(value))
		return 0;
	if (!value) {
		own->value = VALUE_NONE_INIT;
		return 0;
	}
	own->escaped = r->out->fields[field_index(field)].escaped;
	return fields_read_value(r, element, value, own);
}

/*
 * VALUES are those of FIELD, the first at index 1, as an alert has them: all that there are. What is
 * there by itself is left alone.
 */
static int read_elements(
	const struct fields_reader *r, const struct field *field, const json_t *values)
{
	size_t count = json_array_size(values);

	if (!json_is_array(values))
		return fields_fail(r, field->name,
			"'%s' has several values: a list of them is expected", field->name);
	for (size_t i = 0;; i++) {
		const struct field *element;
		char name[64];
		int error;

		snprintf(name, sizeof(name), "%s[%zu]", field->name, i + 1);
		element = field_find(slice_of(name));
		if (!element)
			return i < count ? fields_fail(r, field->name, "there is no '%s'", name)
					 : 0;
		error = read_element(
			r, field, element, i < count ? json_array_get(values, i) : NULL);
		if (error < 0)
			return error;
	}
}

static int read_field(const struct fields_reader *r, const struct field_ref *ref, const char *name,
	const json_t *value)
{
	const struct field *field = ref->field;
	struct recorded_field *own = &r->out->fields[field_index(field)];

	if (!(field->kinds & 1u << r->out->kind))
		return fields_fail(
			r, name, "'%s' is not a field of %s", name, kind_name(r->out->kind));
	if (ref->key.len > 0)
		return read_keyed(r, ref, name, value);
	if (field_is_list(field))
		return read_elements(r, field, value);
	if (field->argument == FIELD_ARGUMENT_KEY && !json_is_null(value))
		return fields_fail(r, name, "'%s' needs a key: '%s[KEY]'", name, name);
	return fields_read_value(r, field, value, own);
}

int fields_read_member(const struct fields_reader *r, const char *name, const json_t *value)
{
	struct field_ref ref = {0};

	if (strcmp(name, FIELDS_ESCAPED) == 0)
		return 0;
	ref.field = find_without_key(name);
	if (!ref.field && field_find_with(slice_of(name), &ref) < 0)
		return no_such_field(r, name, name);
	return read_field(r, &ref, name, value);
}
