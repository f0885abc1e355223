/* SPDX-License-Identifier: Apache-2.0 */
/* Claims about agent/late.c. */
#include "asserts.h"

#include <stdlib.h>

#include "late.h"

static const struct rule first_rule = {.name = "first"}, second_rule = {.name = "second"};
static const struct container web = {.cgroup = 7}, db = {.cgroup = 8}, other = {.cgroup = 9};

static void assert_next(struct late *late, const struct container *container, const char *id,
	const struct rule *rule)
{
	struct late_alert alert;

	assert_true(late_take(late, container, &alert));
	assert_string_equal(alert.id, id);
	assert_string_equal(alert.rule->name, rule->name);
	free(alert.rule);
}

static void alerts_of_a_container_come_in_their_order(void **state)
{
	struct late late = {.count = 0};
	struct late_alert alert;

	(void)state;
	late_add(&late, "a-1", &first_rule, &web);
	late_add(&late, "a-2", &second_rule, &db);
	late_add(&late, "a-3", &second_rule, &web);
	assert_false(late_take(&late, &other, &alert));
	assert_next(&late, &web, "a-1", &first_rule);
	assert_next(&late, &web, "a-3", &second_rule);
	assert_false(late_take(&late, &web, &alert));
	assert_next(&late, &db, "a-2", &second_rule);
	assert_int_equal(late.count, 0);
}

static void what_there_is_no_room_for_is_left_out(void **state)
{
	struct late late = {.count = 0};
	struct late_alert alert;

	(void)state;
	for (int i = 0; i < LATE_ALERTS_MAX; i++)
		late_add(&late, "a-1", &first_rule, &web);
	late_add(&late, "a-2", &first_rule, &db);
	assert_false(late_take(&late, &db, &alert));
	assert_next(&late, &web, "a-1", &first_rule);
	late_add(&late, "a-3", &first_rule, &db);
	assert_next(&late, &db, "a-3", &first_rule);
	late_done(&late);
	assert_int_equal(late.count, 0);
}

/* A rule set may be gone by the time that the alert is completed. */
static void rule_is_kept_when_its_set_is_gone(void **state)
{
	struct late late = {.count = 0};
	char name[] = "shell", tag[] = "process", *tags[] = {tag, NULL};
	struct rule rule = {.name = name, .tags = tags};
	struct late_alert alert;

	(void)state;
	late_add(&late, "a-1", &rule, &web);
	name[0] = tag[0] = '?';
	rule.name = NULL;
	assert_true(late_take(&late, &web, &alert));
	assert_string_equal(alert.rule->name, "shell");
	assert_string_equal(alert.rule->tags[0], "process");
	free(alert.rule);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(alerts_of_a_container_come_in_their_order),
		cmocka_unit_test(what_there_is_no_room_for_is_left_out),
		cmocka_unit_test(rule_is_kept_when_its_set_is_gone),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
