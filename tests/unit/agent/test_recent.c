/* SPDX-License-Identifier: Apache-2.0 */
/* Claims about agent/recent.c. */
#include "asserts.h"

#include <jansson.h>

#include "base/json.h"
#include "recent.h"

static const struct rule web_rule = {.name = "web"};

/* A subject whose values take about BYTES, and the container that they are of. */
static struct subject subject_of(struct container *container, size_t bytes)
{
	*container = (struct container){.id = "abc", .name = malloc(bytes + 1)};
	memset(container->name, 'x', bytes);
	container->name[bytes] = '\0';
	return (struct subject){.kind = SUBJECT_CONTAINER, .container = container};
}

static void add(struct recent *recent, unsigned number, size_t bytes)
{
	struct container container;
	struct subject subject = subject_of(&container, bytes);
	char id[ALERT_ID_SIZE];

	alert_id_format(id, 7, number);
	recent_add(recent, id, &web_rule, &subject);
	free(container.name);
}

static bool has(const struct recent *recent, unsigned number)
{
	char id[ALERT_ID_SIZE];

	alert_id_format(id, 7, number);
	return recent_find(recent, id).len > 0;
}

static void what_is_kept_can_be_read_again(void **state)
{
	static struct recent recent;
	char id[ALERT_ID_SIZE];
	struct slice line;

	(void)state;
	add(&recent, 1, 3);
	add(&recent, 2, 4);
	alert_id_format(id, 7, 2);
	line = recent_find(&recent, id);
	{
		CLEANUP_JSON json_t *json = json_loadb(line.data, line.len, 0, NULL);
		const json_t *fields = json_object_get(json, "fields");

		assert_string_equal(json_string_value(json_object_get(json, "alert")), id);
		assert_string_equal(json_string_value(json_object_get(json, "rule")), "web");
		assert_string_equal(
			json_string_value(json_object_get(fields, "container.name")), "xxxx");
	}
	assert_false(has(&recent, 3));
	recent_done(&recent);
	assert_false(has(&recent, 1));
	assert_int_equal(recent.bytes, 0);
}

static void oldest_make_room_when_there_are_too_many(void **state)
{
	static struct recent recent;

	(void)state;
	for (unsigned i = 1; i <= RECENT_ALERTS_MAX + 2; i++)
		add(&recent, i, 3);
	assert_int_equal(recent.count, RECENT_ALERTS_MAX);
	assert_false(has(&recent, 2));
	assert_true(has(&recent, 3));
	assert_true(has(&recent, RECENT_ALERTS_MAX + 2));
	recent_done(&recent);
}

static void oldest_make_room_when_they_are_too_large(void **state)
{
	static struct recent recent;

	(void)state;
	for (unsigned i = 1; i <= 100; i++) {
		add(&recent, i, 30000);
		assert_true(recent.bytes <= RECENT_BYTES_MAX);
	}
	assert_true(recent.count > 10 && recent.count < 100);
	assert_false(has(&recent, 1));
	assert_true(has(&recent, 100));
	recent_done(&recent);
	assert_int_equal(recent.bytes, 0);
}

static void one_that_is_larger_than_all_room_costs_no_other(void **state)
{
	static struct recent recent;

	(void)state;
	add(&recent, 1, 3);
	add(&recent, 2, RECENT_BYTES_MAX);
	assert_true(has(&recent, 1));
	assert_false(has(&recent, 2));
	recent_done(&recent);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_is_kept_can_be_read_again),
		cmocka_unit_test(oldest_make_room_when_there_are_too_many),
		cmocka_unit_test(oldest_make_room_when_they_are_too_large),
		cmocka_unit_test(one_that_is_larger_than_all_room_costs_no_other),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
