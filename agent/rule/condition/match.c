/* SPDX-License-Identifier: Apache-2.0 */
/* The evaluator of match.h: a walk over the condition's array, one test for each operator. */
#include "rule/condition/match.h"

#include "rule/condition/fold.h"
#include "rule/condition/operand_set.h"
#include "rule/condition/text_test.h"

struct judgement {
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

static bool args_in_set(const struct event_text *args, const struct comparison *c)
{
	size_t offset = 0;
	struct slice arg;

	while (event_args_next(args, &offset, &arg))
		if (operand_set_has_text(c->operands, c->node->operand_count, arg))
			return true;
	return false;
}

/* Whether VALUE is equal to one of the operands, which are in order. */
static bool value_in_set(const struct value *value, const struct comparison *c)
{
	switch (value->type) {
	case VALUE_TEXT:
		return operand_set_has_text(c->operands, c->node->operand_count, value->text);
	case VALUE_NUMBER:
		return operand_set_has_number(c->operands, c->node->operand_count, value->number);
	case VALUE_ARGS:
		return args_in_set(value->args, c);
	default:
		return false;
	}
}

/* Whether a number that is not negative compares with OPERAND, where that can be told. */
static enum truth natural_test(enum operator_kind op, value_number operand)
{
	switch (op) {
	case OPERATOR_LT:
		return operand <= 0 ? TRUTH_FALSE : TRUTH_UNKNOWN;
	case OPERATOR_GE:
		return operand <= 0 ? TRUTH_TRUE : TRUTH_UNKNOWN;
	case OPERATOR_GT:
		return operand < 0 ? TRUTH_TRUE : TRUTH_UNKNOWN;
	default: /* <=, =, != and in */
		return operand < 0 ? TRUTH_FALSE : TRUTH_UNKNOWN;
	}
}

/* Whether it compares with one of the operands. */
static enum truth natural_found(const struct comparison *c)
{
	enum truth result = TRUTH_FALSE;

	for (size_t i = 0; i < c->node->operand_count; i++) {
		enum truth found = natural_test(c->node->op, c->operands[i].number);

		result = found > result ? found : result;
	}
	return result;
}

/* Whether VALUE compares with one of the operands; != is tested as =. */
static enum truth value_found(const struct comparison *c, const struct value *value)
{
	bool found = false;

	if (value->type == VALUE_UNKNOWN)
		return TRUTH_UNKNOWN;
	if (value->type == VALUE_NATURAL)
		return natural_found(c);
	if (c->node->sorted)
		return truth_of(value_in_set(value, c));
	for (size_t i = 0; i < c->node->operand_count && !found; i++)
		found = value_test(c->node->op, value, &c->operands[i]);
	return truth_of(found);
}

/* Whether VALUE compares with the value of the other field. */
static enum truth right_found(
	const struct judgement *j, const struct condition_node *node, const struct value *value)
{
	struct field_scratch scratch;
	union operand operand = {0};
	struct value right;

	if (value->type == VALUE_UNKNOWN || value->type == VALUE_NATURAL)
		return TRUTH_UNKNOWN;
	right = field_ref_value(&node->right, j->subject, &scratch);
	right = transforms_apply(&node->right_transforms, right, &scratch);
	if (right.type == VALUE_UNKNOWN || right.type == VALUE_NATURAL)
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
	const struct judgement *j, const struct comparison *c, const struct value *value)
{
	return c->node->right.field ? right_found(j, c->node, value) : value_found(c, value);
}

/* One of several values is enough. */
static enum truth list_found(
	const struct judgement *j, const struct comparison *c, const struct value *list)
{
	enum truth result = TRUTH_FALSE;

	for (size_t i = 0; i < list->list.count && result != TRUTH_TRUE; i++) {
		struct value item = transforms_apply(
			&c->node->transforms, list->list.items[i], j->scratch);
		enum truth found = compare(j, c, &item);

		if (found != TRUTH_FALSE)
			result = found;
	}
	return result;
}

static enum truth judge_value(
	const struct judgement *j, const struct comparison *c, struct value value)
{
	const struct condition_node *node = c->node;
	enum truth found;

	if (node->op == OPERATOR_EXISTS)
		return truth_of(value.type != VALUE_UNKNOWN && value.type != VALUE_NONE);
	if (value.type == VALUE_LIST && !transforms_count(&node->transforms)) {
		found = list_found(j, c, &value);
	} else {
		value = transforms_apply(&node->transforms, value, j->scratch);
		found = compare(j, c, &value);
	}
	return node->op == OPERATOR_NE ? TRUTH_TRUE - found : found;
}

static enum truth judge_comparison(const struct judgement *j, const struct comparison *c)
{
	struct field_ref ref = {c->node->field, c->node->key};

	/* whatever the value is; of a field that we do not have no operands are kept */
	if (c->node->op == OPERATOR_IN && c->node->operand_count == 0 && c->node->field->kinds)
		return TRUTH_FALSE;
	return judge_value(j, c, field_ref_value(&ref, j->subject, j->scratch));
}

enum truth comparison_judge(const struct comparison *comparison, const struct subject *subject,
	struct field_scratch *scratch)
{
	struct judgement j = {subject, scratch};

	return judge_comparison(&j, comparison);
}

enum truth comparison_judge_value(const struct comparison *comparison, struct value value,
	const struct subject *subject, struct field_scratch *scratch)
{
	struct judgement j = {subject, scratch};

	return judge_value(&j, comparison, value);
}

/* ---- conditions as they were compiled ---- */

struct walk {
	struct judgement judgement;
	const struct rule_condition *condition;
};

static enum truth judge(const struct walk *w, size_t index);

/* The children of the node at INDEX, until one of them is DECISIVE. */
static enum truth judge_chain(const struct walk *w, size_t index, enum truth decisive)
{
	const struct condition_node *nodes = w->condition->nodes;
	enum truth result = decisive == TRUTH_TRUE ? TRUTH_FALSE : TRUTH_TRUE;
	size_t end = index + nodes[index].size;

	for (size_t i = index + 1; i < end && result != decisive; i += nodes[i].size) {
		enum truth truth = judge(w, i);

		if (truth == decisive || truth == TRUTH_UNKNOWN)
			result = truth;
	}
	return result;
}

static enum truth judge(const struct walk *w, size_t index)
{
	const struct condition_node *node = &w->condition->nodes[index];
	struct comparison comparison;

	switch (node->kind) {
	case CONDITION_AND:
		return judge_chain(w, index, TRUTH_FALSE);
	case CONDITION_OR:
		return judge_chain(w, index, TRUTH_TRUE);
	case CONDITION_NOT:
		return TRUTH_TRUE - judge(w, index + 1);
	case CONDITION_COMPARISON:
		comparison = comparison_of(w->condition, node);
		return judge_comparison(&w->judgement, &comparison);
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
	struct walk w = {{subject, scratch}, condition};

	return judge(&w, index);
}

/* ---- and as they were folded ---- */

static enum truth judge_folded(const struct judgement *j, const struct folded_node *node);

/* The children of NODE, until one of them is DECISIVE. */
static enum truth judge_folded_chain(
	const struct judgement *j, const struct folded_node *node, enum truth decisive)
{
	const struct folded_node *end = node + node->size;
	enum truth result = TRUTH_TRUE - decisive;

	for (const struct folded_node *child = node + 1; child < end && result != decisive;
		child += child->size) {
		enum truth truth = judge_folded(j, child);

		if (truth == decisive || truth == TRUTH_UNKNOWN)
			result = truth;
	}
	return result;
}

static enum truth judge_folded(const struct judgement *j, const struct folded_node *node)
{
	switch (node->kind) {
	case FOLDED_AND:
		return judge_folded_chain(j, node, TRUTH_FALSE);
	case FOLDED_OR:
		return judge_folded_chain(j, node, TRUTH_TRUE);
	case FOLDED_NOT:
		return TRUTH_TRUE - judge_folded(j, node + 1);
	case FOLDED_COMPARISON:
		return judge_comparison(j, &node->comparison);
	case FOLDED_CONSTANT:
		return node->truth;
	}
	return TRUTH_UNKNOWN;
}

enum truth folded_judge(const struct folded_node *node, const struct subject *subject,
	struct field_scratch *scratch)
{
	struct judgement j = {subject, scratch};

	return judge_folded(&j, node);
}
