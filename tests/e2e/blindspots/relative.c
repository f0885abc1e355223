/* SPDX-License-Identifier: Apache-2.0 */
/* `relative DIRECTORY FILE ARGV0 [ARG...]`: FILE is seen from DIRECTORY. */
#include "blindspot.h"

int main(int argc, char **argv)
{
	char **file = command(argc, argv, 1);

	check(chdir(argv[1]), argv[1]);
	start(file);
}
