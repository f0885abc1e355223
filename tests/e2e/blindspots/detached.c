/* SPDX-License-Identifier: Apache-2.0 */
/* `detached DIRECTORY FILE ARGV0 [ARG...]`: FILE is in a mount that is in no namespace. */
#include <sys/mount.h>

#include "blindspot.h"

#ifndef OPEN_TREE_CLONE
#define OPEN_TREE_CLONE 1
#endif

int main(int argc, char **argv)
{
	char **file = command(argc, argv, 1);
	int fd = check((int)syscall(SYS_open_tree, AT_FDCWD, argv[1], OPEN_TREE_CLONE | O_CLOEXEC),
		"open_tree");

	syscall(SYS_execveat, fd, file[0], file + 1, environ, 0);
	fail(file[0]);
}
