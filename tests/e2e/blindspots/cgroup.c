/* SPDX-License-Identifier: Apache-2.0 */
/*
 * `cgroup move|clone|root NAME FILE ARGV0 [ARG...]`: runs the file in the child cgroup NAME: moved
 * there, or made there (CLONE_INTO_CGROUP); or moved to the root of the hierarchy. The cgroup is
 * removed afterwards.
 */
#include <linux/sched.h>
#include <signal.h>
#include <sys/mount.h>

#include "blindspot.h"

static void enter(const char *name)
{
	char path[4096];

	snprintf(path, sizeof(path), "%s/cgroup.procs", name);
	write_file(path, "0");
}

static int move_to(const char *name, char **file)
{
	if (check(fork(), "fork") > 0)
		return await_all();
	enter(name);
	start(file);
	return FAILED;
}

static int clone_into(const char *name, char **file)
{
	struct clone_args args = {.flags = CLONE_INTO_CGROUP, .exit_signal = SIGCHLD};

	args.cgroup = (__u64)check(open(name, O_PATH | O_DIRECTORY | O_CLOEXEC), name);
	if (check((int)syscall(SYS_clone3, &args, sizeof(args)), "clone3") == 0)
		start(file);
	return await_all();
}

int main(int argc, char **argv)
{
	char **file = command(argc, argv, 2);
	int status;

	if (mount("none", "/mnt", "cgroup2", 0, NULL) == 0)
		check(chdir("/mnt"), "/mnt");
	else
		check(chdir("/sys/fs/cgroup"), "/sys/fs/cgroup");
	if (strcmp(argv[1], "root") == 0)
		return move_to(argv[2], file);
	check(mkdir(argv[2], 0755), argv[2]);
	status = (strcmp(argv[1], "clone") == 0 ? clone_into : move_to)(argv[2], file);
	check(rmdir(argv[2]), argv[2]);
	return status;
}
