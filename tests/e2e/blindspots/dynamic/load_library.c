/* SPDX-License-Identifier: Apache-2.0 */
/*
 * `load_library file|memfd FILE FUNCTION`: loads a library, or a copy that is in memory only,
 * and calls FUNCTION of it, whose result is the status. Linked dynamically.
 */
#include <dlfcn.h>
#include <sys/mman.h>

#include "../blindspot.h"

int main(int argc, char **argv)
{
	char **file = command(argc, argv, 1), path[64];
	int (*function)(void);
	void *library;
	int fd;

	if (strcmp(argv[1], "memfd") == 0) {
		fd = check(memfd_create("data", 0), "memfd_create");
		copy_to_fd(file[0], fd);
		snprintf(path, sizeof(path), "/proc/self/fd/%d", fd);
		file[0] = path;
	}
	library = dlopen(file[0], RTLD_NOW);
	function = library ? dlsym(library, file[1]) : NULL;
	if (!function) {
		fprintf(stderr, "load_library: %s\n", dlerror());
		return FAILED;
	}
	return function();
}
