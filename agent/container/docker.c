/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Docker, 20 to 28:
 *
 *   DATA/containers/ID/config.v2.json   .Name ("/web"), .Config.Image, .Image (image id, or
 *                                       the manifest's digest with containerd's image store),
 *                                       .ImageManifest.digest (then only), .Driver,
 *                                       .Config.Labels: Kubernetes' through cri-dockerd, which
 *                                       names its containers k8s_...
 *   DATA/image/DRIVER/repositories.json .Repositories.NAME."NAME@sha256:..." = image id
 *   EXEC/containerd/daemon/io.containerd.runtime.v2.task/moby/ID     the bundle, or, with
 *   /run/containerd/io.containerd.runtime.v2.task/moby/ID            the system's containerd
 */
#include "container/reader.h"

#include <fcntl.h>

#define SOURCE "docker config.v2.json"

/* An image has labels, too: only in containers of cri-dockerd are these its own. */
static void learn_labels(struct container *container, const json_t *labels)
{
	static const struct state_key keys[] = {
		{"io.kubernetes.pod.name", CONTAINER_POD_NAME},
		{"io.kubernetes.pod.namespace", CONTAINER_POD_NAMESPACE},
		{"io.kubernetes.pod.uid", CONTAINER_POD_UID},
		{"io.kubernetes.sandbox.id", CONTAINER_SANDBOX_ID},
		{"io.kubernetes.container.name", CONTAINER_NAME},
	};
	const char *type = state_text(labels, "io.kubernetes.docker.type");

	state_learn(container, labels, keys, ARRAY_SIZE(keys), SOURCE);
	container->is_sandbox = type && strcmp(type, "podsandbox") == 0;
}

/* The first name with a digest under which the storage driver DRIVER pulled the image IMAGE_ID. */
static void learn_digest(
	struct container *container, const char *root, const char *driver, const char *image_id)
{
	char path[PATH_MAX];
	const char *repository, *reference;
	json_t *references, *id;

	if (strchr(driver, '/') || !state_path(path, "%s/image/%s/repositories.json", root, driver))
		return;
	CLEANUP_JSON json_t *file = state_load_with(AT_FDCWD, path, image_id);

	json_object_foreach (json_object_get(file, "Repositories"), repository, references) {
		json_object_foreach (references, reference, id) {
			const char *value = json_string_value(id);

			if (value && strcmp(value, image_id) == 0 && strchr(reference, '@'))
				container_learn(container, CONTAINER_IMAGE_DIGEST, reference,
					"docker repositories.json");
		}
	}
}

static void learn_bundle(struct container *container, const struct container_roots *roots)
{
	static const char task[] = "io.containerd.runtime.v2.task/moby";
	char path[PATH_MAX];
	json_t *annotations = NULL;

	if (state_path(path, "%s/containerd/daemon/%s/%s", roots->docker_exec, task, container->id))
		annotations = oci_read(container, path);
	if (!annotations &&
		state_path(path, "%s/%s/%s", roots->containerd_state, task, container->id))
		annotations = oci_read(container, path);
	json_decref(annotations); /* Docker sets none */
	oci_judge_pid_target(container);
}

bool docker_read(struct container *container, const struct container_roots *roots)
{
	char path[PATH_MAX];
	const char *name, *image_id;
	json_t *config;

	if (!state_path(path, "%s/containers/%s/config.v2.json", roots->docker, container->id))
		return false;
	CLEANUP_JSON json_t *file = state_load(AT_FDCWD, path);

	if (!json_is_object(file))
		return false;
	config = json_object_get(file, "Config");
	name = state_text(file, "Name") ?: "";
	name += name[0] == '/';
	if (strncmp(name, "k8s_", 4) == 0)
		learn_labels(container, json_object_get(config, "Labels"));
	container_learn(container, CONTAINER_NAME, name, SOURCE);
	container_learn(container, CONTAINER_IMAGE, state_text(config, "Image"), SOURCE);
	image_id = state_text(file, "Image");
	container_learn(container, CONTAINER_IMAGE_ID, image_id, SOURCE);
	container_learn(container, CONTAINER_IMAGE_DIGEST,
		state_text(json_object_get(file, "ImageManifest"), "digest"), SOURCE);
	if (image_id)
		learn_digest(container, roots->docker, state_text(file, "Driver") ?: "overlay2",
			image_id);
	learn_bundle(container, roots);
	return true;
}
