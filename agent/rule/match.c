/* SPDX-License-Identifier: Apache-2.0 */
/* The evaluator of match.h: a walk over the condition's array, one test for each operator. */
#include "rule/match.h"

#include "rule/text_test.h"

struct judgement {
	const struct rule_condition *condition;
	const struct subject *subject;
	struct field_scratch *scratch;
};

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

static bool args_test(
	enum operator_kind op, const struct event_text *args, const union operand *operand)
{
	size_t offset = 0;
	struct slice arg;

	while (event_args_next(args, &offset, &arg))
		if (text_test(op, arg, operand))
			return true;
	return false;
}

/* Whether VALUE, which is known, compares with OPERAND; != is tested as =. */
static bool value_test(
	enum operator_kind op, const struct value *value, const union operand *operand)
{
	switch (value->type) {
	case VALUE_TEXT:
		return text_test(op, value->text, operand);
	case VALUE_NUMBER:
		return number_test(op, value->number, operand->number);
	case VALUE_BOOL:
		return value->truth == operand->truth;
	case VALUE_ARGS:
		return args_test(op, value->args, operand);
	default: /* what is not there equals nothing */
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

/* Whether VALUE compares with the value of the other field. */
static enum truth right_found(
	const struct judgement *j, const struct condition_node *node, const struct value *value)
{
	struct field_scratch scratch;
	struct value right = field_ref_value(&node->right, j->subject, &scratch);
	union operand operand = {0};

	right = transforms_apply(&node->right_transforms, right, &scratch);
	if (value->type == VALUE_UNKNOWN || right.type == VALUE_UNKNOWN)
		return TRUTH_UNKNOWN;
	if (right.type != value->type) /* one is not there */
		return TRUTH_FALSE;
	if (right.type == VALUE_TEXT)
		operand.text = right.text;
	else if (right.type == VALUE_NUMBER)
		operand.number = right.number;
	else
		operand.truth = right.truth;
	return truth_of(value_test(node->op, value, &operand));
}

static enum truth compare(
	const struct judgement *j, const struct condition_node *node, const struct value *value)
{
	return node->right.field ? right_found(j, node, value) : value_found(j, node, value);
}

/* One of several values is enough. */
static enum truth list_found(
	const struct judgement *j, const struct condition_node *node, const struct value *list)
{
	enum truth result = TRUTH_FALSE;

	for (size_t i = 0; i < list->list.count && result != TRUTH_TRUE; i++) {
		struct value item = transforms_apply(
			&node->transforms, list->list.items[i], j->scratch);
		enum truth found = compare(j, node, &item);

		if (found != TRUTH_FALSE)
			result = found;
	}
	return result;
}

static enum truth judge_comparison(const struct judgement *j, const struct condition_node *node)
{
	struct field_ref ref = {node->field, node->key};
	struct value value;
	enum truth found;

	if (node->op == OPERATOR_IN && node->operand_count == 0) /* whatever the value is */
		return TRUTH_FALSE;
	value = field_ref_value(&ref, j->subject, j->scratch);
	if (node->op == OPERATOR_EXISTS)
		return truth_of(value.type != VALUE_UNKNOWN && value.type != VALUE_NONE);
	if (value.type == VALUE_LIST && !transforms_count(&node->transforms)) {
		found = list_found(j, node, &value);
	} else {
		value = transforms_apply(&node->transforms, value, j->scratch);
		found = compare(j, node, &value);
	}
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
	return condition_judge_part(condition, 0, subject, scratch);
}

enum truth condition_judge_part(const struct rule_condition *condition, size_t index,
	const struct subject *subject, struct field_scratch *scratch)
{
	struct judgement j = {condition, subject, scratch};

	return judge(&j, index);
}
