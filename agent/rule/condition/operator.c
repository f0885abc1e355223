/* SPDX-License-Identifier: Apache-2.0 */
/* The table of operators. */
#include "rule/condition/operator.h"

#include "base/cleanup.h"
#include "rule/condition/value.h"

/* Of a list, one of its texts is enough. */
#define TEXTUAL (VALUE_BIT(VALUE_TEXT) | VALUE_BIT(VALUE_ARGS))
#define ORDERED VALUE_BIT(VALUE_NUMBER)
#define LISTED  (TEXTUAL | ORDERED)
#define ANY     (LISTED | VALUE_BIT(VALUE_BOOL))

static const struct rule_operator operators[] = {
	{"=", OPERATOR_EQ, OPERAND_ONE, ANY, "anything"},
	{"==", OPERATOR_EQ, OPERAND_ONE, ANY, "anything"},
	{"!=", OPERATOR_NE, OPERAND_ONE, ANY, "anything"},
	{"<", OPERATOR_LT, OPERAND_ONE, ORDERED, "numbers"},
	{"<=", OPERATOR_LE, OPERAND_ONE, ORDERED, "numbers"},
	{">", OPERATOR_GT, OPERAND_ONE, ORDERED, "numbers"},
	{">=", OPERATOR_GE, OPERAND_ONE, ORDERED, "numbers"},
	{"in", OPERATOR_IN, OPERAND_LIST, LISTED, "texts and numbers"},
	{"startswith", OPERATOR_STARTSWITH, OPERAND_ONE, TEXTUAL, "texts"},
	{"endswith", OPERATOR_ENDSWITH, OPERAND_ONE, TEXTUAL, "texts"},
	{"contains", OPERATOR_CONTAINS, OPERAND_ONE, TEXTUAL, "texts"},
	{"glob", OPERATOR_GLOB, OPERAND_ONE, TEXTUAL, "texts"},
	{"icontains", OPERATOR_ICONTAINS, OPERAND_ONE, TEXTUAL, "texts"},
	{"bcontains", OPERATOR_BCONTAINS, OPERAND_ONE, TEXTUAL, "texts"},
	{"bstartswith", OPERATOR_BSTARTSWITH, OPERAND_ONE, TEXTUAL, "texts"},
	{"iglob", OPERATOR_IGLOB, OPERAND_ONE, TEXTUAL, "texts"},
	{"intersects", OPERATOR_INTERSECTS, OPERAND_LIST, LISTED, "texts and numbers"},
	{"pmatch", OPERATOR_PMATCH, OPERAND_LIST, TEXTUAL, "texts"},
	{"regex", OPERATOR_REGEX, OPERAND_ONE, TEXTUAL, "texts"},
	{"exists", OPERATOR_EXISTS, OPERAND_NONE, ANY, "anything"},
};

const struct rule_operator *operator_find(struct slice word)
{
	for (size_t i = 0; i < ARRAY_SIZE(operators); i++)
		if (slice_equal_text(word, operators[i].name))
			return &operators[i];
	return NULL;
}

const char *operator_name(enum operator_kind kind)
{
	size_t i = 0;

	while (operators[i].kind != kind) /* each has one */
		i++;
	return operators[i].name;
}

void operator_suggest(struct diag *d, const char *word)
{
	const char *names[ARRAY_SIZE(operators) + 2] = {"and", "or"};

	for (size_t i = 0; i < ARRAY_SIZE(operators); i++)
		names[i + 2] = operators[i].name;
	diag_suggest(d, word, names, ARRAY_SIZE(names));
}
