/* SPDX-License-Identifier: Apache-2.0 */
/* The tables of keys, and the checks for each type of value. */
#include "rule/item.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>

#include "base/cleanup.h"
#include "rule/field.h"
#include "rule/operator.h"
#include "rule/priority.h"

enum key_type {
	KEY_TITLE, /* a text that is not empty */
	KEY_WORD, /* a name that conditions can use */
	KEY_TEXT,
	KEY_PRIORITY,
	KEY_BOOL,
	KEY_TEXTS, /* a list of texts that are not empty */
};

struct key {
	const char *name;
	enum key_type type;
	bool required;
};

#define ITEM_KEYS_MAX 8

/* The keys of an item; the first one makes it what it is and has its name. */
static const struct key item_keys[DEFINITION_KINDS][ITEM_KEYS_MAX] = {
	[DEFINITION_RULE] =
		{
			{"rule", KEY_TITLE, true},
			{"desc", KEY_TEXT, true},
			{"condition", KEY_TEXT, true},
			{"output", KEY_TEXT, true},
			{"priority", KEY_PRIORITY, true},
			{"tags", KEY_TEXTS, false},
			{"enabled", KEY_BOOL, false},
		},
	[DEFINITION_MACRO] = {{"macro", KEY_WORD, true}, {"condition", KEY_TEXT, true}},
	[DEFINITION_LIST] = {{"list", KEY_WORD, true}, {"items", KEY_TEXTS, true}},
};

const char *item_text(const struct item *item, const char *key)
{
	return json_string_value(json_object_get(item->node, key));
}

int item_fail(const struct item *item, const char *key, const char *format, ...)
{
	const json_t *value = json_object_get(item->node, key);
	char message[sizeof(item->diag->message)];
	va_list args;

	va_start(args, format);
	vsnprintf(message, sizeof(message), format, args);
	va_end(args);
	if (json_is_null(value)) /* which has no place */
		return source_key_diag(item->source, item->node, key, item->diag, "%s", message);
	return yaml_diag(item->source->document, value, item->diag, "%s", message);
}

static int type_fail(struct item *item, const char *key, const char *expected)
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
	size_t i;

	if (!json_is_array(list))
		return type_fail(item, key, "a list");
	json_array_foreach (list, i, text) {
		if (json_string_length(text) > 0)
			continue;
		if (json_is_null(text))
			return item_fail(item, key, "item %zu of '%s' is empty", i + 1, key);
		return yaml_diag(item->source->document, text, item->diag,
			"found %s as item %zu of '%s', which needs texts",
			json_is_string(text) ? "an empty text" : yaml_describe(text), i + 1, key);
	}
	return 0;
}

static int check_priority(struct item *item, const char *key, const char *word)
{
	enum rule_priority priority;

	if (priority_parse(word, &priority))
		return 0;
	item_fail(item, key, "'%.64s' is not a priority", word);
	priority_suggest(item->diag, word);
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

	if (key->type == KEY_TEXTS)
		return check_texts(item, key->name, value);
	if (key->type == KEY_BOOL)
		return yaml_bool(value, &truth) ? 0 : type_fail(item, key->name, "true or false");
	if (!json_is_string(value))
		return type_fail(item, key->name, "a text");
	return check_text(item, key, json_string_value(value));
}

static int unknown_key(struct item *item, const char *name)
{
	const char *kind = definition_kind_name(item->kind), *names[ITEM_KEYS_MAX];

	for (size_t i = 0; i < ITEM_KEYS_MAX; i++)
		names[i] = item_keys[item->kind][i].name;
	source_key_diag(
		item->source, item->node, name, item->diag, "a %s has no key '%.64s'", kind, name);
	diag_suggest(item->diag, name, names, ITEM_KEYS_MAX);
	return -EINVAL;
}

static int check_known(struct item *item)
{
	const struct key *keys = item_keys[item->kind];

	for (void *i = json_object_iter((json_t *)item->node); i;
		i = json_object_iter_next((json_t *)item->node, i)) {
		const char *name = json_object_iter_key(i);
		bool known = false;

		for (size_t k = 0; k < ITEM_KEYS_MAX && keys[k].name && !known; k++)
			known = strcmp(keys[k].name, name) == 0;
		if (!known)
			return unknown_key(item, name);
	}
	return 0;
}

static int check_keys(struct item *item)
{
	const struct key *keys = item_keys[item->kind];
	int r;

	r = check_known(item);
	for (size_t k = 0; r == 0 && k < ITEM_KEYS_MAX && keys[k].name; k++) {
		if (json_object_get(item->node, keys[k].name))
			r = check_value(item, &keys[k]);
		else if (keys[k].required)
			r = yaml_diag(item->source->document, item->node, item->diag,
				"%s '%.64s' needs the key '%s'", keys[0].name,
				item_text(item, keys[0].name), keys[k].name);
	}
	return r;
}

/* Finds out which kind of item it is, by the key that says so. */
static int item_identify(struct item *item)
{
	const char *names[DEFINITION_KINDS], *first;

	if (!json_is_object(item->node))
		return yaml_diag(item->source->document, item->node, item->diag,
			"found %s where a rule, macro or list is expected",
			yaml_describe(item->node));
	for (size_t kind = 0; kind < DEFINITION_KINDS; kind++) {
		names[kind] = definition_kind_name(kind);
		item->kind = kind;
		if (json_object_get(item->node, names[kind]))
			return 0;
	}
	first = json_object_iter_key(json_object_iter((json_t *)item->node));
	yaml_diag(item->source->document, item->node, item->diag,
		"found '%.64s' where an item needs the key 'rule', 'macro' or 'list'",
		first ? first : "{}");
	if (first)
		diag_suggest(item->diag, first, names, DEFINITION_KINDS);
	return -EINVAL;
}

int item_check(struct item *item)
{
	int r;

	r = item_identify(item);
	return r < 0 ? r : check_keys(item);
}
