/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Rules that never fire because an earlier one does whenever they would: of one
 * event, the first rule that matches speaks. Told by the parts that `and` joins: an
 * earlier rule that asks for some of a later one's parts, and for nothing else.
 */
#pragma once

#include <stdint.h>

#include "rule/file/definitions.h"

/* Compared with each other; what comes later is not looked at. */
#define SHADOW_RULES_MAX 1024

/* The parts of a condition, each by its hash, in order. */
struct shadow {
	const struct rule_definition *rule;
	uint64_t *parts;
	size_t count, capacity;
};

struct shadows {
	struct shadow *entries;
	size_t count, capacity;
};

/* Adds RULE. 0 with the earlier one that shadows it in *RET_CASTER, or NULL there; or -ENOMEM. */
int shadows_add(struct shadows *shadows, const struct rule_definition *rule,
	const struct rule_definition **ret_caster);

void shadows_done(struct shadows *shadows);
static inline void shadows_cleanup(struct shadows *shadows)
{
	shadows_done(shadows);
}
