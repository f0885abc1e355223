/* SPDX-License-Identifier: Apache-2.0 */
/* The findings of an image: its files as subjects, met by rules and weighed by a policy. */
#pragma once

#include "verify/policy.h"
#include "verify/survey.h"

/* What a rule says of a file, as one of its classes. */
struct finding {
	struct present present;
	const struct item *item;
	const struct rule *rule;
	enum level level;
	const struct allowance *allowance; /* of LEVEL_ALLOWED */
};

/* More are counted; notes are the first to be left out. */
#define FINDINGS_MAX 10000

struct findings {
	struct finding *items; /* first what a container sees; by path, layer and class */
	size_t count, capacity;
	size_t counts[LEVELS]; /* of all */
	size_t left_out;
	bool *allowances_used; /* by their place in the policy */
	int error;
};

/* Judges all items of SURVEY. 0 or -ENOMEM; RET is to be released in either case. */
int findings_make(
	const struct survey *survey, const struct verify_options *options, struct findings *ret);
void findings_done(struct findings *findings);
static inline void findings_cleanup(struct findings *findings)
{
	findings_done(findings);
}
#define CLEANUP_FINDINGS CLEANUP(findings_cleanup)
