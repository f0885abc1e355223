/* SPDX-License-Identifier: Apache-2.0 */
/* The policy module: which containers are meant to be bare. Does no I/O once loaded. */
#pragma once

#include "barewatch/container.h"
#include "base/diag.h"

struct policy;

/* An empty policy: no container is bare. */
int policy_new(struct policy **ret);
void policy_free(struct policy *policy);

/* Adds a value of --bare: "all", an id or a beginning of one (12 digits or more), or a name. */
int policy_add_option(struct policy *policy, const char *value);

/* Adds a policy file (docs/policy.md). 0, or a negative errno with D filled in. */
int policy_add_file(struct policy *policy, const char *path, struct diag *d);
int policy_add_text(struct policy *policy, const char *name, struct slice text, struct diag *d);

/* True when nothing could ever make a container bare. */
bool policy_is_empty(const struct policy *policy);

/*
 * By what CONTAINER is bare, or BARE_NO. Looks at id, name, image, runtime and
 * cgroup path. Notes which value of --bare it was.
 */
enum bare_source policy_judge(struct policy *policy, const struct container *container);

/*
 * Same for one that is nested in OUTER, which chose what CONTAINER is called: in a bare
 * container all are bare.
 */
enum bare_source policy_judge_nested(
	struct policy *policy, const struct container *container, const struct container *outer);

/*
 * The next value of --bare that no container has matched so far, or NULL. *CURSOR
 * starts at 0 and is moved on.
 */
const char *policy_unmatched_option(const struct policy *policy, size_t *cursor);
