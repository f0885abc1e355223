/* SPDX-License-Identifier: Apache-2.0 */
/* What the readers of the engines' files share. */
#pragma once

#include <dirent.h>
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

/* Of a directory that holds one for each namespace, or each storage driver. */
#define STATE_ENTRIES_MAX 256

/*
 * Opens the host's file PATH, which begins with '/', without waiting for anything.
 * Returns a descriptor, close-on-exec, or a negative errno.
 */
int host_open(const struct container_roots *roots, const char *path, int flags);

/* Same for a directory; NULL when it is none. */
DIR *host_opendir(const struct container_roots *roots, const char *path);

/* The host's file PATH whole, the caller's to free; NULL when it is none or has over LIMIT bytes. */
char *state_read(const struct container_roots *roots, const char *path, size_t limit);

/* The host's file PATH as JSON, the caller's to release; NULL when it is none. */
json_t *state_load(const struct container_roots *roots, const char *path);

/*
 * The same, but NULL also when WORD is nowhere in the file: the lists of all containers or
 * images take a hundred times longer to parse than to search. WORD holds nothing that
 * JSON escapes.
 */
json_t *state_load_with(const struct container_roots *roots, const char *path, const char *word);

/* True when a path with ID in it does not lead elsewhere. */
bool state_id_is_file_name(const char *id);

/* The string at KEY of OBJECT, or NULL. */
const char *state_text(const json_t *object, const char *key);

/*
 * TEXT, a time as RFC 3339 writes it ("2026-11-23T07:23:17.5Z", "...+02:00"), as
 * nanoseconds since 1970. False when it is none, or lies before that: an engine's
 * word for never is the year 1.
 */
bool state_time(const char *text, uint64_t *ret_ns);

/* Learns the time in TEXT, which may be NULL. */
void state_learn_time(struct container *container, enum container_number number, const char *text,
	const char *source);

/* Which text an entry of a JSON object is. */
struct state_key {
	const char *key;
	enum container_text text;
};

/* Learns from the COUNT keys of OBJECT, all of which come from SOURCE. */
void state_learn(struct container *container, const json_t *object, const struct state_key *keys,
	size_t count, const char *source);

/*
 * Learns the map KIND from OBJECT, whose strings it holds; anything else means that it is
 * unknown.
 */
void state_learn_map(struct container *container, enum container_map_kind kind,
	const json_t *object, const char *source);

/* Annotation of the kubelet's that counts the restarts of a container (kubelet: labels.go). */
#define STATE_CRI_RESTARTS "io.kubernetes.container.restartCount"

/* Learns NUMBER from VALUE, an integer from 0 to INT_MAX; anything else means that it is unknown. */
void state_learn_integer(struct container *container, enum container_number number,
	const json_t *value, const char *source);

/* Learns NUMBER from TEXT, decimal digits; anything else means that it is unknown. */
void state_learn_count(struct container *container, enum container_number number, const char *text,
	const char *source);

/*
 * Learns from the OCI configuration in the directory BUNDLE (runtime-spec,
 * config.md): entrypoint, root, namespaces; whether it is privileged, unless that
 * is known. Returns its annotations as a new reference, or NULL when it cannot be
 * read.
 */
json_t *oci_read(
	struct container *container, const struct container_roots *roots, const char *bundle);

/*
 * Finds out whether the pid namespace that CONTAINER joins is another container's
 * (a debug container: kubectl debug --target) or only its pod's sandbox's.
 */
void oci_judge_pid_target(struct container *container);

/* Learns the health check in CONFIG, Docker's of a container. */
void check_learn_docker(struct container *container, const json_t *config, const char *source);

/* Learns CHECK, Podman's health check, or the one it has while the container starts. */
void check_learn_podman(struct container *container, const json_t *check, const char *source);

#define POD_ANNOTATIONS_MAX (256u << 10) /* bytes, of all (TotalAnnotationSizeLimitB) */

/*
 * Learns the probes of CONTAINER, whose name must be known, from the pod as kubectl apply
 * keeps it in an annotation; a pod that a controller made has none. ANNOTATIONS are
 * the pod's, each key behind PREFIX. Never those of an image: they are not part of this.
 */
void check_learn_pod(struct container *container, const json_t *annotations, const char *prefix,
	const char *source);

/* Learns what containerd's database tells of CONTAINER, which is in NAMESPACE. */
void containerd_read_database(
	struct container *container, const struct container_roots *roots, const char *namespace);

/* Learns what Podman's database tells of CONTAINER. */
void podman_read_database(struct container *container, const struct container_roots *roots);
