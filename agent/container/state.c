/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What the files of container engines tell of a container. They are complete
 * before the container's cgroup is made, so one look when that appears is enough.
 * Their content is not trusted: sizes and depths are limited, and a wrong type
 * means unknown.
 */
#include "container/reader.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "base/io.h"

#define STATE_FILE_MAX (16u << 20) /* Podman's containers.json has about 1 KiB a container */

bool state_path(char path[static PATH_MAX], const char *format, ...)
{
	va_list args;
	int len;

	va_start(args, format);
	len = vsnprintf(path, PATH_MAX, format, args);
	va_end(args);
	return len >= 0 && len < PATH_MAX;
}

json_t *state_load(int dirfd, const char *path)
{
	return state_load_with(dirfd, path, "");
}

json_t *state_load_with(int dirfd, const char *path, const char *word)
{
	CLEANUP_FREE char *text = NULL;
	size_t size;

	if (read_file_at(dirfd, path, STATE_FILE_MAX, &text, &size) < 0 ||
		!memmem(text, size, word, strlen(word)))
		return NULL;
	return json_loadb(text, size, 0, NULL);
}

const char *state_text(const json_t *object, const char *key)
{
	return json_string_value(json_object_get(object, key));
}

void state_learn(struct container *container, const json_t *object, const struct state_key *keys,
	size_t count, const char *source)
{
	for (size_t i = 0; i < count; i++)
		container_learn(container, keys[i].text, state_text(object, keys[i].key), source);
}

static container_reader *const readers[CONTAINER_RUNTIMES] = {
	[CONTAINER_RUNTIME_DOCKER] = docker_read,
	[CONTAINER_RUNTIME_CONTAINERD] = containerd_read,
	[CONTAINER_RUNTIME_CRIO] = crio_read,
	[CONTAINER_RUNTIME_PODMAN] = podman_read,
};

/* Readers look for files of this name: it must not lead out of the engine's directory. */
static bool id_is_file_name(const char *id)
{
	return id[0] && strcmp(id, ".") != 0 && strcmp(id, "..") != 0 && !strchr(id, '/');
}

void container_read_state(struct container *container, const struct container_roots *roots)
{
	if (!id_is_file_name(container->id))
		return;
	if (container->runtime != CONTAINER_RUNTIME_UNKNOWN) {
		readers[container->runtime](container, roots);
		return;
	}
	for (int i = 0; i < CONTAINER_RUNTIMES; i++) {
		if (readers[i] && readers[i](container, roots)) {
			container->runtime = i;
			return;
		}
	}
}
