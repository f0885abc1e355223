/* SPDX-License-Identifier: Apache-2.0 */
/* Which keys an item has, and which it needs for what it does to a definition. */
#include "rule/file/item_keys.h"

#include <errno.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/suggest.h"

/* The keys of an item; the first one makes it what it is and has its name. */
static const struct key keys_of[DEFINITION_KINDS][ITEM_KEYS_MAX] = {
	[DEFINITION_RULE] =
		{
			{"rule", KEY_TITLE, KEY_REQUIRED},
			{"desc", KEY_TEXT, KEY_REQUIRED | KEY_CAN_BOTH},
			{"condition", KEY_TEXT, KEY_REQUIRED | KEY_CAN_BOTH},
			{"output", KEY_TEXT, KEY_REQUIRED | KEY_CAN_BOTH},
			{"priority", KEY_PRIORITY, KEY_REQUIRED | KEY_CAN_REPLACE},
			{"tags", KEY_TEXTS, KEY_CAN_BOTH},
			{"enabled", KEY_BOOL, KEY_CAN_REPLACE},
			{"source", KEY_TITLE, 0},
			{"exceptions", KEY_EXCEPTIONS, KEY_CAN_BOTH},
			{"append", KEY_BOOL, 0},
			{"override", KEY_OVERRIDE, 0},
			{"skip-if-unknown-filter", KEY_BOOL, KEY_CAN_REPLACE},
			{"warn_evttypes", KEY_ANY, KEY_CAN_REPLACE},
			{"capture", KEY_ANY, KEY_CAN_REPLACE},
			{"capture_duration", KEY_ANY, KEY_CAN_REPLACE},
			{"capture_filesize", KEY_ANY, KEY_CAN_REPLACE},
		},
	[DEFINITION_MACRO] = {{"macro", KEY_WORD, KEY_REQUIRED},
		{"condition", KEY_TEXT, KEY_REQUIRED | KEY_CAN_BOTH}, {"append", KEY_BOOL, 0},
		{"override", KEY_OVERRIDE, 0}},
	[DEFINITION_LIST] = {{"list", KEY_WORD, KEY_REQUIRED},
		{"items", KEY_TEXTS, KEY_REQUIRED | KEY_CAN_BOTH}, {"append", KEY_BOOL, 0},
		{"override", KEY_OVERRIDE, 0}},
};

const struct key *item_keys(enum definition_kind kind)
{
	return keys_of[kind];
}

const struct key *item_key_find(enum definition_kind kind, const char *name)
{
	for (size_t k = 0; k < ITEM_KEYS_MAX && keys_of[kind][k].name; k++)
		if (strcmp(keys_of[kind][k].name, name) == 0)
			return &keys_of[kind][k];
	return NULL;
}

/* One entry of `override`. */
static int check_override_entry(
	struct item *item, const json_t *override, const char *name, const json_t *way)
{
	const struct key *key = item_key_find(item->kind, name);
	const char *word = json_string_value(way);
	unsigned wanted = 0;

	if (!key || !(key->flags & KEY_CAN_BOTH))
		return item_fail(item, "override", "'%.64s' cannot be overridden", name);
	if (word && strcmp(word, "append") == 0)
		wanted = KEY_CAN_APPEND;
	else if (word && strcmp(word, "replace") == 0)
		wanted = KEY_CAN_REPLACE;
	if (!wanted)
		return item_fail_at(item, yaml_placed(way, override),
			"found %s%.64s%s where 'append' or 'replace' is expected",
			word ? "'" : yaml_describe(way), word ? word : "", word ? "'" : "");
	if (!(key->flags & wanted))
		return item_fail_at(
			item, way, "'%s' can be replaced, but nothing appended to it", name);
	if (!json_object_get(item->node, name))
		return item_fail_at(item, way, "the item has no key '%s' to override with", name);
	return 0;
}

int item_check_override(struct item *item, const json_t *override)
{
	int r = 0;

	if (!json_is_object(override))
		return item_type_fail(item, "override", "a mapping");
	for (void *i = json_object_iter((json_t *) override); i;
		i = json_object_iter_next((json_t *) override, i))
		if (check_override_entry(
			    item, override, json_object_iter_key(i), json_object_iter_value(i)) < 0)
			r = -EINVAL;
	return r;
}

/* True when the item has a key that there is not, and which seems to be meant for KEY. */
static bool misspells(const struct item *item, const char *key)
{
	const char *names[ITEM_KEYS_MAX];
	size_t count = 0;

	while (count < ITEM_KEYS_MAX && item_keys(item->kind)[count].name) {
		names[count] = item_keys(item->kind)[count].name;
		count++;
	}
	for (void *i = json_object_iter((json_t *)item->node); i;
		i = json_object_iter_next((json_t *)item->node, i)) {
		const char *name = json_object_iter_key(i), *closest;

		if (item_key_find(item->kind, name))
			continue;
		closest = suggest_closest(name, names, count);
		if (closest && strcmp(closest, key) == 0)
			return true;
	}
	return false;
}

static bool is_missing(const struct item *item, const char *key)
{
	return !json_object_get(item->node, key) && !misspells(item, key);
}

static int check_required(struct item *item)
{
	const struct key *keys = item_keys(item->kind);
	const char *name = item_text(item, keys[0].name);
	int r = 0;

	for (size_t k = 1; k < ITEM_KEYS_MAX && keys[k].name; k++)
		if ((keys[k].flags & KEY_REQUIRED) && is_missing(item, keys[k].name))
			r = item_fail_at(item, item->node, "%s '%.64s' needs the key '%s'",
				keys[0].name, name ? name : "", keys[k].name);
	return r;
}

/* Of an override, a key that it does not name would do nothing. */
static int check_overridden(struct item *item)
{
	const json_t *override = json_object_get(item->node, "override");
	const struct key *keys = item_keys(item->kind);
	int r = 0;

	for (size_t k = 1; k < ITEM_KEYS_MAX && keys[k].name; k++)
		if (keys[k].type != KEY_OVERRIDE && keys[k].type != KEY_ANY &&
			json_object_get(item->node, keys[k].name) &&
			!json_object_get(override, keys[k].name)) {
			r = item_fail(item, keys[k].name,
				"'%s' does nothing here: 'override' does not name it",
				keys[k].name);
			item->faulty |= 1u << k;
		}
	return r;
}

/* The keys of which `append: true` appends the values, and no others. */
static int check_appended(struct item *item)
{
	static const char *const useful[] = {"condition", "exceptions", "items"};
	const struct key *keys = item_keys(item->kind);
	bool any = false;

	for (size_t i = 0; i < ARRAY_SIZE(useful); i++)
		any = any || !is_missing(item, useful[i]);
	if (!any)
		return item_fail(item, "append", "there is nothing to append");
	for (size_t k = 1; k < ITEM_KEYS_MAX && keys[k].name; k++)
		if ((keys[k].flags & KEY_CAN_BOTH) && json_object_get(item->node, keys[k].name) &&
			strcmp(keys[k].name, "condition") != 0 &&
			strcmp(keys[k].name, "exceptions") != 0 &&
			strcmp(keys[k].name, "items") != 0)
			item_say(item, DIAG_WARNING, keys[k].name,
				"'append: true' ignores '%s': use 'override'", keys[k].name);
	return 0;
}

/* True when the item is a rule that has none of the keys that make one, but `enabled`. */
static bool only_enables(const struct item *item)
{
	static const char *const makers[] = {"condition", "output", "desc", "priority"};

	if (item->kind != DEFINITION_RULE || !json_object_get(item->node, "enabled"))
		return false;
	for (size_t i = 0; i < ARRAY_SIZE(makers); i++)
		if (!is_missing(item, makers[i]))
			return false;
	return true;
}

/* True when KEY is there, but not as it should be. */
static bool is_unclear(const struct item *item, const char *key)
{
	return misspells(item, key) || item_value(item, key) != json_object_get(item->node, key);
}

int item_find_mode(struct item *item)
{
	bool appends = false;

	if (is_unclear(item, "append") || is_unclear(item, "override"))
		return -EINVAL;
	yaml_bool(item_value(item, "append"), &appends);
	if (item_value(item, "override")) {
		item->mode = ITEM_OVERRIDES;
		return appends ? item_fail(item, "append",
					 "'append: true' and 'override' cannot be used together")
			       : 0;
	}
	item->mode = appends ? ITEM_APPENDS : only_enables(item) ? ITEM_ENABLES : ITEM_DEFINES;
	return 0;
}

int item_check_mode(struct item *item)
{
	switch (item->mode) {
	case ITEM_DEFINES:
		return check_required(item);
	case ITEM_APPENDS:
		return check_appended(item);
	case ITEM_OVERRIDES:
		return check_overridden(item);
	case ITEM_ENABLES:
		break;
	}
	return 0;
}
