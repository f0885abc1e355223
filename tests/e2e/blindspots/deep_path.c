/* SPDX-License-Identifier: Apache-2.0 */
/*
 * `deep_path DEPTH LENGTH FILE ARGV0 [ARG...]`: runs a copy that is DEPTH directories below
 * /tmp, each with a name of LENGTH, by a path relative to the one half way down.
 */
#include "blindspot.h"

int main(int argc, char **argv)
{
	char **file = command(argc, argv, 2), name[256] = "", path[4096] = ".";
	int depth = atoi(argv[1]), length = atoi(argv[2]), half = -1;
	size_t used = 1;

	memset(name, 'd', (size_t)length);
	check(chdir("/tmp"), "/tmp");
	for (int i = 0; i < depth; i++) {
		if (i == depth / 2)
			half = check(open(".", O_PATH | O_CLOEXEC), "open");
		check(mkdir(name, 0755), "mkdir");
		check(chdir(name), "chdir");
		if (i >= depth / 2)
			used += (size_t)snprintf(path + used, sizeof(path) - used, "/%s", name);
	}
	copy_file(file[0], "x");
	check(fchdir(half), "fchdir");
	if (snprintf(path + used, sizeof(path) - used, "/x") != 2 || used + 2 >= sizeof(path))
		fail("path");
	file[0] = path;
	start(file);
}
