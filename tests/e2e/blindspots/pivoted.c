/* SPDX-License-Identifier: Apache-2.0 */
/* `pivoted FILE ARGV0 [ARG...]`: makes a tmpfs the root, and runs a copy from there. */
#include <sched.h>
#include <sys/mount.h>

#include "blindspot.h"

int main(int argc, char **argv)
{
	char **file = command(argc, argv, 0);

	check(unshare(CLONE_NEWNS), "unshare");
	check(mount("none", "/", NULL, MS_REC | MS_PRIVATE, NULL), "private");
	check(mount("none", "/mnt", "tmpfs", 0, NULL), "tmpfs");
	copy_file(file[0], "/mnt/app");
	check(chdir("/mnt"), "chdir");
	check((int)syscall(SYS_pivot_root, ".", "."), "pivot_root");
	check(umount2(".", MNT_DETACH), "umount2");
	check(chdir("/"), "chdir");
	file[0] = "/app";
	start(file);
}
