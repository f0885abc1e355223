/* SPDX-License-Identifier: Apache-2.0 */
/* Claims about agent/rule/condition/operand.c. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/cleanup.h"
#include "rule/condition/operand.h"

static int parse(
	const char *field, const char *op, const char *text, union operand *ret, struct diag *d)
{
	const struct field *found = field_find(slice_of(field));
	struct operand_target target = {found->name, found->type, found->word};
	struct store store = {0};
	int r;

	r = operand_parse(&target, operator_find(slice_of(op)), text, &store, ret, d);
	assert_null(store.last); /* none of these needs memory of its own */
	return r;
}

static void numbers_are_whole_and_up_to_64_bits(void **state)
{
	static const struct {
		const char *text;
		value_number number;
	} cases[] = {
		{"0", 0},
		{"-1", -1},
		{"18446744073709551615", UINT64_MAX},
		{"-18446744073709551615", -(value_number)UINT64_MAX},
		{"007", 7},
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		union operand operand;
		struct diag d;

		assert_int_equal(parse("proc.pid", "=", cases[i].text, &operand, &d), 0);
		assert_true(operand.number == cases[i].number);
	}
}

static void what_does_not_fit_the_field_is_refused(void **state)
{
	static const struct {
		const char *field, *op, *text, *message;
	} cases[] = {
		{"proc.pid", "=", "", "found '' where proc.pid needs a whole number"},
		{"proc.pid", "=", "1x", "found '1x' where proc.pid needs a whole number"},
		{"proc.pid", "<", "1.5", "found '1.5' where proc.pid needs a whole number"},
		{"proc.pid", "in", " 1", "found ' 1' where proc.pid needs a whole number"},
		{"proc.pid", "=", "--1", "found '--1' where proc.pid needs a whole number"},
		{"proc.pid", "=", "+1", "found '+1' where proc.pid needs a whole number"},
		{"proc.pid", "=", "18446744073709551616",
			"found '18446744073709551616' where proc.pid needs a whole number"},
		{"container.bare", "=", "yes",
			"found 'yes' where container.bare needs true or false"},
		{"exe.class", "=", "shel",
			"'shel' is not a value that exe.class can have: did you mean 'shell'?"},
		{"exe.class", "in", "browser", "'browser' is not a value that exe.class can have"},
		{"evt.subject", "!=", "exce",
			"'exce' is not a value that evt.subject can have: did you mean 'exec'?"},
		{"container.bare_source", "=", "polcy",
			"'polcy' is not a value that container.bare_source can have: did you mean "
			"'policy'?"},
		{"proc.name", "glob", "[a",
			"pattern '[a' ends within a '[' set or behind a backslash"},
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		union operand operand;
		struct diag d = {0};

		assert_true(parse(cases[i].field, cases[i].op, cases[i].text, &operand, &d) < 0);
		assert_string_equal(d.message, cases[i].message);
	}
}

static void parts_of_words_may_be_anything(void **state)
{
	union operand operand;
	struct diag d;

	(void)state;
	assert_int_equal(parse("exe.class", "startswith", "package", &operand, &d), 0);
	assert_true(slice_equal_text(operand.text, "package"));
	assert_int_equal(parse("proc.name", "=", "[a", &operand, &d), 0);
}

static void booleans_are_true_and_false(void **state)
{
	union operand operand;
	struct diag d;

	(void)state;
	assert_int_equal(parse("container.bare", "=", "true", &operand, &d), 0);
	assert_true(operand.truth);
	assert_int_equal(parse("container.bare", "=", "false", &operand, &d), 0);
	assert_false(operand.truth);
}

static void bytes_are_pairs_of_digits(void **state)
{
	struct operand_target target = {"f", VALUE_TEXT, NULL};
	struct store store = {0};
	union operand operand;
	struct diag d;

	(void)state;
	assert_int_equal(operand_parse(&target, operator_find(slice_of("bcontains")), "00fFa1",
				 &store, &operand, &d),
		0);
	assert_int_equal(operand.text.len, 3);
	assert_memory_equal(operand.text.data, "\0\xff\xa1", 3);
	assert_true(operand_parse(&target, operator_find(slice_of("bcontains")), "00f", &store,
			    &operand, &d) < 0);
	store_done(&store);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(bytes_are_pairs_of_digits),
		cmocka_unit_test(numbers_are_whole_and_up_to_64_bits),
		cmocka_unit_test(what_does_not_fit_the_field_is_refused),
		cmocka_unit_test(parts_of_words_may_be_anything),
		cmocka_unit_test(booleans_are_true_and_false),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
