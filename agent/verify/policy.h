/* SPDX-License-Identifier: Apache-2.0 */
/* What the rest of the module asks of a policy. */
#pragma once

#include "barewatch/present.h"
#include "barewatch/verify.h"

enum level {
	LEVEL_VIOLATION,
	LEVEL_UNKNOWN, /* it may be one, which cannot be told */
	LEVEL_NOTE,
	LEVEL_ALLOWED,
	LEVELS,
};

/* "violation", "unknown", "note", "allowed". */
const char *level_name(enum level level);

/* What leaks are called where classes are named. */
#define CLASS_LEAK "leak"

/* The level of PRESENT, of which RULE speaks, unless it is allowed. */
enum level policy_level(
	const struct verify_policy *policy, const struct present *present, const struct rule *rule);

struct allowance {
	char *path, *reason;
};

/* The allowance for the file PATH, NULL without one; its place among all in *RET_INDEX. */
const struct allowance *policy_allows(
	const struct verify_policy *policy, struct slice path, size_t *ret_index);

/* Allowance INDEX in the order in which they were given; NULL behind the last. */
const struct allowance *policy_allowance(const struct verify_policy *policy, size_t index);
