/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Folding, from the leaves up: a comparison that depends on nothing but the kind is judged now, and
 * what that decides goes away. In three values: `unknown and x` is no constant, it can be false.
 */
#include "rule/condition/fold.h"

#include <errno.h>

#include "base/array.h"
#include "base/cleanup.h"
#include "rule/field/read.h"
#include "rule/condition/operand_set.h"
#include "rule/condition/possible.h"

struct folder {
	const struct rule_condition *condition;
	struct subject subject; /* of the kind, and nothing else of it is known */
	struct store *store;
	struct folded_nodes *out;
	struct field_scratch *scratch;
};

/* ---- comparisons ---- */

static bool has_field(const struct folder *f, const struct field *field)
{
	return field->kinds & 1u << f->subject.kind;
}

/* True when FIELD is the same for all subjects of the kind: its reader looks at nothing else. */
static bool is_of_kind(const struct folder *f, const struct field *field)
{
	static field_read_fn *const readers[] = {read_subject_kind, read_direction, read_category,
		read_event_source, read_never, read_number};

	for (size_t i = 0; i < ARRAY_SIZE(readers); i++)
		if (field->read == readers[i])
			return true;
	return field->read == read_opened_for && f->subject.kind != SUBJECT_OPEN;
}

/* True when all that C needs to be judged is the kind. */
static bool needs_kind_alone(const struct folder *f, const struct comparison *c)
{
	const struct field *left = c->node->field, *right = c->node->right.field;

	if (!has_field(f, left) || (c->node->op == OPERATOR_IN && c->node->operand_count == 0))
		return true;
	return is_of_kind(f, left) && (!right || !has_field(f, right) || is_of_kind(f, right));
}

/* What C, which compares the call, is worth for all calls of the kind. False when that depends. */
static bool fold_call(struct folder *f, const struct comparison *c, enum truth *ret)
{
	unsigned possible = comparison_possible_calls(c, &f->subject, f->scratch);

	for (*ret = TRUTH_FALSE; *ret < TRUTH_TRUE && possible != POSSIBLE(*ret); ++*ret)
		;
	return possible == POSSIBLE(*ret);
}

/* What C is worth for all subjects of the kind. False when that depends. */
static bool fold_comparison(struct folder *f, const struct comparison *c, enum truth *ret)
{
	const struct field *left = c->node->field, *right = c->node->right.field;

	if (needs_kind_alone(f, c)) {
		*ret = comparison_judge(c, &f->subject, f->scratch);
		return true;
	}
	if (right && !has_field(f, right) && !field_is_list(left)) { /* a list may be empty */
		*ret = TRUTH_UNKNOWN;
		return true;
	}
	return left->read == read_call && !right && fold_call(f, c, ret);
}

/* ---- what is left of a tree ---- */

static struct folded_node *add_node(struct folder *f, enum folded_kind kind)
{
	struct folded_nodes *out = f->out;
	struct folded_node *node;

	if (!ARRAY_RESERVE(out->nodes, out->capacity, out->count, 1))
		return NULL;
	node = &out->nodes[out->count++];
	*node = (struct folded_node){.kind = kind, .size = 1};
	return node;
}

/* Puts a constant in the place of all nodes from START on. There is room for it. */
static void make_constant(struct folder *f, size_t start, enum truth truth)
{
	f->out->nodes[start] = (struct folded_node){
		.kind = FOLDED_CONSTANT, .size = 1, .truth = truth};
	f->out->count = start + 1;
}

/* Takes out the node at INDEX; what is behind it moves up. */
static void remove_node(struct folder *f, size_t index)
{
	struct folded_node *node = &f->out->nodes[index];

	f->out->count--;
	memmove(node, node + 1, (f->out->count - index) * sizeof(*node));
}

/* ---- sets out of `=` in a row ---- */

static bool is_equality(const struct folded_node *node)
{
	const struct condition_node *c = node->comparison.node;

	return node->kind == FOLDED_COMPARISON && c->operand_count > 0 &&
	       (c->op == OPERATOR_EQ || c->op == OPERATOR_IN || c->op == OPERATOR_INTERSECTS);
}

/* True when A and B, which are equalities, compare the same value. */
static bool compare_alike(const struct condition_node *a, const struct condition_node *b)
{
	return a->field == b->field && slice_equal(a->key, b->key) &&
	       a->transforms.count == b->transforms.count &&
	       memcmp(a->transforms.kinds, b->transforms.kinds, a->transforms.count) == 0;
}

/* A comparison, and its operands behind it. */
struct merged {
	struct condition_node node;
	union operand operands[];
};

/* The COUNT equalities from FIRST on, which compare the same value with OPERANDS, as one. */
static int merge(struct folder *f, const struct folded_node *first, size_t count, size_t operands,
	struct comparison *ret)
{
	struct merged *merged = malloc(sizeof(*merged) + operands * sizeof(merged->operands[0]));
	enum value_type type;
	size_t at = 0;

	if (!merged)
		return -ENOMEM;
	merged->node = *first->comparison.node;
	merged->node.op = OPERATOR_INTERSECTS;
	merged->node.operand_count = operands;
	for (size_t i = 0; i < count; i++) {
		const struct comparison *c = &first[i].comparison;

		memcpy(&merged->operands[at], c->operands,
			c->node->operand_count * sizeof(*c->operands));
		at += c->node->operand_count;
	}
	type = condition_node_type(&merged->node);
	merged->node.sorted = operands >= OPERAND_SET_MIN && operand_set_sortable(type);
	if (merged->node.sorted)
		operand_set_sort(type, merged->operands, operands);
	*ret = (struct comparison){&merged->node, merged->operands};
	return store_add(f->store, merged, free);
}

/* How many nodes from FIRST to END are equalities of the same value; and of how many operands. */
static size_t equalities(
	const struct folded_node *first, const struct folded_node *end, size_t *ret_operands)
{
	size_t count = 0;

	*ret_operands = 0;
	while (first + count < end && is_equality(&first[count]) &&
		compare_alike(first->comparison.node, first[count].comparison.node))
		*ret_operands += first[count++].comparison.node->operand_count;
	return count;
}

/* Makes one of equalities that stand in a row below the `or` at START, which is the last node. */
static int merge_equalities(struct folder *f, size_t start)
{
	struct folded_node *nodes = f->out->nodes, *to = &nodes[start + 1];
	const struct folded_node *from = to, *end = &nodes[f->out->count];

	while (from < end) {
		size_t operands, count = equalities(from, end, &operands), size = from->size;

		memmove(to, from, size * sizeof(*to));
		if (count > 1) {
			int r = merge(f, from, count, operands, &to->comparison);

			if (r < 0)
				return r;
		}
		from += count > 1 ? count : size;
		to += size;
	}
	f->out->count = to - nodes;
	return 0;
}

/* ---- branches ---- */

static int fold_node(struct folder *f, size_t index);

/*
 * Folds the child at INDEX of the chain at START, whose truth DECISIVE decides it. An unknown one is
 * only noted in *UNKNOWN. Sets *DECIDED when the others do not matter any more.
 */
static int fold_child(struct folder *f, size_t start, size_t index, enum truth decisive,
	bool *unknown, bool *decided)
{
	size_t at = f->out->count;
	const struct folded_node *child;
	int r;

	r = fold_node(f, index);
	if (r < 0)
		return r;
	child = &f->out->nodes[at];
	if (child->kind == f->out->nodes[start].kind) { /* (a or b) or c */
		remove_node(f, at);
	} else if (child->kind == FOLDED_CONSTANT) {
		*decided = child->truth == decisive;
		*unknown = *unknown || child->truth == TRUTH_UNKNOWN;
		f->out->count = at;
	}
	return 0;
}

/* What became of the chain at START: as it is, its only child, or nothing that depends. */
static int finish_chain(struct folder *f, size_t start, enum truth decisive, bool unknown)
{
	struct folded_node *constant;
	int r;

	if (f->out->nodes[start].kind == FOLDED_OR) {
		r = merge_equalities(f, start);
		if (r < 0)
			return r;
	}
	if (f->out->count == start + 1) {
		make_constant(f, start, unknown ? TRUTH_UNKNOWN : TRUTH_TRUE - decisive);
		return 0;
	}
	if (unknown) {
		constant = add_node(f, FOLDED_CONSTANT);
		if (!constant)
			return -ENOMEM;
		constant->truth = TRUTH_UNKNOWN;
	}
	f->out->nodes[start].size = f->out->count - start;
	if (f->out->nodes[start + 1].size == f->out->count - start - 1)
		remove_node(f, start);
	return 0;
}

static int fold_chain(struct folder *f, size_t index, enum folded_kind kind, enum truth decisive)
{
	const struct condition_node *nodes = f->condition->nodes;
	size_t start = f->out->count, end = index + nodes[index].size;
	bool unknown = false, decided = false;
	int r = add_node(f, kind) ? 0 : -ENOMEM;

	for (size_t i = index + 1; r == 0 && i < end && !decided; i += nodes[i].size)
		r = fold_child(f, start, i, decisive, &unknown, &decided);
	if (r < 0)
		return r;
	if (!decided)
		return finish_chain(f, start, decisive, unknown);
	make_constant(f, start, decisive);
	return 0;
}

static int fold_not(struct folder *f, size_t index)
{
	size_t start = f->out->count;
	const struct folded_node *child;
	int r = add_node(f, FOLDED_NOT) ? fold_node(f, index + 1) : -ENOMEM;

	if (r < 0)
		return r;
	child = &f->out->nodes[start + 1];
	if (child->kind == FOLDED_CONSTANT)
		make_constant(f, start, TRUTH_TRUE - child->truth);
	else
		f->out->nodes[start].size = f->out->count - start;
	return 0;
}

static int fold_leaf(struct folder *f, size_t index)
{
	struct comparison c = comparison_of(f->condition, &f->condition->nodes[index]);
	struct folded_node *node = add_node(f, FOLDED_COMPARISON);
	enum truth truth = TRUTH_UNKNOWN;

	if (!node)
		return -ENOMEM;
	node->comparison = c;
	if (fold_comparison(f, &c, &truth))
		make_constant(f, f->out->count - 1, truth);
	return 0;
}

static int fold_node(struct folder *f, size_t index)
{
	switch (f->condition->nodes[index].kind) {
	case CONDITION_AND:
		return fold_chain(f, index, FOLDED_AND, TRUTH_FALSE);
	case CONDITION_OR:
		return fold_chain(f, index, FOLDED_OR, TRUTH_TRUE);
	case CONDITION_NOT:
		return fold_not(f, index);
	case CONDITION_COMPARISON:
		return fold_leaf(f, index);
	}
	return -EINVAL;
}

int condition_fold(const struct rule_condition *condition, enum subject_kind kind,
	struct store *store, struct folded_nodes *out)
{
	struct field_scratch scratch;
	struct folder f = {.condition = condition,
		.subject = {.kind = kind},
		.store = store,
		.out = out,
		.scratch = &scratch};

	return fold_node(&f, 0);
}
