/* SPDX-License-Identifier: Apache-2.0 */
/* Claims about agent/losses.c. */
#include "asserts.h"

#include "losses.h"

/* Asserts what is said of the losses between BEFORE and NOW, SUM of them. */
static void assert_losses(const struct probe_counts *now, const struct probe_counts *before,
	const char *text, uint64_t sum)
{
	CLEANUP_STRBUF struct strbuf found = STRBUF_INIT;

	assert_true(losses_describe(now, before, &found) == sum);
	assert_string_equal(strbuf_text(&found), text);
}

static void nothing_lost_is_nothing_said(void **state)
{
	const struct probe_counts none = {0};
	const struct probe_counts busy = {
		.events[BW_EVENT_EXEC] = {.seen = 7, .sent = 7},
		.events[BW_EVENT_CGROUP_MKDIR] = {.seen = 2, .sent = 2},
	};

	(void)state;
	assert_losses(&none, &none, "", 0);
	assert_losses(&busy, &none, "", 0);
}

static void each_kind_is_named(void **state)
{
	const struct probe_counts none = {0};
	const struct probe_counts now = {
		.events[BW_EVENT_EXEC].lost = 1,
		.events[BW_EVENT_ATTEMPT].lost = 2,
		.events[BW_EVENT_CGROUP_MKDIR].lost = 3,
		.events[BW_EVENT_CGROUP_RMDIR].lost = 4,
		.events[BW_EVENT_RUNTIME].lost = 6,
		.events[BW_EVENT_FAILED_START].lost = 7,
		.missed = 5,
	};

	(void)state;
	assert_losses(&now, &none,
		"1 execs, 2 failed execs, 3 new cgroups, 4 removed cgroups, "
		"6 calls of runtimes, 7 failed starts, 5 skipped by the kernel",
		28);
}

static void only_what_is_new_is_said(void **state)
{
	const struct probe_counts before = {
		.events[BW_EVENT_EXEC].lost = 10,
		.events[BW_EVENT_ATTEMPT].lost = 20,
		.missed = 1,
	};
	struct probe_counts now = before;

	(void)state;
	assert_losses(&now, &before, "", 0);
	now.events[BW_EVENT_ATTEMPT].lost = 27;
	assert_losses(&now, &before, "7 failed execs", 7);
	now.missed = 3;
	assert_losses(&now, &before, "7 failed execs, 2 skipped by the kernel", 9);
}

static void cgroups_and_opens_are_hidden_by_what_is_lost_of_them(void **state)
{
	static const bool expected[BW_EVENT_KINDS] = {
		[BW_EVENT_CGROUP_MKDIR] = true, [BW_EVENT_CGROUP_RMDIR] = true};

	(void)state;
	for (int kind = 0; kind < BW_EVENT_KINDS; kind++) {
		struct probe_counts before = {0}, now = {0};

		now.events[kind].lost = 1;
		assert_int_equal(losses_hide_cgroups(&now, &before), expected[kind]);
		assert_int_equal(losses_hide_opens(&now, &before), kind == BW_EVENT_OPEN);
		before = now;
		assert_false(losses_hide_cgroups(&now, &before));
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(nothing_lost_is_nothing_said),
		cmocka_unit_test(each_kind_is_named),
		cmocka_unit_test(only_what_is_new_is_said),
		cmocka_unit_test(cgroups_and_opens_are_hidden_by_what_is_lost_of_them),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
