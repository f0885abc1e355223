/* SPDX-License-Identifier: Apache-2.0 */
/* `hard_linked FILE ARGV0 [ARG...]`: runs the file by another name of the same inode. */
#include "blindspot.h"

int main(int argc, char **argv)
{
	char **file = command(argc, argv, 0);

	check(linkat(AT_FDCWD, file[0], AT_FDCWD, "/tmp/hard", AT_SYMLINK_FOLLOW), "linkat");
	file[0] = "/tmp/hard";
	start(file);
}
