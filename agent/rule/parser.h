/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The grammar of conditions:
 *
 *	or         = and { "or" and }
 *	and        = term { "and" term }
 *	term       = "not" term | "(" or ")" | comparison | MACRO
 *	comparison = FIELD ( sign VALUE | word VALUE | "in" list | "exists" )
 *	list       = "(" VALUE { "," VALUE } ")" | LISTNAME
 *
 * In quoted values a backslash stands before a quote or a backslash that is
 * meant as itself; before anything else it is one.
 */
#pragma once

#include "rule/ast.h"
#include "rule/source.h"

/* Parses TEXT. ORIGIN may be NULL. 0, or a negative errno with D filled in. */
int condition_parse(
	struct slice text, const struct origin *origin, struct ast *ret, struct diag *d);
