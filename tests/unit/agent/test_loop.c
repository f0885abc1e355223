/* SPDX-License-Identifier: Apache-2.0 */
/* Claims about agent/loop.c. */
#include "asserts.h"

#include <errno.h>
#include <signal.h>
#include <unistd.h>

#include "base/clock.h"
#include "loop.h"

/* What each tick does, and how many there were. */
struct ticks {
	unsigned count;
	unsigned last; /* the tick that answers END, before it NEXT */
	int next, end;
	int raise; /* signal that the first tick sends */
	unsigned hangups;
	int fd; /* read by each tick, or by the first `reads` */
	unsigned reads;
};

static int on_tick(void *userdata)
{
	struct ticks *t = userdata;
	char byte;

	t->count++;
	if (t->raise && t->count == 1)
		kill(getpid(), t->raise);
	if (t->fd >= 0 && (!t->reads || t->count <= t->reads))
		assert_int_equal(read(t->fd, &byte, 1), 1);
	return t->count >= t->last ? t->end : t->next;
}

static void on_hangup(void *userdata)
{
	struct ticks *t = userdata;

	t->hangups++;
}

static int run(struct ticks *t, unsigned tick_ms)
{
	struct loop_config config = {.tick_ms = tick_ms,
		.fds = {t->fd, -1},
		.on_tick = on_tick,
		.on_hangup = on_hangup,
		.userdata = t};

	return loop_run(&config);
}

static void loop_ends_when_the_tick_says_so(void **state)
{
	struct ticks t = {.last = 3, .next = LOOP_WAIT, .end = LOOP_STOP, .fd = -1};

	(void)state;
	assert_int_equal(run(&t, 1), 0);
	assert_int_equal(t.count, 3);
}

static void error_of_a_tick_ends_the_loop(void **state)
{
	struct ticks t = {.last = 2, .next = LOOP_WAIT, .end = -EIO, .fd = -1};

	(void)state;
	assert_int_equal(run(&t, 1), -EIO);
	assert_int_equal(t.count, 2);
}

static void more_work_is_done_without_waiting(void **state)
{
	struct ticks t = {.last = 1000, .next = LOOP_AGAIN, .end = LOOP_STOP, .fd = -1};
	uint64_t start_ns = clock_boot_ns();

	(void)state;
	assert_int_equal(run(&t, 100), 0); /* the first tick comes by the timer */
	assert_int_equal(t.count, 1000);
	assert_true(clock_boot_ns() - start_ns < 60 * NS_PER_S); /* not 1000 times 100 ms */
}

static void what_may_follow_soon_is_looked_for_before_the_next_tick(void **state)
{
	struct ticks t = {.last = 20, .next = LOOP_SOON, .end = LOOP_STOP};
	uint64_t start_ns = clock_boot_ns();
	int ends[2];

	(void)state;
	assert_int_equal(pipe(ends), 0);
	assert_int_equal(write(ends[1], "x", 1), 1);
	t.fd = ends[0];
	t.reads = 1;
	assert_int_equal(run(&t, 60000), 0); /* neither timer nor descriptor came again */
	assert_int_equal(t.count, 20);
	assert_true(clock_boot_ns() - start_ns < 60 * NS_PER_S);
	close(ends[0]);
	close(ends[1]);
}

/* Who is never out of work must be stoppable all the same. */
static void signals_end_a_loop_that_always_has_work(void **state)
{
	static const int signals[] = {SIGINT, SIGTERM};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(signals); i++) {
		struct ticks t = {.last = 1000000,
			.next = LOOP_AGAIN,
			.end = -ETIME,
			.raise = signals[i],
			.fd = -1};

		assert_int_equal(run(&t, 1), signals[i]);
		assert_int_equal(t.count, 1);
	}
}

static void hangup_is_told_and_ends_nothing(void **state)
{
	struct ticks t = {
		.last = 5, .next = LOOP_AGAIN, .end = LOOP_STOP, .raise = SIGHUP, .fd = -1};

	(void)state;
	assert_int_equal(run(&t, 1), 0);
	assert_int_equal(t.hangups, 1);
	assert_int_equal(t.count, 5);
}

/* The signal is used up, and those that come later are the caller's again. */
static void signals_are_not_blocked_behind_the_loop(void **state)
{
	struct ticks t = {.last = 2, .next = LOOP_WAIT, .end = -ETIME, .raise = SIGTERM, .fd = -1};
	sigset_t blocked;

	(void)state;
	assert_int_equal(run(&t, 1), SIGTERM);
	assert_int_equal(sigprocmask(SIG_SETMASK, NULL, &blocked), 0);
	assert_false(sigismember(&blocked, SIGTERM));
	assert_false(sigismember(&blocked, SIGINT));
}

static void readable_descriptor_is_a_reason_to_tick(void **state)
{
	struct ticks t = {.last = 3, .next = LOOP_WAIT, .end = LOOP_STOP};
	uint64_t start_ns = clock_boot_ns();
	int ends[2];

	(void)state;
	assert_int_equal(pipe(ends), 0);
	assert_int_equal(write(ends[1], "xyz", 3), 3);
	t.fd = ends[0];
	assert_int_equal(run(&t, 60000), 0);
	assert_int_equal(t.count, 3);
	assert_true(clock_boot_ns() - start_ns < 60 * NS_PER_S);
	close(ends[0]);
	close(ends[1]);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(loop_ends_when_the_tick_says_so),
		cmocka_unit_test(error_of_a_tick_ends_the_loop),
		cmocka_unit_test(more_work_is_done_without_waiting),
		cmocka_unit_test(what_may_follow_soon_is_looked_for_before_the_next_tick),
		cmocka_unit_test(signals_end_a_loop_that_always_has_work),
		cmocka_unit_test(hangup_is_told_and_ends_nothing),
		cmocka_unit_test(signals_are_not_blocked_behind_the_loop),
		cmocka_unit_test(readable_descriptor_is_a_reason_to_tick),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
