/* SPDX-License-Identifier: Apache-2.0 */
/* `many_args COUNT LENGTH FILE ARGV0 [ARG...]`: appends COUNT arguments of LENGTH each. */
#include "blindspot.h"

int main(int argc, char **argv)
{
	char **file = command(argc, argv, 2), **args, *argument;
	size_t own = 0, count = strtoul(argv[1], NULL, 10), length = strtoul(argv[2], NULL, 10);

	argument = calloc(length + 1, 1);
	args = calloc((size_t)argc + count, sizeof(*args));
	if (!argument || !args)
		fail("calloc");
	memset(argument, 'a', length);
	for (; file[own]; own++)
		args[own] = file[own];
	for (size_t i = 0; i < count; i++)
		args[own + i] = argument;
	start(args);
}
