/* SPDX-License-Identifier: Apache-2.0 */
/* The right side of a comparison, checked against the field on its left. */
#pragma once

#include "rule/field.h"
#include "rule/operator.h"
#include "rule/value.h"

/* Which one, the field's type tells. */
union operand {
	struct slice text;
	value_number number;
	bool truth;
};

/*
 * Makes TEXT an operand of FIELD with OP. The operand points to TEXT. Returns
 * -EINVAL and fills in only D's message when TEXT is none: the caller knows where
 * it stands.
 */
int operand_parse(const struct field *field, const struct rule_operator *op, const char *text,
	union operand *ret, struct diag *d);
