/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The grammar of conditions:
 *
 *	or         = and { "or" and }
 *	and        = term { "and" term }
 *	term       = "not" term | "(" or ")" | comparison | MACRO
 *	comparison = left ( sign right | word right | listword list | "exists" )
 *	left       = FIELD | TRANSFORMER "(" left ")"
 *	right      = VALUE | TRANSFORMER "(" left ")"
 *	listword   = "in" | "intersects" | "pmatch"
 *	list       = "(" [ VALUE { "," VALUE } ] ")" | LISTNAME
 *
 * A field may have an argument in brackets, in which anything may stand but ']'.
 *
 * In quoted values a backslash stands before a quote or a backslash that is
 * meant as itself; before anything else it is one.
 */
#pragma once

#include "rule/condition/ast.h"
#include "rule/file/source.h"

/* Parses TEXT. ORIGIN may be NULL. 0, or a negative errno with D filled in. */
int condition_parse(
	struct slice text, const struct origin *origin, struct ast *ret, struct diag *d);
