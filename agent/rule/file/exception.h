/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The `exceptions` of rules: what is taken out of a condition, as fields, the
 * operators to compare them with, and values (falco.org/docs/concepts/rules/exceptions).
 */
#pragma once

#include "rule/file/item.h"

/* More fields than any exception compares at once. */
#define EXCEPTION_FIELDS_MAX 32

/* Checks the shape of NODE, the value of `exceptions`. 0, or -EINVAL with all that is wrong said. */
int exceptions_check(struct item *item, const json_t *node);

/*
 * Adds the exceptions of ITEM to RULE: values to those that have their name, the others as
 * new ones. Says what is wrong with them, and leaves faulty ones out. 0 or -ENOMEM.
 */
int exceptions_add(struct rule_definition *rule, const struct item *item);

/* True when EXCEPTION changes the condition: it has values, and nothing is wrong with them. */
bool exception_counts(const struct exception *exception);

/* Puts RULE's exceptions into its condition: `(...) and not (...)`. 0 or -ENOMEM. */
int exceptions_write(const struct rule_definition *rule, struct passage *condition);
