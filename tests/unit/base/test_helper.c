/* SPDX-License-Identifier: Apache-2.0 */
/* Claims about agent/base/helper.c. */
#include "asserts.h"

#include <errno.h>
#include <signal.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "base/helper.h"

#define LONG_MS 600000 /* never reached by what ends */

/* A job that ends when it is told to, or at once, and tells when it is released. */
struct test_job {
	struct helper_job job;
	int go[2], released[2]; /* pipes */
	long tid;
	bool done, sigterm_is_blocked;
};

static void work(struct helper_job *job)
{
	struct test_job *t = (struct test_job *)job;
	sigset_t blocked;
	char byte;

	pthread_sigmask(SIG_SETMASK, NULL, &blocked);
	t->sigterm_is_blocked = sigismember(&blocked, SIGTERM);
	t->tid = syscall(SYS_gettid);
	assert_int_equal(read(t->go[0], &byte, 1), 1);
	t->done = true;
}

static void release(struct helper_job *job)
{
	struct test_job *t = (struct test_job *)job;

	assert_int_equal(write(t->released[1], "", 1), 1);
}

static void job_init(struct test_job *t)
{
	*t = (struct test_job){.job = {work, release}};
	assert_int_equal(pipe(t->go), 0);
	assert_int_equal(pipe(t->released), 0);
}

static void job_done(struct test_job *t)
{
	for (int i = 0; i < 2; i++) {
		close(t->go[i]);
		close(t->released[i]);
	}
}
#define CLEANUP_JOB CLEANUP(job_done)

static void let_go(struct test_job *t)
{
	assert_int_equal(write(t->go[1], "", 1), 1);
}

static void wait_for_release(struct test_job *t)
{
	char byte;

	assert_int_equal(read(t->released[0], &byte, 1), 1);
}

static void jobs_are_done_one_after_the_other(void **state)
{
	struct helper *helper;

	(void)state;
	assert_int_equal(helper_new(&helper), 0);
	for (int i = 0; i < 1000; i++) {
		CLEANUP_JOB struct test_job t;

		job_init(&t);
		let_go(&t);
		assert_int_equal(helper_do(helper, &t.job, LONG_MS), 0);
		assert_true(t.done);
		assert_int_not_equal(t.tid, syscall(SYS_gettid));
	}
	helper_free(helper);
}

/* What hangs holds up nobody, and when it goes on, so does the helper. */
static void job_that_hangs_is_given_up_and_released_at_its_end(void **state)
{
	CLEANUP_JOB struct test_job hangs, next;
	struct helper *helper;
	int r;

	(void)state;
	job_init(&hangs);
	job_init(&next);
	let_go(&next);
	assert_int_equal(helper_new(&helper), 0);
	assert_int_equal(helper_do(helper, &hangs.job, 1), -ETIME);
	assert_int_equal(helper_do(helper, &next.job, LONG_MS), -EBUSY);
	assert_false(next.done);
	let_go(&hangs);
	wait_for_release(&hangs);
	assert_true(hangs.done);
	while ((r = helper_do(helper, &next.job, LONG_MS)) == -EBUSY)
		;
	assert_int_equal(r, 0);
	assert_true(next.done);
	helper_free(helper);
}

static void helper_that_hangs_is_left_behind(void **state)
{
	/* it outlives this function */
	static struct test_job hangs;
	struct helper *helper;

	(void)state;
	job_init(&hangs);
	assert_int_equal(helper_new(&helper), 0);
	assert_int_equal(helper_do(helper, &hangs.job, 1), -ETIME);
	helper_free(helper);
	let_go(&hangs);
	wait_for_release(&hangs);
}

/* Or SIGTERM would end the program in the middle of it. */
static void signals_are_not_for_the_helper(void **state)
{
	CLEANUP_JOB struct test_job t;
	struct helper *helper;
	sigset_t blocked;

	(void)state;
	job_init(&t);
	let_go(&t);
	assert_int_equal(helper_new(&helper), 0);
	assert_int_equal(helper_do(helper, &t.job, LONG_MS), 0);
	assert_true(t.sigterm_is_blocked);
	assert_int_equal(pthread_sigmask(SIG_SETMASK, NULL, &blocked), 0);
	assert_false(sigismember(&blocked, SIGTERM));
	helper_free(helper);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(jobs_are_done_one_after_the_other),
		cmocka_unit_test(job_that_hangs_is_given_up_and_released_at_its_end),
		cmocka_unit_test(helper_that_hangs_is_left_behind),
		cmocka_unit_test(signals_are_not_for_the_helper),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
