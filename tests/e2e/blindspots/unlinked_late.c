/* SPDX-License-Identifier: Apache-2.0 */
/* `unlinked_late FILE ARGV0 [ARG...]`: runs a copy and removes it as soon as it runs. */
#include "blindspot.h"

int main(int argc, char **argv)
{
	char **file = command(argc, argv, 0);
	int started[2];
	pid_t child;
	char byte;

	copy_file(file[0], "/tmp/gone");
	file[0] = "/tmp/gone";
	check(pipe2(started, O_CLOEXEC), "pipe2");
	child = fork();
	if (child == 0)
		start(file);
	close(started[1]);
	check((int)read(started[0], &byte, 1), "read"); /* it ends with the exec */
	check(unlink("/tmp/gone"), "unlink");
	return await(child);
}
