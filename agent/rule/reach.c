/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Evaluation without a subject: of each part of a condition the set of truths that it may have is
 * found out for one kind of subject, from the fields that the kind has and the few values that it
 * gives away.
 */
#include "rule/reach.h"

#include "rule/field_class.h"
#include "rule/match.h"

/* Sets of truths. */
#define MAY(truth) (1u << (truth))
#define MAY_ANY    (MAY(TRUTH_FALSE) | MAY(TRUTH_UNKNOWN) | MAY(TRUTH_TRUE))

struct reach {
	const struct rule_condition *condition;
	enum subject_kind kind;
};

static unsigned may_be(bool truth)
{
	return truth ? MAY(TRUTH_TRUE) : MAY(TRUTH_FALSE);
}

/* Whether WORD is one of the texts that NODE, which is = or in, compares with. */
static bool has_operand(const struct reach *r, const struct condition_node *node, const char *word)
{
	const union operand *operands = r->condition->operands + node->operands;

	for (size_t i = 0; i < node->operand_count; i++)
		if (slice_equal_text(operands[i].text, word))
			return true;
	return false;
}

/* Of a field that has one of the words that WORD_OF gives. */
static unsigned reach_words(const struct reach *r, const struct condition_node *node,
	const char *(*word_of)(enum subject_kind kind, unsigned index))
{
	unsigned truths = 0;
	const char *word;

	if (node->op == OPERATOR_EXISTS)
		return MAY(TRUTH_TRUE);
	if (node->op != OPERATOR_EQ && node->op != OPERATOR_NE && node->op != OPERATOR_IN)
		return MAY_ANY;
	for (unsigned i = 0; (word = word_of(r->kind, i)); i++)
		truths |= may_be(has_operand(r, node, word) != (node->op == OPERATOR_NE));
	return truths;
}

/* Of one that is always false. */
static unsigned reach_never(const struct reach *r, const struct condition_node *node)
{
	const union operand *operands = r->condition->operands + node->operands;

	if (node->op == OPERATOR_EQ)
		return may_be(!operands[0].truth);
	return node->op == OPERATOR_NE ? may_be(operands[0].truth) : MAY_ANY;
}

static unsigned reach_comparison(const struct reach *r, const struct condition_node *node)
{
	const struct field *field = node->field;
	bool is_never = field->read == read_never ||
			(field->read == read_opened_for && r->kind != SUBJECT_OPEN);

	if (!(field->kinds & 1u << r->kind))
		return MAY(node->op == OPERATOR_EXISTS ? TRUTH_FALSE : TRUTH_UNKNOWN);
	if (field->read == read_subject_kind)
		return reach_words(r, node, subject_kind_name);
	if (field->read == read_call) /* a runtime's search is an attempt without one */
		return reach_words(r, node, call_name) |
		       (r->kind == SUBJECT_ATTEMPT ? may_be(node->op == OPERATOR_NE) : 0);
	return is_never ? reach_never(r, node) : MAY_ANY;
}

/* What the truths A and B may come to: the lesser or, for `or`, the greater of each pair. */
static unsigned combine(unsigned a, unsigned b, bool greater)
{
	unsigned truths = 0;

	for (unsigned i = TRUTH_FALSE; i <= TRUTH_TRUE; i++)
		for (unsigned j = TRUTH_FALSE; j <= TRUTH_TRUE; j++)
			if (a & MAY(i) && b & MAY(j))
				truths |= MAY((i > j) == greater ? i : j);
	return truths;
}

static unsigned reach_node(const struct reach *r, size_t index);

static unsigned reach_chain(const struct reach *r, size_t index, bool greater)
{
	const struct condition_node *nodes = r->condition->nodes;
	size_t end = index + nodes[index].size, child = index + 1;
	unsigned truths = reach_node(r, child);

	for (child += nodes[child].size; child < end; child += nodes[child].size)
		truths = combine(truths, reach_node(r, child), greater);
	return truths;
}

static unsigned reach_not(unsigned truths)
{
	unsigned result = truths & MAY(TRUTH_UNKNOWN);

	if (truths & MAY(TRUTH_TRUE))
		result |= MAY(TRUTH_FALSE);
	if (truths & MAY(TRUTH_FALSE))
		result |= MAY(TRUTH_TRUE);
	return result;
}

static unsigned reach_node(const struct reach *r, size_t index)
{
	const struct condition_node *node = &r->condition->nodes[index];

	switch (node->kind) {
	case CONDITION_AND:
		return reach_chain(r, index, false);
	case CONDITION_OR:
		return reach_chain(r, index, true);
	case CONDITION_NOT:
		return reach_not(reach_node(r, index + 1));
	case CONDITION_COMPARISON:
		return reach_comparison(r, node);
	}
	return MAY_ANY;
}

unsigned condition_reach(const struct rule_condition *condition)
{
	struct reach r = {.condition = condition};
	unsigned kinds = 0;

	for (r.kind = 0; r.kind < SUBJECT_KINDS; r.kind++)
		if (subject_kind_name(r.kind, 0) && reach_node(&r, 0) & MAY(TRUTH_TRUE))
			kinds |= 1u << r.kind;
	return kinds;
}
