/* SPDX-License-Identifier: Apache-2.0 */
/* All known fields of a subject as one JSON object. */
#include "rule/field/json.h"

#include <inttypes.h>
#include <string.h>

#include "base/escape.h"
#include "base/json.h"
#include "rule/field/field.h"
#include "rule/output.h"
#include "rule/recorded/recorded.h"

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

/* Several values. */
static json_t *list_json(const struct value *value, bool *ret_escaped)
{
	CLEANUP_JSON json_t *list = json_array();

	for (size_t i = 0; list && i < value->list.count; i++)
		if (json_array_append_new(list, value_json(&value->list.items[i], ret_escaped)) < 0)
			return NULL;
	return TAKE_PTR(list);
}

json_t *value_json(const struct value *value, bool *ret_escaped)
{
	bool escaped;

	switch (value->type) {
	case VALUE_TEXT:
		escaped = !utf8_valid(value->text);
		*ret_escaped |= escaped;
		return text_json(value->text, escaped);
	case VALUE_NUMBER:
		return number_json(value->number);
	case VALUE_BOOL:
		return json_boolean(value->truth);
	case VALUE_ARGS:
		escaped = !args_valid(value->args);
		*ret_escaped |= escaped;
		return args_json(value->args, escaped);
	case VALUE_LIST: /* its elements are fields of their own */
		return list_json(value, ret_escaped);
	case VALUE_UNKNOWN:
	case VALUE_NATURAL:
	case VALUE_NONE:
		break;
	}
	return json_null();
}

/* Whether VALUE is told: what is known not to be there only where that is asked for. */
static bool is_told(const struct value *value, bool with_none)
{
	return value->type != VALUE_UNKNOWN && value->type != VALUE_NATURAL &&
	       (with_none || value->type != VALUE_NONE);
}

struct fields_object {
	json_t *object, *escaped;
	bool with_none;
};

/* Adds the field of REF unless it has no value, and its name to those that had to be escaped. */
static int field_add(
	const struct fields_object *to, const struct field_ref *ref, const struct subject *subject)
{
	CLEANUP_STRBUF struct strbuf name = STRBUF_INIT;
	struct field_scratch scratch;
	struct value value = field_ref_value(ref, subject, &scratch);
	bool was_escaped = false;

	strbuf_add_text(&name, ref->field->name);
	if (ref->key.len > 0) {
		strbuf_add_char(&name, '[');
		strbuf_add_slice(&name, ref->key);
		strbuf_add_char(&name, ']');
	}
	if (name.error)
		return -1;

	if (json_object_get(to->object, strbuf_text(&name))) /* an output may name it twice */
		return 0;
	if (!is_told(&value, to->with_none))
		return 0;
	if (json_object_set_new_nocheck(
		    to->object, strbuf_text(&name), value_json(&value, &was_escaped)) < 0)
		return -1;
	return was_escaped ? json_array_append_new(to->escaped, json_string(strbuf_text(&name)))
			   : 0;
}

/* Same with all its keys; and once without, which tells what keys are that are not there. */
static int field_add_keyed(
	const struct fields_object *to, const struct field *field, const struct subject *subject)
{
	struct field_ref ref = {.field = field};
	int r = field_add(to, &ref, subject);

	for (size_t i = 0; r == 0 && field_key_at(field, subject, i, &ref.key); i++)
		r = field_add(to, &ref, subject);
	return r;
}

/* What alerts leave out can be asked by rules, so a recording has it, too. */
static bool is_wanted(const struct fields_object *to, const struct field *field)
{
	return to->with_none ? !field_is_list(field) : !field->is_extra;
}

/* Adds the elements of the field of REF, which has several values. */
static int elements_add(
	const struct fields_object *to, const struct field_ref *ref, const struct subject *subject)
{
	size_t len = strlen(ref->field->name);
	const struct field *field;
	int r = 0;

	for (size_t i = 0; r == 0 && (field = field_at(i)); i++)
		if (field->is_element && strncmp(field->name, ref->field->name, len) == 0 &&
			field->name[len] == '[')
			r = field_add(to, &(struct field_ref){.field = field}, subject);
	return r;
}

/* Adds what OUTPUT names, whether alerts leave it out otherwise or not. */
static int named_add(const struct fields_object *to, const struct rule_output *output,
	const struct subject *subject)
{
	const struct field_ref *ref;
	int r = 0;

	for (size_t i = 0; r == 0 && (ref = rule_output_field(output, i)); i++) {
		r = field_add(to, ref, subject);
		if (r == 0 && field_is_list(ref->field))
			r = elements_add(to, ref, subject);
	}
	return r;
}

static json_t *fields_json(
	const struct subject *subject, const struct rule_output *output, bool with_none)
{
	CLEANUP_JSON json_t *object = json_object();
	CLEANUP_JSON json_t *escaped = json_array();
	struct fields_object to = {object, escaped, with_none};
	const struct field *field;

	if (!object || !escaped)
		return NULL;
	for (size_t i = 0; (field = field_at(i)); i++)
		if (is_wanted(&to, field) && field_add_keyed(&to, field, subject) < 0)
			return NULL;
	if (output && named_add(&to, output, subject) < 0)
		return NULL;
	if (json_array_size(escaped) > 0 && json_object_set(object, FIELDS_ESCAPED, escaped) < 0)
		return NULL;
	return TAKE_PTR(object);
}

json_t *rule_fields_json(const struct rule *rule, const struct subject *subject)
{
	return fields_json(subject, rule ? rule->output : NULL, false);
}

json_t *rule_fields_record(const struct subject *subject)
{
	return fields_json(subject, NULL, true);
}
