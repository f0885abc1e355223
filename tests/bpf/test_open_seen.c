/* SPDX-License-Identifier: Apache-2.0 */
/* Which opens are told again, and what is kept of those that are not: counts, by kind. */
#include "open_fixture.h"

#include <pthread.h>

struct kept {
	const struct bw_open_kind *kind;
	struct bw_open_seen seen;
	size_t count;
};

static void on_kept(
	const struct bw_open_kind *kind, const struct bw_open_seen *seen, void *userdata)
{
	struct kept *kept = userdata;

	if (memcmp(kind, kept->kind, sizeof(*kind)) != 0)
		return;
	kept->seen = *seen;
	kept->count++;
}

/* What is kept of KIND. */
static struct bw_open_seen kept_of(struct fixture *f, const struct bw_open_kind *kind)
{
	struct kept kept = {.kind = kind};

	assert_int_equal(probe_opens_each(f->probe, f->key, on_kept, &kept), 0);
	assert_int_equal(kept.count, 1);
	return kept.seen;
}

#define REPEATS 10

static void act_read_repeatedly(void *argument)
{
	for (int i = 0; i < REPEATS; i++)
		act_read(argument);
}

static void one_process_is_told_once_and_counted(void **state)
{
	struct fixture *f = *state;
	struct bw_counters before = open_counters(f), after;
	struct bw_open_kind kind;
	struct bw_open_seen seen;
	char path[PATH_MAX];
	uint64_t start = boot_now_ns();

	new_file(f, "once", path);
	fixture_run(f, NULL, act_read_repeatedly, path);
	assert_int_equal(count_opens(f, path), 1);
	kind = find_open(f, path)->open.record->kind;
	seen = kept_of(f, &kind);
	assert_int_equal(seen.count, REPEATS);
	assert_true(seen.first_ns >= start && seen.last_ns > seen.first_ns);
	assert_true(seen.last_ns <= boot_now_ns());
	assert_int_equal(seen.state, BW_OPEN_UNDECIDED);
	after = open_counters(f);
	assert_int_equal(after.seen - before.seen, REPEATS);
	assert_int_equal(after.sent - before.sent, 1);
	assert_int_equal(after.held - before.held, REPEATS - 1);
}

static void another_process_is_told_again_until_it_is_settled(void **state)
{
	struct fixture *f = *state;
	struct bw_open_kind kind;
	char path[PATH_MAX];

	new_file(f, "settled", path);
	assert_int_equal(read_once(f, path)->open.record->flags & BW_OPEN_AGAIN, 0);
	kind = find_open(f, path)->open.record->kind;
	assert_int_equal(read_once(f, path)->open.record->flags & BW_OPEN_AGAIN, BW_OPEN_AGAIN);
	assert_memory_equal(&find_open(f, path)->open.record->kind, &kind, sizeof(kind));
	assert_int_equal(probe_open_decide(f->probe, &kind, BW_OPEN_SETTLED), 0);
	read_unseen(f, path);
	read_unseen(f, path);
	assert_int_equal(kept_of(f, &kind).count, 4);
	assert_int_equal(probe_opens_undecide(f->probe), 0);
	read_once(f, path);
	assert_int_equal(kept_of(f, &kind).count, 5);
}

static void each_open_of_a_hot_file_is_told(void **state)
{
	struct fixture *f = *state;
	struct bw_open_kind kind;
	char path[PATH_MAX];

	new_file(f, "hot", path);
	kind = read_once(f, path)->open.record->kind;
	assert_int_equal(probe_open_decide(f->probe, &kind, BW_OPEN_HOT), 0);
	fixture_run(f, NULL, act_read_repeatedly, path);
	assert_int_equal(count_opens(f, path), REPEATS);
	assert_int_equal(kept_of(f, &kind).count, 1 + REPEATS);
}

/* Undecided anew, the process that was told last is told once more. */
static void after_a_reload_the_same_process_is_told_again(void **state)
{
	struct fixture *f = *state;
	struct bw_open_kind kind;
	char path[PATH_MAX];
	int go[2], done[2];
	char byte = 0;
	pid_t child;

	new_file(f, "reload", path);
	assert_int_equal(pipe(go) | pipe(done), 0);
	fixture_drain(f);
	fixture_forget(f);
	child = fork();
	assert_true(child >= 0);
	if (child == 0) {
		join_cgroup(f->cgroup);
		for (int i = 0; i < 2; i++) {
			act_read(path);
			if (write(done[1], &byte, 1) != 1 || read(go[0], &byte, 1) != 1)
				_exit(112);
		}
		_exit(0);
	}
	assert_int_equal(read(done[0], &byte, 1), 1);
	assert_int_equal(probe_opens_undecide(f->probe), 0);
	assert_int_equal(write(go[1], &byte, 1), 1);
	assert_int_equal(read(done[0], &byte, 1), 1);
	assert_int_equal(write(go[1], &byte, 1), 1);
	assert_int_equal(waitpid(child, NULL, 0), child);
	fixture_drain(f);
	assert_int_equal(count_opens(f, path), 2);
	kind = find_open(f, path)->open.record->kind;
	assert_int_equal(kept_of(f, &kind).count, 2);
	close(go[0]), close(go[1]), close(done[0]), close(done[1]);
}

static void a_kind_that_is_not_kept_cannot_be_decided(void **state)
{
	struct fixture *f = *state;
	struct bw_open_kind kind = {.container = f->key, .inode = 1};

	assert_int_equal(probe_open_decide(f->probe, &kind, BW_OPEN_HOT), -ENOENT);
}

/* ---- what makes another kind ---- */

static void a_renamed_file_is_another(void **state)
{
	struct fixture *f = *state;
	char path[PATH_MAX], to[PATH_MAX];

	new_file(f, "before", path);
	path_in(f, "after", to);
	settle(f, path);
	assert_int_equal(rename(path, to), 0);
	read_once(f, to);
}

static void a_file_below_a_renamed_directory_is_another(void **state)
{
	struct fixture *f = *state;
	char from[PATH_MAX], to[PATH_MAX], path[PATH_MAX];

	path_in(f, "from", from);
	path_in(f, "to", to);
	assert_int_equal(mkdir(from, 0755), 0);
	path_in(f, "from/sub", path);
	assert_int_equal(mkdir(path, 0755), 0);
	new_file(f, "from/sub/file", path);
	settle(f, path);
	assert_int_equal(rename(from, to), 0);
	path_in(f, "to/sub/file", path);
	read_once(f, path);
}

static void another_name_of_a_file_is_another(void **state)
{
	struct fixture *f = *state;
	char path[PATH_MAX], other[PATH_MAX];

	new_file(f, "name", path);
	path_in(f, "other-name", other);
	settle(f, path);
	assert_int_equal(link(path, other), 0);
	read_once(f, other);
	read_unseen(f, path);
}

/* Its inode number may be the same: file systems use them again. */
static void a_file_that_is_made_again_is_another(void **state)
{
	struct fixture *f = *state;
	char path[PATH_MAX];

	new_file(f, "again", path);
	for (int i = 0; i < 5; i++) {
		settle(f, path);
		new_file(f, "again", path);
	}
	read_once(f, path);
}

static void act_write(void *argument)
{
	close(open_or_exit(argument, O_WRONLY));
}

static void act_truncate(void *argument)
{
	close(open_or_exit(argument, O_WRONLY | O_TRUNC));
}

static void act_create(void *argument)
{
	unlink(argument);
	close(open_or_exit(argument, O_WRONLY | O_CREAT));
}

static void another_use_is_another(void **state)
{
	static const struct {
		void (*act)(void *argument);
		uint32_t use;
	} uses[] = {
		{act_write, BW_OPEN_WRITE},
		{act_truncate, BW_OPEN_WRITE | BW_OPEN_TRUNC},
		{act_create, BW_OPEN_WRITE | BW_OPEN_CREATED},
	};
	struct fixture *f = *state;
	char path[PATH_MAX];

	new_file(f, "used", path);
	settle(f, path);
	for (size_t i = 0; i < ARRAY_SIZE(uses); i++) {
		fixture_run(f, NULL, uses[i].act, path);
		assert_int_equal(count_opens(f, path), 1);
		assert_int_equal(find_open(f, path)->open.record->kind.use, uses[i].use);
		assert_int_equal(
			find_open(f, path)->open.is_created, !!(uses[i].use & BW_OPEN_CREATED));
	}
}

static void act_cat(void *argument)
{
	if (dup2(open("/dev/null", O_WRONLY | O_CLOEXEC), STDOUT_FILENO) >= 0)
		execl("/bin/cat", "cat", argument, NULL);
}

/* A permitted program reads it, and then another one does. */
static void another_program_is_another(void **state)
{
	struct fixture *f = *state;
	const struct event *e;
	char path[PATH_MAX];
	struct stat st;

	new_file(f, "read", path);
	write_text(path, ""); /* what it prints would be among the results */
	settle(f, path);
	fixture_run(f, NULL, act_cat, path);
	assert_int_equal(count_opens(f, path), 1);
	e = find_open(f, path);
	assert_int_equal(stat("/bin/cat", &st), 0);
	assert_int_equal(e->open.record->kind.exe_inode, st.st_ino);
	assert_int_equal(e->open.record->flags & BW_OPEN_AGAIN, 0);
}

/* ---- counts ---- */

#define THREADS       2
#define THREAD_OPENS  20000
#define DECIDED_OFTEN 2000

static void *read_often(void *argument)
{
	for (int i = 0; i < THREAD_OPENS; i++)
		act_read(argument);
	return NULL;
}

static void act_read_in_threads(void *argument)
{
	pthread_t threads[THREADS];

	for (int i = 0; i < THREADS; i++)
		if (pthread_create(&threads[i], NULL, read_often, argument))
			_exit(112);
	for (int i = 0; i < THREADS; i++)
		pthread_join(threads[i], NULL);
}

/* Also while it is decided about the file, many times. */
static void counts_are_exact_with_two_threads(void **state)
{
	struct fixture *f = *state;
	struct bw_counters before, after;
	struct bw_open_kind kind;
	char path[PATH_MAX];
	pid_t child;

	new_file(f, "counted", path);
	kind = read_once(f, path)->open.record->kind;
	assert_int_equal(probe_open_decide(f->probe, &kind, BW_OPEN_SETTLED), 0);
	before = open_counters(f);
	child = fork();
	assert_true(child >= 0);
	if (child == 0) {
		join_cgroup(f->cgroup);
		act_read_in_threads(path);
		_exit(0);
	}
	for (int i = 0; i < DECIDED_OFTEN; i++)
		assert_int_equal(probe_open_decide(f->probe, &kind, BW_OPEN_SETTLED), 0);
	assert_int_equal(waitpid(child, NULL, 0), child);
	after = open_counters(f);
	assert_int_equal(kept_of(f, &kind).count, 1 + THREADS * THREAD_OPENS);
	assert_true(after.held - before.held >= THREADS * THREAD_OPENS);
	assert_int_equal(
		after.seen - before.seen, (after.sent - before.sent) + (after.held - before.held));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(one_process_is_told_once_and_counted),
		cmocka_unit_test(another_process_is_told_again_until_it_is_settled),
		cmocka_unit_test(each_open_of_a_hot_file_is_told),
		cmocka_unit_test(after_a_reload_the_same_process_is_told_again),
		cmocka_unit_test(a_kind_that_is_not_kept_cannot_be_decided),
		cmocka_unit_test(a_renamed_file_is_another),
		cmocka_unit_test(a_file_below_a_renamed_directory_is_another),
		cmocka_unit_test(another_name_of_a_file_is_another),
		cmocka_unit_test(a_file_that_is_made_again_is_another),
		cmocka_unit_test(another_use_is_another),
		cmocka_unit_test(another_program_is_another),
		cmocka_unit_test(counts_are_exact_with_two_threads),
	};

	return cmocka_run_group_tests(tests, open_fixture_setup, fixture_teardown);
}
