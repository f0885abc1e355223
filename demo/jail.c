/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The smallest thing that is a container: jail ROOT CGROUP PROGRAM [ARGUMENT]...
 * runs PROGRAM in namespaces of its own, with ROOT as its root directory, in the
 * cgroup directory CGROUP. It ends when this process does. No engine needed.
 */
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

static int fail(const char *what)
{
	fprintf(stderr, "jail: %s: %s\n", what, strerror(errno));
	return 1;
}

static int join_cgroup(const char *cgroup)
{
	char path[PATH_MAX];
	int fd, ok;

	snprintf(path, sizeof(path), "%s/cgroup.procs", cgroup);
	fd = open(path, O_WRONLY | O_CLOEXEC);
	if (fd < 0)
		return -1;
	ok = write(fd, "0", 1) == 1;
	close(fd);
	return ok ? 0 : -1;
}

/* Makes ROOT the root of this mount namespace, and nothing else reachable. */
static int enter_root(const char *root)
{
	if (mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL) < 0 ||
		mount(root, root, NULL, MS_BIND | MS_REC, NULL) < 0 || chdir(root) < 0)
		return -1;
	/* the old root comes to lie over the new one and is taken away (pivot_root(2)) */
	if (syscall(SYS_pivot_root, ".", ".") < 0 || umount2(".", MNT_DETACH) < 0)
		return -1;
	return chdir("/");
}

static int run(const char *root, char **argv)
{
	char *environment[] = {"PATH=/bin:/usr/bin", NULL};

	prctl(PR_SET_PDEATHSIG, SIGKILL);
	if (enter_root(root) < 0)
		return fail("entering the root directory");
	execve(argv[0], argv, environment);
	return fail(argv[0]);
}

int main(int argc, char **argv)
{
	int namespaces = CLONE_NEWNS | CLONE_NEWPID | CLONE_NEWUTS | CLONE_NEWIPC | CLONE_NEWNET;
	int status;
	pid_t child;

	if (argc < 4) {
		fprintf(stderr, "usage: jail ROOT CGROUP PROGRAM [ARGUMENT]...\n");
		return 2;
	}
	if (join_cgroup(argv[2]) < 0)
		return fail("joining the cgroup");
	if (unshare(namespaces) < 0)
		return fail("making namespaces");
	child = fork();
	if (child == 0)
		return run(argv[1], argv + 3);
	if (child < 0 || waitpid(child, &status, 0) != child)
		return fail("starting the program");
	return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}
