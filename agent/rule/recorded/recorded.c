/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Subjects whose values were written down: in a recording, in an alert, in a case of a rule.
 * All of a file's texts are in one piece of memory, which the values point to.
 */
#include "rule/recorded/recorded.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "base/escape.h"
#include "rule/field/read.h"

#define NUMBER_DIGITS 20 /* of the largest: 18446744073709551615 */

struct recorded_field {
	struct value value;
	struct event_text args; /* of a list, which the value points to */
	bool escaped;
};

/* A field that takes a key, with one. */
struct recorded_key {
	struct field_ref ref;
	struct recorded_field value;
};

struct recorded {
	enum subject_kind kind;
	struct recorded_key *keys;
	size_t key_count;
	struct strbuf texts; /* as large as it will be, before anything points to it */
	struct recorded_field fields[]; /* in the order of the table */
};

struct reader {
	json_t *object;
	const struct fields_source *source;
	struct recorded *out;
	struct diag *diag;
};

void recorded_free(struct recorded *recorded)
{
	if (!recorded)
		return;
	strbuf_done(&recorded->texts);
	free(recorded->keys);
	free(recorded);
}

/* ---- places ---- */

/*
 * Where the member KEY of an object begins in TEXT, which is JSON: a quote that stands before a
 * name, a quote and a colon begins no other text. NULL when there is none.
 */
static const char *find_key(struct slice text, const char *key)
{
	size_t len = strlen(key);

	for (size_t i = 1; i + len + 1 < text.len; i++) {
		size_t end = i + len;

		if (text.data[i - 1] != '"' || memcmp(text.data + i, key, len) != 0 ||
			text.data[end] != '"' || (i > 1 && text.data[i - 2] == '\\'))
			continue;
		for (end++; end < text.len && strchr(" \t\r\n", text.data[end]);)
			end++;
		if (end < text.len && text.data[end] == ':')
			return text.data + i - 1;
	}
	return NULL;
}

/* A message about the member KEY of SOURCE's text. */
static int text_diag(
	const struct fields_source *source, const char *key, struct diag *d, const char *message)
{
	const char *at = find_key(source->text, key), *start = source->text.data;
	unsigned line = source->line;

	if (!at)
		return diag_at(d, source->name, line, 0, "%s", message);
	for (const char *p = source->text.data; p < at; p++) {
		if (*p != '\n')
			continue;
		line++;
		start = p + 1;
	}
	return diag_at(d, source->name, line, at - start + 1, "%s", message);
}

/* A message about KEY. Returns -EINVAL. */
static __attribute__((format(printf, 3, 4))) int fail(
	const struct reader *r, const char *key, const char *format, ...)
{
	char message[sizeof(r->diag->message)];
	const json_t *value = json_object_get(r->object, key);
	va_list args;

	va_start(args, format);
	vsnprintf(message, sizeof(message), format, args);
	va_end(args);
	if (!r->source->document)
		return text_diag(r->source, key, r->diag, message);
	return yaml_diag(r->source->document, value ? yaml_placed(value, r->object) : r->object,
		r->diag, "%s", message);
}

/* ---- values ---- */

static const char *describe(const json_t *value)
{
	switch (json_typeof(value)) {
	case JSON_OBJECT:
		return "an object";
	case JSON_ARRAY:
		return "a list";
	case JSON_STRING:
		return "a text";
	case JSON_INTEGER:
		return "a number";
	case JSON_REAL:
		return "a number that is not whole";
	case JSON_TRUE:
	case JSON_FALSE:
		return "true or false";
	case JSON_NULL:
		break;
	}
	return "null";
}

static int wrong_type(const struct reader *r, const struct field *field, const json_t *found)
{
	if (json_is_string(found))
		return fail(r, field->name, "'%s' is %s, found '%.64s'", field->name,
			field_type_name(field->type), json_string_value(found));
	return fail(r, field->name, "'%s' is %s, found %s", field->name,
		field_type_name(field->type), describe(found));
}

/* Appends TEXT to the texts, read back when it was ESCAPED. */
static int text_add(
	const struct reader *r, const struct field *field, const json_t *text, bool escaped)
{
	struct slice written = {json_string_value(text), json_string_length(text)};

	if (!escaped)
		strbuf_add_slice(&r->out->texts, written);
	else if (!unescape_text(&r->out->texts, written))
		return fail(r, field->name,
			"'%s' is named in '" FIELDS_ESCAPED "', but has a '\\' without meaning",
			field->name);
	return r->out->texts.error;
}

static int check_word(const struct reader *r, const struct field *field, struct slice text)
{
	const char *words[32], *word;
	char found[64];
	size_t count = 0;

	for (unsigned i = 0; field->word && (word = field->word(i)); i++) {
		if (slice_equal_text(text, word))
			return 0;
		if (count < ARRAY_SIZE(words))
			words[count++] = word;
	}
	if (!field->word)
		return 0;
	snprintf(found, sizeof(found), "%.*s", (int)(text.len < 63 ? text.len : 63), text.data);
	fail(r, field->name, "'%s' is never '%s'", field->name, found);
	diag_suggest(r->diag, found, words, count);
	return -EINVAL;
}

static int text_read(const struct reader *r, const struct field *field, const json_t *found,
	struct recorded_field *ret)
{
	size_t start = r->out->texts.len;
	struct slice text;
	int error;

	if (!json_is_string(found))
		return wrong_type(r, field, found);
	error = text_add(r, field, found, ret->escaped);
	if (error < 0)
		return error;
	text = (struct slice){strbuf_text(&r->out->texts) + start, r->out->texts.len - start};
	ret->value = value_text(text);
	return check_word(r, field, text);
}

/* The number that the digits of TEXT are, a '-' before them or not. */
static bool number_parse(const char *text, value_number *ret)
{
	bool negative = text[0] == '-';
	const char *digits = text + negative;
	size_t len = strspn(digits, "0123456789");
	value_number number = 0;

	if (len == 0 || len > NUMBER_DIGITS || digits[len])
		return false;
	for (size_t i = 0; i < len; i++)
		number = number * 10 + (digits[i] - '0');
	*ret = negative ? -number : number;
	return negative ? number <= -(value_number)INT64_MIN : number <= UINT64_MAX;
}

static int number_read(const struct reader *r, const struct field *field, const json_t *found,
	struct recorded_field *ret)
{
	value_number number = json_integer_value(found);

	if (!json_is_integer(found) &&
		!(json_is_string(found) && number_parse(json_string_value(found), &number)))
		return wrong_type(r, field, found);
	ret->value = value_integer(number);
	return 0;
}

static int bool_read(const struct reader *r, const struct field *field, const json_t *found,
	struct recorded_field *ret)
{
	bool truth = json_is_true(found);

	if (!json_is_boolean(found) && !yaml_bool(found, &truth))
		return wrong_type(r, field, found);
	ret->value = value_bool(truth);
	return 0;
}

/* As the kernel side has them: a NUL behind each. */
static int args_read(const struct reader *r, const struct field *field, const json_t *found,
	struct recorded_field *ret)
{
	struct strbuf *texts = &r->out->texts;
	size_t start = texts->len;

	if (!json_is_array(found))
		return wrong_type(r, field, found);
	for (size_t i = 0; i < json_array_size(found); i++) {
		const json_t *item = json_array_get(found, i);
		size_t at = texts->len;
		int error;

		if (!json_is_string(item))
			return fail(r, field->name, "'%s' is a list of texts, found %s in it",
				field->name, describe(item));
		error = text_add(r, field, item, ret->escaped);
		if (error < 0)
			return error;
		if (memchr(strbuf_text(texts) + at, '\0', texts->len - at))
			return fail(r, field->name, "an argument cannot have a NUL in it");
		strbuf_add_char(texts, '\0');
	}
	ret->args.bytes = (struct slice){strbuf_text(texts) + start, texts->len - start};
	ret->value = (struct value){.type = VALUE_ARGS, .args = &ret->args};
	return texts->error;
}

static int read_value(const struct reader *r, const struct field *field, const json_t *found,
	struct recorded_field *ret)
{
	if (json_is_null(found)) {
		ret->value = VALUE_NONE_INIT;
		return 0;
	}
	switch (field->type) {
	case VALUE_TEXT:
		return text_read(r, field, found, ret);
	case VALUE_NUMBER:
		return number_read(r, field, found, ret);
	case VALUE_BOOL:
		return bool_read(r, field, found, ret);
	case VALUE_ARGS:
		return args_read(r, field, found, ret);
	case VALUE_UNKNOWN:
	case VALUE_NONE:
	case VALUE_LIST:
		break;
	}
	return -EINVAL;
}

/* ---- objects ---- */

static int no_such_field(const struct reader *r, const char *key, const char *name)
{
	fail(r, key, "there is no field '%.64s'", name);
	field_suggest(r->diag, name);
	return -EINVAL;
}

/* Notes which fields are escaped. */
static int read_escaped(const struct reader *r)
{
	const json_t *list = json_object_get(r->object, FIELDS_ESCAPED);

	if (list && !json_is_array(list))
		return fail(r, FIELDS_ESCAPED, "'" FIELDS_ESCAPED "' is a list of fields, found %s",
			describe(list));
	for (size_t i = 0; i < json_array_size(list); i++) {
		const char *name = json_string_value(json_array_get(list, i));
		struct field_ref ref;

		if (!name)
			return fail(r, FIELDS_ESCAPED,
				"'" FIELDS_ESCAPED "' is a list of fields, found %s in it",
				describe(json_array_get(list, i)));
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
		[SUBJECT_CONTAINER] = "a container",
		[SUBJECT_PROGRAM] = "a program",
		[SUBJECT_REPEATS] = "repeats",
	};

	return names[kind] ? names[kind] : "such a subject";
}

static bool is_escaped(const struct reader *r, const char *name)
{
	const json_t *list = json_object_get(r->object, FIELDS_ESCAPED);

	for (size_t i = 0; i < json_array_size(list); i++)
		if (strcmp(json_string_value(json_array_get(list, i)), name) == 0)
			return true;
	return false;
}

/* The field of REF, which takes a key, under NAME. Without one, it tells of all others. */
static int read_keyed(
	const struct reader *r, const struct field_ref *ref, const char *name, const json_t *value)
{
	struct strbuf *texts = &r->out->texts;
	struct recorded_key *key = &r->out->keys[r->out->key_count];

	key->ref.field = ref->field;
	key->ref.key = (struct slice){strbuf_text(texts) + texts->len, ref->key.len};
	strbuf_add_slice(texts, ref->key);
	key->value.escaped = is_escaped(r, name);
	r->out->key_count++;
	return read_value(r, ref->field, value, &key->value);
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
static int read_element(const struct reader *r, const struct field *field,
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
	return read_value(r, element, value, own);
}

/*
 * VALUES are those of FIELD, the first at index 1, as an alert has them: all that there are. What is
 * there by itself is left alone.
 */
static int read_elements(const struct reader *r, const struct field *field, const json_t *values)
{
	size_t count = json_array_size(values);

	if (!json_is_array(values))
		return fail(r, field->name, "'%s' has several values: a list of them is expected",
			field->name);
	for (size_t i = 0;; i++) {
		const struct field *element;
		char name[64];
		int error;

		snprintf(name, sizeof(name), "%s[%zu]", field->name, i + 1);
		element = field_find(slice_of(name));
		if (!element)
			return i < count ? fail(r, field->name, "there is no '%s'", name) : 0;
		error = read_element(
			r, field, element, i < count ? json_array_get(values, i) : NULL);
		if (error < 0)
			return error;
	}
}

static int read_field(
	const struct reader *r, const struct field_ref *ref, const char *name, const json_t *value)
{
	const struct field *field = ref->field;
	struct recorded_field *own = &r->out->fields[field_index(field)];

	if (!(field->kinds & 1u << r->out->kind))
		return fail(r, name, "'%s' is not a field of %s", name, kind_name(r->out->kind));
	if (ref->key.len > 0)
		return read_keyed(r, ref, name, value);
	if (field_is_list(field))
		return read_elements(r, field, value);
	if (field->argument == FIELD_ARGUMENT_KEY && !json_is_null(value))
		return fail(r, name, "'%s' needs a key: '%s[KEY]'", name, name);
	return read_value(r, field, value, own);
}

static int read_member(const struct reader *r, const char *name, const json_t *value)
{
	struct field_ref ref = {0};

	if (strcmp(name, FIELDS_ESCAPED) == 0)
		return 0;
	ref.field = find_without_key(name);
	if (!ref.field && field_find_with(slice_of(name), &ref) < 0)
		return no_such_field(r, name, name);
	return read_field(r, &ref, name, value);
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
static int read_kind(const struct reader *r, enum subject_kind *ret)
{
	const json_t *told = json_object_get(r->object, "evt.subject");
	const char *words[SUBJECT_KINDS] = {0}, *text = json_string_value(told);

	if (!text)
		return fail(r, "evt.subject",
			"'evt.subject' has to say what this is: exec, attempt, mapping, open or move");
	for (unsigned i = 0; i < SUBJECT_KINDS && (words[i] = subject_kind_word(i)); i++)
		if (subject_kind_of(text, ret))
			return 0;
	fail(r, "evt.subject", "'evt.subject' is never '%.64s'", text);
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
static int reserve(const struct reader *r)
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

static int read_all(const struct reader *r)
{
	const char *key;
	json_t *value;
	int error = reserve(r);

	if (error == 0)
		error = read_escaped(r);
	if (error < 0)
		return error;
	json_object_foreach (r->object, key, value) {
		error = read_member(r, key, value);
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
	struct reader r = {fields, source, out, d};
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
	if (!json_is_object(fields) || json_object_get(fields, "evt.num"))
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
