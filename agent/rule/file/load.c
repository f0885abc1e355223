/* SPDX-License-Identifier: Apache-2.0 */
/* One function for each kind of item, over what item_check() has let through. */
#include "rule/file/load.h"

#include <errno.h>
#include <stdio.h>

#include "base/array.h"
#include "base/yaml.h"
#include "rule/file/exception.h"
#include "rule/file/item.h"
#include "rule/file/list.h"
#include "rule/priority.h"

/* The key of ITEM, if it is there, appended to PASSAGE or put in its place. */
static int passage_update(const struct item *item, const char *key, struct passage *passage)
{
	struct origin origin = item_origin(item, key);

	if (!origin.node)
		return 0;
	if (item_replaces(item, key))
		passage_done(passage);
	return passage_add(passage, &origin);
}

static int list_update(const struct item *item, struct list_definition *list)
{
	const json_t *text;
	int r = 0;
	size_t i;

	if (item_replaces(item, "items"))
		list_clear(list);
	json_array_foreach (item_value(item, "items"), i, text) {
		struct origin origin = {.source = item->source, .node = text};

		r = list_add(list, json_string_value(text), &origin);
		if (r < 0)
			break;
	}
	return r;
}

static int macro_update(const struct item *item, struct macro_definition *macro)
{
	return passage_update(item, "condition", &macro->text);
}

/* Copies the tags, behind those that there are. */
static int tags_update(const struct item *item, struct rule *rule)
{
	const json_t *list = item_value(item, "tags");
	size_t count = 0, more = json_array_size(list);
	char **tags;

	if (item_replaces(item, "tags"))
		tags_clear(rule);
	while (rule->tags && rule->tags[count])
		count++;
	tags = reallocarray(rule->tags, count + more + 1, sizeof(*tags));
	if (!tags)
		return -ENOMEM;
	rule->tags = tags;
	tags[count] = NULL;
	for (size_t i = 0; i < more; i++) {
		tags[count + i + 1] = NULL;
		tags[count + i] = strdup(json_string_value(json_array_get(list, i)));
		if (!tags[count + i])
			return -ENOMEM;
	}
	return 0;
}

static int source_update(const struct item *item, struct rule_definition *rule)
{
	const char *source = item_text(item, "source");

	if (!source || strcmp(source, "syscall") == 0)
		return 0;
	free(rule->event_source);
	rule->event_source = strdup(source);
	return rule->event_source ? 0 : -ENOMEM;
}

static int exceptions_update(const struct item *item, struct rule_definition *rule)
{
	if (item_replaces(item, "exceptions"))
		exceptions_clear(rule);
	return exceptions_add(rule, item);
}

/* What takes effect with `append: true`, too. */
static int rule_append(const struct item *item, struct rule_definition *rule)
{
	int r;

	r = passage_update(item, "condition", &rule->text);
	return r < 0 ? r : exceptions_update(item, rule);
}

static int rule_update(const struct item *item, struct rule_definition *rule)
{
	const char *priority = item_text(item, "priority");
	int r;

	yaml_bool(item_value(item, "enabled"), &rule->rule.enabled);
	yaml_bool(item_value(item, "skip-if-unknown-filter"), &rule->skips_unknown);
	if (priority)
		priority_parse(priority, &rule->rule.priority);
	r = passage_update(item, "output", &rule->output);
	if (r == 0)
		r = passage_update(item, "desc", &rule->description);
	if (r == 0)
		r = tags_update(item, &rule->rule);
	if (r == 0)
		r = source_update(item, rule);
	return r < 0 ? r : rule_append(item, rule);
}

static int definition_update(const struct item *item, struct definition *definition)
{
	struct rule_definition *rule;

	switch (item->kind) {
	case DEFINITION_LIST:
		return list_update(item, definition_list(definition));
	case DEFINITION_MACRO:
		return macro_update(item, definition_macro(definition));
	case DEFINITION_RULE:
		rule = definition_rule(definition);
		return item->mode == ITEM_APPENDS ? rule_append(item, rule)
						  : rule_update(item, rule);
	case DEFINITION_KINDS:
		break;
	}
	return -EINVAL;
}

/* Where DEFINITION, which is empty, is defined from now on. */
static int definition_place(
	const struct loading *l, const struct item *item, struct definition *definition)
{
	unsigned column;

	yaml_place(item->source->document, item->node, &definition->line, &column);
	definition->origin = item_origin(item, definition_kind_name(item->kind));
	definition->file_index = l->file_index;
	definition->file = strdup(item->source->document->name);
	if (item->kind == DEFINITION_RULE)
		definition_rule(definition)->rule.enabled = true;
	return definition->file ? 0 : -ENOMEM;
}

static int definition_new(
	const struct loading *l, const struct item *item, const char *name, struct definition **ret)
{
	int r;

	r = definitions_add(l->definitions, item->kind, name, ret);
	if (r == -ENOSPC)
		return item_fail(item, definition_kind_name(item->kind),
			"more than %d items of this kind", DEFINITIONS_MAX);
	return r < 0 ? r : definition_place(l, item, *ret);
}

/*
 * A name that an earlier file has defined is defined anew; in one file that is a mistake. What
 * else is wrong with the second one is found in a definition that nobody finds by its name.
 */
static int definition_redefine(
	const struct loading *l, const struct item *item, struct definition **definition)
{
	const char *kind = definition_kind_name(item->kind);
	const struct definition *first = *definition;
	bool is_rule = item->kind == DEFINITION_RULE;

	if (first->file_index == l->file_index) {
		item_fail(item, kind, "%s '%.64s' is already defined at %s:%u", kind, first->name,
			first->file, first->line);
		return definition_new(l, item, first->name, definition);
	}
	item_say(item, is_rule ? DIAG_WARNING : DIAG_NOTE, kind,
		"this %s takes the place of '%.64s' of %s:%u%s", kind, first->name, first->file,
		first->line, is_rule ? ": if only parts of it change, use 'override'" : "");
	definition_reset(*definition, item->kind);
	return definition_place(l, item, *definition);
}

/* The definition that ITEM makes, or changes. */
static int definition_get(const struct loading *l, const struct item *item, struct definition **ret)
{
	const char *kind = definition_kind_name(item->kind), *name = item_text(item, kind);
	struct diag d;

	*ret = definitions_find(l->definitions, item->kind, slice_of(name));
	if (item->mode == ITEM_DEFINES)
		return *ret ? definition_redefine(l, item, ret)
			    : definition_new(l, item, name, ret);
	if (*ret)
		return 0;
	yaml_diag(item->source->document, json_object_get(item->node, kind), &d,
		"there is no %s '%.64s' that this could change", kind, name);
	definitions_suggest(l->definitions, item->kind, &d, name);
	diags_add(l->diags, DIAG_ERROR, &d);
	return -EINVAL;
}

/*
 * What is wrong with ITEM has been said. A definition of its name remains all the
 * same, so that who uses it is not wrong as well.
 */
static int item_failed(const struct loading *l, struct item *item)
{
	struct definition *definition;
	const char *name;
	int r = 0;

	if (!json_is_object(item->node) || !item_kind_find(item))
		return 0;
	name = item_text(item, definition_kind_name(item->kind));
	if (!name)
		return 0;
	definition = definitions_find(l->definitions, item->kind, slice_of(name));
	if (!definition)
		r = definitions_add(l->definitions, item->kind, name, &definition);
	if (r == -ENOMEM)
		return r;
	if (r == 0 && !definition->file)
		r = definition_place(l, item, definition);
	if (r == 0)
		definition->state = DEFINITION_FAILED;
	return r == -ENOMEM ? r : 0;
}

/* True when ITEM does not tell what is compiled of its definition. */
static bool lacks_content(const struct item *item)
{
	const char *key = item->kind == DEFINITION_LIST ? "items" : "condition";

	if (item_value(item, key))
		return false;
	return item->mode == ITEM_DEFINES || json_object_get(item->node, key);
}

static int load_item(struct loading *l, struct item *item)
{
	struct definition *definition = NULL;
	int r;

	if (json_is_object(item->node) && !item_kind_find(item) && item_is_requirement(item))
		return 0;
	if (item_check(item) < 0 && !item->readable)
		return item_failed(l, item);
	r = definition_get(l, item, &definition);
	if (r == 0)
		r = definition_update(item, definition);
	if (r == 0 && lacks_content(item))
		definition->state = DEFINITION_FAILED;
	return r == -EINVAL ? 0 : r;
}

static void file_fail(
	const struct loading *l, const struct source *source, const char *format, const char *found)
{
	struct diag d;

	yaml_diag(source->document, source->document->root, &d, format, found);
	diags_add(l->diags, DIAG_ERROR, &d);
}

int definitions_load(struct loading *l, const struct source *source)
{
	const json_t *root = source->document->root, *node;
	int r = 0;
	size_t i;

	if (json_is_null(root)) /* an empty file */
		return 0;
	if (!json_is_array(root)) {
		file_fail(l, source, "found %s where a list of rules, macros and lists is expected",
			yaml_describe(root));
		return 0;
	}
	json_array_foreach (root, i, node) {
		struct item item = {
			.source = source, .node = node, .diags = l->diags, .noted = &l->noted};
		char number[24];

		snprintf(number, sizeof(number), "%zu", i + 1);
		if (json_is_null(node))
			file_fail(l, source, "item %s of the file is empty", number);
		else
			r = load_item(l, &item);
		if (r < 0)
			break;
	}
	return r;
}
