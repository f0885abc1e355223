/* SPDX-License-Identifier: Apache-2.0 */
/*
 * `checked FILE ARGV0 [ARG...]`: asks whether the file could be executed (AT_EXECVE_CHECK, since
 * Linux 6.14), which runs nothing. Status 3: this kernel has no such question.
 */
#include "blindspot.h"

#ifndef AT_EXECVE_CHECK
#define AT_EXECVE_CHECK 0x10000
#endif

int main(int argc, char **argv)
{
	char **file = command(argc, argv, 0);

	if (syscall(SYS_execveat, AT_FDCWD, file[0], file + 1, environ, AT_EXECVE_CHECK) == 0)
		return 0;
	return errno == EINVAL ? 3 : FAILED;
}
