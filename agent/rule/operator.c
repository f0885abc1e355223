/* SPDX-License-Identifier: Apache-2.0 */
/* The table of operators. */
#include "rule/operator.h"

#include "base/cleanup.h"
#include "rule/value.h"

#define SCALARS (VALUE_BIT(VALUE_TEXT) | VALUE_BIT(VALUE_NUMBER) | VALUE_BIT(VALUE_BOOL))
#define ORDERED VALUE_BIT(VALUE_NUMBER)
#define LISTED  (VALUE_BIT(VALUE_TEXT) | VALUE_BIT(VALUE_NUMBER))
#define TEXTUAL VALUE_BIT(VALUE_TEXT)
#define ANY     (SCALARS | VALUE_BIT(VALUE_ARGS))

static const struct rule_operator operators[] = {
	{"=", OPERATOR_EQ, OPERAND_ONE, SCALARS, "single values"},
	{"==", OPERATOR_EQ, OPERAND_ONE, SCALARS, "single values"},
	{"!=", OPERATOR_NE, OPERAND_ONE, SCALARS, "single values"},
	{"<", OPERATOR_LT, OPERAND_ONE, ORDERED, "numbers"},
	{"<=", OPERATOR_LE, OPERAND_ONE, ORDERED, "numbers"},
	{">", OPERATOR_GT, OPERAND_ONE, ORDERED, "numbers"},
	{">=", OPERATOR_GE, OPERAND_ONE, ORDERED, "numbers"},
	{"in", OPERATOR_IN, OPERAND_LIST, LISTED, "texts and numbers"},
	{"startswith", OPERATOR_STARTSWITH, OPERAND_ONE, TEXTUAL, "texts"},
	{"endswith", OPERATOR_ENDSWITH, OPERAND_ONE, TEXTUAL, "texts"},
	{"contains", OPERATOR_CONTAINS, OPERAND_ONE, TEXTUAL, "texts"},
	{"glob", OPERATOR_GLOB, OPERAND_ONE, TEXTUAL, "texts"},
	{"exists", OPERATOR_EXISTS, OPERAND_NONE, ANY, "anything"},
};

const struct rule_operator *operator_find(struct slice word)
{
	for (size_t i = 0; i < ARRAY_SIZE(operators); i++)
		if (slice_equal_text(word, operators[i].name))
			return &operators[i];
	return NULL;
}

void operator_suggest(struct diag *d, const char *word)
{
	const char *names[ARRAY_SIZE(operators) + 2] = {"and", "or"};

	for (size_t i = 0; i < ARRAY_SIZE(operators); i++)
		names[i + 2] = operators[i].name;
	diag_suggest(d, word, names, ARRAY_SIZE(names));
}
