/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What the programs of the blind spots have in common. Each does one thing and then runs
 * the command it was given, `FILE ARGV0 [ARG...]`, so that the file and what it is called
 * can differ. The status is the command's; 4 says that the program could not do its part.
 */
#pragma once

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/sendfile.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#define FAILED 4

static inline void fail(const char *what)
{
	fprintf(stderr, "%s: %s: %s\n", program_invocation_short_name, what, strerror(errno));
	_exit(FAILED);
}

/* Gives RESULT back, unless it is negative. */
static inline int check(int result, const char *what)
{
	if (result < 0)
		fail(what);
	return result;
}

/* The arguments behind OWN ones of the program, of which there must be two. */
static inline char **command(int argc, char **argv, int own)
{
	if (argc < 1 + own + 2) {
		fprintf(stderr, "%s: too few arguments\n", program_invocation_short_name);
		_exit(FAILED);
	}
	return argv + 1 + own;
}

/* Becomes FILE ARGV0 [ARG...]. */
static inline void start(char **argv)
{
	execve(argv[0], argv + 1, environ);
	fail(argv[0]);
}

/* Becomes the file FD is open on. */
static inline void start_fd(int fd, char **argv)
{
	syscall(SYS_execveat, fd, "", argv + 1, environ, AT_EMPTY_PATH);
	fail("execveat");
}

/* An exit status, or 128 and the signal. */
static inline int exit_status(int status)
{
	return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}

static inline int await(pid_t child)
{
	int status;

	check(waitpid(check(child, "fork"), &status, 0), "waitpid");
	return exit_status(status);
}

/*
 * Waits for all children. As process 1 of a container the program has orphans for children,
 * too. The status is that of the last one which is not 0.
 */
static inline int await_all(void)
{
	int status, result = 0;

	while (wait(&status) > 0) {
		if (status)
			result = exit_status(status);
	}
	return result;
}

/* Copies the file FROM to the descriptor TO. */
static inline void copy_to_fd(const char *from, int to)
{
	int fd = check(open(from, O_RDONLY | O_CLOEXEC), from);
	struct stat st;

	check(fstat(fd, &st), from);
	while (st.st_size > 0)
		st.st_size -= check((int)sendfile(to, fd, NULL, (size_t)st.st_size), "sendfile");
	close(fd);
}

static inline void copy_file(const char *from, const char *to)
{
	int fd = check(open(to, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0755), to);

	copy_to_fd(from, fd);
	close(fd);
}

static inline void write_file(const char *path, const char *text)
{
	int fd = check(open(path, O_WRONLY | O_CLOEXEC), path);

	if (write(fd, text, strlen(text)) != (ssize_t)strlen(text))
		fail(path);
	close(fd);
}

/* The caller is root in a new user namespace, to be unshared before. */
static inline void map_root(void)
{
	write_file("/proc/self/uid_map", "0 0 1");
	write_file("/proc/self/setgroups", "deny");
	write_file("/proc/self/gid_map", "0 0 1");
}
