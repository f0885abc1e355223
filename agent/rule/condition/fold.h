/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Conditions as events meet them: for one kind of subject, without what is known of all of that
 * kind, and `=` on the same field in a row made one set. Worth the same as what they are made
 * from, for every subject of the kind that is not recorded: of recorded ones anything may be unknown.
 */
#pragma once

#include "rule/condition/condition.h"
#include "rule/condition/match.h"
#include "rule/store.h"

enum folded_kind {
	FOLDED_AND,
	FOLDED_OR,
	FOLDED_NOT,
	FOLDED_COMPARISON,
	FOLDED_CONSTANT,
};

struct folded_node {
	enum folded_kind kind;
	uint32_t size; /* nodes of this subtree, itself included */
	union {
		struct comparison comparison;
		enum truth truth; /* of constants */
	};
};

/* Many conditions, one behind the other; each in prefix order. */
struct folded_nodes {
	struct folded_node *nodes;
	size_t count, capacity;
};

/*
 * Appends CONDITION, which it then points into, for subjects of KIND to OUT. Sets that are made go
 * into STORE. 0 or -ENOMEM.
 */
int condition_fold(const struct rule_condition *condition, enum subject_kind kind,
	struct store *store, struct folded_nodes *out);

/* What the condition that begins at NODE is worth for SUBJECT. Pure; allocates nothing. */
enum truth folded_judge(const struct folded_node *node, const struct subject *subject,
	struct field_scratch *scratch);
