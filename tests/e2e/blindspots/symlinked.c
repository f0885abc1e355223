/* SPDX-License-Identifier: Apache-2.0 */
/* `symlinked FILE ARGV0 [ARG...]`: runs the file through two symbolic links. */
#include "blindspot.h"

int main(int argc, char **argv)
{
	char **file = command(argc, argv, 0);

	check(symlink(file[0], "/tmp/first"), "symlink");
	check(symlink("first", "/tmp/second"), "symlink");
	file[0] = "/tmp/second";
	start(file);
}
