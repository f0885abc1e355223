/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What a condition can be worth before anything is known of an event but its kind and
 * its call: whether a rule can fire at all, and on what.
 */
#pragma once

#include "rule/condition/condition.h"
#include "rule/condition/match.h"

/* Events that are alike for this. */
struct event_class {
	enum subject_kind kind; /* SUBJECT_KINDS: of any kind, with any field */
	const char *type; /* value of evt.type; NULL when there is none */
};

/* Mask of 1 << enum truth. */
#define POSSIBLE(truth) (1u << (truth))
#define ANY_TRUTH       (POSSIBLE(TRUTH_FALSE) | POSSIBLE(TRUTH_UNKNOWN) | POSSIBLE(TRUTH_TRUE))

/* All that the lesser, or the greater, of one of A and one of B can be. */
unsigned possible_combine(unsigned a, unsigned b, bool lesser);

/* All that `not` of one of POSSIBLE can be. */
unsigned possible_not(unsigned possible);

/* What COMPARISON, which compares the call, is worth for all calls that SUBJECT's kind can be of. */
unsigned comparison_possible_calls(const struct comparison *comparison,
	const struct subject *subject, struct field_scratch *scratch);

/*
 * What CONDITION can be worth for events of CLASS. Comparisons are taken for
 * independent of each other, so more may be said to be possible than is. With ASSUMED,
 * fields that the kind does not have count as if it had.
 */
unsigned condition_possible(
	const struct rule_condition *condition, const struct event_class *class, bool assumed);

/* Class INDEX of those that we see, NULL behind the last. */
const struct event_class *event_class_at(size_t index);

/* Mask of 1 << enum subject_kind for which CONDITION can be true; see condition_possible(). */
unsigned condition_kinds(const struct rule_condition *condition, bool assumed);

/* Same of events in containers that are BARE, or are not. */
unsigned condition_kinds_in(const struct rule_condition *condition, bool bare);

/* True when for some events CONDITION can be true and has all the fields that matter then. */
bool condition_is_complete(const struct rule_condition *condition);

/*
 * Appends the values of evt.type that the condition asks for, none of which we see: "connect,
 * sendto". Appends nothing when it is not for them that the condition cannot be true.
 */
void condition_missing_types(const struct rule_condition *condition, struct strbuf *out);
