/* SPDX-License-Identifier: Apache-2.0 */
/*
 * `own_overlay FILE ARGV0 [ARG...]`: runs a copy in an overlay that was mounted without any
 * privilege, in a user namespace of its own, as the only layer's file.
 */
#include <sched.h>
#include <sys/mount.h>

#include "blindspot.h"

int main(int argc, char **argv)
{
	char **file = command(argc, argv, 0);

	check(unshare(CLONE_NEWUSER | CLONE_NEWNS), "unshare");
	map_root();
	check(mount("none", "/tmp", "tmpfs", 0, NULL), "tmpfs");
	check(mkdir("/tmp/a", 0755), "mkdir");
	check(mkdir("/tmp/b", 0755), "mkdir");
	check(mkdir("/tmp/c", 0755), "mkdir");
	copy_file(file[0], "/tmp/a/worker");
	check(mount("none", "/tmp/c", "overlay", 0, "lowerdir=/tmp/a:/tmp/b"), "overlay");
	file[0] = "/tmp/c/worker";
	start(file);
}
