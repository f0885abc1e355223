/* SPDX-License-Identifier: Apache-2.0 */
/* Sorting and binary search. Texts are in order of their lengths first, which is cheapest. */
#include "rule/condition/operand_set.h"

#include <stdlib.h>

static int compare_texts(struct slice a, struct slice b)
{
	if (a.len != b.len)
		return a.len < b.len ? -1 : 1;
	return a.len == 0 ? 0 : memcmp(a.data, b.data, a.len);
}

static int compare_numbers(value_number a, value_number b)
{
	return (a > b) - (a < b);
}

static int compare_text_operands(const void *a, const void *b)
{
	return compare_texts(((const union operand *)a)->text, ((const union operand *)b)->text);
}

static int compare_number_operands(const void *a, const void *b)
{
	return compare_numbers(
		((const union operand *)a)->number, ((const union operand *)b)->number);
}

bool operand_set_sortable(enum value_type type)
{
	return type == VALUE_TEXT || type == VALUE_ARGS || type == VALUE_NUMBER;
}

void operand_set_sort(enum value_type type, union operand *operands, size_t count)
{
	qsort(operands, count, sizeof(*operands),
		type == VALUE_NUMBER ? compare_number_operands : compare_text_operands);
}

bool operand_set_has_text(const union operand *operands, size_t count, struct slice text)
{
	size_t low = 0, high = count;

	while (low < high) {
		size_t middle = low + (high - low) / 2;
		int order = compare_texts(text, operands[middle].text);

		if (order == 0)
			return true;
		if (order < 0)
			high = middle;
		else
			low = middle + 1;
	}
	return false;
}

bool operand_set_has_number(const union operand *operands, size_t count, value_number number)
{
	size_t low = 0, high = count;

	while (low < high) {
		size_t middle = low + (high - low) / 2;
		int order = compare_numbers(number, operands[middle].number);

		if (order == 0)
			return true;
		if (order < 0)
			high = middle;
		else
			low = middle + 1;
	}
	return false;
}
