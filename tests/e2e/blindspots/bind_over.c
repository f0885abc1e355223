/* SPDX-License-Identifier: Apache-2.0 */
/* `bind_over TARGET FILE ARGV0 [ARG...]`: mounts the file over TARGET and runs that. */
#include <sys/mount.h>

#include "blindspot.h"

int main(int argc, char **argv)
{
	char **file = command(argc, argv, 1);

	check(mount(file[0], argv[1], NULL, MS_BIND, NULL), "mount");
	file[0] = argv[1];
	start(file);
}
