/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Starts a program with vfork and execve and waits for it: `vfork_exec PATH
 * [ARG...]`. At the exec the child still shares the memory of its parent, and the
 * parent is a process of the container, which the alert must name. Ends with the
 * status of the program.
 */
#include <stdio.h>
#include <sys/wait.h>
#include <unistd.h>

int main(int argc, char **argv)
{
	int status;
	pid_t child;

	if (argc < 2) {
		fputs("usage: vfork_exec PATH [ARG...]\n", stderr);
		return 2;
	}
	child = vfork();
	if (child == 0) {
		execve(argv[1], argv + 1, environ);
		_exit(127);
	}
	if (child < 0 || waitpid(child, &status, 0) != child) {
		perror("vfork_exec");
		return 4;
	}
	return WIFEXITED(status) ? WEXITSTATUS(status) : 4;
}
