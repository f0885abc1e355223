/* SPDX-License-Identifier: Apache-2.0 */
/* `vforked FILE ARGV0 [ARG...]`: a child that shares all memory until the exec. */
#include "blindspot.h"

int main(int argc, char **argv)
{
	char **file = command(argc, argv, 0);
	pid_t child = vfork();

	if (child == 0) {
		execve(file[0], file + 1, environ);
		_exit(FAILED);
	}
	return await(child);
}
