/* SPDX-License-Identifier: Apache-2.0 */
/* The checks for each type of value. */
#include "rule/file/item.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>

#include "base/cleanup.h"
#include "rule/file/exception.h"
#include "rule/field/field.h"
#include "rule/file/item_keys.h"
#include "rule/condition/operator.h"
#include "rule/priority.h"

static const char *const requirements[] = {"required_engine_version", "required_plugin_versions"};

const json_t *item_value(const struct item *item, const char *key)
{
	const struct key *known = item_key_find(item->kind, key);

	if (known && item->faulty & 1u << (known - item_keys(item->kind)))
		return NULL;
	return json_object_get(item->node, key);
}

const char *item_text(const struct item *item, const char *key)
{
	return json_string_value(item_value(item, key));
}

struct origin item_origin(const struct item *item, const char *key)
{
	return (struct origin){.source = item->source, .node = item_value(item, key)};
}

bool item_replaces(const struct item *item, const char *key)
{
	const char *way = json_string_value(
		json_object_get(json_object_get(item->node, "override"), key));

	return way && strcmp(way, "replace") == 0;
}

/* Fills D with MESSAGE at the value of KEY. */
static void item_diag(
	const struct item *item, const char *key, struct diag *d, const char *format, va_list args)
{
	const json_t *value = json_object_get(item->node, key);
	char message[sizeof(d->message)];

	vsnprintf(message, sizeof(message), format, args);
	if (json_is_null(value)) /* which has no place */
		source_key_diag(item->source, item->node, key, d, "%s", message);
	else
		yaml_diag(item->source->document, value ? value : item->node, d, "%s", message);
}

int item_fail(const struct item *item, const char *key, const char *format, ...)
{
	struct diag d;
	va_list args;

	va_start(args, format);
	item_diag(item, key, &d, format, args);
	va_end(args);
	diags_add(item->diags, DIAG_ERROR, &d);
	return -EINVAL;
}

void item_say(const struct item *item, enum diag_severity severity, const char *key,
	const char *format, ...)
{
	struct diag d;
	va_list args;

	va_start(args, format);
	item_diag(item, key, &d, format, args);
	va_end(args);
	diags_add(item->diags, severity, &d);
}

int item_fail_at(const struct item *item, const json_t *node, const char *format, ...)
{
	char message[sizeof(((struct diag *)0)->message)];
	struct diag d;
	va_list args;

	va_start(args, format);
	vsnprintf(message, sizeof(message), format, args);
	va_end(args);
	yaml_diag(item->source->document, node, &d, "%s", message);
	diags_add(item->diags, DIAG_ERROR, &d);
	return -EINVAL;
}

int item_type_fail(const struct item *item, const char *key, const char *expected)
{
	return item_fail(item, key, "found %s where '%s' needs %s",
		yaml_describe(json_object_get(item->node, key)), key, expected);
}

static bool is_word_char(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
	       c == '_' || c == '-' || c == '.';
}

static int check_word(struct item *item, const char *key, const char *word)
{
	static const char *const reserved[] = {"and", "or", "not"};
	const char *c = word;

	while (is_word_char(*c))
		c++;
	if (*c || c == word)
		return item_fail(item, key,
			"'%.64s' cannot be a name: letters, digits, '_', '-' and '.' can", word);
	for (size_t i = 0; i < ARRAY_SIZE(reserved); i++)
		if (strcmp(word, reserved[i]) == 0)
			return item_fail(item, key, "'%s' means something else already", word);
	if (operator_find(slice_of(word)))
		return item_fail(item, key, "'%s' is an operator already", word);
	if (field_find(slice_of(word)))
		return item_fail(item, key, "'%s' is a field already", word);
	return 0;
}

static int check_texts(struct item *item, const char *key, const json_t *list)
{
	const json_t *text;
	int r = 0;
	size_t i;

	if (!json_is_array(list))
		return item_type_fail(item, key, "a list");
	json_array_foreach (list, i, text) {
		if (json_string_length(text) > 0)
			continue;
		if (json_is_null(text))
			r = item_fail(item, key, "item %zu of '%s' is empty", i + 1, key);
		else
			r = item_fail_at(item, text,
				"found %s as item %zu of '%s', which needs texts",
				json_is_string(text) ? "an empty text" : yaml_describe(text), i + 1,
				key);
	}
	return r;
}

static int check_priority(struct item *item, const char *key, const char *word)
{
	enum rule_priority priority;
	struct diag d;

	if (priority_parse(word, &priority))
		return 0;
	yaml_diag(item->source->document, json_object_get(item->node, key), &d,
		"'%.64s' is not a priority", word);
	priority_suggest(&d, word);
	diags_add(item->diags, DIAG_ERROR, &d);
	return -EINVAL;
}

static int check_text(struct item *item, const struct key *key, const char *text)
{
	switch (key->type) {
	case KEY_TITLE:
		return *text ? 0 : item_fail(item, key->name, "a %s needs a name", key->name);
	case KEY_WORD:
		return check_word(item, key->name, text);
	case KEY_PRIORITY:
		return check_priority(item, key->name, text);
	default:
		return 0;
	}
}

static int check_value(struct item *item, const struct key *key)
{
	const json_t *value = json_object_get(item->node, key->name);
	bool truth;

	switch (key->type) {
	case KEY_TEXTS:
		return check_texts(item, key->name, value);
	case KEY_BOOL:
		return yaml_bool(value, &truth) ? 0
						: item_type_fail(item, key->name, "true or false");
	case KEY_EXCEPTIONS:
		return exceptions_check(item, value);
	case KEY_OVERRIDE:
		return item_check_override(item, value);
	case KEY_ANY:
		return 0;
	default:
		if (!json_is_string(value))
			return item_type_fail(item, key->name, "a text");
		return check_text(item, key, json_string_value(value));
	}
}

/* Says once for all files that KEY does nothing. */
static void note_key(struct item *item, const struct key *key)
{
	unsigned bit = 1u << (key - item_keys(item->kind));
	struct diag d;

	if (*item->noted & bit)
		return;
	*item->noted |= bit;
	source_key_diag(item->source, item->node, key->name, &d,
		"the key '%s' has no meaning here and is ignored", key->name);
	diags_add(item->diags, DIAG_NOTE, &d);
}

static int unknown_key(struct item *item, const char *name)
{
	const char *kind = definition_kind_name(item->kind), *names[ITEM_KEYS_MAX];
	struct diag d;

	for (size_t i = 0; i < ITEM_KEYS_MAX; i++)
		names[i] = item_keys(item->kind)[i].name;
	source_key_diag(item->source, item->node, name, &d, "a %s has no key '%.64s'", kind, name);
	diag_suggest(&d, name, names, ITEM_KEYS_MAX);
	diags_add(item->diags, DIAG_ERROR, &d);
	return -EINVAL;
}

static int check_known(struct item *item)
{
	int r = 0;

	for (void *i = json_object_iter((json_t *)item->node); i;
		i = json_object_iter_next((json_t *)item->node, i)) {
		const struct key *key = item_key_find(item->kind, json_object_iter_key(i));

		if (!key)
			r = unknown_key(item, json_object_iter_key(i));
		else if (key->type == KEY_ANY)
			note_key(item, key);
	}
	return r;
}

static int check_present(struct item *item)
{
	const struct key *keys = item_keys(item->kind);
	int r = 0;

	for (size_t k = 0; k < ITEM_KEYS_MAX && keys[k].name; k++) {
		if (!json_object_get(item->node, keys[k].name) || check_value(item, &keys[k]) == 0)
			continue;
		r = -EINVAL;
		if (k > 0) /* a name that will not do still tells items apart */
			item->faulty |= 1u << k;
	}
	return r;
}

static int item_unknown(struct item *item)
{
	const char *names[DEFINITION_KINDS + ARRAY_SIZE(requirements)];
	const char *first = json_object_iter_key(json_object_iter((json_t *)item->node));
	struct diag d;

	for (size_t kind = 0; kind < DEFINITION_KINDS; kind++)
		names[kind] = definition_kind_name(kind);
	for (size_t i = 0; i < ARRAY_SIZE(requirements); i++)
		names[DEFINITION_KINDS + i] = requirements[i];
	yaml_diag(item->source->document, item->node, &d,
		"found '%.64s' where an item needs the key 'rule', 'macro' or 'list'",
		first ? first : "{}");
	if (first)
		diag_suggest(&d, first, names, ARRAY_SIZE(names));
	diags_add(item->diags, DIAG_ERROR, &d);
	return -EINVAL;
}

bool item_kind_find(struct item *item)
{
	for (size_t kind = 0; kind < DEFINITION_KINDS; kind++) {
		if (!json_object_get(item->node, definition_kind_name(kind)))
			continue;
		item->kind = kind;
		return true;
	}
	return false;
}

bool item_is_requirement(struct item *item)
{
	for (size_t i = 0; i < ARRAY_SIZE(requirements); i++) {
		struct diag d;

		if (!json_object_get(item->node, requirements[i]))
			continue;
		yaml_diag(item->source->document, item->node, &d,
			"'%s' is about Falco itself and is ignored", requirements[i]);
		diags_add(item->diags, DIAG_NOTE, &d);
		return true;
	}
	return false;
}

int item_check(struct item *item)
{
	bool fine, known, clear;
	const char *name;

	if (!json_is_object(item->node))
		return item_fail_at(item, item->node,
			"found %s where a rule, macro or list is expected",
			yaml_describe(item->node));
	if (!item_kind_find(item))
		return item_unknown(item);
	known = check_known(item) == 0;
	fine = check_present(item) == 0;
	clear = item_find_mode(item) == 0;
	if (clear && item_check_mode(item) < 0)
		fine = false;
	name = item_text(item, definition_kind_name(item->kind));
	item->readable = clear && name && *name;
	return known && fine && clear ? 0 : -EINVAL;
}
