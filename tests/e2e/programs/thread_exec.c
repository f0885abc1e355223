/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Starts a program from a thread that is not the leader: `thread_exec PATH
 * [ARG...]`. The kernel gives the leader's id to the calling thread on success, so
 * whoever pairs the entry of execve with its exit by thread id loses this one.
 */
#include <errno.h>
#include <pthread.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

static void *exec_in_thread(void *argument)
{
	char **argv = argument;

	execve(argv[0], argv, environ);
	perror(argv[0]);
	_exit(4);
}

int main(int argc, char **argv)
{
	pthread_t thread;
	int error;

	if (argc < 2) {
		fputs("usage: thread_exec PATH [ARG...]\n", stderr);
		return 2;
	}
	error = pthread_create(&thread, NULL, exec_in_thread, argv + 1);
	if (error) {
		fprintf(stderr, "thread_exec: pthread_create: %s\n", strerrorname_np(error));
		return 4;
	}
	pthread_join(thread, NULL); /* never returns: exec ends this thread */
	return 4;
}
