/* SPDX-License-Identifier: Apache-2.0 */
/* `orphan FILE ARGV0 [ARG...]`: a grandchild whose parent is gone before it runs the file. */
#include "blindspot.h"

static void leave_orphan(char **file)
{
	pid_t parent = getpid();

	if (check(fork(), "fork") > 0)
		_exit(0);
	while (getppid() == parent)
		usleep(100);
	start(file);
}

int main(int argc, char **argv)
{
	char **file = command(argc, argv, 0);

	if (check(fork(), "fork") == 0)
		leave_orphan(file);
	return await_all();
}
