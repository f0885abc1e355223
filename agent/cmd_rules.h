/* SPDX-License-Identifier: Apache-2.0 */
/* What the subcommands of `barewatch rules` that read rule files share. */
#pragma once

#include "barewatch/rule.h"

DEFINE_CLEANUP(struct rule_set, rule_set, rule_set_free);

/*
 * What is told of RULE in JSON: "name", "description", "priority", "state", "reason" when it is
 * skipped, "subjects" and "tags". NULL when out of memory.
 */
json_t *rules_rule_json(const struct rule *rule);

/* Appends the subjects of RULE, or its tags, with ", " between them; "-" when there are none. */
void rules_add_subjects(const struct rule *rule, struct strbuf *out);
void rules_add_tags(const struct rule *rule, struct strbuf *out);
