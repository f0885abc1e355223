/* SPDX-License-Identifier: Apache-2.0 */
/* What tests of all kinds ask of this process, and the children they look at. */
#pragma once

/* cmocka wants these before it */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/cleanup.h"

/* When this process began, as its /proc/PID/stat has it: to the tick. */
static inline uint64_t own_start_ns(void)
{
	CLEANUP_FILE FILE *file = fopen("/proc/self/stat", "re");
	char text[1024] = "";
	const char *field;

	assert_non_null(file);
	assert_true(fread(text, 1, sizeof(text) - 1, file) > 0);
	field = strrchr(text, ')');
	for (int i = 2; field && i < 22; i++)
		field = strchr(field + 1, ' ');
	assert_non_null(field);
	return strtoull(field, NULL, 10) * (1000000000ULL / sysconf(_SC_CLK_TCK));
}

/* A child that has called BEGIN, and waits for its end. */
static inline pid_t child_start(void (*begin)(void))
{
	int pipe_fds[2];
	pid_t pid;
	char byte;

	assert_int_equal(pipe(pipe_fds), 0);
	pid = fork();
	if (pid == 0) {
		prctl(PR_SET_PDEATHSIG, SIGKILL);
		begin();
		(void)!write(pipe_fds[1], "x", 1);
		pause();
		_exit(1);
	}
	assert_int_equal(read(pipe_fds[0], &byte, 1), 1);
	close(pipe_fds[0]);
	close(pipe_fds[1]);
	return pid;
}

static inline void child_end(pid_t pid)
{
	kill(pid, SIGKILL);
	waitpid(pid, NULL, 0);
}

/* A name that looks like what /proc/PID/stat says behind it. */
static inline void take_a_hostile_name(void)
{
	prctl(PR_SET_NAME, "a) R 1 1 1 (b");
}
