/* SPDX-License-Identifier: Apache-2.0 */
/* Sorting and binary search. Texts are in order of their lengths first, which is cheapest. */
#include "rule/condition/operand_set.h"

#include <stdlib.h>

static int compare_texts(const void *a, const void *b)
{
	struct slice left = ((const union operand *)a)->text;
	struct slice right = ((const union operand *)b)->text;

	if (left.len != right.len)
		return left.len < right.len ? -1 : 1;
	return left.len == 0 ? 0 : memcmp(left.data, right.data, left.len);
}

static int compare_numbers(const void *a, const void *b)
{
	value_number left = ((const union operand *)a)->number;
	value_number right = ((const union operand *)b)->number;

	return (left > right) - (left < right);
}

bool operand_set_sortable(enum value_type type)
{
	return type == VALUE_TEXT || type == VALUE_ARGS || type == VALUE_NUMBER;
}

void operand_set_sort(enum value_type type, union operand *operands, size_t count)
{
	qsort(operands, count, sizeof(*operands),
		type == VALUE_NUMBER ? compare_numbers : compare_texts);
}

bool operand_set_has_text(const union operand *operands, size_t count, struct slice text)
{
	const union operand key = {.text = text};

	return bsearch(&key, operands, count, sizeof(*operands), compare_texts);
}

bool operand_set_has_number(const union operand *operands, size_t count, value_number number)
{
	const union operand key = {.number = number};

	return bsearch(&key, operands, count, sizeof(*operands), compare_numbers);
}
