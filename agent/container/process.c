/* SPDX-License-Identifier: Apache-2.0 */
/* Processes, see process.h. */
#include "container/process.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/io.h"
#include "base/proc.h"

uint64_t process_number(const char *text)
{
	uint64_t number = 0;
	const char *p = text;

	for (; *p >= '0' && *p <= '9'; p++)
		if (__builtin_mul_overflow(number, 10, &number) ||
			__builtin_add_overflow(number, *p - '0', &number))
			return 0;
	return strcmp(p, "") == 0 || strcmp(p, "\n") == 0 ? number : 0;
}

/*
 * Calls VISIT with each path in /proc/PID/cgroup ("4:memory:/path"), until it returns true,
 * which is then returned.
 */
static bool each_cgroup(
	pid_t pid, bool (*visit)(struct slice path, void *userdata), void *userdata, bool *ret_read)
{
	size_t size;
	CLEANUP_FREE char *text = proc_read(pid, "cgroup", &size);
	char *save;

	*ret_read = text;
	for (char *line = text ? strtok_r(text, "\n", &save) : NULL; line;
		line = strtok_r(NULL, "\n", &save)) {
		const char *path = strchr(line, ':');

		path = path ? strchr(path + 1, ':') : NULL;
		if (path && visit(slice_of(path + 1), userdata))
			return true;
	}
	return false;
}

static bool is_below(struct slice path, void *userdata)
{
	struct slice top = slice_of(userdata);

	return path.len >= top.len && memcmp(path.data, top.data, top.len) == 0 &&
	       (path.len == top.len || path.data[top.len] == '/');
}

/* What it shares with others of its container is told by the first part of PATH alone. */
static bool has_mounts(pid_t pid, const char *path)
{
	char of_process[CONTAINER_MOUNTS_PATH_MAX];
	uint32_t number = process_mnt_ns(pid);

	container_mounts_path(of_process, number, "");
	return number && strncmp(of_process, path, strlen(of_process)) == 0;
}

bool process_is_in(pid_t pid, const char *path)
{
	bool ignored;

	if (path && path[0] == 'm')
		return has_mounts(pid, path);
	return path && path[0] && each_cgroup(pid, is_below, (void *)path, &ignored);
}

static bool is_in_container(struct slice path, void *userdata)
{
	struct cgroup_identity identity;

	(void)userdata;
	return cgroup_path_identify(path, &identity);
}

/* Real, effective, saved and file system user id; its owner in /proc says less (proc(5)). */
static bool is_roots(pid_t pid)
{
	size_t size;
	CLEANUP_FREE char *text = proc_read(pid, "status", &size);
	const char *line = text ? strstr(text, "\nUid:") : NULL;
	unsigned ids[4];

	return line && sscanf(line, " Uid: %u %u %u %u", &ids[0], &ids[1], &ids[2], &ids[3]) == 4 &&
	       (ids[0] | ids[1] | ids[2] | ids[3]) == 0;
}

bool process_is_trusted(pid_t pid)
{
	bool was_read;

	return is_roots(pid) && !each_cgroup(pid, is_in_container, NULL, &was_read) && was_read;
}

bool process_command(pid_t pid, struct strbuf *args, char cwd[static PATH_MAX])
{
	size_t size;
	CLEANUP_FREE char *text = proc_read(pid, "cmdline", &size);
	char link[64];
	ssize_t len;

	snprintf(link, sizeof(link), "/proc/%d/cwd", (int)pid);
	len = text ? readlink(link, cwd, PATH_MAX) : -1;
	if (len < 0 || len == PATH_MAX)
		return false;
	cwd[len] = '\0';
	strbuf_add(args, text, size);
	return args->error == 0;
}

/* The lowest number in DIRECTORY/BELOW/cgroup.procs. */
static pid_t first_of(const char *directory, const char *path, const char *below)
{
	CLEANUP_FREE char *text = NULL;
	char file[PATH_MAX], *save;
	pid_t first = 0;
	size_t size;

	if (snprintf(file, sizeof(file), "%s%s%s/cgroup.procs", directory, path, below) >=
			(int)sizeof(file) ||
		read_file_at(AT_FDCWD, file, PROC_FILE_MAX, &text, &size) < 0)
		return 0;
	for (char *line = strtok_r(text, "\n", &save); line; line = strtok_r(NULL, "\n", &save)) {
		uint64_t pid = process_number(line);

		if (pid > 0 && pid <= INT_MAX && (first == 0 || pid < (uint64_t)first))
			first = pid;
	}
	return first;
}

pid_t process_first(const struct cgroup_hierarchies *hierarchies, const char *path)
{
	/* crun with systemd; systemd; docker:dind, which moves itself there */
	static const char *const below[] = {"", "/container", "/init.scope", "/init"};
	const char *const mounts[] = {hierarchies->v2_path, hierarchies->v1_path};

	for (size_t i = 0; i < ARRAY_SIZE(mounts); i++) {
		for (size_t k = 0; mounts[i] && k < ARRAY_SIZE(below); k++) {
			pid_t first = first_of(mounts[i], path, below[k]);

			if (first > 0)
				return first;
		}
	}
	return 0;
}
