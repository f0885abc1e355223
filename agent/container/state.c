/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Name and image of a container, from the files in which its engine keeps them.
 * The files are complete before the container's cgroup is made, so one look
 * when the cgroup appears is enough. Their content is not trusted: sizes are
 * limited and wrong types mean unknown.
 *
 *   Docker   ROOT/containers/ID/config.v2.json: .Name ("/web"), .Config.Image
 *   Podman   ROOT/DRIVER-containers/containers.json: [].id, .names[], .metadata
 *            (JSON in a string) with image-name; replaced by rename. From 4.4 on
 *            containers of `run --rm` are in volatile-containers.json beside it
 */
#include "barewatch/container.h"

#include <dirent.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/io.h"
#include "base/json.h"

#define STATE_FILE_MAX (16u << 20) /* containers.json has about 1 KiB a container */

/* The file PATH below DIRFD as JSON, or NULL. */
static json_t *load_json(int dirfd, const char *path)
{
	CLEANUP_FREE char *text = NULL;
	size_t size;

	if (read_file_at(dirfd, path, STATE_FILE_MAX, &text, &size) < 0)
		return NULL;
	return json_loadb(text, size, 0, NULL);
}

/* A copy of TEXT, or NULL when there is none or it is empty. */
static char *copy_text(const char *text)
{
	return text && text[0] ? strdup(text) : NULL;
}

static void read_docker(struct container *container, const char *root)
{
	char path[PATH_MAX];
	const char *name;

	snprintf(path, sizeof(path), "%s/containers/%s/config.v2.json", root, container->id);
	CLEANUP_JSON json_t *state = load_json(AT_FDCWD, path);

	name = json_string_value(json_object_get(state, "Name"));
	container->name = copy_text(name && name[0] == '/' ? name + 1 : name);
	container->image = copy_text(
		json_string_value(json_object_get(json_object_get(state, "Config"), "Image")));
}

/* The entry of LIST (containers.json) for ID, or NULL. */
static const json_t *podman_find(const json_t *list, const char *id)
{
	const json_t *entry;
	size_t i;

	json_array_foreach (list, i, entry) {
		const char *entry_id = json_string_value(json_object_get(entry, "id"));

		if (entry_id && strcmp(entry_id, id) == 0)
			return entry;
	}
	return NULL;
}

static bool podman_take(struct container *container, const json_t *entry)
{
	const char *metadata = json_string_value(json_object_get(entry, "metadata"));
	CLEANUP_JSON json_t *details = metadata ? json_loads(metadata, 0, NULL) : NULL;

	if (!entry)
		return false;
	container->name = copy_text(
		json_string_value(json_array_get(json_object_get(entry, "names"), 0)));
	container->image = copy_text(json_string_value(json_object_get(details, "image-name")));
	return true;
}

/* Looks into the lists of the storage driver whose directory is NAME below ROOT. */
static bool podman_take_from(struct container *container, int root, const char *name)
{
	static const char *const files[] = {"containers.json", "volatile-containers.json"};

	for (size_t i = 0; i < ARRAY_SIZE(files); i++) {
		char path[NAME_MAX + 32];

		snprintf(path, sizeof(path), "%s/%s", name, files[i]);
		CLEANUP_JSON json_t *list = load_json(root, path);

		if (podman_take(container, podman_find(list, container->id)))
			return true;
	}
	return false;
}

/* Tries each storage driver: overlay-containers, vfs-containers, btrfs-containers. */
static void read_podman(struct container *container, const char *root)
{
	static const char suffix[] = "-containers";
	CLEANUP_DIR DIR *dir = opendir(root);
	const struct dirent *entry;

	while (dir && (entry = readdir(dir))) {
		size_t len = strlen(entry->d_name), suffix_len = sizeof(suffix) - 1;

		if (len > suffix_len && strcmp(entry->d_name + len - suffix_len, suffix) == 0 &&
			podman_take_from(container, dirfd(dir), entry->d_name))
			return;
	}
}

void container_read_state(struct container *container, const struct container_roots *roots)
{
	if (container->runtime == CONTAINER_RUNTIME_DOCKER)
		read_docker(container, roots->docker);
	else if (container->runtime == CONTAINER_RUNTIME_PODMAN)
		read_podman(container, roots->podman);
}
