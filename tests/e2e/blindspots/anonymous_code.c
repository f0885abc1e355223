/* SPDX-License-Identifier: Apache-2.0 */
/*
 * `anonymous_code FILE -`: reads machine code from a file into memory that belongs to no
 * file, and calls it. It is to return 7, which is the status.
 */
#include <sys/mman.h>

#include "blindspot.h"

#define PAGE 4096

int main(int argc, char **argv)
{
	char **file = command(argc, argv, 0);
	int fd = check(open(file[0], O_RDONLY | O_CLOEXEC), file[0]);
	int (*code)(void);

	code = mmap(NULL, PAGE, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	if (code == MAP_FAILED)
		fail("mmap");
	check((int)read(fd, (void *)code, PAGE), "read");
	check(mprotect((void *)code, PAGE, PROT_READ | PROT_EXEC), "mprotect");
	return code();
}
