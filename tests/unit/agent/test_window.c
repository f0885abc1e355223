/* SPDX-License-Identifier: Apache-2.0 */
/* Claims about agent/window.c. */
#include "asserts.h"

#include "window.h"

#define S 1000000000ULL

static void assert_window(const struct probe_window *window, bool may_have_missed, const char *text)
{
	CLEANUP_STRBUF struct strbuf found = STRBUF_INIT;

	assert_int_equal(window_describe(window, 1795446000 * S, &found), may_have_missed);
	assert_string_equal(strbuf_text(&found), text);
}

static void times_and_numbers_are_said(void **state)
{
	const struct probe_window window = {
		.kind = PROBE_WINDOW_ADOPTED,
		.from_ns = 10 * S,
		.to_ns = 13 * S + S / 2,
		.waiting = 852,
	};

	(void)state;
	assert_window(&window, false,
		"nobody read events from 2026-11-23T15:00:10Z to 2026-11-23T15:00:13Z (3.5 s): "
		"852 waited, 0 were lost");
}

static void losses_are_a_reason_to_worry(void **state)
{
	const struct probe_window lost = {
		.kind = PROBE_WINDOW_REPLACED, .from_ns = S, .to_ns = 2 * S, .lost = 3};
	const struct probe_window detached = {
		.kind = PROBE_WINDOW_ADOPTED, .from_ns = S, .to_ns = 2 * S, .reattached = 2};

	(void)state;
	assert_window(&lost, true,
		"nobody read events from 2026-11-23T15:00:01Z to 2026-11-23T15:00:02Z (1.0 s): "
		"0 waited, 3 were lost");
	assert_window(&detached, true,
		"nobody read events from 2026-11-23T15:00:01Z to 2026-11-23T15:00:02Z (1.0 s): "
		"0 waited, 0 were lost, 2 programs were not attached");
}

static void agent_that_never_watched_has_no_beginning(void **state)
{
	const struct probe_window window = {.kind = PROBE_WINDOW_ADOPTED, .to_ns = 2 * S};

	(void)state;
	assert_window(&window, false,
		"nobody read events until 2026-11-23T15:00:02Z: 0 waited, 0 were lost");
}

/* The clock of the kernel does not go back, but the memory it comes from may be anybody's. */
static void window_that_ends_before_it_begins_has_no_length(void **state)
{
	const struct probe_window window = {
		.kind = PROBE_WINDOW_ADOPTED, .from_ns = 3 * S, .to_ns = 2 * S};

	(void)state;
	assert_window(&window, false,
		"nobody read events from 2026-11-23T15:00:03Z to 2026-11-23T15:00:02Z (0.0 s): "
		"0 waited, 0 were lost");
}

static void unreadable_records_are_said(void **state)
{
	const struct probe_window window = {.kind = PROBE_WINDOW_UNREADABLE, .version = 4};

	(void)state;
	assert_window(&window, true,
		"an agent with records of version 4 was replaced: what waited in its rings cannot "
		"be read");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(times_and_numbers_are_said),
		cmocka_unit_test(losses_are_a_reason_to_worry),
		cmocka_unit_test(agent_that_never_watched_has_no_beginning),
		cmocka_unit_test(window_that_ends_before_it_begins_has_no_length),
		cmocka_unit_test(unreadable_records_are_said),
	};

	return cmocka_run_group_tests_name("window", tests, NULL, NULL);
}
