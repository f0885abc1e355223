/* SPDX-License-Identifier: Apache-2.0 */
/* The map of known files: what an exec of one differs in, and what makes a file another. */
#include "fixture.h"

#define BUSYBOX "/bin/busybox"

static void program_in(const struct fixture *f, char *ret)
{
	assert_true(snprintf(ret, PATH_MAX, "%s/program", f->dir) < PATH_MAX);
}

static void install(struct fixture *f)
{
	char command[3 * PATH_MAX], path[PATH_MAX];

	program_in(f, path);
	snprintf(command, sizeof(command), "rm -f '%s' && cp " BUSYBOX " '%s'", path, path);
	assert_int_equal(system(command), 0);
}

static void act_program(void *argument)
{
	execl(argument, "true", NULL);
}

/* The file of the one exec of the program that is made now. */
static struct bw_file run_program(struct fixture *f)
{
	char path[PATH_MAX];

	program_in(f, path);
	fixture_run(f, NULL, act_program, path);
	return fixture_only(f, BW_EVENT_EXEC)->exec.record->file;
}

static void known_file_is_marked_and_still_reported(void **state)
{
	struct fixture *f = *state;
	struct bw_file file, again;

	install(f);
	file = run_program(f);
	assert_false(file.flags & BW_FILE_KNOWN);
	fixture_know(f, &file);
	again = run_program(f);
	assert_true(again.flags & BW_FILE_KNOWN);
	again.flags = file.flags;
	assert_memory_equal(&again, &file, sizeof(file));
}

static void file_that_was_forgotten_is_not_known(void **state)
{
	struct fixture *f = *state;
	struct bw_file file, other;

	install(f);
	file = run_program(f);
	assert_int_equal(probe_known_clear(f->probe), 0); /* nothing is nothing to fail at */
	fixture_know(f, &file);
	for (unsigned i = 1; i < 100; i++) {
		other = file;
		other.inode += i;
		fixture_know(f, &other);
	}
	assert_true(run_program(f).flags & BW_FILE_KNOWN);
	assert_int_equal(probe_known_clear(f->probe), 0);
	assert_false(run_program(f).flags & BW_FILE_KNOWN);
}

static void file_is_known_in_its_own_container_only(void **state)
{
	struct fixture *f = *state;
	struct bw_file file;

	install(f);
	file = run_program(f);
	assert_int_equal(probe_known_add(f->probe, f->key + 1, &file), 0);
	assert_false(run_program(f).flags & BW_FILE_KNOWN);
}

/* Each number that tells files apart does so by itself. */
static void file_that_differs_in_anything_is_another(void **state)
{
	struct fixture *f = *state;
	struct bw_file file;

	install(f);
	file = run_program(f);
	for (int i = 0; i < 6; i++) {
		struct bw_file other = file;

		other.inode += i == 0;
		other.size_bytes += i == 1;
		other.ctime_s += i == 2;
		other.ctime_ns += i == 3;
		other.dev_major += i == 4;
		other.dev_minor += i == 5;
		fixture_know(f, &other);
		assert_false(run_program(f).flags & BW_FILE_KNOWN);
	}
}

static void file_that_was_changed_is_another(void **state)
{
	struct fixture *f = *state;
	char path[PATH_MAX];

	install(f);
	program_in(f, path);
	fixture_know(f, &(struct bw_file){0});
	for (int i = 0; i < 2; i++) {
		struct bw_file file = run_program(f);

		assert_false(file.flags & BW_FILE_KNOWN);
		fixture_know(f, &file);
		assert_true(run_program(f).flags & BW_FILE_KNOWN);
		usleep(20000); /* file systems keep time in ticks */
		assert_int_equal(chmod(path, 0711), 0);
	}
}

/* Runs the program without reading of it. */
static void run_unread(struct fixture *f)
{
	char path[PATH_MAX];
	pid_t child = fork();

	program_in(f, path);
	if (child == 0) {
		join_cgroup(f->cgroup);
		act_program(path);
		_exit(111);
	}
	assert_int_equal(waitpid(child, NULL, 0), child);
}

static void reader_is_woken_for_a_file_that_is_not_known_and_only_then(void **state)
{
	struct fixture *f = *state;
	int fd = probe_fd(f->probe, PROBE_RING_EVENTS);
	struct bw_file file;

	install(f);
	file = run_program(f);
	usleep(20000); /* a storm's second one wakes nobody */
	run_unread(f);
	assert_true(is_readable(fd));
	fixture_drain(f);
	assert_false(is_readable(fd));
	fixture_know(f, &file);
	usleep(20000);
	run_unread(f);
	assert_false(is_readable(fd));
	fixture_drain(f);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(known_file_is_marked_and_still_reported),
		cmocka_unit_test(file_that_was_forgotten_is_not_known),
		cmocka_unit_test(file_is_known_in_its_own_container_only),
		cmocka_unit_test(file_that_differs_in_anything_is_another),
		cmocka_unit_test(file_that_was_changed_is_another),
		cmocka_unit_test(reader_is_woken_for_a_file_that_is_not_known_and_only_then),
	};

	return cmocka_run_group_tests(tests, fixture_setup, fixture_teardown);
}
