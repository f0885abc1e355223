/* SPDX-License-Identifier: Apache-2.0 */
/*
 * `race ROUNDS ALLOWED FILE ARGV0 [ARG...]`: in each round a child executes a path whose last
 * byte a thread of the parent keeps changing, so that it is ALLOWED, then FILE, and so on. The
 * number of the round is one more argument. Prints that and the status of what ran, by which
 * it is known, for each round.
 */
#include <pthread.h>
#include <sys/mman.h>

#include "blindspot.h"

struct race {
	volatile char *byte; /* shared with the children */
	char values[2];
};

static void *flip(void *argument)
{
	struct race *race = argument;

	for (unsigned int i = 0;; i++)
		*race->byte = race->values[i & 1];
	return NULL;
}

static void run_rounds(int rounds, const char *path, char **args, size_t last)
{
	static char number[16];

	args[last] = number;
	for (int i = 1; i <= rounds; i++) {
		pid_t child;

		snprintf(number, sizeof(number), "%d", i);
		child = fork();
		if (child == 0) {
			execve(path, args, environ);
			fail(path);
		}
		printf("%d %d\n", i, await(child));
	}
}

int main(int argc, char **argv)
{
	char **file = command(argc, argv, 2), **args = calloc((size_t)argc + 1, sizeof(*args));
	char *path = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	struct race race;
	pthread_t thread;
	size_t own = 0;

	if (!args || path == MAP_FAILED)
		fail("memory");
	strcpy(path, argv[2]);
	race.byte = path + strlen(path) - 1;
	race.values[0] = *race.byte;
	race.values[1] = file[0][strlen(path) - 1];
	for (; file[own + 1]; own++)
		args[own] = file[own + 1];
	errno = pthread_create(&thread, NULL, flip, &race);
	if (errno)
		fail("pthread_create");
	run_rounds(atoi(argv[1]), path, args, own);
	fflush(stdout);
	_exit(0);
}
