/* SPDX-License-Identifier: Apache-2.0 */
/* `comm_spoofed FILE ARGV0 [ARG...]`: calls itself something else before it runs the file. */
#include <sys/prctl.h>

#include "blindspot.h"

int main(int argc, char **argv)
{
	char **file = command(argc, argv, 0);
	pid_t child;

	check(prctl(PR_SET_NAME, "containerd-shim"), "prctl");
	child = fork();
	if (child == 0)
		start(file);
	return await(child);
}
