/* SPDX-License-Identifier: Apache-2.0 */
/* `jit`: makes code that returns 7 in memory, as a just-in-time compiler does, and calls it. */
#include <sys/mman.h>

#include "blindspot.h"
#include "return_seven.h"

int main(void)
{
	int (*code)(void) = mmap(
		NULL, 4096, PROT_READ | PROT_WRITE | PROT_EXEC, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	if (code == MAP_FAILED)
		fail("mmap");
	memcpy((void *)code, return_seven, sizeof(return_seven));
	__builtin___clear_cache((char *)code, (char *)code + sizeof(return_seven));
	return code();
}
