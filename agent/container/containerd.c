/* SPDX-License-Identifier: Apache-2.0 */
/*
 * containerd 1.6 to 2.1, with its CRI plugin (namespace k8s.io), nerdctl or ctr:
 *
 *   STATE/io.containerd.runtime.v2.task/NAMESPACE/ID/config.json   the bundle; annotations
 *       io.kubernetes.cri.*: container-name, image-name, sandbox-*, container-type
 *       nerdctl/name, and the image under io.containerd.image.name
 *
 * Labels, digests, and what CRI calls annotations are elsewhere: containerd_db.c.
 */
#include "container/reader.h"

#define SOURCE "containerd config.json"
#define CRI    "io.kubernetes.cri."

static void learn_annotations(struct container *container, const json_t *annotations)
{
	static const struct state_key keys[] = {
		{CRI "container-name", CONTAINER_NAME},
		{CRI "image-name", CONTAINER_IMAGE},
		{CRI "podsandbox.image-name", CONTAINER_IMAGE},
		{CRI "sandbox-id", CONTAINER_SANDBOX_ID},
		{CRI "sandbox-name", CONTAINER_POD_NAME},
		{CRI "sandbox-namespace", CONTAINER_POD_NAMESPACE},
		{CRI "sandbox-uid", CONTAINER_POD_UID},
		{"nerdctl/name", CONTAINER_NAME},
		{"io.containerd.image.name", CONTAINER_IMAGE},
	};
	const char *type = state_text(annotations, CRI "container-type");

	state_learn(container, annotations, keys, ARRAY_SIZE(keys), SOURCE);
	container->is_sandbox = type && strcmp(type, "sandbox") == 0;
}

/*
 * A name that was given to ctr is taken in its namespace only, of which the cgroup of
 * its container is named: NAMESPACE/NAME. The ids that engines make up are unique.
 */
static bool may_be_in(const struct container *container, const char *namespace)
{
	struct slice path = slice_of(container->cgroup_path ?: ""), name = slice_of(container->id);

	if (name.len == 64)
		return true;
	path.len -= name.len < path.len ? name.len + 1 : path.len;
	return slice_equal_text(slice_basename(path), namespace);
}

bool containerd_read(struct container *container, const struct container_roots *roots)
{
	char tasks[PATH_MAX];
	CLEANUP_DIR DIR *dir = NULL;
	const struct dirent *namespace;

	if (roots->containerd_state &&
		state_path(tasks, "%s/io.containerd.runtime.v2.task", roots->containerd_state))
		dir = host_opendir(roots, tasks);
	for (int i = 0; i < STATE_ENTRIES_MAX && dir && (namespace = readdir(dir)); i++) {
		char bundle[PATH_MAX];

		if (namespace->d_name[0] == '.' || strcmp(namespace->d_name, "moby") == 0)
			continue; /* moby is Docker's */
		if (!may_be_in(container, namespace->d_name) ||
			!state_path(bundle, "%s/%s/%s", tasks, namespace->d_name, container->id))
			continue;
		CLEANUP_JSON json_t *annotations = oci_read(container, roots, bundle);

		if (!annotations)
			continue;
		learn_annotations(container, annotations);
		containerd_read_database(container, roots, namespace->d_name);
		if (!state_text(annotations, CRI "container-type"))
			state_learn_map(container, CONTAINER_ANNOTATIONS, annotations, SOURCE);
		oci_judge_pid_target(container);
		return true;
	}
	return false;
}
