/* SPDX-License-Identifier: Apache-2.0 */
/* Claims about agent/base/timestamp.c. */
#include "asserts.h"

#include "base/timestamp.h"

static void times_are_written_and_read(void **state)
{
	static const struct {
		uint64_t time_ns;
		const char *text;
	} cases[] = {
		{0, "1970-01-01T00:00:00.000000000Z"},
		{1795418597123456789, "2026-11-23T07:23:17.123456789Z"},
		{951782400000000001, "2000-02-29T00:00:00.000000001Z"},
		{18446744072999999999ULL, "2554-07-21T23:34:32.999999999Z"},
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		char text[TIMESTAMP_SIZE];
		uint64_t time_ns = 1;

		timestamp_format(cases[i].time_ns, text);
		assert_string_equal(text, cases[i].text);
		assert_true(timestamp_parse(text, &time_ns));
		assert_int_equal(time_ns, cases[i].time_ns);
	}
}

static void nothing_else_is_a_time(void **state)
{
	static const char *const texts[] = {NULL, "", "2026-11-23", "2026-11-23T07:23:17Z",
		"2026-11-23T07:23:17.123Z", "2026-11-23T07:23:17.123456789",
		"2026-11-23T07:23:17.123456789Zx", "2026-11-23T07:23:17.1234567890Z",
		" 2026-11-23T07:23:17.123456789Z", "2026-02-30T07:23:17.123456789Z",
		"1969-12-31T23:59:59.000000000Z", "2554-07-21T23:34:34.000000000Z",
		"9999-12-31T23:59:59.000000000Z", "2026-11-23T07:23:60.123456789Z"};
	uint64_t time_ns = 7;

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(texts); i++)
		assert_false(timestamp_parse(texts[i], &time_ns));
	assert_int_equal(time_ns, 7);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(times_are_written_and_read),
		cmocka_unit_test(nothing_else_is_a_time),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
