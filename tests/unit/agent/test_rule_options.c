/* SPDX-License-Identifier: Apache-2.0 */
/* Claims about agent/rule_options.c. */
#include "asserts.h"

#include <errno.h>

#include "rule_options.h"

static void paths_keep_their_order_and_are_no_more_than_the_limit(void **state)
{
	static char paths[RULE_PATHS_MAX + 1][4];
	struct rule_arguments a = {0};
	struct diag d = {0};

	(void)state;
	for (size_t i = 0; i < RULE_PATHS_MAX; i++) {
		snprintf(paths[i], sizeof(paths[i]), "%zu", i);
		assert_int_equal(rule_option_rules(&a, paths[i], &d), 0);
	}
	assert_int_equal(rule_option_rules(&a, "more", &d), -EINVAL);
	assert_string_equal(d.message, "given more than 64 times");
	assert_int_equal(a.rules.count, RULE_PATHS_MAX);
	for (size_t i = 0; i < RULE_PATHS_MAX; i++)
		assert_ptr_equal(a.rules.items[i], paths[i]);
}

static void containers_are_the_bare_ones_unless_all_are_asked_for(void **state)
{
	struct rule_arguments a = {0};
	struct diag d = {0};

	(void)state;
	assert_int_equal(rule_option_all_containers(&a, NULL, &d), 0);
	assert_true(a.all_containers);
}

static void output_is_text_or_json(void **state)
{
	struct rule_arguments a = {0};
	struct diag d = {0};

	(void)state;
	assert_int_equal(rule_option_output(&a, "json", &d), 0);
	assert_true(a.as_json);
	assert_int_equal(rule_option_output(&a, "text", &d), 0);
	assert_false(a.as_json);
	assert_int_equal(rule_option_output(&a, "xml", &d), -EINVAL);
	assert_string_equal(d.message, "'xml' is neither 'text' nor 'json'");
}

static void format_of_alerts_is_text_or_json(void **state)
{
	enum alert_format format = ALERT_TEXT;
	struct diag d = {0};

	(void)state;
	assert_int_equal(rule_alert_format("json", &format, &d), 0);
	assert_int_equal(format, ALERT_JSON);
	assert_int_equal(rule_alert_format("xml", &format, &d), -EINVAL);
	assert_int_equal(format, ALERT_JSON);
	assert_int_equal(rule_alert_format("text", &format, &d), 0);
	assert_int_not_equal(format, ALERT_JSON);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(paths_keep_their_order_and_are_no_more_than_the_limit),
		cmocka_unit_test(containers_are_the_bare_ones_unless_all_are_asked_for),
		cmocka_unit_test(output_is_text_or_json),
		cmocka_unit_test(format_of_alerts_is_text_or_json),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
