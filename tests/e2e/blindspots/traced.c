/* SPDX-License-Identifier: Apache-2.0 */
/* `traced FILE ARGV0 [ARG...]`: the exec of a child that is traced by its parent. */
#include <sys/ptrace.h>

#include "blindspot.h"

int main(int argc, char **argv)
{
	char **file = command(argc, argv, 0);
	pid_t child = check(fork(), "fork");
	int status;

	if (child == 0) {
		check((int)ptrace(PTRACE_TRACEME, 0, NULL, NULL), "PTRACE_TRACEME");
		start(file);
	}
	while (waitpid(child, &status, 0) == child && WIFSTOPPED(status))
		check((int)ptrace(PTRACE_CONT, child, NULL, NULL), "PTRACE_CONT");
	return exit_status(status);
}
