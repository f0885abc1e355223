/* SPDX-License-Identifier: Apache-2.0 */
/* Claims about agent/rule/priority.c. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>

#include <cmocka.h>

#include "rule/priority.h"

static void names_are_read_in_any_case_and_written_in_one(void **state)
{
	static const struct {
		const char *word;
		const char *name;
	} cases[] = {
		{"EMERGENCY", "Emergency"},
		{"alert", "Alert"},
		{"Critical", "Critical"},
		{"error", "Error"},
		{"WARNING", "Warning"},
		{"Notice", "Notice"},
		{"informational", "Informational"},
		{"INFO", "Informational"},
		{"debug", "Debug"},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		enum rule_priority priority;

		assert_true(priority_parse(cases[i].word, &priority));
		assert_string_equal(rule_priority_name(priority), cases[i].name);
	}
}

static void most_urgent_comes_first(void **state)
{
	(void)state;
	assert_true(RULE_EMERGENCY < RULE_CRITICAL && RULE_CRITICAL < RULE_DEBUG);
}

static void other_words_are_none_and_get_a_suggestion(void **state)
{
	enum rule_priority priority = RULE_NOTICE;
	struct diag d = {.message = "x"};

	(void)state;
	assert_false(priority_parse("critcal", &priority));
	assert_int_equal(priority, RULE_NOTICE);
	priority_suggest(&d, "critcal");
	assert_string_equal(d.message, "x: did you mean 'CRITICAL'?");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(names_are_read_in_any_case_and_written_in_one),
		cmocka_unit_test(most_urgent_comes_first),
		cmocka_unit_test(other_words_are_none_and_get_a_suggestion),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
