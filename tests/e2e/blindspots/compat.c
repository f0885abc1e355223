/* SPDX-License-Identifier: Apache-2.0 */
/*
 * `compat FILE ARGV0 [ARG...]`: the 32-bit execve (int 0x80) of a 64-bit program, whose words
 * must lie below 4 GiB. A failure ends it with status 0 and the name of the errno.
 */
#include <sys/mman.h>

#include "blindspot.h"

#if defined(__x86_64__)
static char *low_copy(char **room, const char *text)
{
	char *copy = *room;

	*room = stpcpy(copy, text) + 1;
	return copy;
}

int main(int argc, char **argv)
{
	char **file = command(argc, argv, 0);
	unsigned int *words = mmap(NULL, 65536, PROT_READ | PROT_WRITE,
		MAP_PRIVATE | MAP_ANONYMOUS | MAP_32BIT, -1, 0);
	char *room = (char *)words + 4096, *path;
	long result;

	if (words == MAP_FAILED)
		fail("mmap");
	path = low_copy(&room, file[0]);
	for (int i = 1; file[i]; i++)
		words[i - 1] = (unsigned int)(unsigned long)low_copy(&room, file[i]);
	__asm__ volatile("int $0x80"
			 : "=a"(result)
			 : "a"(11L), "b"(path), "c"(words), "d"(0L)
			 : "memory", "r8", "r9", "r10", "r11");
	puts(strerrorname_np((int)-(int)result));
	return 0;
}
#else
int main(void)
{
	errno = ENOSYS;
	fail("int 0x80");
}
#endif
