/* SPDX-License-Identifier: Apache-2.0 */
/* `exec_as FILE ARGV0 [ARG...]`: what the file is called is the caller's choice. */
#include "blindspot.h"

int main(int argc, char **argv)
{
	start(command(argc, argv, 0));
}
