/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The rules of a set by kind of subject: an event meets those only that can be true of its kind, with
 * their conditions folded for it. Made when a set is whole; points into its definitions.
 */
#pragma once

#include "rule/file/definitions.h"
#include "rule/condition/fold.h"

struct rule_index_entry {
	const struct rule *rule;
	size_t start; /* of its condition among the nodes */
};

struct rule_index {
	struct {
		struct rule_index_entry *entries; /* in the order of definition */
		size_t count, capacity;
		struct folded_nodes folded;
	} kinds[SUBJECT_KINDS]; /* empty for those that rules do not judge */
};

/*
 * Makes the index of the active rules of DEFINITIONS, whose large sets of operands are put in order.
 * 0 or -ENOMEM; RET, which was empty, is to be released in either case.
 */
int rule_index_build(struct definitions *definitions, struct rule_index *ret);

/* The next rule from *CURSOR on that matches SUBJECT, which is not recorded; see rule_set_match(). */
const struct rule *rule_index_match(
	const struct rule_index *index, const struct subject *subject, size_t *cursor);

/* See rule_set_outlook(). */
enum rule_outlook rule_index_outlook(const struct rule_index *index, const struct subject *subject);

void rule_index_done(struct rule_index *index);
static inline void rule_index_cleanup(struct rule_index *index)
{
	rule_index_done(index);
}
