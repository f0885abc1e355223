/* SPDX-License-Identifier: Apache-2.0 */
/*
 * `exec_each COUNT DIR...`: executes each file in the directories, in the order of their names,
 * with its file name as the only argument. None runs a single instruction: each is traced, and
 * stops when its exec is done. Prints PATH, a tab, and "executed" or the errno's name
 * for each. Those that were executed stay as they are until COUNT of them have gathered, or
 * there are no more; then it prints "held", waits for a line to read, and kills them.
 */
#include <dirent.h>
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ptrace.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#define HELD_MAX 256

static pid_t held[HELD_MAX];
static unsigned held_count, held_max;

static void fail(const char *what)
{
	perror(what);
	exit(4);
}

static void release(void)
{
	int c;

	if (held_count == 0)
		return;
	puts("held");
	do
		c = getchar();
	while (c != '\n' && c != EOF);
	if (c == EOF)
		exit(3);
	while (held_count > 0) {
		pid_t child = held[--held_count];

		if (kill(child, SIGKILL) < 0 || waitpid(child, NULL, 0) != child)
			fail("kill");
	}
}

static _Noreturn void become(char *path)
{
	char *argv[] = {strrchr(path, '/') + 1, NULL}, *no_environment[] = {NULL};

	if (ptrace(PTRACE_TRACEME, 0, NULL, NULL) == 0)
		execve(path, argv, no_environment);
	_exit(errno);
}

static void execute(char *path)
{
	pid_t child = fork();
	int status = 0;

	if (child == 0)
		become(path);
	if (child < 0 || waitpid(child, &status, 0) != child)
		fail("fork");
	if (WIFSTOPPED(status) && WSTOPSIG(status) == SIGTRAP) {
		printf("%s\texecuted\n", path);
		held[held_count++] = child;
	} else if (WIFEXITED(status)) {
		printf("%s\t%s\n", path, strerrorname_np(WEXITSTATUS(status)));
	} else {
		/* the kernel ends what cannot be loaded when there is no way back */
		printf("%s\tstatus %#x\n", path, status);
	}
	if (held_count == held_max)
		release();
}

static void execute_in(const char *directory)
{
	struct dirent **entries;
	int count = scandir(directory, &entries, NULL, alphasort);
	struct stat st;
	char *path;

	if (count < 0)
		fail(directory);
	for (int i = 0; i < count; i++) {
		if (asprintf(&path, "%s/%s", directory, entries[i]->d_name) < 0)
			fail("asprintf");
		if (stat(path, &st) == 0 && S_ISREG(st.st_mode))
			execute(path);
		free(path);
		free(entries[i]);
	}
	free(entries);
}

int main(int argc, char **argv)
{
	held_max = argc > 2 ? strtoul(argv[1], NULL, 10) : 0;
	if (held_max == 0 || held_max > HELD_MAX) {
		fprintf(stderr, "usage: exec_each COUNT DIR..., up to %d\n", HELD_MAX);
		return 2;
	}
	setvbuf(stdout, NULL, _IOLBF, 0);
	for (int i = 2; i < argc; i++)
		execute_in(argv[i]);
	release();
	return 0;
}
