/* SPDX-License-Identifier: Apache-2.0 */
/* Claims about agent/rule/condition/operator.c. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/cleanup.h"
#include "rule/condition/operator.h"
#include "rule/condition/value.h"

static void every_operator_is_found_by_its_word(void **state)
{
	static const struct {
		const char *word;
		enum operator_kind kind;
		enum operator_operand operand;
	} cases[] = {
		{"=", OPERATOR_EQ, OPERAND_ONE},
		{"==", OPERATOR_EQ, OPERAND_ONE},
		{"!=", OPERATOR_NE, OPERAND_ONE},
		{"<", OPERATOR_LT, OPERAND_ONE},
		{"<=", OPERATOR_LE, OPERAND_ONE},
		{">", OPERATOR_GT, OPERAND_ONE},
		{">=", OPERATOR_GE, OPERAND_ONE},
		{"in", OPERATOR_IN, OPERAND_LIST},
		{"startswith", OPERATOR_STARTSWITH, OPERAND_ONE},
		{"endswith", OPERATOR_ENDSWITH, OPERAND_ONE},
		{"contains", OPERATOR_CONTAINS, OPERAND_ONE},
		{"glob", OPERATOR_GLOB, OPERAND_ONE},
		{"exists", OPERATOR_EXISTS, OPERAND_NONE},
		{"icontains", OPERATOR_ICONTAINS, OPERAND_ONE},
		{"bcontains", OPERATOR_BCONTAINS, OPERAND_ONE},
		{"bstartswith", OPERATOR_BSTARTSWITH, OPERAND_ONE},
		{"iglob", OPERATOR_IGLOB, OPERAND_ONE},
		{"intersects", OPERATOR_INTERSECTS, OPERAND_LIST},
		{"pmatch", OPERATOR_PMATCH, OPERAND_LIST},
		{"regex", OPERATOR_REGEX, OPERAND_ONE},
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		const struct rule_operator *op = operator_find(slice_of(cases[i].word));

		assert_non_null(op);
		assert_int_equal(op->kind, cases[i].kind);
		assert_int_equal(op->operand, cases[i].operand);
		assert_non_null(operator_find(slice_of(operator_name(op->kind))));
	}
}

static void other_words_are_none(void **state)
{
	static const char *const words[] = {"", "!", "IN", "and", "matches", "startswit"};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(words); i++)
		assert_null(operator_find(slice_of(words[i])));
}

static void only_numbers_are_ordered(void **state)
{
	(void)state;
	assert_int_equal(operator_find(slice_of("<"))->types, VALUE_BIT(VALUE_NUMBER));
	assert_int_equal(operator_find(slice_of("glob"))->types,
		VALUE_BIT(VALUE_TEXT) | VALUE_BIT(VALUE_ARGS));
}

static void nearest_word_is_suggested(void **state)
{
	struct diag d = {.message = "x"};

	(void)state;
	operator_suggest(&d, "endwith");
	assert_string_equal(d.message, "x: did you mean 'endswith'?");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_operator_is_found_by_its_word),
		cmocka_unit_test(other_words_are_none),
		cmocka_unit_test(only_numbers_are_ordered),
		cmocka_unit_test(nearest_word_is_suggested),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
