/* SPDX-License-Identifier: Apache-2.0 */
/* All known fields of a subject as one JSON object. */
#include "barewatch/rule.h"

#include <inttypes.h>

#include "base/escape.h"
#include "base/json.h"
#include "rule/field.h"

/* The names of the fields whose text had to be escaped. */
#define ESCAPED_KEY "evt.escaped"

/* TEXT as a JSON string, escaped when that is asked for. */
static json_t *text_json(struct slice text, bool escaped)
{
	CLEANUP_STRBUF struct strbuf out = STRBUF_INIT;

	if (!escaped)
		return json_stringn_nocheck(text.data ? text.data : "", text.len);
	escape_text(&out, text);
	return out.error ? NULL : json_stringn_nocheck(strbuf_text(&out), out.len);
}

/* Larger than JSON integers are here: inode numbers can be. As a text no digit is lost. */
static json_t *number_json(value_number number)
{
	char digits[24];

	if (number <= INT64_MAX)
		return json_integer(number);
	snprintf(digits, sizeof(digits), "%" PRIu64, (uint64_t)number);
	return json_string(digits);
}

static bool args_valid(const struct event_text *args)
{
	struct slice arg;
	size_t offset = 0;

	while (event_args_next(args, &offset, &arg))
		if (!utf8_valid(arg))
			return false;
	return true;
}

/* All arguments are escaped when one has to be: readers are told of the field, not of the item. */
static json_t *args_json(const struct event_text *args, bool escaped)
{
	CLEANUP_JSON json_t *list = json_array();
	struct slice arg;
	size_t offset = 0;

	while (list && event_args_next(args, &offset, &arg))
		if (json_array_append_new(list, text_json(arg, escaped)) < 0)
			return NULL;
	return TAKE_PTR(list);
}

/* VALUE as JSON. *RET_ESCAPED tells whether it had to be escaped, not being UTF-8. */
static json_t *value_json(const struct value *value, bool *ret_escaped)
{
	switch (value->type) {
	case VALUE_TEXT:
		*ret_escaped = !utf8_valid(value->text);
		return text_json(value->text, *ret_escaped);
	case VALUE_NUMBER:
		return number_json(value->number);
	case VALUE_BOOL:
		return json_boolean(value->truth);
	case VALUE_ARGS:
		*ret_escaped = !args_valid(value->args);
		return args_json(value->args, *ret_escaped);
	case VALUE_LIST: /* its elements are fields of their own */
	case VALUE_UNKNOWN:
	case VALUE_NONE:
		break;
	}
	return json_null();
}

/* Adds FIELD to OBJECT unless it has no value, and to ESCAPED when it had to be escaped. */
static int field_json(
	const struct field *field, const struct subject *subject, json_t *object, json_t *escaped)
{
	struct field_scratch scratch;
	struct value value = field_value(field, subject, &scratch);
	bool was_escaped = false;

	if (value.type == VALUE_UNKNOWN || value.type == VALUE_NONE)
		return 0;
	if (json_object_set_new_nocheck(object, field->name, value_json(&value, &was_escaped)) < 0)
		return -1;
	return was_escaped ? json_array_append_new(escaped, json_string(field->name)) : 0;
}

json_t *rule_fields_json(const struct subject *subject)
{
	CLEANUP_JSON json_t *object = json_object();
	CLEANUP_JSON json_t *escaped = json_array();
	const struct field *field;

	if (!object || !escaped)
		return NULL;
	for (size_t i = 0; (field = field_at(i)); i++)
		if (!field->is_extra && field_json(field, subject, object, escaped) < 0)
			return NULL;
	if (json_array_size(escaped) > 0 && json_object_set(object, ESCAPED_KEY, escaped) < 0)
		return NULL;
	return TAKE_PTR(object);
}
