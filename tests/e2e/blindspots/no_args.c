/* SPDX-License-Identifier: Apache-2.0 */
/*
 * `no_args FILE NONE`: an empty argv, which the kernel fills with one empty argument since
 * 5.18. What a shell is to do comes over its standard input.
 */
#include "blindspot.h"

int main(int argc, char **argv)
{
	static const char script[] = "exit 7\n";
	char **file = command(argc, argv, 0);
	int fds[2];

	check(pipe(fds), "pipe");
	check((int)write(fds[1], script, sizeof(script) - 1), "write");
	close(fds[1]);
	check(dup2(fds[0], STDIN_FILENO), "dup2");
	file[1] = NULL;
	start(file);
}
