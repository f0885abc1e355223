/* SPDX-License-Identifier: Apache-2.0 */
/* More kinds of opens than there is room for: who is pushed out is counted, no first open missed. */
#include "open_fixture.h"

#define ROOM  100 /* for kinds */
#define FILES 400 /* several times that */
#define FEW   50

static void path_of(const struct fixture *f, int number, char *ret)
{
	char name[16];

	snprintf(name, sizeof(name), "%d", number);
	path_in(f, name, ret);
}

struct reads {
	const struct fixture *f;
	int files;
	int passes;
	int stop[2], go[2]; /* pipes, between two passes; 0: there is no stop */
};

static void act_read_all(void *argument)
{
	const struct reads *reads = argument;
	char path[PATH_MAX], byte = 0;

	for (int pass = 0; pass < reads->passes; pass++) {
		if (pass > 0 &&
			(write(reads->stop[1], &byte, 1) != 1 || read(reads->go[0], &byte, 1) != 1))
			_exit(112);
		for (int i = 0; i < reads->files; i++) {
			path_of(reads->f, i, path);
			act_read(path);
		}
	}
}

static void load(struct fixture *f, uint32_t room)
{
	f->opens_max = room;
	open_fixture_load(f, PROBE_RING_BYTES_DEFAULT, PROBE_COVERAGE_STANDARD, false);
	for (int i = 0; i < FILES; i++) {
		char path[PATH_MAX];

		path_of(f, i, path);
		write_text(path, "text");
	}
	fixture_drain(f);
	fixture_forget(f);
}

/* How many of the records are first ones of their kind, as far as that is remembered. */
static size_t count_first(struct fixture *f)
{
	const struct event *e;
	size_t cursor = 0, count = 0;

	while ((e = fixture_next(f, BW_EVENT_OPEN, &cursor)))
		count += !(e->open.record->flags & BW_OPEN_AGAIN);
	return count;
}

static struct probe_counts counts_of(const struct fixture *f)
{
	struct probe_counts counts;

	assert_int_equal(probe_counts_read(f->probe, &counts), 0);
	return counts;
}

static void on_kept(const struct bw_open_kind *kind __attribute__((unused)),
	const struct bw_open_seen *seen __attribute__((unused)), void *userdata)
{
	++*(size_t *)userdata;
}

static size_t count_kept(const struct fixture *f)
{
	size_t kept = 0;

	assert_int_equal(probe_opens_each(f->probe, 0, on_kept, &kept), 0);
	return kept;
}

static void assert_each_is_told(struct fixture *f, int files)
{
	for (int i = 0; i < files; i++) {
		char path[PATH_MAX];

		path_of(f, i, path);
		assert_int_equal(count_opens(f, path), 1);
	}
}

static void kinds_that_are_pushed_out_are_counted(void **state)
{
	struct fixture *f = *state;
	struct reads reads = {.f = f, .files = FILES, .passes = 1};
	struct probe_counts counts;

	load(f, ROOM);
	counts = counts_of(f);
	assert_int_equal(counts.open_kinds + counts.open_kinds_evicted, 0);
	fixture_run(f, NULL, act_read_all, &reads);
	assert_each_is_told(f, FILES);
	counts = counts_of(f);
	assert_int_equal(count_first(f), FILES);
	assert_true(counts.open_kinds > 0 && counts.open_kinds <= ROOM);
	assert_int_equal(counts.open_kinds, count_kept(f));
	assert_int_equal(counts.open_kinds + counts.open_kinds_evicted, FILES);
}

/* By one process, of which nothing else is told twice. */
static void what_was_pushed_out_is_sent_again_as_a_first_one(void **state)
{
	struct fixture *f = *state;
	struct reads reads = {.f = f, .files = FILES, .passes = 2};
	struct probe_counts before, after;
	char byte = 0;
	pid_t child;

	load(f, ROOM);
	assert_int_equal(pipe(reads.stop) | pipe(reads.go), 0);
	child = fork();
	assert_true(child >= 0);
	if (child == 0) {
		join_cgroup(f->cgroup);
		act_read_all(&reads);
		_exit(0);
	}
	close(reads.stop[1]);
	assert_int_equal(read(reads.stop[0], &byte, 1), 1);
	fixture_drain(f);
	assert_each_is_told(f, FILES);
	before = counts_of(f);
	fixture_forget(f);
	assert_int_equal(write(reads.go[1], &byte, 1), 1);
	assert_int_equal(waitpid(child, NULL, 0), child);
	fixture_drain(f);
	after = counts_of(f);
	assert_true(count_first(f) >= FILES - ROOM);
	assert_int_equal(count_first(f), fixture_count(f, BW_EVENT_OPEN));
	assert_int_equal((after.open_kinds + after.open_kinds_evicted) -
				 (before.open_kinds + before.open_kinds_evicted),
		count_first(f));
	assert_int_equal(after.open_kinds, count_kept(f));
	close(reads.stop[0]), close(reads.go[0]), close(reads.go[1]);
}

static void while_there_is_room_none_is_pushed_out(void **state)
{
	struct fixture *f = *state;
	struct reads reads = {.f = f, .files = FEW, .passes = 1};
	struct probe_counts counts;

	load(f, PROBE_OPENS_DEFAULT);
	for (int i = 0; i < 2; i++) {
		fixture_run(f, NULL, act_read_all, &reads);
		assert_each_is_told(f, FEW);
	}
	counts = counts_of(f);
	assert_int_equal(counts.open_kinds, FEW);
	assert_int_equal(counts.open_kinds, count_kept(f));
	assert_int_equal(counts.open_kinds_evicted, 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(kinds_that_are_pushed_out_are_counted),
		cmocka_unit_test(what_was_pushed_out_is_sent_again_as_a_first_one),
		cmocka_unit_test(while_there_is_room_none_is_pushed_out),
	};

	return cmocka_run_group_tests(tests, open_fixture_setup, fixture_teardown);
}
