/* SPDX-License-Identifier: Apache-2.0 */
/* The right side of a comparison, checked against the field on its left. */
#pragma once

#include "rule/field/field.h"
#include "rule/condition/operator.h"
#include "rule/condition/regex.h"
#include "rule/store.h"
#include "rule/condition/value.h"

/* Which one, the field's type and the operator tell. */
union operand {
	struct slice text;
	const struct regex *regex;
	value_number number;
	bool truth;
};

/* What a comparison compares: a field, or what was made of it. */
struct operand_target {
	const char *name; /* for messages */
	enum value_type type;
	field_word_fn *word; /* NULL when any value is possible */
};

/*
 * Makes TEXT an operand of TARGET with OP. The operand points to TEXT or to what is
 * put into STORE. Returns -ENOMEM, or -EINVAL with only D's message filled in when
 * TEXT is none: the caller knows where it stands.
 */
int operand_parse(const struct operand_target *target, const struct rule_operator *op,
	const char *text, struct store *store, union operand *ret, struct diag *d);
