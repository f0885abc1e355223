/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A library that no disk holds: `map_memfd FILE` copies FILE to a memfd and maps that
 * executable, as dlopen of /proc/self/fd/N does.
 */
#include <fcntl.h>
#include <stdio.h>
#include <sys/mman.h>
#include <sys/sendfile.h>
#include <sys/stat.h>

int main(int argc, char **argv)
{
	int from = argc == 2 ? open(argv[1], O_RDONLY) : -1;
	int memfd = memfd_create("library", MFD_CLOEXEC);
	struct stat st;

	if (from < 0 || memfd < 0 || fstat(from, &st) < 0 ||
		sendfile(memfd, from, NULL, st.st_size) != st.st_size ||
		mmap(NULL, st.st_size, PROT_READ | PROT_EXEC, MAP_PRIVATE, memfd, 0) ==
			MAP_FAILED) {
		perror("map_memfd");
		return 4;
	}
	return 0;
}
