/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Subjects whose values were written down: in a recording, in an alert, in a case of a rule.
 * All of a file's texts are in one piece of memory, which the values point to.
 */
#include "rule/recorded/recorded.h"

#include <errno.h>
#include <string.h>

#include "rule/field/read.h"
#include "rule/recorded/reader.h"

void recorded_free(struct recorded *recorded)
{
	if (!recorded)
		return;
	strbuf_done(&recorded->texts);
	free(recorded->keys);
	free(recorded);
}

static bool subject_kind_of(const char *word, enum subject_kind *ret)
{
	for (size_t i = 0; i < SUBJECT_KINDS; i++) {
		const char *name = subject_kind_text(i);

		if (!name || strcmp(name, word) != 0)
			continue;
		*ret = i;
		return true;
	}
	return false;
}

/* The kind that the fields themselves tell. */
static int read_kind(const struct fields_reader *r, enum subject_kind *ret)
{
	const json_t *told = json_object_get(r->object, "evt.subject");
	const char *words[SUBJECT_KINDS] = {0}, *text = json_string_value(told);

	if (!text)
		return fields_fail(r, "evt.subject",
			"'evt.subject' has to say what this is: exec, attempt, mapping, open or move");
	for (unsigned i = 0; i < SUBJECT_KINDS && (words[i] = subject_kind_word(i)); i++)
		if (subject_kind_of(text, ret))
			return 0;
	fields_fail(r, "evt.subject", "'evt.subject' is never '%.64s'", text);
	diag_suggest(r->diag, text, words, SUBJECT_KINDS);
	return -EINVAL;
}

/* Bytes that the texts of VALUE can take at most. */
static size_t texts_size(const json_t *value)
{
	size_t size = json_is_string(value) ? json_string_length(value) : 0;

	for (size_t i = 0; json_is_array(value) && i < json_array_size(value); i++)
		size += json_string_length(json_array_get(value, i)) + 1;
	return size;
}

/* Makes all the room at once: what points to the texts must not see them move. */
static int reserve(const struct fields_reader *r)
{
	size_t size = 0;
	const char *key;
	json_t *value;

	json_object_foreach (r->object, key, value)
		size += texts_size(value) + strlen(key);
	strbuf_reserve(&r->out->texts, size);
	r->out->keys = calloc(json_object_size(r->object) + 1, sizeof(*r->out->keys));
	return r->out->keys ? r->out->texts.error : -ENOMEM;
}

static int read_all(const struct fields_reader *r)
{
	const char *key;
	json_t *value;
	int error = reserve(r);

	if (error == 0)
		error = fields_read_escaped(r);
	if (error < 0)
		return error;
	json_object_foreach (r->object, key, value) {
		error = fields_read_member(r, key, value);
		if (error < 0)
			return error;
	}
	return 0;
}

int recorded_new(json_t *fields, enum subject_kind kind, const struct fields_source *source,
	struct recorded **ret, struct diag *d)
{
	CLEANUP_RECORDED struct recorded *out = calloc(
		1, sizeof(*out) + field_count() * sizeof(out->fields[0]));
	struct fields_reader r = {fields, source, out, d};
	int error = 0;

	if (!out)
		return diag_errno(d, source->name, -ENOMEM);
	if (!json_is_object(fields))
		return diag_at(d, source->name, source->line, 0,
			"fields are expected, {\"NAME\": value, ...}");
	out->kind = kind;
	if (kind == SUBJECT_KINDS)
		error = read_kind(&r, &out->kind);
	if (error == 0)
		error = read_all(&r);
	if (error == -ENOMEM)
		return diag_errno(d, source->name, error);
	if (error == 0)
		*ret = TAKE_PTR(out);
	return error;
}

int recorded_number(json_t *fields)
{
	const char *kind = json_string_value(json_object_get(fields, "evt.subject"));

	if (!json_is_object(fields) || json_object_get(fields, "evt.num") ||
		(kind && strcmp(kind, subject_kind_text(SUBJECT_PRESENT)) == 0))
		return 0;
	return json_object_set_new(fields, "evt.num", json_integer(1)) < 0 ? -ENOMEM : 0;
}

struct subject recorded_subject(const struct recorded *recorded)
{
	return (struct subject){.kind = recorded->kind, .recorded = recorded};
}

static bool is_key_of(const struct recorded_key *key, const struct field_ref *ref)
{
	return key->ref.field == ref->field && slice_equal(key->ref.key, ref->key);
}

struct value recorded_value(const struct recorded *recorded, const struct field_ref *ref)
{
	for (size_t i = 0; ref->key.len > 0 && i < recorded->key_count; i++)
		if (is_key_of(&recorded->keys[i], ref))
			return recorded->keys[i].value.value;
	return recorded->fields[field_index(ref->field)].value;
}

bool recorded_key_at(
	const struct recorded *recorded, const struct field *field, size_t index, struct slice *ret)
{
	for (size_t i = 0; i < recorded->key_count; i++) {
		if (recorded->keys[i].ref.field != field || index-- > 0)
			continue;
		*ret = recorded->keys[i].ref.key;
		return true;
	}
	return false;
}
