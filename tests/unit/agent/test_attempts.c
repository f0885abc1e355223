/* SPDX-License-Identifier: Apache-2.0 */
/* Claims about agent/attempts.c. */
#include "asserts.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "attempts.h"

#define MS     1000000ULL
#define START  (1000 * MS)
#define THREAD 4711

/* What was handed over. */
struct handed {
	char asked[64];
	char tried[256]; /* with ',' between them */
	int error;
	bool is_cut;
};

struct attempts_fixture {
	struct attempts attempts;
	struct handed handed[2 * ATTEMPTS_WAITING_MAX];
	size_t count;
	uint64_t now_ns;
	uint32_t flags; /* of the next */
};

static void copy_text(char *out, size_t size, struct slice text)
{
	snprintf(out, size, "%.*s", (int)text.len, text.data);
}

static void on_attempt(const struct event *event, void *userdata)
{
	struct attempts_fixture *f = userdata;
	struct handed *handed = &f->handed[f->count++];

	assert_true(f->count <= ARRAY_SIZE(f->handed));
	*handed = (struct handed){
		.error = event->attempt.record->error, .is_cut = event->attempt.tried.truncated};
	copy_text(handed->asked, sizeof(handed->asked), event->attempt.asked.bytes);
	if (event->attempt.tried.unreadable)
		return;
	for (size_t i = 0; i < event->attempt.tried.bytes.len && i + 1 < sizeof(handed->tried);
		i++) {
		char c = event->attempt.tried.bytes.data[i];

		handed->tried[i] = c ? c : ',';
	}
}

static struct attempts_fixture *fixture_new(void)
{
	struct attempts_fixture *f = calloc(1, sizeof(*f));

	assert_non_null(f);
	attempts_init(&f->attempts, on_attempt, f);
	f->now_ns = START;
	return f;
}

static void fixture_free(struct attempts_fixture *f)
{
	attempts_done(&f->attempts);
	free(f);
}

/* The thread TID of its own process fails to execute PATH with ERROR. */
static void fail_in(
	struct attempts_fixture *f, uint32_t tid, const char *path, int error, bool is_grave)
{
	struct {
		struct bw_attempt record;
		char tail[2 * BW_PATH_MAX];
	} made = {.record = {.event = {.kind = BW_EVENT_ATTEMPT,
				     .version = BW_ABI_VERSION,
				     .time_ns = f->now_ns,
				     .container = 7,
				     .size = sizeof(struct bw_attempt) + strlen(path)},
			  .process = {.tgid = tid, .tid = tid, .start_ns = 1},
			  .error = error,
			  .hash = strlen(path),
			  .flags = f->flags,
			  .text = {[BW_ATTEMPT_ASKED] = {.len = strlen(path)}}}};
	static struct event event;

	memcpy((char *)&made + sizeof(struct bw_attempt), path, strlen(path));
	assert_int_equal(event_decode(&made, made.record.event.size, &event), 0);
	attempts_add(&f->attempts, &event, is_grave);
}

static void miss(struct attempts_fixture *f, const char *path)
{
	fail_in(f, THREAD, path, ENOENT, false);
}

static void succeed_as(struct attempts_fixture *f, uint32_t tid, const char *path, bool is_grave)
{
	struct bw_exec record = {.old_tid = tid};
	static struct event event;

	event = (struct event){.kind = BW_EVENT_EXEC,
		.time_ns = f->now_ns,
		.exec = {.record = &record, .invoked = {.bytes = slice_of(path)}}};
	attempts_started(&f->attempts, &event, is_grave);
}

static void succeed(struct attempts_fixture *f, uint32_t tid, const char *path)
{
	succeed_as(f, tid, path, false);
}

/* All that is waiting is handed over. */
static void wait_for_all(struct attempts_fixture *f)
{
	attempts_expire(&f->attempts, UINT64_MAX);
}

static void search_in_path_is_one_attempt(void **state)
{
	struct attempts_fixture *f = fixture_new();

	(void)state;
	miss(f, "/usr/local/bin/sh");
	f->now_ns += MS;
	fail_in(f, THREAD, "/usr/bin/sh", EACCES, false);
	fail_in(f, THREAD, "/bin/sh/sh", ENOTDIR, false);
	miss(f, "sh");
	assert_int_equal(f->count, 0);
	wait_for_all(f);
	assert_int_equal(f->count, 1);
	assert_string_equal(f->handed[0].asked, "/usr/local/bin/sh");
	assert_int_equal(f->handed[0].error, ENOENT);
	assert_string_equal(f->handed[0].tried, "/usr/local/bin/sh,/usr/bin/sh,/bin/sh/sh,sh,");
	assert_false(f->handed[0].is_cut);
	fixture_free(f);
}

static void single_attempt_has_tried_nothing_else(void **state)
{
	struct attempts_fixture *f = fixture_new();

	(void)state;
	miss(f, "/bin/sh");
	wait_for_all(f);
	assert_int_equal(f->count, 1);
	assert_string_equal(f->handed[0].asked, "/bin/sh");
	assert_string_equal(f->handed[0].tried, "");
	fixture_free(f);
}

static void grave_path_stands_for_the_search(void **state)
{
	struct attempts_fixture *f = fixture_new();

	(void)state;
	miss(f, "/usr/local/bin/pacman");
	fail_in(f, THREAD, "/usr/bin/pacman", EACCES, true);
	fail_in(f, THREAD, "/bin/pacman", ENOENT, true);
	wait_for_all(f);
	assert_int_equal(f->count, 1);
	assert_string_equal(f->handed[0].asked, "/usr/bin/pacman");
	assert_int_equal(f->handed[0].error, EACCES);
	assert_string_equal(
		f->handed[0].tried, "/usr/local/bin/pacman,/usr/bin/pacman,/bin/pacman,");
	fixture_free(f);
}

/* The success is read from another ring: before or after the failures. */
static void search_that_succeeds_is_none(void **state)
{
	(void)state;
	for (int success_first = 0; success_first <= 1; success_first++) {
		struct attempts_fixture *f = fixture_new();

		if (success_first) {
			f->now_ns += MS;
			succeed(f, THREAD, "/bin/sh");
			f->now_ns -= MS;
		}
		miss(f, "/usr/local/bin/sh");
		miss(f, "/usr/bin/sh");
		f->now_ns += MS;
		if (!success_first)
			succeed(f, THREAD, "/bin/sh");
		wait_for_all(f);
		assert_int_equal(f->count, 0);
		fixture_free(f);
	}
}

/* Who fails late has ended, and looks no further: nothing is waited for, nor joined. */
static void late_failure_is_no_part_of_a_search(void **state)
{
	struct attempts_fixture *f = fixture_new();

	(void)state;
	f->flags = BW_ATTEMPT_LATE;
	fail_in(f, THREAD, "/usr/bin/sh", EACCES, false);
	assert_int_equal(f->count, 1);
	f->flags = 0;
	miss(f, "/usr/bin/sh");
	f->flags = BW_ATTEMPT_LATE;
	fail_in(f, THREAD, "/bin/sh", ENOENT, false);
	assert_int_equal(f->count, 3);
	assert_string_equal(f->handed[1].asked, "/usr/bin/sh");
	assert_string_equal(f->handed[2].asked, "/bin/sh");
	assert_string_equal(f->handed[2].tried, "");
	fixture_free(f);
}

static void other_successes_do_not_count(void **state)
{
	static const struct {
		uint32_t tid;
		const char *path;
		int64_t after_ns;
	} cases[] = {
		{THREAD + 1, "/bin/sh", MS},
		{THREAD + ATTEMPTS_STARTED_MAX, "/bin/sh", MS}, /* has the same place */
		{THREAD, "/bin/app", MS},
		{THREAD, "/bin/sh", -(int64_t)MS},
		{THREAD, "/bin/sh", ATTEMPTS_JOIN_NS + 1},
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		struct attempts_fixture *f = fixture_new();

		miss(f, "/usr/bin/sh");
		f->now_ns += cases[i].after_ns;
		succeed(f, cases[i].tid, cases[i].path);
		wait_for_all(f);
		assert_int_equal(f->count, 1);
		fixture_free(f);
	}
}

/* Else an attempt could be hidden behind a link by its name to a program of the image. */
static void grave_search_is_ended_by_a_grave_program_only(void **state)
{
	(void)state;
	for (int is_grave = 0; is_grave <= 1; is_grave++) {
		struct attempts_fixture *f = fixture_new();

		fail_in(f, THREAD, "/bin/sh", ENOENT, true);
		f->now_ns += MS;
		succeed_as(f, THREAD, "/tmp/sh", is_grave);
		wait_for_all(f);
		assert_int_equal(f->count, !is_grave);
		fixture_free(f);
	}
}

static void what_is_no_search_is_told_apart(void **state)
{
	struct attempts_fixture *f = fixture_new();

	(void)state;
	miss(f, "/usr/bin/sh");
	fail_in(f, THREAD + 1, "/bin/sh", ENOENT, false); /* another thread */
	miss(f, "/bin/bash"); /* another name: the first is over */
	assert_int_equal(f->count, 1);
	f->now_ns += ATTEMPTS_JOIN_NS + 1;
	miss(f, "/usr/bin/bash"); /* too late */
	assert_int_equal(f->count, 2);
	fail_in(f, THREAD, "/sbin/bash", ENOEXEC, false); /* execvp does not go on */
	assert_int_equal(f->count, 4);
	assert_string_equal(f->handed[2].asked, "/usr/bin/bash");
	assert_int_equal(f->handed[3].error, ENOEXEC);
	wait_for_all(f);
	assert_int_equal(f->count, 5);
	fixture_free(f);
}

static void search_waits_as_long_as_it_can_go_on(void **state)
{
	struct attempts_fixture *f = fixture_new();

	(void)state;
	miss(f, "/usr/bin/sh");
	attempts_expire(&f->attempts, START + ATTEMPTS_JOIN_NS);
	assert_int_equal(f->count, 0);
	attempts_expire(&f->attempts, START + ATTEMPTS_JOIN_NS + 1);
	assert_int_equal(f->count, 1);
	attempts_expire(&f->attempts, UINT64_MAX);
	assert_int_equal(f->count, 1);
	fixture_free(f);
}

static void oldest_search_makes_room(void **state)
{
	struct attempts_fixture *f = fixture_new();

	(void)state;
	for (uint32_t i = 0; i < ATTEMPTS_WAITING_MAX; i++) {
		char path[32];

		snprintf(path, sizeof(path), "/bin/sh%" PRIu32, i);
		f->now_ns++;
		fail_in(f, THREAD + i, path, ENOENT, false);
	}
	assert_int_equal(f->count, 0);
	f->now_ns++;
	fail_in(f, 1, "/bin/bash", ENOENT, false);
	assert_int_equal(f->count, 1);
	assert_string_equal(f->handed[0].asked, "/bin/sh0");
	wait_for_all(f);
	assert_int_equal(f->count, ATTEMPTS_WAITING_MAX + 1);
	fixture_free(f);
}

static void paths_that_are_too_many_are_left_out(void **state)
{
	struct attempts_fixture *f = fixture_new();

	(void)state;
	for (int i = 0; i < ATTEMPTS_TRIED_BYTES; i++)
		miss(f, "/x/sh");
	wait_for_all(f);
	assert_int_equal(f->count, 1);
	assert_true(f->handed[0].is_cut);
	fixture_free(f);
}

static void report_is_found_by_its_kind(void **state)
{
	struct attempts_fixture *f = fixture_new();
	struct bw_attempt record = {.hash = 5, .error = ENOENT};
	struct event event = {.container = 7, .attempt = {.record = &record}};
	struct bw_attempt_kind kind = {.container = 7, .hash = 5, .error = ENOENT}, other;
	static const struct rule rule = {.name = "shell"};

	(void)state;
	assert_null(attempts_find_report(&f->attempts, &kind));
	attempts_reported(&f->attempts, &event, &rule, "a-000001", 0);
	assert_non_null(attempts_find_report(&f->attempts, &kind));
	assert_string_equal(attempts_find_report(&f->attempts, &kind)->rule->name, "shell");
	for (int i = 0; i < 3; i++) {
		other = kind;
		other.container += i == 0;
		other.hash += i == 1;
		other.error += i == 2;
		assert_null(attempts_find_report(&f->attempts, &other));
	}
	attempts_reported(&f->attempts, &event, &rule, "a-000002", 0); /* the last one counts */
	assert_string_equal(attempts_find_report(&f->attempts, &kind)->id, "a-000002");
	record.hash = 6;
	for (int i = 0; i < ATTEMPTS_REPORTED_MAX; i++)
		attempts_reported(&f->attempts, &event, &rule, "a-000003", 0);
	assert_null(attempts_find_report(&f->attempts, &kind)); /* too long ago */
	fixture_free(f);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(search_in_path_is_one_attempt),
		cmocka_unit_test(single_attempt_has_tried_nothing_else),
		cmocka_unit_test(grave_path_stands_for_the_search),
		cmocka_unit_test(search_that_succeeds_is_none),
		cmocka_unit_test(late_failure_is_no_part_of_a_search),
		cmocka_unit_test(other_successes_do_not_count),
		cmocka_unit_test(grave_search_is_ended_by_a_grave_program_only),
		cmocka_unit_test(what_is_no_search_is_told_apart),
		cmocka_unit_test(search_waits_as_long_as_it_can_go_on),
		cmocka_unit_test(oldest_search_makes_room),
		cmocka_unit_test(paths_that_are_too_many_are_left_out),
		cmocka_unit_test(report_is_found_by_its_kind),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
