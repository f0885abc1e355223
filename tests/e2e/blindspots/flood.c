/* SPDX-License-Identifier: Apache-2.0 */
/*
 * `flood PROCESSES SECONDS FILE ARGV0 [ARG...]`: each of PROCESSES executes the file until the time
 * is over, one child after the other; where it cannot be executed, it tries without a
 * child. Prints how often they did. An ARGV0 that is `%` becomes a number, each time another.
 */
#include <sys/mman.h>
#include <time.h>

#include "blindspot.h"

#define BETWEEN_LOOKS 64 /* at the clock */

static void once(char **file, int can_run)
{
	pid_t child = can_run ? vfork() : 0;

	if (child == 0) {
		execve(file[0], file + 1, environ);
		if (!can_run)
			return;
		_exit(FAILED);
	}
	if (await(child) != 0)
		fail(file[0]);
}

static void flood(time_t end, char **file, int can_run, unsigned long *count)
{
	int is_numbered = strcmp(file[1], "%") == 0;
	static char name[32];

	if (is_numbered)
		file[1] = name;
	for (unsigned long i = 0; i % BETWEEN_LOOKS || time(NULL) < end; i++) {
		if (is_numbered)
			snprintf(name, sizeof(name), "%d-%lu", getpid(), i);
		once(file, can_run);
		__atomic_add_fetch(count, 1, __ATOMIC_RELAXED);
	}
	_exit(0);
}

int main(int argc, char **argv)
{
	char **file = command(argc, argv, 2);
	int can_run = access(file[0], X_OK) == 0;
	time_t end = time(NULL) + atoi(argv[2]);
	unsigned long *count = mmap(
		NULL, sizeof(*count), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);

	if (count == MAP_FAILED)
		fail("mmap");
	for (int i = 0; i < atoi(argv[1]); i++) {
		if (check(fork(), "fork") == 0)
			flood(end, file, can_run, count);
	}
	check(-await_all(), "a process of the flood");
	printf("%lu\n", *count);
	return 0;
}
