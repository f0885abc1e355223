/* SPDX-License-Identifier: Apache-2.0 */
/* The comparison operators: how they are written, what they take, what they compare. */
#pragma once

#include "base/diag.h"
#include "base/slice.h"

enum operator_kind {
	OPERATOR_EQ,
	OPERATOR_NE,
	OPERATOR_LT,
	OPERATOR_LE,
	OPERATOR_GT,
	OPERATOR_GE,
	OPERATOR_IN,
	OPERATOR_STARTSWITH,
	OPERATOR_ENDSWITH,
	OPERATOR_CONTAINS,
	OPERATOR_GLOB,
	OPERATOR_EXISTS,
	OPERATOR_ICONTAINS,
	OPERATOR_BCONTAINS,
	OPERATOR_BSTARTSWITH,
	OPERATOR_IGLOB,
	OPERATOR_INTERSECTS,
	OPERATOR_PMATCH,
	OPERATOR_REGEX,
};

enum operator_operand {
	OPERAND_NONE,
	OPERAND_ONE,
	OPERAND_LIST,
};

struct rule_operator {
	const char *name;
	enum operator_kind kind;
	enum operator_operand operand;
	unsigned types; /* mask of VALUE_BIT() of the fields it applies to */
	const char *types_named; /* the same for messages */
};

/* NULL when WORD is no operator. */
const struct rule_operator *operator_find(struct slice word);

/* How the operator of KIND is written. */
const char *operator_name(enum operator_kind kind);

/* Adds the operator or conjunction nearest to WORD to the message in D. */
void operator_suggest(struct diag *d, const char *word);
