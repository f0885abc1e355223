/* SPDX-License-Identifier: Apache-2.0 */
/* The partial evaluation of possible.h, over masks of truth values. */
#include "rule/condition/possible.h"

#include "base/cleanup.h"
#include "rule/field/read.h"
#include "rule/condition/text_test.h"

/* What the agent sees: see the readers of evt.type. */
static const struct event_class classes[] = {
	{SUBJECT_EXEC, "execve"},
	{SUBJECT_ATTEMPT, "execve"},
	{SUBJECT_ATTEMPT, "execveat"},
	{SUBJECT_ATTEMPT, NULL},
	{SUBJECT_MAPPING, "mmap"},
	{SUBJECT_MAPPING, "mprotect"},
	{SUBJECT_OPEN, "open"},
	{SUBJECT_OPEN, "openat"},
	{SUBJECT_OPEN, "openat2"},
	{SUBJECT_OPEN, "creat"},
	{SUBJECT_OPEN, "open_by_handle_at"},
	{SUBJECT_OPEN, "io_uring_enter"},
	{SUBJECT_OPEN, NULL},
	{SUBJECT_MOVE, NULL},
	{SUBJECT_PRESENT, NULL},
};

const struct event_class *event_class_at(size_t index)
{
	return index < ARRAY_SIZE(classes) ? &classes[index] : NULL;
}

struct survey {
	const struct rule_condition *condition;
	const struct event_class *class;
	bool assumed;
	const bool *bare; /* whether the containers are; NULL: of any */
	bool misses; /* a field that we do not have made a difference */
};

/* True when NODE compares the plain value of a field that READ reads with values. */
static bool compares(const struct condition_node *node, field_read_fn *read)
{
	return node->kind == CONDITION_COMPARISON && node->field->read == read &&
	       node->transforms.count == 0 && !node->right.field;
}

/* Whether VALUE compares as NODE says. */
static bool value_fits(const struct rule_condition *condition, const struct condition_node *node,
	const char *value)
{
	bool found = node->op == OPERATOR_EXISTS;

	for (size_t i = 0; i < node->operand_count && !found; i++)
		found = text_test(
			node->op, slice_of(value), &condition->operands[node->operands + i]);
	return found != (node->op == OPERATOR_NE);
}

/* True when events of the class have the fields of NODE, or are taken to. */
static bool has_field(const struct survey *s, const struct condition_node *node)
{
	unsigned kinds = node->field->kinds & (node->right.field ? node->right.field->kinds : ~0u);

	return s->assumed || s->class->kind == SUBJECT_KINDS || kinds & 1u << s->class->kind;
}

/* Of a field whose value is VALUE, or for NULL none. */
static unsigned survey_known(
	const struct survey *s, const struct condition_node *node, const char *value)
{
	bool fits = value ? value_fits(s->condition, node, value) : node->op == OPERATOR_NE;

	return POSSIBLE(fits ? TRUTH_TRUE : TRUTH_FALSE);
}

/* Of one that is TRUTH. */
static unsigned survey_bool(const struct survey *s, const struct condition_node *node, bool truth)
{
	bool operand = node->operand_count && s->condition->operands[node->operands].truth;

	if (node->op == OPERATOR_EXISTS)
		return POSSIBLE(TRUTH_TRUE);
	return POSSIBLE((node->op == OPERATOR_NE) == (operand != truth) ? TRUTH_TRUE : TRUTH_FALSE);
}

/* True when NODE has a field of Falco's, see comparison.c: its operands are not known. */
static bool is_missing(const struct condition_node *node)
{
	return !node->field->kinds || (node->right.field && !node->right.field->kinds);
}

static unsigned survey_comparison(struct survey *s, const struct condition_node *node)
{
	enum subject_kind kind = s->class->kind;

	if (is_missing(node)) {
		s->misses = true;
		return ANY_TRUTH;
	}
	if (node->op == OPERATOR_IN && node->operand_count == 0)
		return POSSIBLE(TRUTH_FALSE);
	if (compares(node, read_call) && (s->class->type || node->field->kinds & 1u << kind))
		return survey_known(s, node, s->class->type);
	if (compares(node, read_subject_kind) && kind != SUBJECT_KINDS)
		return survey_known(s, node, subject_kind_text(kind));
	if (s->bare && compares(node, read_container_bare))
		return survey_bool(s, node, *s->bare);
	if (!has_field(s, node) || compares(node, read_call))
		return POSSIBLE(node->op == OPERATOR_EXISTS ? TRUTH_FALSE : TRUTH_UNKNOWN);
	if (compares(node, read_never) ||
		(compares(node, read_opened_for) && kind != SUBJECT_OPEN && kind != SUBJECT_KINDS))
		return survey_bool(s, node, false);
	if (node->op == OPERATOR_EXISTS)
		return POSSIBLE(TRUTH_FALSE) | POSSIBLE(TRUTH_TRUE);
	return ANY_TRUTH;
}

unsigned comparison_possible_calls(const struct comparison *comparison,
	const struct subject *subject, struct field_scratch *scratch)
{
	unsigned possible = 0;

	for (size_t i = 0; i < ARRAY_SIZE(classes); i++) {
		struct value value = VALUE_NONE_INIT;

		if (classes[i].kind != subject->kind)
			continue;
		if (classes[i].type)
			value = value_text(slice_of(classes[i].type));
		possible |= POSSIBLE(comparison_judge_value(comparison, value, subject, scratch));
	}
	return possible;
}

unsigned possible_combine(unsigned a, unsigned b, bool lesser)
{
	unsigned result = 0;

	for (int x = TRUTH_FALSE; x <= TRUTH_TRUE; x++)
		for (int y = TRUTH_FALSE; y <= TRUTH_TRUE; y++)
			if (a & POSSIBLE(x) && b & POSSIBLE(y))
				result |= POSSIBLE((x < y) == lesser ? x : y);
	return result;
}

unsigned possible_not(unsigned possible)
{
	unsigned result = possible & POSSIBLE(TRUTH_UNKNOWN);

	if (possible & POSSIBLE(TRUTH_TRUE))
		result |= POSSIBLE(TRUTH_FALSE);
	if (possible & POSSIBLE(TRUTH_FALSE))
		result |= POSSIBLE(TRUTH_TRUE);
	return result;
}

static unsigned survey_node(struct survey *s, size_t index);

static unsigned survey_chain(struct survey *s, size_t index, bool lesser)
{
	const struct condition_node *nodes = s->condition->nodes;
	size_t end = index + nodes[index].size;
	unsigned result = POSSIBLE(lesser ? TRUTH_TRUE : TRUTH_FALSE);
	bool missed = s->misses;

	for (size_t i = index + 1; i < end; i += nodes[i].size)
		result = possible_combine(result, survey_node(s, i), lesser);
	if (result == POSSIBLE(lesser ? TRUTH_FALSE : TRUTH_TRUE)) /* by the others */
		s->misses = missed;
	return result;
}

static unsigned survey_node(struct survey *s, size_t index)
{
	const struct condition_node *node = &s->condition->nodes[index];

	switch (node->kind) {
	case CONDITION_AND:
		return survey_chain(s, index, true);
	case CONDITION_OR:
		return survey_chain(s, index, false);
	case CONDITION_NOT:
		return possible_not(survey_node(s, index + 1));
	case CONDITION_COMPARISON:
		return survey_comparison(s, node);
	}
	return ANY_TRUTH;
}

unsigned condition_possible(
	const struct rule_condition *condition, const struct event_class *class, bool assumed)
{
	struct survey s = {.condition = condition, .class = class, .assumed = assumed};

	return survey_node(&s, 0);
}

bool condition_is_complete(const struct rule_condition *condition)
{
	for (size_t i = 0; i < ARRAY_SIZE(classes); i++) {
		struct survey s = {.condition = condition, .class = &classes[i]};

		if (survey_node(&s, 0) & POSSIBLE(TRUTH_TRUE) && !s.misses)
			return true;
	}
	return false;
}

/* The kinds of all classes for which what S asks can be true. */
static unsigned survey_kinds(struct survey *s)
{
	unsigned kinds = 0;

	for (size_t i = 0; i < ARRAY_SIZE(classes); i++) {
		s->class = &classes[i];
		if (survey_node(s, 0) & POSSIBLE(TRUTH_TRUE))
			kinds |= 1u << classes[i].kind;
	}
	return kinds;
}

unsigned condition_kinds(const struct rule_condition *condition, bool assumed)
{
	struct survey s = {.condition = condition, .assumed = assumed};

	return survey_kinds(&s);
}

unsigned condition_kinds_in(const struct rule_condition *condition, bool bare)
{
	struct survey s = {.condition = condition, .bare = &bare};

	return survey_kinds(&s);
}

static bool type_is_seen(const char *type)
{
	for (size_t i = 0; i < ARRAY_SIZE(classes); i++)
		if (classes[i].type && strcmp(classes[i].type, type) == 0)
			return true;
	return false;
}

/* True when TYPE is among the operands of an earlier comparison, or earlier in this one. */
static bool type_is_named_before(
	const struct rule_condition *condition, size_t node, size_t operand, const char *type)
{
	for (size_t n = 0; n <= node; n++) {
		const struct condition_node *earlier = &condition->nodes[n];
		size_t count = n == node ? operand : earlier->operand_count;

		for (size_t i = 0; compares(earlier, read_call) && i < count; i++)
			if (slice_equal_text(condition->operands[earlier->operands + i].text, type))
				return true;
	}
	return false;
}

/* True when NODE compares evt.type with whole values. */
static bool names_types(const struct condition_node *node)
{
	return compares(node, read_call) && (node->op == OPERATOR_EQ || node->op == OPERATOR_IN ||
						    node->op == OPERATOR_INTERSECTS);
}

void condition_missing_types(const struct rule_condition *condition, struct strbuf *out)
{
	const char *separator = "";

	for (size_t n = 0; n < condition->node_count; n++) {
		const struct condition_node *node = &condition->nodes[n];

		for (size_t i = 0; names_types(node) && i < node->operand_count; i++) {
			/* operands are texts of files, which end in a NUL */
			const char *type = condition->operands[node->operands + i].text.data;
			struct event_class class = {SUBJECT_KINDS, type};

			if (type_is_seen(type) || type_is_named_before(condition, n, i, type) ||
				!(condition_possible(condition, &class, true) &
					POSSIBLE(TRUTH_TRUE)))
				continue;
			strbuf_addf(out, "%s%s", separator, type);
			separator = ", ";
		}
	}
}
