/* SPDX-License-Identifier: Apache-2.0 */
/* One function for each kind of item, over what item_check() has let through. */
#include "rule/load.h"

#include <errno.h>

#include "base/yaml.h"
#include "rule/item.h"
#include "rule/output.h"
#include "rule/parser.h"
#include "rule/priority.h"

static struct origin item_origin(const struct item *item, const char *key)
{
	return (struct origin){item->source, json_object_get(item->node, key)};
}

static int parse_condition(const struct item *item, struct definition *base, struct ast *ret)
{
	base->origin = item_origin(item, "condition");
	return condition_parse(
		slice_of(item_text(item, "condition")), &base->origin, ret, item->diag);
}

/* Copies the texts of a list; one NULL more than there are. */
static int texts_copy(const json_t *list, char ***ret, size_t *ret_count)
{
	size_t count = json_array_size(list);

	*ret = calloc(count + 1, sizeof(**ret));
	if (!*ret)
		return -ENOMEM;
	for (*ret_count = 0; *ret_count < count; (*ret_count)++) {
		const json_t *text = json_array_get(list, *ret_count);

		(*ret)[*ret_count] = strdup(json_string_value(text));
		if (!(*ret)[*ret_count])
			return -ENOMEM;
	}
	return 0;
}

static int load_list(const struct item *item, struct definition *base)
{
	struct list_definition *list = definition_list(base);

	base->origin = item_origin(item, "items");
	return texts_copy(base->origin.node, &list->items, &list->item_count);
}

static int load_macro(const struct item *item, struct definition *base)
{
	return parse_condition(item, base, &definition_macro(base)->ast);
}

static int rule_texts(const struct item *item, struct rule *rule)
{
	size_t tag_count;

	rule->name = strdup(item_text(item, "rule"));
	rule->description = strdup(item_text(item, "desc"));
	if (!rule->name || !rule->description)
		return -ENOMEM;
	return texts_copy(json_object_get(item->node, "tags"), &rule->tags, &tag_count);
}

static int load_rule(const struct item *item, struct definition *base)
{
	struct rule_definition *definition = definition_rule(base);
	struct origin output = item_origin(item, "output");
	struct rule *rule = &definition->rule;
	int r;

	r = rule_texts(item, rule);
	if (r < 0)
		return r;
	rule->enabled = true;
	yaml_bool(json_object_get(item->node, "enabled"), &rule->enabled);
	rule->state = rule->enabled ? RULE_ACTIVE : RULE_DISABLED;
	priority_parse(item_text(item, "priority"), &rule->priority);
	r = parse_condition(item, base, &definition->ast);
	if (r < 0)
		return r;
	return rule_output_compile(item_text(item, "output"), &output, &rule->output, item->diag);
}

/* Adds the definition, unless there is one of that name. */
static int item_add(
	struct definitions *definitions, const struct item *item, struct definition **ret)
{
	const char *kind = definition_kind_name(item->kind), *name = item_text(item, kind);
	struct definition *other = definitions_find(definitions, item->kind, slice_of(name));
	unsigned column;
	int r;

	if (other)
		return item_fail(item, kind, "%s '%.64s' is already defined at %s:%u", kind, name,
			other->file, other->line);
	r = definitions_add(definitions, item->kind, name, ret);
	if (r == -ENOSPC)
		return item_fail(item, kind, "more than %d items of this kind", DEFINITIONS_MAX);
	if (r < 0)
		return r;
	yaml_place(item->source->document, item->node, &(*ret)->line, &column);
	(*ret)->file = strdup(item->source->document->name);
	return (*ret)->file ? 0 : -ENOMEM;
}

static int load_item(struct definitions *definitions, struct item *item)
{
	static int (*const load[DEFINITION_KINDS])(const struct item *, struct definition *) = {
		[DEFINITION_RULE] = load_rule,
		[DEFINITION_MACRO] = load_macro,
		[DEFINITION_LIST] = load_list,
	};
	struct definition *definition;
	int r;

	r = item_check(item);
	if (r == 0)
		r = item_add(definitions, item, &definition);
	return r < 0 ? r : load[item->kind](item, definition);
}

int definitions_load(struct definitions *definitions, const struct source *source, struct diag *d)
{
	const json_t *root = source->document->root, *node;
	int r = 0;
	size_t i;

	if (json_is_null(root)) /* an empty file */
		return 0;
	if (!json_is_array(root))
		return yaml_diag(source->document, root, d,
			"found %s where a list of rules, macros and lists is expected",
			yaml_describe(root));
	json_array_foreach (root, i, node) {
		struct item item = {.source = source, .node = node, .diag = d};

		if (json_is_null(node))
			return yaml_diag(
				source->document, root, d, "item %zu of the file is empty", i + 1);
		r = load_item(definitions, &item);
		if (r < 0)
			break;
	}
	return r;
}
