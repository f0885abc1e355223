/* SPDX-License-Identifier: Apache-2.0 */
/* `unlinked FILE ARGV0 [ARG...]`: runs a copy that has lost its name before. */
#include "blindspot.h"

int main(int argc, char **argv)
{
	char **file = command(argc, argv, 0);
	int fd;

	copy_file(file[0], "/tmp/gone");
	fd = check(open("/tmp/gone", O_PATH | O_CLOEXEC), "/tmp/gone");
	check(unlink("/tmp/gone"), "unlink");
	start_fd(fd, file);
}
