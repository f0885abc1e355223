/* SPDX-License-Identifier: Apache-2.0 */
/* `memfd kept|cloexec FILE ARGV0 [ARG...]`: runs a copy that is in memory only. */
#include <sys/mman.h>

#include "blindspot.h"

int main(int argc, char **argv)
{
	char **file = command(argc, argv, 1);
	unsigned int flags = strcmp(argv[1], "cloexec") == 0 ? MFD_CLOEXEC : 0;
	int fd = check(memfd_create("libc.so.6", flags), "memfd_create");

	copy_to_fd(file[0], fd);
	start_fd(fd, file);
}
