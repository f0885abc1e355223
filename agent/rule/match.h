/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Evaluation of conditions in three values (Kleene): what depends on something
 * unknown is unknown, what does not is true or false all the same. Pure;
 * allocates nothing.
 */
#pragma once

#include "rule/condition.h"

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
