/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The partial evaluation of possible.h, over folded conditions and with what is known of one open: its
 * leaves are judged where all opens of the kind have the same value.
 */
#include "rule/condition/open_kind.h"

#include "rule/condition/possible.h"
#include "rule/field/read.h"

struct kind_survey {
	const struct subject *subject;
	struct field_scratch *scratch;
};

static bool is_of_container(const struct field *field)
{
	return field->kinds & 1u << SUBJECT_CONTAINER;
}

static bool is_absolute(const struct event_text *path)
{
	return path->bytes.len > 0 && path->bytes.data[0] == '/';
}

/* Same as is_told() of calls that failed, which are told apart by the path asked for and the error. */
static bool is_told_of_failed(const struct kind_survey *s, const struct field *field)
{
	static const size_t asked = offsetof(struct event, open.asked);

	if (field->read == read_fd_number || field->read == read_result ||
		field->read == read_raw_result)
		return true;
	if (field->read == read_text_at && field->place[SUBJECT_OPEN] == asked)
		return true;
	return field->is_of_open_kind &&
	       (field->type != VALUE_TEXT || is_absolute(&s->subject->event->open.asked));
}

/*
 * True when FIELD is VALUE for all opens of the kind. What could not be read may be readable another
 * time.
 */
static bool is_told(const struct kind_survey *s, const struct field *field, struct value value)
{
	const struct container *container = s->subject->container;

	if (!(field->kinds & 1u << SUBJECT_OPEN))
		return true;
	if (is_of_container(field))
		return !container || !container->is_incomplete;
	if (value.type == VALUE_UNKNOWN)
		return false;
	return s->subject->event->open.result < 0 ? is_told_of_failed(s, field)
						  : field->is_of_open_kind;
}

static bool ref_is_told(const struct kind_survey *s, const struct field_ref *ref)
{
	struct field_scratch scratch;

	return is_told(s, ref->field, field_ref_value(ref, s->subject, &scratch));
}

static bool is_number_of_call(const struct field *field)
{
	return field->read == read_fd_number || field->read == read_raw_result;
}

/* What can be said of values that are not told: of a descriptor that it is one, and not which. */
static unsigned survey_untold(const struct kind_survey *s, const struct comparison *c)
{
	enum truth truth = TRUTH_UNKNOWN;

	if (c->node->op == OPERATOR_EXISTS)
		return POSSIBLE(TRUTH_TRUE) | (c->node->field->unknown ? POSSIBLE(TRUTH_FALSE) : 0);
	if (is_number_of_call(c->node->field) && s->subject->event->open.result >= 0)
		truth = comparison_judge_value(c, VALUE_NATURAL_INIT, s->subject, s->scratch);
	return truth == TRUTH_UNKNOWN ? ANY_TRUTH : POSSIBLE(truth);
}

static unsigned survey_comparison(const struct kind_survey *s, const struct comparison *c)
{
	struct field_ref left = {c->node->field, c->node->key};
	const struct field_ref *right = &c->node->right;
	bool is_right_told = !right->field || ref_is_told(s, right);
	struct value value;

	if (left.field->read == read_call && is_right_told)
		return comparison_possible_calls(c, s->subject, s->scratch);
	value = field_ref_value(&left, s->subject, s->scratch);
	if (!is_right_told || !is_told(s, left.field, value))
		return survey_untold(s, c);
	return POSSIBLE(comparison_judge_value(c, value, s->subject, s->scratch));
}

static unsigned survey_node(const struct kind_survey *s, const struct folded_node *node);

static unsigned survey_chain(
	const struct kind_survey *s, const struct folded_node *node, bool lesser)
{
	const unsigned decisive = POSSIBLE(lesser ? TRUTH_FALSE : TRUTH_TRUE);
	const struct folded_node *end = node + node->size;
	unsigned result = POSSIBLE(lesser ? TRUTH_TRUE : TRUTH_FALSE);

	for (const struct folded_node *child = node + 1; child < end && result != decisive;
		child += child->size)
		result = possible_combine(result, survey_node(s, child), lesser);
	return result;
}

static unsigned survey_node(const struct kind_survey *s, const struct folded_node *node)
{
	switch (node->kind) {
	case FOLDED_AND:
		return survey_chain(s, node, true);
	case FOLDED_OR:
		return survey_chain(s, node, false);
	case FOLDED_NOT:
		return possible_not(survey_node(s, node + 1));
	case FOLDED_COMPARISON:
		return survey_comparison(s, &node->comparison);
	case FOLDED_CONSTANT:
		return POSSIBLE(node->truth);
	}
	return ANY_TRUTH;
}

unsigned folded_possible_of_open_kind(const struct folded_node *node, const struct subject *subject,
	struct field_scratch *scratch)
{
	const struct kind_survey s = {subject, scratch};

	return survey_node(&s, node);
}
