/* SPDX-License-Identifier: Apache-2.0 */
/* `tmpfile_exec FILE ARGV0 [ARG...]`: runs a copy that never had a name (O_TMPFILE). */
#include "blindspot.h"

int main(int argc, char **argv)
{
	int fd = check(open("/tmp", O_TMPFILE | O_RDWR | O_CLOEXEC, 0755), "O_TMPFILE");
	char **file = command(argc, argv, 0), path[64];
	int readable;

	copy_to_fd(file[0], fd);
	snprintf(path, sizeof(path), "/proc/self/fd/%d", fd);
	readable = check(open(path, O_PATH | O_CLOEXEC), path);
	close(fd); /* what is open for writing does not run */
	start_fd(readable, file);
}
