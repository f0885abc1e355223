/* SPDX-License-Identifier: Apache-2.0 */
/* Reading of operands, one function for each type of field. */
#include "rule/operand.h"

#include <errno.h>
#include <stdlib.h>

#include "rule/glob.h"

/* More words than any field has to choose from. */
#define WORDS_MAX 16

static int parse_number(
	const struct field *field, const char *text, union operand *ret, struct diag *d)
{
	const char *digits = text[0] == '-' ? text + 1 : text;
	unsigned long long magnitude;
	char *end;

	errno = 0;
	magnitude = strtoull(digits, &end, 10);
	/* strtoull takes spaces and signs before the digits, rules do not */
	if (digits[0] < '0' || digits[0] > '9' || *end || errno)
		return diag_at(d, NULL, 0, 0, "found '%.64s' where %s needs a whole number", text,
			field->name);
	ret->number = digits == text ? (value_number)magnitude : -(value_number)magnitude;
	return 0;
}

static int parse_bool(
	const struct field *field, const char *text, union operand *ret, struct diag *d)
{
	ret->truth = strcmp(text, "true") == 0;
	if (ret->truth || strcmp(text, "false") == 0)
		return 0;
	return diag_at(
		d, NULL, 0, 0, "found '%.64s' where %s needs true or false", text, field->name);
}

/* A field with few values can only be compared with these. */
static int check_word(const struct field *field, const char *text, struct diag *d)
{
	const char *words[WORDS_MAX];
	size_t count = 0;

	while (count < WORDS_MAX && (words[count] = field->word(count))) {
		if (strcmp(words[count], text) == 0)
			return 0;
		count++;
	}
	diag_at(d, NULL, 0, 0, "'%.64s' is not a value that %s can have", text, field->name);
	diag_suggest(d, text, words, count);
	return -EINVAL;
}

static int parse_text(const struct field *field, const struct rule_operator *op, const char *text,
	union operand *ret, struct diag *d)
{
	bool whole = op->kind == OPERATOR_EQ || op->kind == OPERATOR_NE || op->kind == OPERATOR_IN;

	ret->text = slice_of(text);
	if (op->kind == OPERATOR_GLOB && !glob_valid(ret->text))
		return diag_at(d, NULL, 0, 0,
			"pattern '%.64s' ends within a '[' set or behind a backslash", text);
	return whole && field->word ? check_word(field, text, d) : 0;
}

int operand_parse(const struct field *field, const struct rule_operator *op, const char *text,
	union operand *ret, struct diag *d)
{
	switch (field->type) {
	case VALUE_TEXT:
		return parse_text(field, op, text, ret, d);
	case VALUE_NUMBER:
		return parse_number(field, text, ret, d);
	case VALUE_BOOL:
		return parse_bool(field, text, ret, d);
	default: /* no operator with an operand applies to the others */
		return diag_at(d, NULL, 0, 0, "%s cannot be compared", field->name);
	}
}
