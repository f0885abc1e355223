/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Starts a program through a descriptor and so without a path: `do_execveat PATH
 * [ARG...]` opens PATH with O_PATH and calls execveat on it with AT_EMPTY_PATH.
 * The kernel calls such a program /dev/fd/N. O_CLOEXEC fits, since only a script
 * would have to open the descriptor again.
 */
#include <fcntl.h>
#include <stdio.h>
#include <unistd.h>

int main(int argc, char **argv)
{
	int fd;

	if (argc < 2) {
		fputs("usage: do_execveat PATH [ARG...]\n", stderr);
		return 2;
	}
	fd = open(argv[1], O_PATH | O_CLOEXEC);
	if (fd >= 0)
		execveat(fd, "", argv + 1, environ, AT_EMPTY_PATH);
	perror(argv[1]);
	return 4;
}
