/* SPDX-License-Identifier: Apache-2.0 */
/* `own_mounts FILE ARGV0 [ARG...]`: runs a copy on a tmpfs that only its own namespace has. */
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
	file[0] = "/mnt/app";
	start(file);
}
