/* SPDX-License-Identifier: Apache-2.0 */
/* Files of processes, see proc.h. */
#include "base/proc.h"

#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/clock.h"
#include "base/io.h"

char *proc_read(pid_t pid, const char *name, size_t *ret_size)
{
	char path[64], *text;

	snprintf(path, sizeof(path), "/proc/%d/%s", (int)pid, name);
	return read_file_at(AT_FDCWD, path, PROC_FILE_MAX, &text, ret_size) < 0 ? NULL : text;
}

static bool read_stat(const char *text, uint64_t *ret_start, pid_t *ret_parent)
{
	const char *behind_comm = text ? strrchr(text, ')') : NULL; /* it can hold anything */
	uint64_t start;
	int parent;

	/* from field 3 on: parent is field 4, start is field 22 */
	if (!behind_comm ||
		sscanf(behind_comm + 1,
			" %*c %d %*s %*s %*s %*s %*s %*s %*s %*s %*s %*s %*s %*s %*s %*s %*s %*s"
			" %*s %" SCNu64,
			&parent, &start) != 2)
		return false;
	*ret_start = start;
	*ret_parent = parent;
	return true;
}

bool process_stat(pid_t pid, uint64_t *ret_start, pid_t *ret_parent)
{
	size_t size;
	CLEANUP_FREE char *text = proc_read(pid, "stat", &size);

	return read_stat(text, ret_start, ret_parent);
}

bool process_stat_at(int proc, uint64_t *ret_start, pid_t *ret_parent)
{
	CLEANUP_FREE char *text = NULL;
	size_t size;

	return read_file_at(proc, "stat", PROC_FILE_MAX, &text, &size) == 0 &&
	       read_stat(text, ret_start, ret_parent);
}

uint32_t process_mnt_ns(pid_t pid)
{
	struct stat st;
	char path[64];

	snprintf(path, sizeof(path), "/proc/%d/ns/mnt", (int)pid);
	return stat(path, &st) == 0 ? st.st_ino : 0;
}

static uint64_t ns_per_tick(void)
{
	return NS_PER_S / sysconf(_SC_CLK_TCK);
}

uint64_t process_ticks(uint64_t ns)
{
	return ns / ns_per_tick();
}

uint64_t process_ticks_ns(uint64_t ticks)
{
	return ticks * ns_per_tick();
}

uint64_t process_resident_bytes(void)
{
	CLEANUP_FREE char *text = NULL;
	unsigned long pages = 0;
	size_t size;

	if (read_file_at(AT_FDCWD, "/proc/self/statm", 256, &text, &size) == 0 &&
		sscanf(text, "%*u %lu", &pages) != 1)
		pages = 0;
	return (uint64_t)pages * sysconf(_SC_PAGESIZE);
}
