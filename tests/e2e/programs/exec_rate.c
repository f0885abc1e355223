/* SPDX-License-Identifier: Apache-2.0 */
/*
 * `exec_rate RATE SECONDS EACH PLAIN SHELL`: starts PLAIN RATE times a second, or as often as it can, and
 * each EACH-th time SHELL with "-c :" instead. Waits for each of them, and prints how many it started of
 * both, "TOTAL SHELLS".
 */
#include <errno.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#define NS_PER_S 1000000000ULL

static unsigned long long now_ns(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return now.tv_sec * NS_PER_S + now.tv_nsec;
}

static void wait_until(unsigned long long ns)
{
	struct timespec until = {.tv_sec = ns / NS_PER_S, .tv_nsec = ns % NS_PER_S};

	while (clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &until, NULL) == EINTR)
		;
}

static void start(char **argv)
{
	int error, status;
	pid_t child;

	error = posix_spawn(&child, argv[0], NULL, NULL, argv, environ);
	if (error || waitpid(child, &status, 0) != child || status != 0) {
		fprintf(stderr, "exec_rate: '%s' cannot be run\n", argv[0]);
		exit(4);
	}
}

int main(int argc, char **argv)
{
	unsigned long long rate, begin_ns, end_ns;
	unsigned long each, total = 0, shells = 0;

	if (argc != 6) {
		fputs("usage: exec_rate RATE SECONDS EACH PLAIN SHELL\n", stderr);
		return 2;
	}
	rate = strtoull(argv[1], NULL, 10);
	each = strtoul(argv[3], NULL, 10);
	begin_ns = now_ns();
	end_ns = begin_ns + strtoull(argv[2], NULL, 10) * NS_PER_S;
	while (now_ns() < end_ns) {
		char *plain[] = {argv[4], NULL}, *shell[] = {argv[5], "-c", ":", NULL};
		int is_shell = ++total % each == 0;

		start(is_shell ? shell : plain);
		shells += is_shell;
		wait_until(begin_ns + total * NS_PER_S / rate);
	}
	printf("%lu %lu\n", total, shells);
	return 0;
}
