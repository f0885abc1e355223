/* SPDX-License-Identifier: Apache-2.0 */
/*
 * `pid_reuse FILE ARGV0 [ARG...]`: a child runs this program anew and ends, and one with the
 * same pid makes a child that runs the file.
 */
#include <linux/sched.h>
#include <signal.h>
#include <stdint.h>

#include "blindspot.h"

static pid_t fork_as(pid_t pid)
{
	struct clone_args args = {.exit_signal = SIGCHLD, .set_tid_size = 1};

	args.set_tid = (uintptr_t)&pid;
	return check((int)syscall(SYS_clone3, &args, sizeof(args)), "clone3");
}

int main(int argc, char **argv)
{
	char *first[] = {"/b/exec_as", "exec_as", "/b/nothing", "nothing", NULL};
	char **file = command(argc, argv, 0);
	pid_t child = check(fork(), "fork");

	if (child == 0)
		start(first);
	check(-await(child), "the first child");
	child = fork_as(child);
	if (child == 0) {
		child = check(fork(), "fork");
		if (child == 0)
			start(file);
		_exit(await(child));
	}
	return await(child);
}
