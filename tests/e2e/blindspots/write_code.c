/* SPDX-License-Identifier: Apache-2.0 */
/* `write_code FILE`: on the host, a page with the machine code of `return 7`. */
#include "blindspot.h"
#include "return_seven.h"

int main(int argc, char **argv)
{
	int fd;

	if (argc != 2)
		fail("usage");
	fd = check(open(argv[1], O_WRONLY | O_CREAT | O_CLOEXEC, 0644), argv[1]);
	check((int)write(fd, return_seven, sizeof(return_seven)), "write");
	return check(ftruncate(fd, 4096), "ftruncate");
}
