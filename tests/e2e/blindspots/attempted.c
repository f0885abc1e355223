/* SPDX-License-Identifier: Apache-2.0 */
/* `attempted FILE ARGV0 [ARG...]`: fails to run the file: status 0, if it does. */
#include "blindspot.h"

int main(int argc, char **argv)
{
	char **file = command(argc, argv, 0);

	execve(file[0], file + 1, environ);
	puts(strerrorname_np(errno));
	return 0;
}
