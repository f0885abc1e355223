/* SPDX-License-Identifier: Apache-2.0 */
/*
 * An application that looks for a program in $PATH: `search_exec PROGRAM [ARG...]` calls
 * execvp. When there is none it prints the name of the errno; to fail is what it may do, so
 * the status is 0.
 */
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

int main(int argc, char **argv)
{
	if (argc < 2)
		return 2;
	execvp(argv[1], argv + 1);
	puts(strerrorname_np(errno));
	return 0;
}
