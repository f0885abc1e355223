/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Starts a program from a thread with a name of its own, as pools of workers do:
 * `thread_fork PATH [ARG...]` forks in a thread called "worker" and waits. The
 * parent of the program is this process, whatever the thread is called.
 */
#include <errno.h>
#include <pthread.h>
#include <stdio.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

static int status;

static void *fork_in_thread(void *argument)
{
	char **argv = argument;
	pid_t child;

	pthread_setname_np(pthread_self(), "worker");
	child = fork();
	if (child == 0) {
		execve(argv[0], argv, environ);
		_exit(127);
	}
	if (child < 0 || waitpid(child, &status, 0) != child)
		status = -1;
	return NULL;
}

int main(int argc, char **argv)
{
	pthread_t thread;
	int error;

	if (argc < 2) {
		fputs("usage: thread_fork PATH [ARG...]\n", stderr);
		return 2;
	}
	error = pthread_create(&thread, NULL, fork_in_thread, argv + 1);
	if (error) {
		fprintf(stderr, "thread_fork: pthread_create: %s\n", strerrorname_np(error));
		return 4;
	}
	pthread_join(thread, NULL);
	return WIFEXITED(status) ? WEXITSTATUS(status) : 4;
}
