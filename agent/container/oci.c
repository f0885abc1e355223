/* SPDX-License-Identifier: Apache-2.0 */
/* The OCI configuration that every runtime is given: config.json in the bundle. */
#include "container/reader.h"

#include <fcntl.h>
#include <stdio.h>
#include <strings.h>

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

/* True when the process PID is there, and not in the cgroup of the container ID (may be NULL). */
static bool is_process_of_another(int pid, const char *id)
{
	CLEANUP_FREE char *text = NULL;
	char cgroup[64];
	size_t size;

	snprintf(cgroup, sizeof(cgroup), "/proc/%d/cgroup", pid);
	return read_file_at(AT_FDCWD, cgroup, PROC_CGROUP_MAX, &text, &size) == 0 &&
	       !(id && strstr(text, id));
}

/*
 * A path of another kind is that of a namespace that was pinned for the whole pod. Of
 * a process that has ended nothing can be told; it was the sandbox's as a rule, since
 * a debug container without its target has nothing to do.
 */
void oci_judge_pid_target(struct container *container)
{
	int pid, end = 0;

	container->is_ephemeral = container->pid_target && !container->is_sandbox &&
				  sscanf(container->pid_target, "/proc/%9d/%n", &pid, &end) == 1 &&
				  end > 0 && is_process_of_another(pid, container->sandbox_id);
}

/* A pid namespace with a path is that of another container (or of the pod's sandbox). */
static void learn_namespaces(struct container *container, const json_t *namespaces)
{
	bool has_user = false;
	const json_t *entry;
	size_t i;

	json_array_foreach (namespaces, i, entry) {
		const char *type = state_text(entry, "type");

		if (type && strcmp(type, "pid") == 0)
			container_learn(
				container, CONTAINER_PID_TARGET, state_text(entry, "path"), SOURCE);
		has_user |= type && strcmp(type, "user") == 0;
	}
	if (json_is_array(namespaces))
		container_learn_number(container, CONTAINER_USER_NAMESPACE, has_user, SOURCE);
}

/* True when RULE, one of linux.resources.devices, is about all devices and all of reading,
 * writing and making them. */
static bool is_about_all_devices(const json_t *rule)
{
	const char *type = state_text(rule, "type") ?: "a", *access = state_text(rule, "access");

	return strcmp(type, "a") == 0 && !json_is_integer(json_object_get(rule, "major")) &&
	       !json_is_integer(json_object_get(rule, "minor")) &&
	       (!access || (strchr(access, 'r') && strchr(access, 'w') && strchr(access, 'm')));
}

/* The last rule counts. *RET tells whether all are allowed; false when no rule says. */
static bool judge_devices(const json_t *rules, bool *ret)
{
	const json_t *rule;
	bool said = false;
	size_t i;

	json_array_foreach (rules, i, rule) {
		if (is_about_all_devices(rule)) {
			*ret = json_is_true(json_object_get(rule, "allow"));
			said = true;
		}
	}
	return said;
}

static bool has_capability(const json_t *capabilities, const char *name)
{
	const json_t *capability;
	size_t i;

	json_array_foreach (capabilities, i, capability) {
		const char *text = json_string_value(capability);

		if (text && strcmp(text, name) == 0)
			return true;
	}
	return false;
}

/* What only the flag gives: nothing masked, nothing read-only, and all devices. */
static void judge_privileged(struct container *container, const json_t *config)
{
	const json_t *system = json_object_get(config, "linux");
	const json_t *devices = json_object_get(json_object_get(system, "resources"), "devices");
	const json_t *bounding = json_object_get(
		json_object_get(json_object_get(config, "process"), "capabilities"), "bounding");
	bool has_all_devices;

	if (!json_is_object(system))
		return;
	if (json_array_size(json_object_get(system, "maskedPaths")) > 0 ||
		json_array_size(json_object_get(system, "readonlyPaths")) > 0 ||
		!has_capability(bounding, "CAP_SYS_ADMIN"))
		container_learn_number(container, CONTAINER_PRIVILEGED, false, SOURCE);
	else if (judge_devices(devices, &has_all_devices))
		container_learn_number(container, CONTAINER_PRIVILEGED, has_all_devices, SOURCE);
}

/*
 * As Falco (container.privileged), by the flag itself where the engine passes it on: CRI-O
 * as "true", Podman as "TRUE" (define.InspectAnnotationPrivileged).
 */
static void learn_privileged(struct container *container, const json_t *config)
{
	static const struct {
		const char *manager, *key;
	} engines[] = {
		{"cri-o", "io.kubernetes.cri-o.PrivilegedRuntime"},
		{"libpod", "io.podman.annotations.privileged"},
	};
	const json_t *annotations = json_object_get(config, "annotations");
	const char *manager = state_text(annotations, "io.container.manager") ?: "";

	for (size_t i = 0; i < ARRAY_SIZE(engines); i++) {
		const char *flag = state_text(annotations, engines[i].key);

		if (flag && strcmp(manager, engines[i].manager) == 0)
			container_learn_number(container, CONTAINER_PRIVILEGED,
				strcasecmp(flag, "true") == 0, SOURCE);
	}
	judge_privileged(container, config);
}

json_t *oci_read(
	struct container *container, const struct container_roots *roots, const char *bundle)
{
	char path[PATH_MAX];

	if (!state_path(path, "%s/config.json", bundle))
		return NULL;
	CLEANUP_JSON json_t *config = state_load(roots, path);

	if (!json_is_object(config))
		return NULL;
	container_learn(container, CONTAINER_BUNDLE, bundle, SOURCE);
	learn_entrypoint(container, json_object_get(json_object_get(config, "process"), "args"));
	learn_rootfs(container, bundle, state_text(json_object_get(config, "root"), "path"));
	learn_namespaces(
		container, json_object_get(json_object_get(config, "linux"), "namespaces"));
	learn_privileged(container, config);
	return json_incref(json_object_get(config, "annotations")) ?: json_object();
}
