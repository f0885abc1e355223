/* SPDX-License-Identifier: Apache-2.0 */
/* bpf/emit.h and the canary of bpf/exec.bpf.c: what tells that records arrive. */
#include "fixture.h"

#define CHILDREN 50

static void act_exec(void *argument)
{
	(void)argument;
	execl("/bin/busybox", "true", NULL);
}

/* A child that is in no scope. */
static pid_t run_outside(struct fixture *f)
{
	pid_t child;

	fixture_drain(f);
	fixture_forget(f);
	child = fork();
	assert_true(child >= 0);
	if (child == 0) {
		act_exec(NULL);
		_exit(111);
	}
	assert_int_equal(waitpid(child, NULL, 0), child);
	fixture_drain(f);
	return child;
}

static size_t count_canaries(struct fixture *f, pid_t of)
{
	const struct event *e;
	size_t cursor = 0, count = 0;

	f->only_cgroup = 0;
	while ((e = fixture_next(f, BW_EVENT_CANARY, &cursor)))
		count += e->canary.record->tgid == (uint32_t)of;
	f->only_cgroup = f->key;
	return count;
}

static void childs_exec_is_a_canary(void **state)
{
	struct fixture *f = *state;
	pid_t child;

	probe_expect_canary(f->probe, getpid());
	child = run_outside(f);
	assert_int_equal(count_canaries(f, child), 1);
	probe_expect_canary(f->probe, 0);
}

static void nobody_elses_child_is(void **state)
{
	struct fixture *f = *state;
	pid_t child;

	probe_expect_canary(f->probe, getppid());
	child = run_outside(f);
	assert_int_equal(count_canaries(f, child), 0);
	probe_expect_canary(f->probe, 0);
	child = run_outside(f);
	assert_int_equal(count_canaries(f, child), 0);
}

/* What is in scope is an exec, whoever started it: nothing hides behind a canary. */
static void childs_exec_in_scope_is_an_exec(void **state)
{
	struct fixture *f = *state;
	pid_t child;

	probe_expect_canary(f->probe, getpid());
	child = fixture_run(f, NULL, act_exec, NULL);
	assert_int_equal(fixture_only(f, BW_EVENT_EXEC)->process->tgid, child);
	assert_int_equal(count_canaries(f, child), 0);
	probe_expect_canary(f->probe, 0);
}

static void each_record_has_the_next_number_of_its_cpu(void **state)
{
	static uint64_t last[2][BW_CPUS_MAX];
	struct fixture *f = *state;

	fixture_drain(f);
	fixture_forget(f);
	for (int i = 0; i < CHILDREN; i++) {
		pid_t child = fork();

		assert_true(child >= 0);
		if (child == 0) {
			char none[32];

			join_cgroup(f->cgroup);
			snprintf(none, sizeof(none), "/none/%d", i); /* repeats are held */
			execl(none, none, NULL);
			act_exec(NULL);
		}
		assert_int_equal(waitpid(child, NULL, 0), child);
	}
	fixture_drain(f);
	assert_true(f->count >= 2 * CHILDREN);
	for (size_t i = 0; i < f->count; i++) {
		const struct bw_event *event = f->records[i];
		bool is_attempt = event->kind == BW_EVENT_ATTEMPT ||
				  event->kind == BW_EVENT_FAILED_START;

		assert_true(event->cpu < BW_CPUS_MAX);
		if (last[is_attempt][event->cpu])
			assert_int_equal(event->sequence, last[is_attempt][event->cpu] + 1);
		last[is_attempt][event->cpu] = event->sequence;
	}
}

/* Asked as the agent does, with the rings read in between. */
static uint64_t find_taken(struct fixture *f)
{
	uint64_t taken = 0;

	for (int i = 0; i < 3; i++) {
		assert_int_equal(probe_taken(f->probe, &taken), 0);
		fixture_drain(f);
		fixture_drain(f);
	}
	return taken;
}

static void what_arrives_is_what_was_sent(void **state)
{
	struct fixture *f = *state;
	struct probe_counts counts;

	assert_int_equal(find_taken(f), 0);
	assert_int_equal(probe_counts_read(f->probe, &counts), 0);
	for (int i = 0; i < BW_EVENT_KINDS; i++)
		assert_int_equal(counts.events[i].seen,
			counts.events[i].sent + counts.events[i].lost + counts.events[i].held);
}

/* Losses are counted, and their numbers not given: nobody has taken what was never sent. */
static void what_found_the_ring_full_was_not_taken(void **state)
{
	struct fixture *f = *state;
	struct probe_counts counts;

	probe_free(f->probe);
	fixture_load(f, getpagesize() * 4, PROBE_SCOPES_DEFAULT);
	assert_int_equal(probe_scope_set(f->probe, f->key, f->key, BW_SCOPE_WATCHED), 0);
	for (int i = 0; i < 4 * CHILDREN; i++) {
		pid_t child = fork();

		assert_true(child >= 0);
		if (child == 0) {
			join_cgroup(f->cgroup);
			act_exec(NULL);
		}
		assert_int_equal(waitpid(child, NULL, 0), child);
	}
	assert_int_equal(probe_counts_read(f->probe, &counts), 0);
	assert_true(counts.events[BW_EVENT_EXEC].lost > 0);
	fixture_drain(f);
	assert_int_equal(find_taken(f), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(childs_exec_is_a_canary), cmocka_unit_test(nobody_elses_child_is),
		cmocka_unit_test(childs_exec_in_scope_is_an_exec),
		cmocka_unit_test(each_record_has_the_next_number_of_its_cpu),
		cmocka_unit_test(what_arrives_is_what_was_sent),
		cmocka_unit_test(what_found_the_ring_full_was_not_taken), /* last: loads anew */
	};

	return cmocka_run_group_tests(tests, fixture_setup, fixture_teardown);
}
