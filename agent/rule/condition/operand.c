/* SPDX-License-Identifier: Apache-2.0 */
/* Reading of operands, one function for each type of field. */
#include "rule/condition/operand.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "rule/condition/glob.h"

/* More words than any field has to choose from. */
#define WORDS_MAX 16

static int parse_number(
	const struct operand_target *target, const char *text, union operand *ret, struct diag *d)
{
	const char *digits = text[0] == '-' ? text + 1 : text;
	unsigned long long magnitude;
	char *end;

	errno = 0;
	magnitude = strtoull(digits, &end, 10);
	/* strtoull takes spaces and signs before the digits, rules do not */
	if (digits[0] < '0' || digits[0] > '9' || *end || errno)
		return diag_at(d, NULL, 0, 0, "found '%.64s' where %s needs a whole number", text,
			target->name);
	ret->number = digits == text ? (value_number)magnitude : -(value_number)magnitude;
	return 0;
}

static int parse_bool(
	const struct operand_target *target, const char *text, union operand *ret, struct diag *d)
{
	ret->truth = strcmp(text, "true") == 0;
	if (ret->truth || strcmp(text, "false") == 0)
		return 0;
	return diag_at(
		d, NULL, 0, 0, "found '%.64s' where %s needs true or false", text, target->name);
}

/*
 * Falco has values of these that we never see, as `ipv4` of fd.type: a comparison
 * with one is false, not wrong.
 */
static bool has_others_with_falco(const char *name)
{
	return strncmp(name, "fd.", 3) == 0 || strcmp(name, "evt.category") == 0;
}

/* A field with few values can only be compared with these. */
static int check_word(const struct operand_target *target, const char *text, struct diag *d)
{
	const char *words[WORDS_MAX];
	size_t count = 0;

	while (count < WORDS_MAX && (words[count] = target->word(count))) {
		if (strcmp(words[count], text) == 0)
			return 0;
		count++;
	}
	diag_at(d, NULL, 0, 0, "'%.64s' is not a value that %s can have", text, target->name);
	diag_suggest(d, text, words, count);
	return -EINVAL;
}

static void release_regex(void *regex)
{
	regex_free(regex);
}

static int parse_regex(const char *text, struct store *store, union operand *ret, struct diag *d)
{
	const char *problem = NULL;
	struct regex *regex;
	size_t offset = 0;
	int r;

	r = regex_compile(slice_of(text), &regex, &problem, &offset);
	if (r == -EINVAL)
		return diag_at(d, NULL, 0, 0, "regex '%.64s', character %zu: %s", text, offset + 1,
			problem);
	if (r < 0)
		return r;
	ret->regex = regex;
	return store_add(store, regex, release_regex);
}

static int hex_value(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	if ((c | 0x20) >= 'a' && (c | 0x20) <= 'f')
		return (c | 0x20) - 'a' + 10;
	return -1;
}

/* Bytes, each as two hexadecimal digits. */
static int parse_bytes(const char *text, struct store *store, union operand *ret, struct diag *d)
{
	size_t len = strlen(text);
	char *bytes = malloc(len / 2 + 1);

	if (!bytes)
		return -ENOMEM;
	ret->text = (struct slice){bytes, len / 2};
	for (size_t i = 0; i < len; i += 2) {
		int high = hex_value(text[i]), low = hex_value(text[i + 1]);

		if (high < 0 || low < 0) {
			free(bytes);
			return diag_at(d, NULL, 0, 0,
				"found '%.64s' where pairs of hexadecimal digits are expected",
				text);
		}
		bytes[i / 2] = (char)(high << 4 | low);
	}
	return store_add(store, bytes, free);
}

static int parse_text(const struct operand_target *target, const struct rule_operator *op,
	const char *text, struct store *store, union operand *ret, struct diag *d)
{
	ret->text = slice_of(text);
	switch (op->kind) {
	case OPERATOR_REGEX:
		return parse_regex(text, store, ret, d);
	case OPERATOR_BCONTAINS:
	case OPERATOR_BSTARTSWITH:
		return parse_bytes(text, store, ret, d);
	case OPERATOR_GLOB:
	case OPERATOR_IGLOB:
	case OPERATOR_PMATCH:
		if (glob_valid(ret->text))
			return 0;
		return diag_at(d, NULL, 0, 0,
			"pattern '%.64s' ends within a '[' set or behind a backslash", text);
	case OPERATOR_EQ:
	case OPERATOR_NE:
	case OPERATOR_IN:
	case OPERATOR_INTERSECTS:
		if (!target->word || has_others_with_falco(target->name))
			return 0;
		return check_word(target, text, d);
	default:
		return 0;
	}
}

int operand_parse(const struct operand_target *target, const struct rule_operator *op,
	const char *text, struct store *store, union operand *ret, struct diag *d)
{
	switch (target->type) {
	case VALUE_TEXT:
	case VALUE_ARGS:
		return parse_text(target, op, text, store, ret, d);
	case VALUE_NUMBER:
		return parse_number(target, text, ret, d);
	case VALUE_BOOL:
		return parse_bool(target, text, ret, d);
	default: /* no field has the others */
		return diag_at(d, NULL, 0, 0, "%s cannot be compared", target->name);
	}
}
