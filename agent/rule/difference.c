/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What differs between two rule sets. Conditions are compared with all macros and lists put in, so that a
 * list that grows changes the rules that use it; where a rule is written does not count.
 */
#include "barewatch/rule.h"

#include <errno.h>
#include <limits.h>
#include <string.h>

#include "rule/file/definitions.h"
#include "rule/set.h"

static const struct rule_definition *find(const struct rule_set *set, const char *name)
{
	return definition_rule(
		definitions_find(rule_set_definitions(set), DEFINITION_RULE, slice_of(name)));
}

static bool has_same_tags(const struct rule *a, const struct rule *b)
{
	size_t i = 0;

	if (!a->tags || !b->tags)
		return (!a->tags || !a->tags[0]) && (!b->tags || !b->tags[0]);
	for (; a->tags[i] && b->tags[i]; i++)
		if (strcmp(a->tags[i], b->tags[i]) != 0)
			return false;
	return !a->tags[i] && !b->tags[i];
}

/* 1 when they have the same condition, 0 when not, or -ENOMEM. */
static int has_same_condition(const struct rule_set *a_set, const struct rule *a,
	const struct rule_set *b_set, const struct rule *b)
{
	CLEANUP_STRBUF struct strbuf a_text = STRBUF_INIT, b_text = STRBUF_INIT;

	rule_condition_expand(a_set, a, 0, UINT_MAX, &a_text);
	rule_condition_expand(b_set, b, 0, UINT_MAX, &b_text);
	if (a_text.error || b_text.error)
		return -ENOMEM;
	return strcmp(strbuf_text(&a_text), strbuf_text(&b_text)) == 0;
}

/* As has_same_condition(), of all that a rule does and says. */
static int is_same(const struct rule_set *a_set, const struct rule_definition *a,
	const struct rule_set *b_set, const struct rule_definition *b)
{
	if (a->rule.priority != b->rule.priority || a->rule.state != b->rule.state ||
		strcmp(a->rule.description, b->rule.description) != 0 ||
		strcmp(strbuf_text(&a->output.text), strbuf_text(&b->output.text)) != 0 ||
		!has_same_tags(&a->rule, &b->rule))
		return 0;
	return has_same_condition(a_set, &a->rule, b_set, &b->rule);
}

int rule_sets_compare(
	const struct rule_set *before, const struct rule_set *after, struct rule_changes *ret)
{
	const struct definition_table *old = &rule_set_definitions(before)->tables[DEFINITION_RULE];
	struct rule_changes changes = {0};
	const struct rule *rule;

	for (size_t i = 0; i < old->count; i++) {
		const struct rule_definition *was = definition_rule(old->entries[i]);
		const struct rule_definition *is = find(after, was->base.name);
		int same = is ? is_same(before, was, after, is) : 1;

		if (same < 0)
			return same;
		changes.changed += !same;
		changes.removed += !is;
	}
	for (size_t i = 0; (rule = rule_set_at(after, i)); i++)
		changes.added += !find(before, rule->name);
	*ret = changes;
	return 0;
}
