/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The host's files for an agent that is itself in a container, and sees them below a
 * directory. What a link there leads to is below it as well, never the agent's own.
 */
#include "container/reader.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/openat2.h>
#include <stdio.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

static int open_in_root(int root, const char *path, int flags, uint64_t resolve)
{
	struct open_how how = {.flags = flags, .resolve = RESOLVE_IN_ROOT | resolve};
	int fd = syscall(SYS_openat2, root, path, &how, sizeof(how));

	return fd < 0 ? -errno : fd;
}

/* To open a device can be enough to make it do something, so what it is is found out first. */
static int open_untrusted(int root, const char *path, int flags)
{
	CLEANUP_FD int fd = open_in_root(root, path, O_PATH | O_CLOEXEC, RESOLVE_NO_SYMLINKS);
	char link[64];
	struct stat st;
	int opened;

	if (fd < 0 || fstat(fd, &st) < 0)
		return fd < 0 ? fd : -errno;
	if (!S_ISREG(st.st_mode) && !S_ISDIR(st.st_mode))
		return -EINVAL;
	snprintf(link, sizeof(link), "/proc/self/fd/%d", fd);
	opened = open(link, flags);
	return opened < 0 ? -errno : opened;
}

int host_open(const struct container_roots *roots, const char *path, int flags)
{
	CLEANUP_FD int host_fd = -1;
	int fd;

	flags |= O_CLOEXEC | O_NOCTTY | O_NONBLOCK;
	if (!roots->host) {
		fd = open(path, flags);
		return fd < 0 ? -errno : fd;
	}
	host_fd = open(roots->host, O_PATH | O_DIRECTORY | O_CLOEXEC);
	if (host_fd < 0)
		return -errno;
	return roots->is_untrusted ? open_untrusted(host_fd, path, flags)
				   : open_in_root(host_fd, path, flags, 0);
}

DIR *host_opendir(const struct container_roots *roots, const char *path)
{
	CLEANUP_FD int fd = host_open(roots, path, O_RDONLY | O_DIRECTORY);
	DIR *dir = fd >= 0 ? fdopendir(fd) : NULL;

	if (dir)
		(void)TAKE_FD(fd);
	return dir;
}
