/* SPDX-License-Identifier: Apache-2.0 */
/* Values of each type, as recordings, alerts and cases have them. */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "base/escape.h"
#include "rule/recorded/reader.h"

#define NUMBER_DIGITS 20 /* of the largest: 18446744073709551615 */

const char *fields_describe(const json_t *value)
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

static int wrong_type(const struct fields_reader *r, const struct field *field, const json_t *found)
{
	if (json_is_string(found))
		return fields_fail(r, field->name, "'%s' is %s, found '%.64s'", field->name,
			field_type_name(field->type), json_string_value(found));
	return fields_fail(r, field->name, "'%s' is %s, found %s", field->name,
		field_type_name(field->type), fields_describe(found));
}

/* Appends TEXT to the texts, read back when it was ESCAPED. */
static int text_add(
	const struct fields_reader *r, const struct field *field, const json_t *text, bool escaped)
{
	struct slice written = {json_string_value(text), json_string_length(text)};

	if (!escaped)
		strbuf_add_slice(&r->out->texts, written);
	else if (!unescape_text(&r->out->texts, written))
		return fields_fail(r, field->name,
			"'%s' is named in '" FIELDS_ESCAPED "', but has a '\\' without meaning",
			field->name);
	return r->out->texts.error;
}

static int check_word(const struct fields_reader *r, const struct field *field, struct slice text)
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
	fields_fail(r, field->name, "'%s' is never '%s'", field->name, found);
	diag_suggest(r->diag, found, words, count);
	return -EINVAL;
}

static int text_read(const struct fields_reader *r, const struct field *field, const json_t *found,
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

static int number_read(const struct fields_reader *r, const struct field *field,
	const json_t *found, struct recorded_field *ret)
{
	value_number number = json_integer_value(found);

	if (!json_is_integer(found) &&
		!(json_is_string(found) && number_parse(json_string_value(found), &number)))
		return wrong_type(r, field, found);
	ret->value = value_integer(number);
	return 0;
}

static int bool_read(const struct fields_reader *r, const struct field *field, const json_t *found,
	struct recorded_field *ret)
{
	bool truth = json_is_true(found);

	if (!json_is_boolean(found) && !yaml_bool(found, &truth))
		return wrong_type(r, field, found);
	ret->value = value_bool(truth);
	return 0;
}

/* As the kernel side has them: a NUL behind each. */
static int args_read(const struct fields_reader *r, const struct field *field, const json_t *found,
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
			return fields_fail(r, field->name,
				"'%s' is a list of texts, found %s in it", field->name,
				fields_describe(item));
		error = text_add(r, field, item, ret->escaped);
		if (error < 0)
			return error;
		if (memchr(strbuf_text(texts) + at, '\0', texts->len - at))
			return fields_fail(r, field->name, "an argument cannot have a NUL in it");
		strbuf_add_char(texts, '\0');
	}
	ret->args.bytes = (struct slice){strbuf_text(texts) + start, texts->len - start};
	ret->value = (struct value){.type = VALUE_ARGS, .args = &ret->args};
	return texts->error;
}

int fields_read_value(const struct fields_reader *r, const struct field *field, const json_t *found,
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
	case VALUE_NATURAL:
	case VALUE_LIST:
		break;
	}
	return -EINVAL;
}
