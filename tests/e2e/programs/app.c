/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The application of a bare container: says that it runs, sleeps as many seconds
 * as its first argument says (default 1) and ends. It starts no other program, so
 * a container in which only this runs must give no alert.
 */
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

int main(int argc, char **argv)
{
	unsigned long seconds = argc > 1 ? strtoul(argv[1], NULL, 10) : 1;

	puts("app: running");
	fflush(stdout);
	sleep((unsigned)seconds);
	return 0;
}
