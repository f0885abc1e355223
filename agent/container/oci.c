/* SPDX-License-Identifier: Apache-2.0 */
/* The OCI configuration that every runtime is given: config.json in the bundle. */
#include "container/reader.h"

#include <fcntl.h>
#include <stdio.h>

#include "base/escape.h"
#include "base/io.h"

#define SOURCE          "oci config.json"
#define PROC_CGROUP_MAX 65536
#define ELLIPSIS        " ..."

/* Words that there is no room for are left out, and dots put in their place. */
static void learn_entrypoint(struct container *container, const json_t *args)
{
	CLEANUP_STRBUF struct strbuf text = STRBUF_INIT;
	const json_t *arg;
	size_t i;

	json_array_foreach (args, i, arg) {
		size_t len = text.len;

		if (i > 0)
			strbuf_add_char(&text, ' ');
		escape_word(&text, slice_of(json_string_value(arg) ?: ""));
		if (text.len > CONTAINER_TEXT_MAX - strlen(ELLIPSIS)) {
			strbuf_truncate(&text, len);
			strbuf_add_text(&text, ELLIPSIS);
			break;
		}
	}
	if (!text.error)
		container_learn(container, CONTAINER_ENTRYPOINT, strbuf_text(&text), SOURCE);
}

/* A path in the configuration is relative to the bundle unless it begins with '/'. */
static void learn_rootfs(struct container *container, const char *bundle, const char *root)
{
	char path[PATH_MAX];

	if (root && root[0] == '/')
		container_learn(container, CONTAINER_ROOTFS, root, SOURCE);
	else if (root && state_path(path, "%s/%s", bundle, root))
		container_learn(container, CONTAINER_ROOTFS, path, SOURCE);
}

/* True when the process PID is in the cgroup of the container ID. */
static bool is_process_of(int pid, const char *id)
{
	CLEANUP_FREE char *text = NULL;
	char cgroup[64];
	size_t size;

	snprintf(cgroup, sizeof(cgroup), "/proc/%d/cgroup", pid);
	return id && read_file_at(AT_FDCWD, cgroup, PROC_CGROUP_MAX, &text, &size) == 0 &&
	       strstr(text, id);
}

/* A path of another kind is that of a namespace that was pinned for the whole pod. */
void oci_judge_pid_target(struct container *container)
{
	int pid, end = 0;

	container->is_ephemeral = container->pid_target && !container->is_sandbox &&
				  sscanf(container->pid_target, "/proc/%9d/%n", &pid, &end) == 1 &&
				  end > 0 && !is_process_of(pid, container->sandbox_id);
}

/* A pid namespace with a path is that of another container (or of the pod's sandbox). */
static void learn_namespaces(struct container *container, const json_t *namespaces)
{
	const json_t *entry;
	size_t i;

	json_array_foreach (namespaces, i, entry) {
		const char *type = state_text(entry, "type");

		if (type && strcmp(type, "pid") == 0)
			container_learn(
				container, CONTAINER_PID_TARGET, state_text(entry, "path"), SOURCE);
	}
}

json_t *oci_read(struct container *container, const char *bundle)
{
	char path[PATH_MAX];

	if (!state_path(path, "%s/config.json", bundle))
		return NULL;
	CLEANUP_JSON json_t *config = state_load(AT_FDCWD, path);

	if (!json_is_object(config))
		return NULL;
	container_learn(container, CONTAINER_BUNDLE, bundle, SOURCE);
	learn_entrypoint(container, json_object_get(json_object_get(config, "process"), "args"));
	learn_rootfs(container, bundle, state_text(json_object_get(config, "root"), "path"));
	learn_namespaces(
		container, json_object_get(json_object_get(config, "linux"), "namespaces"));
	return json_incref(json_object_get(config, "annotations")) ?: json_object();
}
