/* SPDX-License-Identifier: Apache-2.0 */
/* What an explanation comes down to. The facade has explanations. */
#pragma once

#include "barewatch/rule.h"

/*
 * Appends the part that keeps the condition of EXPLANATION, of rule_explain(), from being true: a
 * comparison, the name of a macro, "not ..." or what `and` or `or` join. Nothing when it is true.
 */
void explanation_cause(const json_t *explanation, struct strbuf *out);
