/* SPDX-License-Identifier: Apache-2.0 */
/* `at_directory DIRECTORY FILE ARGV0 [ARG...]`: execveat of a name in an open directory. */
#include "blindspot.h"

int main(int argc, char **argv)
{
	char **file = command(argc, argv, 1);
	int fd = check(open(argv[1], O_PATH | O_DIRECTORY | O_CLOEXEC), argv[1]);

	syscall(SYS_execveat, fd, file[0], file + 1, environ, 0);
	fail(file[0]);
}
