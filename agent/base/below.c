/* SPDX-License-Identifier: Apache-2.0 */
/* Files in trees of others, see below.h. openat2 and its flags: Linux 5.6. */
#include "base/below.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <linux/openat2.h>
#include <stdio.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "base/cleanup.h"

/* Takes the first component off PATH; "" at its end. False for what is too long. */
static bool take_component(const char **path, char *ret, size_t size)
{
	size_t len;

	*path += strspn(*path, "/");
	len = strcspn(*path, "/");
	if (len >= size)
		return false;
	memcpy(ret, *path, len);
	ret[len] = '\0';
	*path += len;
	return true;
}

/*
 * Where openat2() is not to be had: before Linux 5.6, and in a sandbox without Landlock, which
 * cannot see its flags. One step after the other; what leads elsewhere is refused.
 */
static int open_by_steps(int dirfd, const char *path)
{
	CLEANUP_FD int at = openat(dirfd, ".", O_PATH | O_CLOEXEC);
	char name[NAME_MAX + 1];
	struct stat st;

	while (at >= 0) {
		int next;

		if (!take_component(&path, name, sizeof(name)))
			return -ENAMETOOLONG;
		if (!name[0])
			return TAKE_FD(at);
		if (strcmp(name, "..") == 0)
			return -EXDEV;
		next = openat(at, name, O_PATH | O_CLOEXEC | O_NOFOLLOW);
		if (next < 0)
			return -errno;
		close(at);
		at = next;
		if (fstat(at, &st) == 0 && S_ISLNK(st.st_mode))
			return -ELOOP;
	}
	return -errno;
}

int below_open(int dirfd, const char *path, bool follow)
{
	struct open_how how = {
		.flags = O_PATH | O_CLOEXEC | O_NOFOLLOW * !follow,
		.resolve = RESOLVE_IN_ROOT | RESOLVE_NO_MAGICLINKS |
			   (follow ? 0 : RESOLVE_NO_SYMLINKS),
	};
	int fd = syscall(SYS_openat2, dirfd, path[0] ? path : ".", &how, sizeof(how));

	if (fd < 0 && errno == ENOSYS)
		return open_by_steps(dirfd, path);
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
