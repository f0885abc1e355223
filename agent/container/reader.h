/* SPDX-License-Identifier: Apache-2.0 */
/* What the readers of the engines' files share. */
#pragma once

#include <limits.h>

#include "barewatch/container.h"
#include "base/json.h"

/*
 * A reader learns what the files of its engine tell of CONTAINER. False when they
 * do not know it.
 */
typedef bool container_reader(struct container *container, const struct container_roots *roots);

container_reader docker_read, podman_read, crio_read, containerd_read;

/* Writes a path. False when it is too long: cut, it would be that of another file. */
bool state_path(char path[static PATH_MAX], const char *format, ...)
	__attribute__((format(printf, 2, 3)));

/* The file PATH below DIRFD as JSON, the caller's to release; NULL when it is none. */
json_t *state_load(int dirfd, const char *path);

/*
 * The same, but NULL also when WORD is nowhere in the file: the lists of all containers or
 * images take a hundred times longer to parse than to search. WORD holds nothing that
 * JSON escapes.
 */
json_t *state_load_with(int dirfd, const char *path, const char *word);

/* The string at KEY of OBJECT, or NULL. */
const char *state_text(const json_t *object, const char *key);

/* Which text an entry of a JSON object is. */
struct state_key {
	const char *key;
	enum container_text text;
};

/* Learns from the COUNT keys of OBJECT, all of which come from SOURCE. */
void state_learn(struct container *container, const json_t *object, const struct state_key *keys,
	size_t count, const char *source);

/*
 * Learns from the OCI configuration in the directory BUNDLE (runtime-spec,
 * config.md): entrypoint, root, namespaces. Returns its annotations as a new
 * reference, or NULL when it cannot be read.
 */
json_t *oci_read(struct container *container, const char *bundle);

/*
 * Finds out whether the pid namespace that CONTAINER joins is another container's
 * (a debug container: kubectl debug --target) or only its pod's sandbox's.
 */
void oci_judge_pid_target(struct container *container);
