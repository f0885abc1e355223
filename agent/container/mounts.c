/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Containers that were given no cgroup: where their first process is written down.
 *
 *   --pid-file of the call, for conmon          a number
 *   CRUN/ID/status                              .pid, and .cgroup-path, which is "" for them
 *                                               (crun 1.8 to 1.2x, src/libcrun/status.c)
 */
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "container/process.h"
#include "container/reader.h"

#define PID_FILE_MAX 64 /* bytes: a number */
#define STATUS_MAX   4096 /* containers of one host */

static pid_t pid_of(uint64_t number)
{
	return number <= INT_MAX ? (pid_t)number : 0;
}

/* The first process in crun's file of ID, if it has no cgroup; else 0. */
static pid_t read_status(const struct container_roots *roots, const char *id)
{
	char path[PATH_MAX];

	if (!roots->crun || !state_id_is_file_name(id) ||
		!state_path(path, "%s/%s/status", roots->crun, id))
		return 0;
	CLEANUP_JSON json_t *file = state_load(roots, path);
	const char *cgroup = state_text(file, "cgroup-path");
	json_int_t pid = json_integer_value(json_object_get(file, "pid"));

	if (!json_is_object(file) || (cgroup && cgroup[0] != '\0') || pid <= 0)
		return 0;
	return pid_of(pid);
}

pid_t container_mounts_init(
	const struct container_roots *roots, const char *id, const char *pid_file)
{
	CLEANUP_FREE char *text = pid_file && pid_file[0] == '/'
					  ? state_read(roots, pid_file, PID_FILE_MAX)
					  : NULL;

	return text ? pid_of(process_number(text)) : read_status(roots, id);
}

pid_t container_mounts_init_told(
	const struct container_roots *roots, pid_t teller, const char *id, const char *pid_file)
{
	char host[64];
	struct container_roots told = {.host = host, .crun = roots->crun};

	snprintf(host, sizeof(host), "/proc/%d/root", (int)teller);
	return process_is_trusted(teller) ? container_mounts_init(&told, id, pid_file) : 0;
}

void container_mounts_walk(const struct container_roots *roots,
	void (*visit)(const char *id, pid_t init, void *userdata), void *userdata)
{
	CLEANUP_DIR DIR *dir = roots->crun ? host_opendir(roots, roots->crun) : NULL;
	const struct dirent *entry;

	for (size_t i = 0; dir && i < STATUS_MAX && (entry = readdir(dir)); i++) {
		pid_t init;

		if (entry->d_name[0] == '.' || strlen(entry->d_name) > CONTAINER_ID_MAX)
			continue;
		init = read_status(roots, entry->d_name);
		if (init > 0)
			visit(entry->d_name, init, userdata);
	}
}
