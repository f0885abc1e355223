/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The demo's application, and the only file of its container: a service with a
 * hole. It reads requests, one a line; "run PROGRAM ARGUMENT" is the hole, which
 * starts a program, as an exploited service would. Everything else is answered.
 */
#include <stdio.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#define REQUEST_MAX 512
#define WORDS_MAX   8

static void run(char *words)
{
	char *argv[WORDS_MAX + 1] = {NULL}, *save;
	pid_t child;

	for (int i = 0; i < WORDS_MAX; i++)
		argv[i] = strtok_r(i == 0 ? words : NULL, " ", &save);
	if (!argv[0])
		return;
	child = fork();
	if (child == 0) {
		execv(argv[0], argv);
		perror(argv[0]);
		_exit(127);
	}
	if (child > 0)
		waitpid(child, NULL, 0);
}

int main(void)
{
	char request[REQUEST_MAX];

	while (fgets(request, sizeof(request), stdin)) {
		request[strcspn(request, "\n")] = '\0';
		if (strncmp(request, "run ", 4) == 0)
			run(request + 4);
		else
			printf("served: %s\n", request);
		fflush(stdout);
	}
	return 0;
}
