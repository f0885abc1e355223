/* SPDX-License-Identifier: Apache-2.0 */
/* The index of index.h: made rule by rule, walked event by event. */
#include "rule/index.h"

#include <errno.h>

#include "base/array.h"
#include "rule/condition/open_kind.h"
#include "rule/condition/operand_set.h"
#include "rule/condition/possible.h"

static void sort_sets(struct rule_condition *condition)
{
	for (size_t i = 0; i < condition->node_count; i++) {
		struct condition_node *node = &condition->nodes[i];

		if (node->kind != CONDITION_COMPARISON || node->operand_count < OPERAND_SET_MIN ||
			(node->op != OPERATOR_IN && node->op != OPERATOR_INTERSECTS))
			continue;
		operand_set_sort(condition_node_type(node), &condition->operands[node->operands],
			node->operand_count);
		node->sorted = true;
	}
}

static int add_rule(struct rule_index *index, struct definitions *definitions,
	const struct rule *rule, enum subject_kind kind)
{
	__auto_type of_kind = &index->kinds[kind];

	if (!ARRAY_RESERVE(of_kind->entries, of_kind->capacity, of_kind->count, 1))
		return -ENOMEM;
	of_kind->entries[of_kind->count++] = (struct rule_index_entry){rule, of_kind->folded.count};
	return condition_fold(rule->condition, kind, &definitions->store, &of_kind->folded);
}

int rule_index_build(struct definitions *definitions, struct rule_index *ret)
{
	const struct definition_table *table = &definitions->tables[DEFINITION_RULE];
	int r = 0;

	for (size_t i = 0; r == 0 && i < table->count; i++) {
		const struct rule *rule = &definition_rule(table->entries[i])->rule;
		unsigned kinds;

		if (rule->state != RULE_ACTIVE)
			continue;
		sort_sets(rule->condition);
		kinds = condition_kinds(rule->condition, false);
		for (size_t kind = 0; r == 0 && kind < SUBJECT_KINDS; kind++)
			if (kinds & 1u << kind)
				r = add_rule(ret, definitions, rule, kind);
	}
	return r;
}

const struct rule *rule_index_match(
	const struct rule_index *index, const struct subject *subject, size_t *cursor)
{
	__auto_type of_kind = &index->kinds[subject->kind];
	struct field_scratch scratch;

	while (*cursor < of_kind->count) {
		const struct rule_index_entry *entry = &of_kind->entries[(*cursor)++];

		if (folded_judge(&of_kind->folded.nodes[entry->start], subject, &scratch) ==
			TRUTH_TRUE)
			return entry->rule;
	}
	return NULL;
}

enum rule_outlook rule_index_outlook(const struct rule_index *index, const struct subject *subject)
{
	__auto_type of_kind = &index->kinds[subject->kind];
	struct field_scratch scratch;

	for (size_t i = 0; i < of_kind->count; i++) {
		const struct folded_node *node = &of_kind->folded.nodes[of_kind->entries[i].start];
		unsigned possible = folded_possible_of_open_kind(node, subject, &scratch);

		if (possible == POSSIBLE(TRUTH_TRUE)) /* the first that matches speaks for all */
			return RULE_OUTLOOK_SAME;
		if (possible & POSSIBLE(TRUTH_TRUE))
			return RULE_OUTLOOK_DEPENDS;
	}
	return RULE_OUTLOOK_SILENT;
}

void rule_index_done(struct rule_index *index)
{
	for (size_t kind = 0; kind < SUBJECT_KINDS; kind++) {
		free(index->kinds[kind].entries);
		free(index->kinds[kind].folded.nodes);
	}
	*index = (struct rule_index){0};
}
