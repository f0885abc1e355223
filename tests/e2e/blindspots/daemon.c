/* SPDX-License-Identifier: Apache-2.0 */
/* `daemon FILE ARGV0 [ARG...]`: as daemons start: two forks, a session, no descriptors. */
#include "blindspot.h"

int main(int argc, char **argv)
{
	char **file = command(argc, argv, 0);

	if (check(fork(), "fork") > 0)
		return await_all();
	check(setsid(), "setsid");
	if (check(fork(), "fork") > 0)
		_exit(0);
	umask(0);
	check(chdir("/"), "chdir");
	check((int)syscall(SYS_close_range, 0, ~0U, 0), "close_range");
	start(file);
}
