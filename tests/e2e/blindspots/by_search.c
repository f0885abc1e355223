/* SPDX-License-Identifier: Apache-2.0 */
/*
 * `by_search PATH FILE ARGV0 [ARG...]`: execvp, which looks along PATH and gives a file
 * without a format that the kernel knows to /bin/sh.
 */
#include "blindspot.h"

int main(int argc, char **argv)
{
	char **file = command(argc, argv, 1);

	check(setenv("PATH", argv[1], 1), "setenv");
	execvp(file[0], file + 1);
	fail(file[0]);
}
