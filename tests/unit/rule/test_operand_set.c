/* SPDX-License-Identifier: Apache-2.0 */
/* Claims about agent/rule/condition/operand_set.c. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/cleanup.h"
#include "rule/condition/operand_set.h"

static void what_is_in_a_set_of_texts_is_found_and_nothing_else(void **state)
{
	static const char *const in[] = {
		"sh", "bash", "", "zsh", "sh", "a", "b", "ab", "ba", "\xff", "bash "};
	static const char *const out[] = {"s", "bas", "c", "shh", "\xfe", "bash\n", "BASH", "aa"};
	union operand operands[ARRAY_SIZE(in)];

	(void)state;
	for (size_t count = 0; count <= ARRAY_SIZE(in); count++) {
		for (size_t i = 0; i < count; i++)
			operands[i].text = slice_of(in[i]);
		operand_set_sort(VALUE_TEXT, operands, count);
		for (size_t i = 0; i < count; i++)
			assert_true(operand_set_has_text(operands, count, slice_of(in[i])));
		for (size_t i = 0; i < ARRAY_SIZE(out); i++)
			assert_false(operand_set_has_text(operands, count, slice_of(out[i])));
	}
}

static void texts_are_told_apart_behind_a_nul(void **state)
{
	union operand operands[] = {{.text = {"a\0b", 3}}, {.text = {"a\0c", 3}}};

	(void)state;
	operand_set_sort(VALUE_TEXT, operands, 2);
	assert_true(operand_set_has_text(operands, 2, (struct slice){"a\0c", 3}));
	assert_false(operand_set_has_text(operands, 2, (struct slice){"a\0d", 3}));
	assert_false(operand_set_has_text(operands, 2, (struct slice){NULL, 0}));
}

/* Inode numbers take 64 bits, and errors are negative: a difference of two does not fit 64. */
static void what_is_in_a_set_of_numbers_is_found_and_nothing_else(void **state)
{
	static const value_number in[] = {UINT64_MAX, -1, 0, INT64_MIN, 7, 7, INT64_MAX};
	static const value_number out[] = {1, -2, 6, 8, (value_number)UINT64_MAX - 1};
	union operand operands[ARRAY_SIZE(in)];

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(in); i++)
		operands[i].number = in[i];
	operand_set_sort(VALUE_NUMBER, operands, ARRAY_SIZE(in));
	for (size_t i = 0; i < ARRAY_SIZE(in); i++)
		assert_true(operand_set_has_number(operands, ARRAY_SIZE(in), in[i]));
	for (size_t i = 0; i < ARRAY_SIZE(out); i++)
		assert_false(operand_set_has_number(operands, ARRAY_SIZE(in), out[i]));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_is_in_a_set_of_texts_is_found_and_nothing_else),
		cmocka_unit_test(texts_are_told_apart_behind_a_nul),
		cmocka_unit_test(what_is_in_a_set_of_numbers_is_found_and_nothing_else),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
