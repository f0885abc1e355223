/* SPDX-License-Identifier: Apache-2.0 */
/* Claims about agent/base/proc.c. */
#include "asserts.h"
#include "process_fixture.h"

#include <fcntl.h>

#include "base/proc.h"

static void stat_is_read_behind_the_name(void **state)
{
	uint64_t own_start, start;
	pid_t pid = child_start(take_a_hostile_name), parent;

	(void)state;
	assert_true(process_stat(getpid(), &own_start, &parent));
	assert_int_equal(parent, getppid());
	assert_true(process_stat(pid, &start, &parent));
	assert_int_equal(parent, getpid());
	assert_true(start >= own_start);
	child_end(pid);
	assert_false(process_stat(pid, &start, &parent));
}

static void file_of_a_process_is_read_whole(void **state)
{
	size_t size;
	CLEANUP_FREE char *text = proc_read(getpid(), "comm", &size);

	(void)state;
	assert_non_null(text);
	assert_int_equal(strlen(text), size);
	assert_string_equal(text, "test_proc\n");
	assert_null(proc_read(getpid(), "no-such-file", &size));
}

static void stat_is_of_the_directory_that_is_open(void **state)
{
	int proc = open("/proc/self", O_PATH | O_DIRECTORY | O_CLOEXEC);
	uint64_t start, again;
	pid_t parent;

	(void)state;
	assert_true(process_stat(getpid(), &start, &parent));
	assert_true(process_stat_at(proc, &again, &parent));
	assert_int_equal(again, start);
	assert_int_equal(parent, getppid());
	assert_false(process_stat_at(-1, &again, &parent));
	close(proc);
}

static void ticks_are_whole(void **state)
{
	uint64_t tick_ns = process_ticks_ns(1);

	(void)state;
	assert_int_equal(process_ticks(10 * tick_ns), 10);
	assert_int_equal(process_ticks(10 * tick_ns - 1), 9);
	assert_int_equal(process_ticks_ns(10), 10 * tick_ns);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(stat_is_of_the_directory_that_is_open),
		cmocka_unit_test(ticks_are_whole),
		cmocka_unit_test(stat_is_read_behind_the_name),
		cmocka_unit_test(file_of_a_process_is_read_whole),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
