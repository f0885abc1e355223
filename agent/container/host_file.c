/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The host's files for an agent that is itself in a container, and sees them below a
 * directory. What a link there leads to is below it as well, never the agent's own.
 */
#include "container/reader.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/openat2.h>
#include <sys/syscall.h>
#include <unistd.h>

int host_open(const struct container_roots *roots, const char *path, int flags)
{
	struct open_how how = {.flags = flags | O_CLOEXEC | O_NOCTTY | O_NONBLOCK};
	CLEANUP_FD int host_fd = -1;
	int fd;

	if (!roots->host) {
		fd = open(path, how.flags);
		return fd < 0 ? -errno : fd;
	}
	host_fd = open(roots->host, O_PATH | O_DIRECTORY | O_CLOEXEC);
	if (host_fd < 0)
		return -errno;
	how.resolve = RESOLVE_IN_ROOT;
	fd = syscall(SYS_openat2, host_fd, path, &how, sizeof(how));
	return fd < 0 ? -errno : fd;
}

DIR *host_opendir(const struct container_roots *roots, const char *path)
{
	CLEANUP_FD int fd = host_open(roots, path, O_RDONLY | O_DIRECTORY);
	DIR *dir = fd >= 0 ? fdopendir(fd) : NULL;

	if (dir)
		(void)TAKE_FD(fd);
	return dir;
}
