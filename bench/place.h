/* SPDX-License-Identifier: Apache-2.0 */
/* Where a load of the benchmark runs. */
#pragma once

#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/*
 * Moves this process into the cgroup directory that CGROUP names in the environment; stays where
 * it is when that names none. 0, or -1 with errno and a message.
 */
static inline int place_enter(void)
{
	const char *cgroup = getenv("CGROUP");
	char path[PATH_MAX];
	int fd, ok;

	if (!cgroup || !*cgroup)
		return 0;
	snprintf(path, sizeof(path), "%s/cgroup.procs", cgroup);
	fd = open(path, O_WRONLY | O_CLOEXEC);
	ok = fd >= 0 && write(fd, "0", 1) == 1;
	if (!ok)
		perror(path);
	if (fd >= 0)
		close(fd);
	return ok ? 0 : -1;
}
