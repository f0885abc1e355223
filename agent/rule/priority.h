/* SPDX-License-Identifier: Apache-2.0 */
/* Reading of priorities; rule_priority_name() of the facade writes them. */
#pragma once

#include "barewatch/rule.h"

/* Case does not matter, and INFO is INFORMATIONAL, as in Falco. False when WORD is none. */
bool priority_parse(const char *word, enum rule_priority *ret);

/* Adds the priority nearest to WORD to the message in D. */
void priority_suggest(struct diag *d, const char *word);
