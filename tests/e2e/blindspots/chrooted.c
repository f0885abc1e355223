/* SPDX-License-Identifier: Apache-2.0 */
/* `chrooted FILE ARGV0 [ARG...]`: runs a copy inside of a chroot. */
#include "blindspot.h"

int main(int argc, char **argv)
{
	char **file = command(argc, argv, 0);

	check(mkdir("/tmp/jail", 0755), "mkdir");
	copy_file(file[0], "/tmp/jail/app");
	check(chroot("/tmp/jail"), "chroot");
	check(chdir("/"), "chdir");
	file[0] = "/app";
	start(file);
}
