/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Floods whoever watches with failed execs: `exec_flood PROCESSES SECONDS TIMES PATH
 * [ARG...]` lets each of PROCESSES call execve(PATH, {ARG...}) until SECONDS are
 * over, or TIMES times. They end when this process does, however it ends.
 */
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#define TRIES_BETWEEN_LOOKS 256 /* at the clock */

static void flood(pid_t parent, time_t end, unsigned long times, char **argv)
{
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	if (getppid() != parent)
		_exit(1);
	for (unsigned long i = 0; i < times; i++) {
		if (i % TRIES_BETWEEN_LOOKS == 0 && time(NULL) >= end)
			break;
		execve(argv[0], argv + 1, environ);
	}
	_exit(0);
}

int main(int argc, char **argv)
{
	unsigned long processes, seconds, times;
	pid_t parent = getpid();

	if (argc < 5) {
		fputs("usage: exec_flood PROCESSES SECONDS TIMES PATH [ARG...]\n", stderr);
		return 2;
	}
	processes = strtoul(argv[1], NULL, 10);
	seconds = strtoul(argv[2], NULL, 10);
	times = strtoul(argv[3], NULL, 10);
	for (unsigned long i = 0; i < processes; i++) {
		pid_t child = fork();

		if (child == 0)
			flood(parent, time(NULL) + (time_t)seconds, times, argv + 4);
		if (child < 0) {
			perror("exec_flood: fork");
			return 4;
		}
	}
	while (wait(NULL) > 0)
		;
	return 0;
}
