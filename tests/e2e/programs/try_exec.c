/* SPDX-License-Identifier: Apache-2.0 */
/*
 * An application that tries to start a program it may not have: `try_exec
 * [-n TIMES] PATH [ARG...]` calls execve(PATH, {PATH, ARG...}) in a child, TIMES
 * times one after the other (default 1). Each failure prints the name of its
 * errno on a line of its own; to fail is what it is for, so the status is 0.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

static int try_once(char **argv)
{
	pid_t child = fork();

	if (child == 0) {
		execve(argv[0], argv, environ);
		puts(strerrorname_np(errno));
		fflush(stdout);
		_exit(0);
	}
	return child > 0 && waitpid(child, NULL, 0) == child ? 0 : -errno;
}

int main(int argc, char **argv)
{
	unsigned long times = 1;
	char **program = argv + 1;

	if (argc > 2 && strcmp(argv[1], "-n") == 0) {
		times = strtoul(argv[2], NULL, 10);
		program = argv + 3;
	}
	if (argc < 2 || !*program) {
		fputs("usage: try_exec [-n TIMES] PATH [ARG...]\n", stderr);
		return 2;
	}
	for (unsigned long i = 0; i < times; i++) {
		if (try_once(program) < 0) {
			perror("try_exec");
			return 4;
		}
	}
	return 0;
}
