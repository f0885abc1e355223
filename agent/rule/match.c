/* SPDX-License-Identifier: Apache-2.0 */
/* The evaluator of match.h: a walk over the condition's array, one test for each operator. */
#include "rule/match.h"

#include <string.h>

#include "rule/glob.h"

struct judgement {
	const struct rule_condition *condition;
	const struct subject *subject;
	struct field_scratch *scratch;
};

static bool text_starts(struct slice text, struct slice start)
{
	return start.len == 0 ||
	       (text.len >= start.len && memcmp(text.data, start.data, start.len) == 0);
}

static bool text_ends(struct slice text, struct slice end)
{
	if (end.len == 0 || text.len < end.len)
		return end.len == 0;
	return slice_equal((struct slice){text.data + (text.len - end.len), end.len}, end);
}

static bool text_contains(struct slice text, struct slice part)
{
	if (part.len == 0 || text.len < part.len)
		return part.len == 0;
	return memmem(text.data, text.len, part.data, part.len) != NULL;
}

static bool text_test(enum operator_kind op, struct slice text, struct slice operand)
{
	switch (op) {
	case OPERATOR_STARTSWITH:
		return text_starts(text, operand);
	case OPERATOR_ENDSWITH:
		return text_ends(text, operand);
	case OPERATOR_CONTAINS:
		return text_contains(text, operand);
	case OPERATOR_GLOB:
		return glob_match(operand, text);
	default: /* =, != and in */
		return slice_equal(text, operand);
	}
}

static bool number_test(enum operator_kind op, value_number number, value_number operand)
{
	switch (op) {
	case OPERATOR_LT:
		return number < operand;
	case OPERATOR_LE:
		return number <= operand;
	case OPERATOR_GT:
		return number > operand;
	case OPERATOR_GE:
		return number >= operand;
	default: /* =, != and in */
		return number == operand;
	}
}

static bool value_test(
	enum operator_kind op, const struct value *value, const union operand *operand)
{
	switch (value->type) {
	case VALUE_TEXT:
		return text_test(op, value->text, operand->text);
	case VALUE_NUMBER:
		return number_test(op, value->number, operand->number);
	case VALUE_BOOL:
		return value->truth == operand->truth;
	default: /* a list is never compared, see operator.c; what is not there equals nothing */
		return false;
	}
}

static enum truth truth_of(bool claim)
{
	return claim ? TRUTH_TRUE : TRUTH_FALSE;
}

/* Whether VALUE compares with one of the operands of NODE; != is tested as =. */
static enum truth value_found(
	const struct judgement *j, const struct condition_node *node, const struct value *value)
{
	const union operand *operands = j->condition->operands + node->operands;
	bool found = false;

	if (value->type == VALUE_UNKNOWN)
		return TRUTH_UNKNOWN;
	for (size_t i = 0; i < node->operand_count && !found; i++)
		found = value_test(node->op, value, &operands[i]);
	return truth_of(found);
}

/* One of several values is enough. */
static enum truth list_found(
	const struct judgement *j, const struct condition_node *node, const struct value *list)
{
	enum truth result = TRUTH_FALSE;

	for (size_t i = 0; i < list->list.count && result != TRUTH_TRUE; i++) {
		enum truth found = value_found(j, node, &list->list.items[i]);

		if (found != TRUTH_FALSE)
			result = found;
	}
	return result;
}

static enum truth judge_comparison(const struct judgement *j, const struct condition_node *node)
{
	struct value value = field_value(node->field, j->subject, j->scratch);
	enum truth found;

	if (node->op == OPERATOR_EXISTS)
		return truth_of(value.type != VALUE_UNKNOWN && value.type != VALUE_NONE);
	found = value.type == VALUE_LIST ? list_found(j, node, &value)
					 : value_found(j, node, &value);
	return node->op == OPERATOR_NE ? TRUTH_TRUE - found : found;
}

static enum truth judge(const struct judgement *j, size_t index);

/* The children of the node at INDEX, until one of them is DECISIVE. */
static enum truth judge_chain(const struct judgement *j, size_t index, enum truth decisive)
{
	const struct condition_node *nodes = j->condition->nodes;
	enum truth result = decisive == TRUTH_TRUE ? TRUTH_FALSE : TRUTH_TRUE;
	size_t end = index + nodes[index].size;

	for (size_t i = index + 1; i < end && result != decisive; i += nodes[i].size) {
		enum truth truth = judge(j, i);

		if (truth == decisive || truth == TRUTH_UNKNOWN)
			result = truth;
	}
	return result;
}

static enum truth judge(const struct judgement *j, size_t index)
{
	const struct condition_node *node = &j->condition->nodes[index];

	switch (node->kind) {
	case CONDITION_AND:
		return judge_chain(j, index, TRUTH_FALSE);
	case CONDITION_OR:
		return judge_chain(j, index, TRUTH_TRUE);
	case CONDITION_NOT:
		return TRUTH_TRUE - judge(j, index + 1);
	case CONDITION_COMPARISON:
		return judge_comparison(j, node);
	}
	return TRUTH_UNKNOWN;
}

enum truth condition_judge(const struct rule_condition *condition, const struct subject *subject,
	struct field_scratch *scratch)
{
	struct judgement j = {condition, subject, scratch};

	return judge(&j, 0);
}
