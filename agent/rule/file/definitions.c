/* SPDX-License-Identifier: Apache-2.0 */
/* The tables of definitions.h: lookup, growth and release. */
#include "rule/file/definitions.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/array.h"
#include "rule/condition/condition.h"
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

void list_clear(struct list_definition *list)
{
	for (size_t i = 0; i < list->item_count; i++)
		free(list->items[i].text);
	free(list->items);
	list->items = NULL;
	list->item_count = list->item_capacity = 0;
}

void exceptions_clear(struct rule_definition *rule)
{
	for (size_t i = 0; i < rule->exception_count; i++)
		free(rule->exceptions[i].values);
	free(rule->exceptions);
	rule->exceptions = NULL;
	rule->exception_count = rule->exception_capacity = 0;
}

void tags_clear(struct rule *rule)
{
	for (char **tag = rule->tags; tag && *tag; tag++)
		free(*tag);
	free(rule->tags);
	rule->tags = NULL;
}

static void list_done(struct list_definition *list)
{
	list_clear(list);
	free(list->values);
}

static void macro_done(struct macro_definition *macro)
{
	passage_done(&macro->text);
	ast_done(&macro->ast);
	rule_condition_free(macro->condition);
}

static void rule_done(struct rule_definition *definition)
{
	struct rule *rule = &definition->rule;

	tags_clear(rule);
	exceptions_clear(definition);
	passage_done(&definition->text);
	passage_done(&definition->excepted);
	passage_done(&definition->output);
	passage_done(&definition->description);
	free(definition->event_source);
	free(rule->reason);
	rule_condition_free(rule->condition);
	rule_output_free(rule->output);
	ast_done(&definition->ast);
}

static void content_done(struct definition *definition, enum definition_kind kind)
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
	free(definition->file);
}

void definition_reset(struct definition *definition, enum definition_kind kind)
{
	char *name = definition->name;

	content_done(definition, kind);
	memset(definition, 0, kinds[kind].size);
	definition->name = name;
}

static void definition_forget(struct definition *definition, enum definition_kind kind)
{
	definition->origin = (struct origin){0};
	if (kind == DEFINITION_LIST) {
		for (size_t i = 0; i < definition_list(definition)->item_count; i++)
			definition_list(definition)->items[i].origin = (struct origin){0};
	} else if (kind == DEFINITION_MACRO) {
		passage_forget(&definition_macro(definition)->text);
	} else {
		exceptions_clear(definition_rule(definition));
		passage_forget(&definition_rule(definition)->text);
		passage_done(&definition_rule(definition)->excepted);
		passage_forget(&definition_rule(definition)->output);
		passage_forget(&definition_rule(definition)->description);
	}
}

void definitions_forget(struct definitions *definitions)
{
	for (size_t kind = 0; kind < DEFINITION_KINDS; kind++)
		for (size_t i = 0; i < definitions->tables[kind].count; i++)
			definition_forget(definitions->tables[kind].entries[i], kind);
}

void definitions_done(struct definitions *definitions)
{
	for (size_t kind = 0; kind < DEFINITION_KINDS; kind++) {
		struct definition_table *table = &definitions->tables[kind];

		for (size_t i = 0; i < table->count; i++) {
			content_done(table->entries[i], kind);
			free(table->entries[i]->name);
			free(table->entries[i]);
		}
		free(table->entries);
	}
	store_done(&definitions->store);
	*definitions = (struct definitions){0};
}
