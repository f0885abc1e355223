/* SPDX-License-Identifier: Apache-2.0 */
/* Exceptions become text of a condition, whose places are those of the values. */
#include "rule/file/exception.h"

#include <ctype.h>
#include <errno.h>

#include "base/array.h"
#include "rule/field/field.h"
#include "rule/field/falco.h"
#include "rule/condition/operator.h"

static const char *const entry_keys[] = {"name", "fields", "comps", "values"};

/* A single text counts as a list of one. */
static size_t texts_count(const json_t *node)
{
	return json_is_array(node) ? json_array_size(node) : node != NULL;
}

static const char *texts_at(const json_t *node, size_t index)
{
	return json_string_value(json_is_array(node) ? json_array_get(node, index) : node);
}

static int check_field(const struct item *item, const json_t *fields, size_t index)
{
	const json_t *node = json_is_array(fields) ? json_array_get(fields, index) : fields;
	const char *name = json_string_value(node);
	struct diag d;

	if (!name)
		return item_fail_at(item, yaml_placed(node, fields),
			"found %s where the name of a field is expected", yaml_describe(node));
	if (field_find(slice_of(name)) || field_falco_reason(slice_of(name)))
		return 0;
	yaml_diag(item->source->document, node, &d, "there is no field '%.64s'", name);
	field_suggest(&d, name);
	diags_add(item->diags, DIAG_ERROR, &d);
	return -EINVAL;
}

static int check_comparison(const struct item *item, const json_t *comps, size_t index)
{
	const json_t *node = json_is_array(comps) ? json_array_get(comps, index) : comps;
	const char *word = json_string_value(node);
	const struct rule_operator *op = word ? operator_find(slice_of(word)) : NULL;

	if (op && op->operand != OPERAND_NONE)
		return 0;
	return item_fail_at(item, yaml_placed(node, comps),
		"found %s%.64s%s where an operator with a value is expected",
		word ? "'" : yaml_describe(node), word ? word : "", word ? "'" : "");
}

static int check_fields(const struct item *item, const json_t *entry)
{
	const json_t *fields = json_object_get(entry, "fields");
	const json_t *comps = json_object_get(entry, "comps");
	size_t count = texts_count(fields);
	int r = 0;

	if (!fields)
		return comps ? item_fail_at(item, entry, "'comps' needs 'fields' beside it") : 0;
	if (json_is_null(fields) || count == 0 || count > EXCEPTION_FIELDS_MAX)
		return item_fail_at(
			item, entry, "'fields' needs 1 to %d fields", EXCEPTION_FIELDS_MAX);
	if (comps && (json_is_array(comps) != json_is_array(fields) || json_is_null(comps) ||
			     texts_count(comps) != count))
		return item_fail_at(
			item, entry, "'fields' and 'comps' need as many entries as each other");
	for (size_t i = 0; i < count; i++) {
		if (check_field(item, fields, i) < 0)
			r = -EINVAL;
		if (comps && check_comparison(item, comps, i) < 0)
			r = -EINVAL;
	}
	return r;
}

static int check_entry(const struct item *item, const json_t *entry)
{
	const json_t *values = json_object_get(entry, "values");
	struct diag d;

	if (!json_is_object(entry))
		return item_fail_at(item, entry, "found %s where an exception is expected",
			yaml_describe(entry));
	if (yaml_check_keys(item->source->document, (json_t *)entry, entry_keys,
		    ARRAY_SIZE(entry_keys), &d) < 0) {
		diags_add(item->diags, DIAG_ERROR, &d);
		return -EINVAL;
	}
	if (json_string_length(json_object_get(entry, "name")) == 0)
		return item_fail_at(item, entry, "an exception needs a text at 'name'");
	if (values && !json_is_array(values) && !json_is_null(values))
		return item_fail_at(item, values, "found %s where 'values' needs a list",
			yaml_describe(values));
	return check_fields(item, entry);
}

int exceptions_check(struct item *item, const json_t *node)
{
	const json_t *entry;
	int r = 0;
	size_t i;

	if (json_is_null(node)) /* the key with nothing behind it */
		return 0;
	if (!json_is_array(node))
		return item_fail(item, "exceptions", "found %s where 'exceptions' needs a list",
			yaml_describe(node));
	json_array_foreach (node, i, entry) {
		if (json_is_null(entry))
			r = item_fail(item, "exceptions", "exception %zu is empty", i + 1);
		else if (check_entry(item, entry) < 0)
			r = -EINVAL;
	}
	return r;
}

static struct exception *exception_find(struct rule_definition *rule, const char *name)
{
	for (size_t i = 0; i < rule->exception_count; i++)
		if (strcmp(rule->exceptions[i].name, name) == 0)
			return &rule->exceptions[i];
	return NULL;
}

/* Operator INDEX of EXCEPTION: `in` for the single field, `=` for those of a list. */
static const struct rule_operator *exception_operator(
	const struct exception *exception, size_t index)
{
	if (exception->comps.node)
		return operator_find(slice_of(texts_at(exception->comps.node, index)));
	return operator_find(slice_of(json_is_array(exception->fields.node) ? "=" : "in"));
}

/* A value for one field: a text, or where the operator takes a list a list of them. */
static int check_element(const struct item *item, const struct rule_operator *op,
	const json_t *value, const json_t *parent)
{
	const json_t *text;
	size_t i;

	if (json_is_string(value))
		return 0;
	if (!json_is_array(value) || op->operand != OPERAND_LIST)
		return item_fail_at(item, yaml_placed(value, parent),
			"found %s where '%s' needs a text", yaml_describe(value), op->name);
	json_array_foreach (value, i, text)
		if (!json_is_string(text))
			return item_fail_at(item, yaml_placed(text, value),
				"found %s where a list for '%s' needs a text", yaml_describe(text),
				op->name);
	return 0;
}

static int check_values(const struct item *item, const struct exception *exception,
	const json_t *value, const json_t *parent)
{
	size_t count = texts_count(exception->fields.node);
	int r = 0;

	if (!json_is_array(exception->fields.node)) {
		if (json_is_string(value))
			return 0;
		return item_fail_at(item, yaml_placed(value, parent),
			"found %s where exception '%.64s', of a single field, needs a text",
			yaml_describe(value), exception->name);
	}
	if (!json_is_array(value) || json_array_size(value) != count)
		return item_fail_at(item, yaml_placed(value, parent),
			"exception '%.64s' needs a list of %zu values, one for each field",
			exception->name, count);
	for (size_t i = 0; i < count; i++)
		if (check_element(item, exception_operator(exception, i), json_array_get(value, i),
			    value) < 0)
			r = -EINVAL;
	return r;
}

static int values_add(const struct item *item, struct exception *exception, const json_t *values)
{
	const json_t *value;
	int r = 0;
	size_t i;

	if (!ARRAY_RESERVE(exception->values, exception->value_capacity, exception->value_count,
		    json_array_size(values) + 1))
		return -ENOMEM;
	json_array_foreach (values, i, value) {
		if (check_values(item, exception, value, values) < 0)
			r = -EINVAL;
		exception->values[exception->value_count++] = (struct origin){
			.source = item->source, .node = value};
	}
	return r;
}

/* The exception that ENTRY makes. */
static int exception_new(struct rule_definition *rule, const struct item *item, const json_t *entry,
	struct exception **ret)
{
	const char *name = json_string_value(json_object_get(entry, "name"));
	const json_t *fields = json_object_get(entry, "fields");

	if (!fields && rule->exceptions_failed && item->mode != ITEM_DEFINES)
		return -EINVAL; /* it may be one of these */
	if (!fields)
		return item_fail_at(item, entry, "exception '%.64s' needs the key 'fields'", name);
	if (!ARRAY_RESERVE(rule->exceptions, rule->exception_capacity, rule->exception_count, 1))
		return -ENOMEM;
	*ret = &rule->exceptions[rule->exception_count++];
	**ret = (struct exception){.name = name,
		.fields = {.source = item->source, .node = fields},
		.comps = {.source = item->source, .node = json_object_get(entry, "comps")}};
	return 0;
}

static int exception_add(struct rule_definition *rule, const struct item *item, const json_t *entry)
{
	const char *name = json_string_value(json_object_get(entry, "name"));
	struct exception *exception = exception_find(rule, name);
	int r = 0;

	if (exception && item->mode == ITEM_DEFINES)
		return item_fail_at(item, entry, "exception '%.64s' is given twice", name);
	if (!exception)
		r = exception_new(rule, item, entry, &exception);
	if (r < 0)
		return r;
	r = values_add(item, exception, json_object_get(entry, "values"));
	exception->failed |= r < 0;
	return r;
}

/* What is wrong with ENTRY has been said. */
static bool is_faulty(const struct item *item, const json_t *entry)
{
	CLEANUP_DIAGS struct diags again = DIAGS_INIT;
	struct item quiet = *item;

	quiet.diags = &again;
	return json_is_null(entry) || check_entry(&quiet, entry) < 0;
}

int exceptions_add(struct rule_definition *rule, const struct item *item)
{
	const json_t *list = json_object_get(item->node, "exceptions"), *entry;
	bool flawed = item_value(item, "exceptions") != list;
	size_t i;

	rule->exceptions_failed |= flawed;
	json_array_foreach (list, i, entry) {
		int r = flawed && is_faulty(item, entry) ? -EINVAL
							 : exception_add(rule, item, entry);

		if (r == -ENOMEM)
			return r;
		if (r < 0)
			rule->exceptions_failed = true;
	}
	return 0;
}

/* A bare word stays one, because it may be the name of a list; all else gets quotes. */
static bool is_bare(const char *text)
{
	size_t len = strlen(text);

	if (len > 1 && (text[0] == '"' || text[0] == '\'') && text[len - 1] == text[0])
		return true; /* it has quotes of its own, as items of lists do */
	for (const char *c = text; *c; c++)
		if ((unsigned char)*c <= ' ' || strchr("()\"'=,", *c))
			return false;
	return len > 0;
}

static int text_write(struct passage *out, const char *text, const struct origin *origin)
{
	CLEANUP_STRBUF struct strbuf quoted = STRBUF_INIT;

	if (is_bare(text))
		return passage_add_made(out, text, origin);
	strbuf_add_char(&quoted, '"');
	for (const char *c = text; *c; c++) {
		if (*c == '"' || *c == '\\')
			strbuf_add_char(&quoted, '\\');
		strbuf_add_char(&quoted, *c);
	}
	strbuf_add_char(&quoted, '"');
	return quoted.error ? quoted.error : passage_add_made(out, strbuf_text(&quoted), origin);
}

/* The texts of VALUE, a list or a text, in parentheses. */
static int list_write(struct passage *out, const json_t *value, const struct origin *origin)
{
	int r = passage_add_made(out, "(", origin);

	for (size_t i = 0; r == 0 && i < texts_count(value); i++) {
		if (i > 0)
			r = passage_add_made(out, ", ", origin);
		if (r == 0)
			r = text_write(out, texts_at(value, i), origin);
	}
	return r < 0 ? r : passage_add_made(out, ")", origin);
}

/* `FIELD OPERATOR VALUE` for field INDEX. */
static int element_write(struct passage *out, const struct exception *exception, size_t index,
	const json_t *value, const struct origin *origin)
{
	const struct rule_operator *op = exception_operator(exception, index);
	int r;

	r = passage_add_made(out, texts_at(exception->fields.node, index), &exception->fields);
	if (r == 0)
		r = passage_add_made(out, " ", origin);
	if (r == 0)
		r = passage_add_made(out, op->name, origin);
	if (r == 0)
		r = passage_add_made(out, " ", origin);
	if (r < 0)
		return r;
	if (op->operand == OPERAND_LIST)
		return list_write(out, value, origin);
	return text_write(out, json_string_value(value), origin);
}

/* What one entry of `values` stands for: all its fields compare as it says. */
static int value_write(
	struct passage *out, const struct exception *exception, const struct origin *value)
{
	size_t count = texts_count(exception->fields.node);
	int r = passage_add_made(out, "(", value);

	for (size_t i = 0; r == 0 && i < count; i++) {
		const json_t *element = json_is_array(exception->fields.node)
						? json_array_get(value->node, i)
						: value->node;

		if (i > 0)
			r = passage_add_made(out, " and ", value);
		if (r == 0)
			r = element_write(out, exception, i, element, value);
	}
	return r < 0 ? r : passage_add_made(out, ")", value);
}

/*
 * Of a single field compared with a list all values are put into one list: Falco's
 * short form, and faster than one comparison each.
 */
static bool is_one_list(const struct exception *exception)
{
	return !json_is_array(exception->fields.node) &&
	       exception_operator(exception, 0)->operand == OPERAND_LIST;
}

static int one_list_write(struct passage *out, const struct exception *exception)
{
	const struct origin *values = exception->values;
	int r;

	r = passage_add_made(out, texts_at(exception->fields.node, 0), &exception->fields);
	if (r == 0)
		r = passage_add_made(out, " ", &exception->fields);
	if (r == 0)
		r = passage_add_made(
			out, exception_operator(exception, 0)->name, &exception->fields);
	for (size_t i = 0; r == 0 && i < exception->value_count; i++) {
		r = passage_add_made(out, i ? ", " : " (", &values[i]);
		if (r == 0)
			r = text_write(out, json_string_value(values[i].node), &values[i]);
	}
	return r < 0 ? r : passage_add_made(out, ")", &exception->fields);
}

static int exception_write(struct passage *out, const struct exception *exception)
{
	int r = passage_add_made(out, " and not (", &exception->fields);

	if (r == 0 && is_one_list(exception))
		r = one_list_write(out, exception);
	else
		for (size_t i = 0; r == 0 && i < exception->value_count; i++) {
			if (i > 0)
				r = passage_add_made(out, " or ", &exception->values[i]);
			if (r == 0)
				r = value_write(out, exception, &exception->values[i]);
		}
	return r < 0 ? r : passage_add_made(out, ")", &exception->fields);
}

bool exception_counts(const struct exception *exception)
{
	return exception->value_count > 0 && !exception->failed;
}

int exceptions_write(const struct rule_definition *rule, struct passage *condition)
{
	int r = 0;

	for (size_t i = 0; r == 0 && i < rule->exception_count; i++)
		if (exception_counts(&rule->exceptions[i]))
			r = exception_write(condition, &rule->exceptions[i]);
	return r;
}
