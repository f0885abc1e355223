/* SPDX-License-Identifier: Apache-2.0 */
/* `by_fd FILE ARGV0 [ARG...]`: fexecve, as glibc makes it. */
#include "blindspot.h"

int main(int argc, char **argv)
{
	char **file = command(argc, argv, 0);

	fexecve(check(open(file[0], O_RDONLY | O_CLOEXEC), file[0]), file + 1, environ);
	fail("fexecve");
}
