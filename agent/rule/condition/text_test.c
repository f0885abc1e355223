/* SPDX-License-Identifier: Apache-2.0 */
/* The tests of text_test.h. Letters are those of ASCII: what a text means is not known. */
#include "rule/condition/text_test.h"

#include <string.h>

#include "rule/condition/glob.h"
#include "rule/condition/regex.h"

static bool text_starts(struct slice text, struct slice start)
{
	return start.len == 0 ||
	       (text.len >= start.len && memcmp(text.data, start.data, start.len) == 0);
}

static bool text_ends(struct slice text, struct slice end)
{
	if (end.len == 0 || text.len < end.len)
		return end.len == 0;
	return slice_equal((struct slice){text.data + (text.len - end.len), end.len}, end);
}

static bool text_contains(struct slice text, struct slice part)
{
	if (part.len == 0 || text.len < part.len)
		return part.len == 0;
	return memmem(text.data, text.len, part.data, part.len) != NULL;
}

static unsigned char fold(unsigned char c)
{
	return c >= 'A' && c <= 'Z' ? c ^ ('a' ^ 'A') : c;
}

static bool text_contains_folded(struct slice text, struct slice part)
{
	for (size_t at = 0; at + part.len <= text.len; at++) {
		size_t i = 0;

		while (i < part.len && fold(text.data[at + i]) == fold(part.data[i]))
			i++;
		if (i == part.len)
			return true;
	}
	return false;
}

/* Takes the next component off PATH. False when there is none. */
static bool component_next(struct slice *path, struct slice *ret)
{
	size_t start = 0, end;

	while (start < path->len && path->data[start] == '/')
		start++;
	end = start;
	while (end < path->len && path->data[end] != '/')
		end++;
	*ret = (struct slice){path->data + start, end - start};
	*path = (struct slice){path->data + end, path->len - end};
	return ret->len > 0;
}

/* True when TEXT is the path PREFIX or below it; the prefix's components are globs. */
static bool path_starts(struct slice text, struct slice prefix)
{
	struct slice wanted, found;

	while (component_next(&prefix, &wanted))
		if (!component_next(&text, &found) || !glob_match(wanted, found))
			return false;
	return true;
}

bool text_test(enum operator_kind op, struct slice text, const union operand *operand)
{
	switch (op) {
	case OPERATOR_STARTSWITH:
	case OPERATOR_BSTARTSWITH:
		return text_starts(text, operand->text);
	case OPERATOR_ENDSWITH:
		return text_ends(text, operand->text);
	case OPERATOR_CONTAINS:
	case OPERATOR_BCONTAINS:
		return text_contains(text, operand->text);
	case OPERATOR_ICONTAINS:
		return text_contains_folded(text, operand->text);
	case OPERATOR_GLOB:
		return glob_match(operand->text, text);
	case OPERATOR_IGLOB:
		return glob_match_folded(operand->text, text);
	case OPERATOR_PMATCH:
		return path_starts(text, operand->text);
	case OPERATOR_REGEX:
		return regex_match(operand->regex, text);
	default: /* =, !=, in and intersects */
		return slice_equal(text, operand->text);
	}
}
