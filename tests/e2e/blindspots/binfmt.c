/* SPDX-License-Identifier: Apache-2.0 */
/*
 * `binfmt FILE ARGV0 [ARG...]`: in a user namespace of its own, makes FILE the interpreter of
 * all files that begin with "exit", and runs one.
 */
#include <sched.h>
#include <sys/mount.h>

#include "blindspot.h"

int main(int argc, char **argv)
{
	char **file = command(argc, argv, 0), format[512];
	int fd = check(open("/tmp/program", O_WRONLY | O_CREAT | O_CLOEXEC, 0755), "/tmp/program");

	check((int)write(fd, "exit 7\n", 7), "write");
	close(fd);
	check(unshare(CLONE_NEWUSER | CLONE_NEWNS), "unshare");
	map_root();
	check(mount("none", "/mnt", "binfmt_misc", 0, NULL), "binfmt_misc");
	snprintf(format, sizeof(format), ":own:M::exit::%s:", file[0]);
	write_file("/mnt/register", format);
	file[0] = "/tmp/program";
	start(file);
}
