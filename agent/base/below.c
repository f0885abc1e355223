/* SPDX-License-Identifier: Apache-2.0 */
/* Files in trees of others, see below.h. openat2 and its flags: Linux 5.6. */
#include "base/below.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/openat2.h>
#include <stdio.h>
#include <sys/syscall.h>
#include <unistd.h>

int below_open(int dirfd, const char *path, bool follow)
{
	struct open_how how = {
		.flags = O_PATH | O_CLOEXEC | O_NOFOLLOW * !follow,
		.resolve = RESOLVE_IN_ROOT | RESOLVE_NO_MAGICLINKS |
			   (follow ? 0 : RESOLVE_NO_SYMLINKS),
	};
	int fd = syscall(SYS_openat2, dirfd, path[0] ? path : ".", &how, sizeof(how));

	return fd < 0 ? -errno : fd;
}

int below_reopen(int fd, struct stat *ret)
{
	char link[64];
	int opened;

	if (fstat(fd, ret) < 0)
		return -errno;
	if (!S_ISREG(ret->st_mode))
		return -EINVAL;
	snprintf(link, sizeof(link), "/proc/self/fd/%d", fd);
	opened = open(link, O_RDONLY | O_NONBLOCK | O_NOCTTY | O_CLOEXEC);
	return opened < 0 ? -errno : opened;
}
