/* SPDX-License-Identifier: Apache-2.0 */
/* `copied TO FILE ARGV0 [ARG...]`: runs a copy of the file. */
#include "blindspot.h"

int main(int argc, char **argv)
{
	char **file = command(argc, argv, 1);

	copy_file(file[0], argv[1]);
	file[0] = argv[1];
	start(file);
}
