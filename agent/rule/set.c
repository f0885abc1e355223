/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The rule set of the facade. Adding a file has three steps: its items become
 * definitions, their names are resolved, and what was only needed for messages is
 * let go. When one fails, all that was added is taken back.
 */
#include "barewatch/rule.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>

#include "base/cleanup.h"
#include "base/io.h"
#include "base/yaml.h"
#include "rule/condition.h"
#include "rule/definitions.h"
#include "rule/list.h"
#include "rule/load.h"
#include "rule/match.h"
#include "rule/reach.h"
#include "rule/set.h"

struct rule_set {
	struct definitions definitions;
};

int rule_set_new(struct rule_set **ret)
{
	struct rule_set *set = calloc(1, sizeof(*set));

	if (!set)
		return -ENOMEM;
	*ret = set;
	return 0;
}

void rule_set_free(struct rule_set *set)
{
	if (!set)
		return;
	definitions_truncate(&set->definitions, &(struct definitions_mark){0});
	free(set);
}

const struct definitions *rule_set_definitions(const struct rule_set *set)
{
	return &set->definitions;
}

static int resolve(struct definitions *definitions, enum definition_kind kind,
	struct definition *definition, struct diag *d)
{
	struct rule_definition *rule;

	switch (kind) {
	case DEFINITION_LIST:
		return list_resolve(definitions, definition_list(definition), d);
	case DEFINITION_MACRO:
		return macro_resolve(definitions, definition_macro(definition), d);
	case DEFINITION_RULE:
		rule = definition_rule(definition);
		return condition_compile(
			definitions, &rule->ast, &definition->origin, &rule->rule.condition, d);
	case DEFINITION_KINDS:
		break;
	}
	return -EINVAL;
}

/* Resolves what was defined after MARK, used or not: a mistake is one either way. */
static int resolve_all(
	struct definitions *definitions, const struct definitions_mark *mark, struct diag *d)
{
	static const enum definition_kind order[] = {
		DEFINITION_LIST, DEFINITION_MACRO, DEFINITION_RULE};
	int r = 0;

	for (size_t k = 0; k < ARRAY_SIZE(order); k++) {
		const struct definition_table *table = &definitions->tables[order[k]];

		for (size_t i = mark->counts[order[k]]; r == 0 && i < table->count; i++)
			r = resolve(definitions, order[k], table->entries[i], d);
	}
	return r;
}

/* The source is about to go. */
static void forget_origins(struct definitions *definitions, const struct definitions_mark *mark)
{
	for (size_t kind = 0; kind < DEFINITION_KINDS; kind++) {
		const struct definition_table *table = &definitions->tables[kind];

		for (size_t i = mark->counts[kind]; i < table->count; i++)
			table->entries[i]->origin = (struct origin){0};
	}
}

int rule_set_add_text(struct rule_set *set, const char *name, struct slice text, struct diag *d)
{
	CLEANUP_YAML struct yaml_document document = YAML_DOCUMENT_INIT;
	struct definitions_mark mark = definitions_mark(&set->definitions);
	struct source source = {.document = &document, .text = text};
	int r;

	r = yaml_load_text(name, text, &document, d);
	if (r < 0)
		return r;
	r = definitions_load(&set->definitions, &source, d);
	if (r == 0)
		r = resolve_all(&set->definitions, &mark, d);
	if (r == -ENOMEM)
		diag_errno(d, name, r);
	if (r < 0)
		definitions_truncate(&set->definitions, &mark);
	else
		forget_origins(&set->definitions, &mark);
	return r;
}

int rule_set_add_file(struct rule_set *set, const char *path, struct diag *d)
{
	CLEANUP_FREE char *text = NULL;
	size_t size;
	int r;

	r = read_file_at(AT_FDCWD, path, YAML_FILE_SIZE_MAX, &text, &size);
	if (r < 0)
		return diag_errno(d, path, r);
	return rule_set_add_text(set, path, (struct slice){text, size}, d);
}

static const struct rule *set_rule(const struct rule_set *set, size_t index)
{
	return &definition_rule(set->definitions.tables[DEFINITION_RULE].entries[index])->rule;
}

size_t rule_set_count(const struct rule_set *set, size_t *ret_all)
{
	size_t all = set->definitions.tables[DEFINITION_RULE].count, enabled = 0;

	for (size_t i = 0; i < all; i++)
		enabled += set_rule(set, i)->enabled;
	if (ret_all)
		*ret_all = all;
	return enabled;
}

const struct rule *rule_set_at(const struct rule_set *set, size_t index)
{
	return index < set->definitions.tables[DEFINITION_RULE].count ? set_rule(set, index) : NULL;
}

const struct rule *rule_set_find(const struct rule_set *set, const char *name)
{
	struct definition *found = definitions_find(
		&set->definitions, DEFINITION_RULE, slice_of(name));

	return found ? &definition_rule(found)->rule : NULL;
}

void rule_set_suggest(const struct rule_set *set, struct diag *d, const char *word)
{
	definitions_suggest(&set->definitions, DEFINITION_RULE, d, word);
}

const char *rule_state_name(enum rule_state state)
{
	static const char *const names[RULE_STATES] = {
		[RULE_ACTIVE] = "active", [RULE_DISABLED] = "disabled", [RULE_SKIPPED] = "skipped"};

	return names[state];
}

unsigned rule_subjects(const struct rule *rule)
{
	return rule->condition ? condition_reach(rule->condition) : 0;
}

const struct rule *rule_set_match(
	const struct rule_set *set, const struct subject *subject, size_t *cursor)
{
	size_t count = set->definitions.tables[DEFINITION_RULE].count;
	struct field_scratch scratch;

	while (*cursor < count) {
		const struct rule *rule = set_rule(set, (*cursor)++);

		if (rule->enabled &&
			condition_judge(rule->condition, subject, &scratch) == TRUTH_TRUE)
			return rule;
	}
	return NULL;
}
