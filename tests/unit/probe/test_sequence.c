/* SPDX-License-Identifier: Apache-2.0 */
#include "asserts.h"

#include <string.h>

#include "probe/sequence.h"

static struct bw_agent memory;
static struct sequences sequences;

static int begin(void **state)
{
	(void)state;
	memset(&memory, 0, sizeof(memory));
	memset(&sequences, 0, sizeof(sequences));
	sequences.memory = &memory;
	return 0;
}

/* Another agent takes over. */
static void restart(void)
{
	memset(sequences.heard, 0, sizeof(sequences.heard));
}

static void note(uint32_t cpu, uint64_t sequence)
{
	struct bw_event event = {.cpu = cpu, .sequence = sequence};

	sequences_note(&sequences, BW_RING_EVENTS, &event);
}

static uint64_t taken(void)
{
	return sequences_taken(&sequences, BW_RING_EVENTS);
}

static void each_cpu_counts_by_itself(void **state)
{
	(void)state;
	note(0, 1);
	note(1, 1);
	note(BW_CPUS_MAX - 1, 1);
	note(0, 2);
	assert_int_equal(taken(), 0);
}

static void missing_numbers_are_counted(void **state)
{
	(void)state;
	note(0, 3);
	assert_int_equal(taken(), 2);
	note(0, 4);
	note(0, 6);
	assert_int_equal(taken(), 3);
	assert_int_equal(sequences_taken(&sequences, BW_RING_ATTEMPTS), 0);
}

static void records_out_of_order_are_not_missing(void **state)
{
	(void)state;
	note(0, 2);
	note(0, 1);
	assert_int_equal(taken(), 0);
}

/* One program interrupted another, which had looked at the number already. */
static void number_given_twice_is_made_good_by_the_next(void **state)
{
	(void)state;
	note(0, 1);
	note(0, 1);
	note(0, 3);
	assert_int_equal(taken(), 0);
}

static void what_was_sent_and_never_came_is_counted(void **state)
{
	(void)state;
	note(0, 1);
	sequences_settle(&sequences, BW_RING_EVENTS, 0, 1);
	assert_int_equal(taken(), 0);
	sequences_settle(&sequences, BW_RING_EVENTS, 0, 4);
	assert_int_equal(taken(), 3);
	note(0, 5);
	assert_int_equal(taken(), 3);
}

static void record_that_was_being_read_at_the_end_comes_again(void **state)
{
	(void)state;
	note(0, 1);
	note(0, 2);
	restart();
	note(0, 2);
	note(0, 3);
	assert_int_equal(taken(), 0);
	note(0, 5);
	assert_int_equal(taken(), 1);
}

static void what_is_taken_between_two_agents_is_counted(void **state)
{
	(void)state;
	note(0, 1);
	restart();
	note(0, 4);
	assert_int_equal(taken(), 2);
}

static void cpus_beyond_the_limit_are_left_out(void **state)
{
	(void)state;
	note(BW_CPUS_MAX, 7);
	note(UINT32_MAX, 7);
	sequences_settle(&sequences, BW_RING_EVENTS, BW_CPUS_MAX, 7);
	assert_int_equal(taken(), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup(each_cpu_counts_by_itself, begin),
		cmocka_unit_test_setup(missing_numbers_are_counted, begin),
		cmocka_unit_test_setup(records_out_of_order_are_not_missing, begin),
		cmocka_unit_test_setup(number_given_twice_is_made_good_by_the_next, begin),
		cmocka_unit_test_setup(what_was_sent_and_never_came_is_counted, begin),
		cmocka_unit_test_setup(record_that_was_being_read_at_the_end_comes_again, begin),
		cmocka_unit_test_setup(what_is_taken_between_two_agents_is_counted, begin),
		cmocka_unit_test_setup(cpus_beyond_the_limit_are_left_out, begin),
	};

	return cmocka_run_group_tests_name("sequence", tests, NULL, NULL);
}
