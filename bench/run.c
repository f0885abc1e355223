/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A real program as a load: run COUNT PROGRAM ARGUMENT... runs it COUNT times, with its output thrown
 * away, and prints nanoseconds of CPU time for one run with all that it starts. With CGROUP set in
 * the environment, in that cgroup directory.
 */
#include <errno.h>
#include <spawn.h>
#include <sys/resource.h>
#include <sys/wait.h>

#include "place.h"

static double children_ns(void)
{
	struct rusage usage;

	getrusage(RUSAGE_CHILDREN, &usage);
	return (usage.ru_utime.tv_sec + usage.ru_stime.tv_sec) * 1e9 +
	       (usage.ru_utime.tv_usec + usage.ru_stime.tv_usec) * 1e3;
}

/* 0 when it ran to a good end. */
static int run_once(char **argv)
{
	posix_spawn_file_actions_t actions;
	pid_t child;
	int error, status = 0;

	posix_spawn_file_actions_init(&actions);
	posix_spawn_file_actions_addopen(&actions, STDOUT_FILENO, "/dev/null", O_WRONLY, 0);
	error = posix_spawnp(&child, argv[0], &actions, NULL, argv, environ);
	posix_spawn_file_actions_destroy(&actions);
	if (error) {
		fprintf(stderr, "run: %s: %s\n", argv[0], strerror(error));
		return -1;
	}
	return waitpid(child, &status, 0) == child && status == 0 ? 0 : -1;
}

int main(int argc, char **argv)
{
	long count = argc > 2 ? strtol(argv[1], NULL, 10) : 0;

	if (count <= 0) {
		fputs("usage: run COUNT PROGRAM [ARGUMENT]...\n", stderr);
		return 2;
	}
	if (place_enter() < 0)
		return 1;
	for (long i = 0; i < count; i++)
		if (run_once(argv + 2) < 0)
			return 1;
	printf("%.1f\n", children_ns() / count);
	return 0;
}
