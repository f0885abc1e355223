/* SPDX-License-Identifier: Apache-2.0 */
/* `clone_parent FILE ARGV0 [ARG...]`: a child makes its own sibling, which runs the file. */
#include <sched.h>
#include <signal.h>

#include "blindspot.h"

int main(int argc, char **argv)
{
	char **file = command(argc, argv, 0);

	if (check(fork(), "fork") == 0) {
		struct {
			__u64 flags, pidfd, child_tid, parent_tid, exit_signal, rest[3];
		} args = {.flags = CLONE_PARENT};

		if (check((int)syscall(SYS_clone3, &args, sizeof(args)), "clone3") == 0)
			start(file);
		_exit(0);
	}
	return await_all();
}
