/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Evaluation of conditions in three values (Kleene): what depends on something
 * unknown is unknown, what does not is true or false all the same. Pure;
 * allocates nothing.
 */
#pragma once

#include "rule/condition/condition.h"

/* In this order `and` is the smaller, `or` the greater of two. */
enum truth {
	TRUTH_FALSE,
	TRUTH_UNKNOWN,
	TRUTH_TRUE,
};

enum truth condition_judge(const struct rule_condition *condition, const struct subject *subject,
	struct field_scratch *scratch);

/* Same for the part of CONDITION at INDEX, one of its nodes. */
enum truth condition_judge_part(const struct rule_condition *condition, size_t index,
	const struct subject *subject, struct field_scratch *scratch);

/* A comparison alone, and where its operands begin. */
struct comparison {
	const struct condition_node *node;
	const union operand *operands;
};

/* The comparison NODE of CONDITION. */
static inline struct comparison comparison_of(
	const struct rule_condition *condition, const struct condition_node *node)
{
	return (struct comparison){
		node, node->operand_count ? condition->operands + node->operands : NULL};
}

/* What it is worth for SUBJECT, of which a field that NODE names is read only if its kind has it. */
enum truth comparison_judge(const struct comparison *comparison, const struct subject *subject,
	struct field_scratch *scratch);

/* Same when the value of the field on its left is VALUE. */
enum truth comparison_judge_value(const struct comparison *comparison, struct value value,
	const struct subject *subject, struct field_scratch *scratch);
