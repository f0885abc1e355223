/* SPDX-License-Identifier: Apache-2.0 */
/*
 * place_exec HOW FILE TARGET ARG0 [ARG...]: runs the program FILE after something was done
 * with it.
 *
 *   run       nothing
 *   copy      copied to TARGET, run from there
 *   move      renamed to TARGET
 *   link      hard-linked to TARGET
 *   bind      mounted at TARGET, a file that is there
 *   touch     its times changed; run as FILE
 *   chmod     its mode changed; run as FILE
 *   append    a byte added to it; run as FILE
 *   memfd     copied to a memfd
 *   delete    copied to TARGET, which has no name any more when it runs
 *
 * Its standard input is one that never ends, for programs that are to stay a while.
 */
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <unistd.h>

extern char **environ;

static int fail(const char *what)
{
	perror(what);
	return 1;
}

static int copy(const char *from, int to)
{
	char buffer[65536];
	int fd = open(from, O_RDONLY);
	ssize_t n;

	if (fd < 0)
		return -1;
	while ((n = read(fd, buffer, sizeof(buffer))) > 0)
		if (write(to, buffer, n) != n)
			return -1;
	close(fd);
	return n < 0 ? -1 : 0;
}

static int copy_to(const char *from, const char *to)
{
	int fd = open(to, O_WRONLY | O_CREAT | O_TRUNC, 0755);

	if (fd < 0 || copy(from, fd) < 0)
		return -1;
	return close(fd);
}

/* A descriptor for reading only: what is open for writing does not run. */
static int reopen(int fd)
{
	char path[64];

	snprintf(path, sizeof(path), "/proc/self/fd/%d", fd);
	return open(path, O_RDONLY | O_CLOEXEC);
}

static int run_memfd(const char *file, char **argv)
{
	int fd = memfd_create("anything", 0), readable;

	if (fd < 0 || copy(file, fd) < 0)
		return fail("memfd");
	readable = reopen(fd);
	close(fd);
	fexecve(readable, argv, environ);
	return fail("fexecve");
}

static int run_deleted(const char *file, const char *target, char **argv)
{
	int fd;

	if (copy_to(file, target) < 0)
		return fail(target);
	fd = open(target, O_RDONLY | O_CLOEXEC);
	if (fd < 0 || unlink(target) < 0)
		return fail(target);
	fexecve(fd, argv, environ);
	return fail("fexecve");
}

static int append(const char *file)
{
	int fd = open(file, O_WRONLY | O_APPEND);

	return fd < 0 || write(fd, "", 1) != 1 ? -1 : close(fd);
}

/* A pipe with an end that stays open. */
static int set_input(void)
{
	int ends[2];

	return pipe(ends) < 0 || dup2(ends[0], 0) < 0 ? -1 : 0;
}

/* What to run, NULL on failure. */
static const char *place(const char *how, const char *file, const char *target)
{
	if (strcmp(how, "run") == 0)
		return file;
	if (strcmp(how, "copy") == 0)
		return copy_to(file, target) < 0 ? NULL : target;
	if (strcmp(how, "move") == 0)
		return rename(file, target) < 0 ? NULL : target;
	if (strcmp(how, "link") == 0)
		return link(file, target) < 0 ? NULL : target;
	if (strcmp(how, "bind") == 0)
		return mount(file, target, NULL, MS_BIND, NULL) < 0 ? NULL : target;
	if (strcmp(how, "touch") == 0)
		return utimensat(AT_FDCWD, file, NULL, 0) < 0 ? NULL : file;
	if (strcmp(how, "chmod") == 0)
		return chmod(file, 0711) < 0 ? NULL : file;
	if (strcmp(how, "append") == 0)
		return append(file) < 0 ? NULL : file;
	return NULL;
}

int main(int argc, char **argv)
{
	const char *path;

	if (argc < 5)
		return 2;
	if (set_input() < 0)
		return fail("pipe");
	if (strcmp(argv[1], "memfd") == 0)
		return run_memfd(argv[2], argv + 4);
	if (strcmp(argv[1], "delete") == 0)
		return run_deleted(argv[2], argv[3], argv + 4);
	path = place(argv[1], argv[2], argv[3]);
	if (!path)
		return fail(argv[1]);
	execv(path, argv + 4);
	return fail(path);
}
