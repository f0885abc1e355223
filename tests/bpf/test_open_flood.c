/* SPDX-License-Identifier: Apache-2.0 */
/* Opened files without number: what one container can take from others, and whose the losses are. */
#include "open_fixture.h"

#include <pthread.h>

#define SMALL_RING  (64 << 10) /* the share of a container is 8 KiB */
#define THREADS     2
#define NEW_FILES   1500 /* of each thread: many times the ring */
#define OTHER_FILES 4

static char flood_dir[PATH_MAX];

static void open_new(int thread, int number)
{
	char path[PATH_MAX + 32];

	snprintf(path, sizeof(path), "%s/%d-%d", flood_dir, thread, number);
	close(open_or_exit(path, O_WRONLY | O_CREAT));
}

static void *flood(void *argument)
{
	for (int i = 0; i < NEW_FILES; i++)
		open_new(*(int *)argument, i);
	return NULL;
}

static void act_flood(void *argument __attribute__((unused)))
{
	int numbers[THREADS] = {0, 1};
	pthread_t threads[THREADS];

	for (int i = 0; i < THREADS; i++)
		if (pthread_create(&threads[i], NULL, flood, &numbers[i]))
			_exit(112);
	for (int i = 0; i < THREADS; i++)
		pthread_join(threads[i], NULL);
}

/* Runs ACT in CGROUP, and reads nothing. */
static void run_unread(const char *cgroup, void (*act)(void *argument), void *argument)
{
	pid_t child = fork();
	int status;

	assert_true(child >= 0);
	if (child == 0) {
		join_cgroup(cgroup);
		act(argument);
		_exit(0);
	}
	assert_int_equal(waitpid(child, &status, 0), child);
	assert_int_equal(status, 0);
}

static void act_open_some(void *argument)
{
	for (int i = 0; i < OTHER_FILES; i++) {
		char path[PATH_MAX + 32];

		snprintf(path, sizeof(path), "%s/other%d", (char *)argument, i);
		close(open_or_exit(path, O_WRONLY | O_CREAT));
	}
}

static void act_true(void *argument __attribute__((unused)))
{
	execl("/bin/true", "true", NULL);
}

static uint64_t lost_of(const struct fixture *f, uint64_t key)
{
	struct bw_scope scope;

	assert_int_equal(probe_scope_get(f->probe, key, &scope), 0);
	return scope.opens_lost;
}

static size_t count_of(struct fixture *f, enum bw_event_kind kind, uint64_t container)
{
	const struct event *e;
	size_t cursor = 0, count = 0;

	while ((e = fixture_next(f, kind, &cursor)))
		count += e->container == container;
	return count;
}

static uint64_t other_container(struct fixture *f, char *ret)
{
	uint64_t key;

	assert_true(snprintf(ret, PATH_MAX, "%s-other", f->cgroup) < PATH_MAX);
	assert_int_equal(mkdir(ret, 0755), 0);
	key = cgroup_dir_key(ret);
	assert_int_equal(probe_scope_set(f->probe, key, key, BW_SCOPE_WATCHED), 0);
	return key;
}

static void begin(struct fixture *f, size_t ring_bytes)
{
	open_fixture_load(f, ring_bytes, PROBE_COVERAGE_STANDARD, false);
	fixture_forget(f);
	f->only_cgroup = 0;
	assert_true(snprintf(flood_dir, PATH_MAX, "%s/flood", f->dir) < PATH_MAX);
	assert_true(mkdir(flood_dir, 0755) == 0 || errno == EEXIST);
}

/* While nobody reads. */
static void a_flood_costs_neither_execs_nor_others_first_opens(void **state)
{
	struct fixture *f = *state;
	struct bw_counters before, after;
	char other[PATH_MAX];
	uint64_t other_key;

	begin(f, SMALL_RING);
	other_key = other_container(f, other);
	before = open_counters(f);
	run_unread(f->cgroup, act_flood, NULL);
	run_unread(other, act_open_some, f->dir);
	run_unread(f->cgroup, act_true, NULL);
	run_unread(other, act_true, NULL);
	fixture_drain(f);
	after = open_counters(f);
	assert_true(count_of(f, BW_EVENT_OPEN, other_key) >= OTHER_FILES);
	assert_int_equal(count_of(f, BW_EVENT_EXEC, f->key), 1);
	assert_int_equal(count_of(f, BW_EVENT_EXEC, other_key), 1);
	assert_true(lost_of(f, f->key) >= THREADS * NEW_FILES / 2);
	assert_int_equal(lost_of(f, f->key), after.lost - before.lost);
	assert_int_equal(lost_of(f, other_key), 0);
	assert_int_equal(after.seen - before.seen, (after.sent - before.sent) +
							   (after.lost - before.lost) +
							   (after.held - before.held));
	rmdir(other);
}

static void act_open_all_again(void *argument __attribute__((unused)))
{
	for (int i = 0; i < NEW_FILES; i++)
		open_new(0, i);
}

/* What was lost is told when it is opened again, and there is room. */
static void what_was_lost_is_told_the_next_time(void **state)
{
	struct fixture *f = *state;
	uint64_t lost;
	char path[PATH_MAX + 32];

	begin(f, SMALL_RING);
	run_unread(f->cgroup, act_open_all_again, NULL);
	lost = lost_of(f, f->key);
	assert_true(lost > 0);
	fixture_drain(f);
	probe_opens_read(f->probe);
	fixture_forget(f);
	snprintf(path, sizeof(path), "%s/0-%d", flood_dir, NEW_FILES - 1);
	run_unread(f->cgroup, act_read, path);
	fixture_drain(f);
	assert_int_equal(count_opens(f, path), 1);
	assert_int_equal(find_open(f, path)->open.record->flags & BW_OPEN_AGAIN, 0);
	assert_int_equal(lost_of(f, f->key), lost);
}

#define SHARE_BYTES (PROBE_RING_BYTES_DEFAULT / PROBE_OPENS_FRACTION / PROBE_OPENS_SHARES)

static uint32_t sent_bytes(const struct fixture *f)
{
	struct bw_scope scope;

	assert_int_equal(probe_scope_get(f->probe, f->key, &scope), 0);
	return scope.open_bytes;
}

static void the_reader_is_woken_when_half_of_a_share_is_used(void **state)
{
	struct fixture *f = *state;
	char path[PATH_MAX];
	int fd;

	begin(f, PROBE_RING_BYTES_DEFAULT);
	fd = probe_fd(f->probe, PROBE_RING_OPENS);
	new_file(f, "woken", path);
	run_unread(f->cgroup, act_read, path);
	assert_true(sent_bytes(f) > 0 && sent_bytes(f) < SHARE_BYTES / 2);
	assert_false(is_readable(fd));
	run_unread(f->cgroup, act_flood, NULL);
	assert_true(sent_bytes(f) >= SHARE_BYTES / 2);
	assert_true(is_readable(fd));
}

/* So one alone is not limited to its share. */
static void while_half_of_the_ring_is_free_shares_do_not_matter(void **state)
{
	struct fixture *f = *state;

	begin(f, PROBE_RING_BYTES_DEFAULT);
	run_unread(f->cgroup, act_open_all_again, NULL);
	assert_true(sent_bytes(f) > SHARE_BYTES);
	assert_int_equal(lost_of(f, f->key), 0);
	fixture_drain(f);
	assert_int_equal(count_of(f, BW_EVENT_OPEN, f->key), NEW_FILES);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_flood_costs_neither_execs_nor_others_first_opens),
		cmocka_unit_test(what_was_lost_is_told_the_next_time),
		cmocka_unit_test(the_reader_is_woken_when_half_of_a_share_is_used),
		cmocka_unit_test(while_half_of_the_ring_is_free_shares_do_not_matter),
	};

	return cmocka_run_group_tests(tests, open_fixture_setup, fixture_teardown);
}
