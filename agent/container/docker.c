/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Docker, 20 to 28:
 *
 *   DATA/containers/ID/config.v2.json   .Name ("/web"), .Config.Image, .Image (image id, or
 *                                       the manifest's digest with containerd's image store),
 *                                       .ImageManifest.digest (then only), .Driver,
 *                                       .Config.Labels: Kubernetes' through cri-dockerd, which
 *                                       names its containers k8s_... and puts their
 *                                       annotations there as annotation.KEY
 *                                       .RestartCount
 *                                       .Config.Healthcheck.Test, .Config.Shell
 *                                       .Created
 *   DATA/containers/ID/hostconfig.json  .Privileged
 *   DATA/image/DRIVER/repositories.json .Repositories.NAME."NAME@sha256:..." = image id
 *   EXEC/containerd/daemon/io.containerd.runtime.v2.task/moby/ID     the bundle, or, with
 *   /run/containerd/io.containerd.runtime.v2.task/moby/ID            the system's containerd
 */
#include "container/reader.h"

#define SOURCE         "docker config.v2.json"
#define CRI_ANNOTATION "annotation."

/* An image has labels, too: only in containers of cri-dockerd are these its own. */
static void learn_labels(struct container *container, const json_t *labels)
{
	static const struct state_key keys[] = {
		{"io.kubernetes.pod.name", CONTAINER_POD_NAME},
		{"io.kubernetes.pod.namespace", CONTAINER_POD_NAMESPACE},
		{"io.kubernetes.pod.uid", CONTAINER_POD_UID},
		{"io.kubernetes.sandbox.id", CONTAINER_SANDBOX_ID},
	};
	const char *type = state_text(labels, "io.kubernetes.docker.type");

	state_learn(container, labels, keys, ARRAY_SIZE(keys), SOURCE);
	container->is_sandbox = type && strcmp(type, "podsandbox") == 0;
	if (!container->is_sandbox) /* whose name there is POD */
		container_learn(container, CONTAINER_NAME,
			state_text(labels, "io.kubernetes.container.name"), SOURCE);
}

/*
 * Learns the map KIND from the labels of cri-dockerd, in which annotations are those with
 * a prefix.
 */
static void learn_cri_map(
	struct container *container, enum container_map_kind kind, const json_t *labels)
{
	static const char prefix[] = CRI_ANNOTATION;
	CLEANUP(container_map_done) struct container_map map = CONTAINER_MAP_INIT;
	const char *key;
	json_t *value;

	if (!json_is_object(labels))
		return;
	json_object_foreach ((json_t *)labels, key, value) {
		bool is_annotation = strncmp(key, prefix, strlen(prefix)) == 0;

		if (is_annotation != (kind == CONTAINER_ANNOTATIONS) || !json_is_string(value))
			continue;
		container_map_add(&map, slice_of(key + (is_annotation ? strlen(prefix) : 0)),
			slice_of(json_string_value(value)));
	}
	container_learn_map(container, kind, &map, SOURCE);
}

/* Learns what the pod's sandbox has: the labels, and the annotation with the probes. */
static void learn_pod(struct container *container, const struct container_roots *roots)
{
	const char *sandbox = container->is_sandbox ? container->id : container->sandbox_id;
	char path[PATH_MAX];

	if (!sandbox || !state_id_is_file_name(sandbox) ||
		!state_path(path, "%s/containers/%s/config.v2.json", roots->docker, sandbox))
		return;
	CLEANUP_JSON json_t *file = state_load(roots, path);

	const json_t *labels = json_object_get(json_object_get(file, "Config"), "Labels");

	learn_cri_map(container, CONTAINER_POD_LABELS, labels);
	check_learn_pod(container, labels, CRI_ANNOTATION, SOURCE);
}

static void learn_cri(
	struct container *container, const struct container_roots *roots, const json_t *labels)
{
	learn_labels(container, labels);
	learn_cri_map(container, CONTAINER_LABELS, labels);
	learn_cri_map(container, CONTAINER_ANNOTATIONS, labels);
	state_learn_count(container, CONTAINER_RESTARTS,
		container_map_find(&container->annotations, STATE_CRI_RESTARTS), SOURCE);
	learn_pod(container, roots);
}

/* The first name with a digest under which the storage driver DRIVER pulled the image IMAGE_ID. */
static void learn_digest(struct container *container, const struct container_roots *roots,
	const char *driver, const char *image_id)
{
	char path[PATH_MAX];
	const char *repository, *reference;
	json_t *references, *id;

	if (strchr(driver, '/') ||
		!state_path(path, "%s/image/%s/repositories.json", roots->docker, driver))
		return;
	CLEANUP_JSON json_t *file = state_load_with(roots, path, image_id);

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

	if (roots->docker_exec && state_path(path, "%s/containerd/daemon/%s/%s", roots->docker_exec,
					  task, container->id))
		annotations = oci_read(container, roots, path);
	if (!annotations && roots->containerd_state &&
		state_path(path, "%s/%s/%s", roots->containerd_state, task, container->id))
		annotations = oci_read(container, roots, path);
	json_decref(annotations); /* Docker sets none */
	oci_judge_pid_target(container);
}

static void learn_host_config(struct container *container, const struct container_roots *roots)
{
	char path[PATH_MAX];

	if (!state_path(path, "%s/containers/%s/hostconfig.json", roots->docker, container->id))
		return;
	CLEANUP_JSON json_t *file = state_load(roots, path);
	const json_t *privileged = json_object_get(file, "Privileged");

	if (json_is_boolean(privileged))
		container_learn_number(container, CONTAINER_PRIVILEGED, json_is_true(privileged),
			"docker hostconfig.json");
}

bool docker_read(struct container *container, const struct container_roots *roots)
{
	char path[PATH_MAX];
	const char *name, *image_id;
	json_t *config;

	if (!roots->docker ||
		!state_path(path, "%s/containers/%s/config.v2.json", roots->docker, container->id))
		return false;
	CLEANUP_JSON json_t *file = state_load(roots, path);

	if (!json_is_object(file))
		return false;
	config = json_object_get(file, "Config");
	name = state_text(file, "Name") ?: "";
	name += name[0] == '/';
	if (strncmp(name, "k8s_", 4) == 0) /* cri-dockerd makes a new one for each start */
		learn_cri(container, roots, json_object_get(config, "Labels"));
	state_learn_integer(/* a restart by hand sets it to 0 again */
		container, CONTAINER_RESTARTS, json_object_get(file, "RestartCount"), SOURCE);
	state_learn_map(container, CONTAINER_LABELS, json_object_get(config, "Labels"), SOURCE);
	if (!container->is_sandbox)
		container_learn(container, CONTAINER_NAME, name, SOURCE);
	state_learn_time(container, CONTAINER_CREATED_NS, state_text(file, "Created"), SOURCE);
	container_learn(container, CONTAINER_IMAGE, state_text(config, "Image"), SOURCE);
	image_id = state_text(file, "Image");
	container_learn(container, CONTAINER_IMAGE_ID, image_id, SOURCE);
	container_learn(container, CONTAINER_IMAGE_DIGEST,
		state_text(json_object_get(file, "ImageManifest"), "digest"), SOURCE);
	if (image_id)
		learn_digest(container, roots, state_text(file, "Driver") ?: "overlay2", image_id);
	check_learn_docker(container, config, SOURCE);
	learn_host_config(container, roots);
	learn_bundle(container, roots);
	return true;
}
