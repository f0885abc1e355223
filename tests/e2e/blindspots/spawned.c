/* SPDX-License-Identifier: Apache-2.0 */
/* `spawned FILE ARGV0 [ARG...]`: posix_spawn. */
#include <spawn.h>

#include "blindspot.h"

int main(int argc, char **argv)
{
	char **file = command(argc, argv, 0);
	pid_t child;

	errno = posix_spawn(&child, file[0], NULL, NULL, file + 1, environ);
	if (errno)
		fail(file[0]);
	return await(child);
}
