/* SPDX-License-Identifier: Apache-2.0 */
/*
 * `map_file mmap|mprotect FILE OFFSET`: maps a page of FILE executable, at once or by mprotect
 * afterwards, and calls what is there. It is to return 7, which is the status.
 */
#include <sys/mman.h>

#include "blindspot.h"

#define PAGE 4096

int main(int argc, char **argv)
{
	char **file = command(argc, argv, 1);
	int fd = check(open(file[0], O_RDONLY | O_CLOEXEC), file[0]);
	int exec = strcmp(argv[1], "mmap") == 0 ? PROT_EXEC : 0;
	int (*code)(void);

	code = mmap(NULL, PAGE, PROT_READ | exec, MAP_PRIVATE, fd, strtol(file[1], NULL, 10));
	if (code == MAP_FAILED)
		fail("mmap");
	if (!exec)
		check(mprotect((void *)code, PAGE, PROT_READ | PROT_EXEC), "mprotect");
	return code();
}
