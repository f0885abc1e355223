/* SPDX-License-Identifier: Apache-2.0 */
/* The tables of definitions.h: lookup, growth and release. */
#include "rule/definitions.h"

#include <errno.h>
#include <stdlib.h>

#include "base/cleanup.h"
#include "base/array.h"
#include "rule/condition.h"
#include "rule/output.h"

static const struct {
	const char *name;
	size_t size;
} kinds[DEFINITION_KINDS] = {
	[DEFINITION_RULE] = {"rule", sizeof(struct rule_definition)},
	[DEFINITION_MACRO] = {"macro", sizeof(struct macro_definition)},
	[DEFINITION_LIST] = {"list", sizeof(struct list_definition)},
};

const char *definition_kind_name(enum definition_kind kind)
{
	return kinds[kind].name;
}

struct definition *definitions_find(
	const struct definitions *definitions, enum definition_kind kind, struct slice name)
{
	const struct definition_table *table = &definitions->tables[kind];

	for (size_t i = 0; i < table->count; i++)
		if (slice_equal_text(name, table->entries[i]->name))
			return table->entries[i];
	return NULL;
}

int definitions_add(struct definitions *definitions, enum definition_kind kind, const char *name,
	struct definition **ret)
{
	struct definition_table *table = &definitions->tables[kind];
	struct definition *definition;

	if (table->count >= DEFINITIONS_MAX)
		return -ENOSPC;
	if (!ARRAY_RESERVE(table->entries, table->capacity, table->count, 1))
		return -ENOMEM;
	definition = calloc(1, kinds[kind].size);
	if (!definition)
		return -ENOMEM;
	definition->name = strdup(name);
	if (!definition->name) {
		free(definition);
		return -ENOMEM;
	}
	table->entries[table->count++] = definition;
	*ret = definition;
	return 0;
}

void definitions_suggest(const struct definitions *definitions, enum definition_kind kind,
	struct diag *d, const char *word)
{
	const struct definition_table *table = &definitions->tables[kind];
	CLEANUP_FREE const char **names = calloc(table->count + 1, sizeof(*names));

	if (!names) /* a message without a suggestion is still right */
		return;
	for (size_t i = 0; i < table->count; i++)
		names[i] = table->entries[i]->name;
	diag_suggest(d, word, names, table->count);
}

struct definitions_mark definitions_mark(const struct definitions *definitions)
{
	struct definitions_mark mark = {
		.nodes = definitions->nodes, .operands = definitions->operands};

	for (size_t kind = 0; kind < DEFINITION_KINDS; kind++)
		mark.counts[kind] = definitions->tables[kind].count;
	return mark;
}

static void list_done(struct list_definition *list)
{
	for (size_t i = 0; i < list->item_count; i++)
		free(list->items[i]);
	free(list->items);
	free(list->values);
}

static void macro_done(struct macro_definition *macro)
{
	ast_done(&macro->ast);
	rule_condition_free(macro->condition);
}

static void rule_done(struct rule_definition *definition)
{
	struct rule *rule = &definition->rule;

	for (char **tag = rule->tags; tag && *tag; tag++)
		free(*tag);
	free(rule->tags);
	free(rule->name);
	free(rule->description);
	free(rule->reason);
	rule_condition_free(rule->condition);
	rule_output_free(rule->output);
	ast_done(&definition->ast);
}

static void definition_free(struct definition *definition, enum definition_kind kind)
{
	switch (kind) {
	case DEFINITION_RULE:
		rule_done(definition_rule(definition));
		break;
	case DEFINITION_MACRO:
		macro_done(definition_macro(definition));
		break;
	case DEFINITION_LIST:
		list_done(definition_list(definition));
		break;
	case DEFINITION_KINDS:
		break;
	}
	free(definition->name);
	free(definition->file);
	free(definition);
}

void definitions_truncate(struct definitions *definitions, const struct definitions_mark *mark)
{
	for (size_t kind = 0; kind < DEFINITION_KINDS; kind++) {
		struct definition_table *table = &definitions->tables[kind];

		while (table->count > mark->counts[kind])
			definition_free(table->entries[--table->count], kind);
		if (table->count == 0) {
			free(table->entries);
			*table = (struct definition_table){0};
		}
	}
	definitions->nodes = mark->nodes;
	definitions->operands = mark->operands;
}
