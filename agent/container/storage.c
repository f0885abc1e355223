/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Podman and CRI-O, which share the layout of containers/storage:
 *
 *   ROOT/DRIVER-containers/ID/userdata/config.json   the bundle; the annotation
 *       io.container.manager tells the two apart (libpod, cri-o). CRI-O's
 *       io.kubernetes.cri-o.* and io.kubernetes.* hold all there is to know
 *       and, with Podman, when it was made, and the sandbox of its pod
 *   ROOT/DRIVER-containers/containers.json           [].id, .names[], .image, .created, .metadata
 *       (JSON in a string) with image-name. From Podman 4.4 on containers of `run --rm`
 *       are in volatile-containers.json beside it, as CRI-O's are
 *   ROOT/DRIVER-images/images.json                   [].id, .digest of the manifest
 *
 * Podman keeps labels and pods elsewhere: podman_db.c. CRI-O's io.kubernetes.cri-o.Labels and
 * .Annotations are JSON in a string; the labels of a pod are those of its sandbox.
 */
#include "container/reader.h"

#include <stdio.h>

#define LIST_SOURCE   "storage containers.json"
#define CRIO_SOURCE   "cri-o config.json"
#define PODMAN_SOURCE "podman config.json"
#define CRIO          "io.kubernetes.cri-o."
#define OCI_SOURCE    "oci config.json"

/* The entry of LIST, an array of objects, whose "id" is ID. */
static const json_t *find_by_id(const json_t *list, const char *id)
{
	const json_t *entry;
	size_t i;

	json_array_foreach (list, i, entry) {
		const char *entry_id = state_text(entry, "id");

		if (id && entry_id && strcmp(entry_id, id) == 0)
			return entry;
	}
	return NULL;
}

/* The store leaves out what kind of digest it is; other engines say it. */
static void learn_image_id(struct container *container, const char *hex, const char *source)
{
	char id[sizeof("sha256:") + 64];

	if (hex && strlen(hex) == 64) {
		snprintf(id, sizeof(id), "sha256:%s", hex);
		container_learn(container, CONTAINER_IMAGE_ID, id, source);
	}
}

static void learn_digest(
	struct container *container, const struct container_roots *roots, const char *driver)
{
	const char *image_id = container->image_id + strlen("sha256:");
	char path[PATH_MAX];

	if (!state_path(path, "%s/%s-images/images.json", roots->podman, driver))
		return;
	CLEANUP_JSON json_t *images = state_load_with(roots, path, image_id);

	container_learn(container, CONTAINER_IMAGE_DIGEST,
		state_text(find_by_id(images, image_id), "digest"), "storage images.json");
}

static bool learn_from_list(
	struct container *container, const struct container_roots *roots, const char *driver)
{
	static const char *const files[] = {"containers.json", "volatile-containers.json"};

	for (size_t i = 0; i < ARRAY_SIZE(files); i++) {
		char path[PATH_MAX];

		if (!state_path(path, "%s/%s-containers/%s", roots->podman, driver, files[i]))
			continue;
		CLEANUP_JSON json_t *list = state_load_with(roots, path, container->id);
		const json_t *entry = find_by_id(list, container->id);
		const char *metadata = state_text(entry, "metadata");
		CLEANUP_JSON json_t *details = metadata ? json_loads(metadata, 0, NULL) : NULL;

		if (!entry)
			continue;
		container_learn(container, CONTAINER_NAME,
			json_string_value(json_array_get(json_object_get(entry, "names"), 0)),
			LIST_SOURCE);
		container_learn(
			container, CONTAINER_IMAGE, state_text(details, "image-name"), LIST_SOURCE);
		learn_image_id(container, state_text(entry, "image"), LIST_SOURCE);
		state_learn_time(
			container, CONTAINER_CREATED_NS, state_text(entry, "created"), LIST_SOURCE);
		return true;
	}
	return false;
}

/* Learns the map KIND from the JSON that is the annotation KEY. */
static void learn_map_in_text(struct container *container, enum container_map_kind kind,
	const json_t *annotations, const char *key)
{
	const char *text = state_text(annotations, key);
	CLEANUP_JSON json_t *object = text ? json_loads(text, 0, NULL) : NULL;

	state_learn_map(container, kind, object, CRIO_SOURCE);
}

/* The first of the references with a digest, of which newer versions give a list. */
static void learn_crio_digest(struct container *container, const json_t *annotations)
{
	const char *list = state_text(annotations, CRIO "ImageRepoDigests");
	CLEANUP_FREE char *first = list ? strndup(list, strcspn(list, ",")) : NULL;

	container_learn(container, CONTAINER_IMAGE_DIGEST, first, CRIO_SOURCE);
}

static void learn_crio_maps(struct container *container, const json_t *annotations)
{
	learn_map_in_text(container, CONTAINER_LABELS, annotations, CRIO "Labels");
	learn_map_in_text(container, CONTAINER_ANNOTATIONS, annotations, CRIO "Annotations");
	state_learn_count(container, CONTAINER_RESTARTS,
		container_map_find(&container->annotations, STATE_CRI_RESTARTS), CRIO_SOURCE);
}

static void learn_crio(struct container *container, const json_t *annotations)
{
	static const struct state_key keys[] = {
		{CRIO "ImageName", CONTAINER_IMAGE},
		{CRIO "Image", CONTAINER_IMAGE},
		{CRIO "SandboxID", CONTAINER_SANDBOX_ID},
		{"io.kubernetes.pod.name", CONTAINER_POD_NAME},
		{"io.kubernetes.pod.namespace", CONTAINER_POD_NAMESPACE},
		{"io.kubernetes.pod.uid", CONTAINER_POD_UID},
	};
	const char *type = state_text(annotations, CRIO "ContainerType");

	state_learn(container, annotations, keys, ARRAY_SIZE(keys), CRIO_SOURCE);
	learn_image_id(container, state_text(annotations, CRIO "ImageRef"), CRIO_SOURCE);
	learn_crio_digest(container, annotations);
	state_learn_time(container, CONTAINER_CREATED_NS, state_text(annotations, CRIO "Created"),
		CRIO_SOURCE);
	container->is_sandbox = type && strcmp(type, "sandbox") == 0;
	if (!container->is_sandbox) /* whose name there is POD */
		container_learn(container, CONTAINER_NAME,
			state_text(annotations, "io.kubernetes.container.name"), CRIO_SOURCE);
	learn_crio_maps(container, annotations);
}

/*
 * In a pod Podman uses CRI-O's annotations for which container holds its namespaces; that
 * one has none, but a name that Podman makes of the pod's id, after which its cgroup's
 * parent is called (libpod, pod_internal.go; 4.3).
 */
static void learn_podman_pod(struct container *container, const json_t *annotations)
{
	const char *type = state_text(annotations, CRIO "ContainerType");
	struct slice name = slice_of(container->name ?: ""), infra = slice_of("-infra");
	char pod[CONTAINER_ID_SHORT + 1];

	if (type && strcmp(type, "container") == 0)
		container_learn(container, CONTAINER_SANDBOX_ID,
			state_text(annotations, CRIO "SandboxID"), PODMAN_SOURCE);
	if (name.len != CONTAINER_ID_SHORT + infra.len ||
		strcmp(name.data + CONTAINER_ID_SHORT, infra.data) != 0)
		return;
	snprintf(pod, sizeof(pod), "%s", name.data);
	container->is_sandbox = strstr(container->cgroup_path ?: "", pod);
}

/* Learns what the pod's sandbox has: the labels, and the annotation with the probes. */
static void learn_crio_pod(
	struct container *container, const struct container_roots *roots, const char *driver)
{
	const char *sandbox = container->is_sandbox ? container->id : container->sandbox_id;
	char path[PATH_MAX];

	if (!sandbox || !state_id_is_file_name(sandbox) ||
		!state_path(path, "%s/%s-containers/%s/userdata/config.json", roots->podman, driver,
			sandbox))
		return;
	CLEANUP_JSON json_t *config = state_load(roots, path);

	const json_t *facts = json_object_get(config, "annotations");
	const char *text = state_text(facts, CRIO "Annotations");
	CLEANUP_JSON json_t *annotations = text ? json_loads(text, 0, NULL) : NULL;

	learn_map_in_text(container, CONTAINER_POD_LABELS, facts, CRIO "Labels");
	check_learn_pod(container, annotations, "", CRIO_SOURCE);
}

static bool is_managed_by(const json_t *annotations, const char *manager)
{
	const char *value = state_text(annotations, "io.container.manager");

	return value && strcmp(value, manager) == 0;
}

/* Learns what MANAGER's files tell, in the directories of the storage driver DRIVER. */
static bool read_driver(struct container *container, const struct container_roots *roots,
	const char *driver, const char *manager)
{
	bool is_crio = strcmp(manager, "cri-o") == 0, found;
	char bundle[PATH_MAX];

	if (!state_path(
		    bundle, "%s/%s-containers/%s/userdata", roots->podman, driver, container->id))
		return false;
	CLEANUP_JSON json_t *annotations = oci_read(container, roots, bundle);

	/* without it only the cgroup's path can have told whose container this is */
	if (annotations ? !is_managed_by(annotations, manager)
			: container->runtime == CONTAINER_RUNTIME_UNKNOWN)
		return false;
	if (annotations && is_crio) {
		learn_crio(container, annotations);
		learn_crio_pod(container, roots, driver);
	} else if (!is_crio) {
		podman_read_database(container, roots);
		state_learn_map(container, CONTAINER_ANNOTATIONS, annotations, OCI_SOURCE);
	}
	if (!is_crio) /* by which the container was made; its storage a little later */
		state_learn_time(container, CONTAINER_CREATED_NS,
			state_text(annotations, CRIO "Created"), PODMAN_SOURCE);
	found = learn_from_list(container, roots, driver);
	if (!is_crio)
		learn_podman_pod(container, annotations);
	oci_judge_pid_target(container);
	if (container->image_id)
		learn_digest(container, roots, driver);
	return found || annotations;
}

/* Tries each storage driver: overlay-containers, vfs-containers, btrfs-containers. */
static bool read_storage(
	struct container *container, const struct container_roots *roots, const char *manager)
{
	static const char suffix[] = "-containers";
	CLEANUP_DIR DIR *dir = roots->podman ? host_opendir(roots, roots->podman) : NULL;
	const struct dirent *entry;

	for (int i = 0; i < STATE_ENTRIES_MAX && dir && (entry = readdir(dir)); i++) {
		size_t len = strlen(entry->d_name), suffix_len = sizeof(suffix) - 1;
		char driver[NAME_MAX + 1];

		if (len <= suffix_len || strcmp(entry->d_name + len - suffix_len, suffix) != 0)
			continue;
		snprintf(driver, sizeof(driver), "%.*s", (int)(len - suffix_len), entry->d_name);
		if (read_driver(container, roots, driver, manager))
			return true;
	}
	return false;
}

bool podman_read(struct container *container, const struct container_roots *roots)
{
	return read_storage(container, roots, "libpod");
}

bool crio_read(struct container *container, const struct container_roots *roots)
{
	return read_storage(container, roots, "cri-o");
}
