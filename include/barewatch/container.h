/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The container module: which container a cgroup belongs to. The registry is
 * told of cgroups as they come and go and is asked by key; it never looks at the
 * clock itself, so tests can move it.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#include "base/slice.h"
#include "base/strbuf.h"

enum container_runtime {
	CONTAINER_RUNTIME_UNKNOWN,
	CONTAINER_RUNTIME_DOCKER,
	CONTAINER_RUNTIME_CONTAINERD,
	CONTAINER_RUNTIME_CRIO,
	CONTAINER_RUNTIME_PODMAN,
	CONTAINER_RUNTIMES,
};

/* "docker", "containerd"..., "unknown". */
const char *container_runtime_name(enum container_runtime runtime);

#define CONTAINER_ID_MAX   80 /* 64 hex digits, or a garden UUID, or a name given to the runtime */
#define CONTAINER_ID_SHORT 12

/* What the path of a cgroup tells. */
struct cgroup_identity {
	struct slice id; /* points into the path */
	struct slice pod_uid; /* with dashes or underscores as in the path; empty without a pod */
	enum container_runtime runtime; /* UNKNOWN where the path does not say */
	/* the part of the path at which the container begins; the rest is below it */
	struct slice container_path;
};

/*
 * Finds the container in the cgroup path PATH (from the hierarchy's root). False
 * when the path is not that of a container, or is one of an engine's own helpers
 * (conmon). Pure. Forms and their sources are in cgroup_path.c.
 */
bool cgroup_path_identify(struct slice path, struct cgroup_identity *ret);

enum bare_source {
	BARE_NO, /* not meant to be bare */
	BARE_OPTION, /* --bare */
	BARE_POLICY, /* the policy file */
};

/* "no", "option", "policy". */
const char *bare_source_name(enum bare_source source);

struct container {
	char id[CONTAINER_ID_MAX + 1];
	enum container_runtime runtime;
	char *cgroup_path; /* of the cgroup at which it begins */
	uint64_t cgroup; /* its key, as far as it is known */
	char *name; /* as the engine knows it; NULL when unknown */
	char *image; /* reference, as the engine knows it; NULL when unknown */
	enum bare_source bare;
	uint64_t execs, attempts, alerts; /* seen so far */
};

/* The id as people write it: 12 digits of a 64 digit one, else all of it. */
struct slice container_id_short(const struct container *container);

struct container_registry;

/*
 * Called for each container that becomes known, and again when one that had ended
 * is started anew: with id, runtime and path set, all else to be filled in.
 */
typedef void container_enrol_fn(struct container *container, void *userdata);

struct container_registry_config {
	size_t containers_max;
	uint64_t keep_ns; /* how long a container is kept after its last cgroup went away */
	container_enrol_fn *enrol;
	void *userdata;
};

int container_registry_new(
	const struct container_registry_config *config, struct container_registry **ret);
void container_registry_free(struct container_registry *registry);

/*
 * The cgroup KEY at PATH exists. Returns the container it belongs to, or NULL
 * when it belongs to none. Cgroups belong to one container when the part of their
 * path that names it is the same; the same id at another place is another one.
 * *RET_ERROR is 0, -ENOMEM, or -ENOSPC when the registry is full of live ones.
 */
struct container *container_registry_add(
	struct container_registry *registry, uint64_t key, struct slice path, int *ret_error);

/* The cgroup KEY is gone at NOW_NS. Its container is still found until it expires. */
void container_registry_remove(struct container_registry *registry, uint64_t key, uint64_t now_ns);

/*
 * Whether the cgroup KEY is known. *RET is the container it belongs to, NULL when
 * it belongs to none.
 */
bool container_registry_find(
	struct container_registry *registry, uint64_t key, struct container **ret);

/* Forgets what went away keep_ns before NOW_NS, or earlier. */
void container_registry_expire(struct container_registry *registry, uint64_t now_ns);

/*
 * Takes every cgroup for gone at NOW_NS that IS_GONE says is, for when their ends
 * may have been missed.
 */
void container_registry_sweep(struct container_registry *registry, uint64_t now_ns,
	bool (*is_gone)(uint64_t key, void *userdata), void *userdata);

size_t container_registry_count(const struct container_registry *registry);

/* The cgroup hierarchies of this host, found in /proc/self/mountinfo and /proc/self/cgroup. */
struct cgroup_hierarchies {
	char *v2_path; /* mount point of version 2; NULL when there is none */
	char *v1_path; /* mount point of the version 1 controller in use; NULL on v2-only hosts */
	char v1_controller[32];
	unsigned v1_hierarchy; /* number in /proc/self/cgroup */
};

#define CGROUP_HIERARCHIES_INIT ((struct cgroup_hierarchies){0})

/*
 * -ENOENT when no cgroup file system is mounted where this process sees it,
 * -EXDEV when what is mounted is only a part of the host's (a cgroup namespace).
 */
int cgroup_hierarchies_find(struct cgroup_hierarchies *ret);
void cgroup_hierarchies_done(struct cgroup_hierarchies *hierarchies);
static inline void cgroup_hierarchies_cleanup(struct cgroup_hierarchies *hierarchies)
{
	cgroup_hierarchies_done(hierarchies);
}

typedef int cgroup_visit_fn(uint64_t key, struct slice path, void *userdata);

/*
 * Calls VISIT for each cgroup that exists, parents first, until it returns non-zero, which
 * is then returned. What vanishes during the walk is passed over. *RET_UNVISITED is the
 * number of cgroups that are nested too deeply to be followed.
 */
int cgroup_walk(const struct cgroup_hierarchies *hierarchies, cgroup_visit_fn *visit,
	void *userdata, size_t *ret_unvisited);

/*
 * Appends the path of the cgroup KEY. -ESTALE when it is gone. Needs
 * CAP_DAC_READ_SEARCH.
 */
int cgroup_path_by_key(
	const struct cgroup_hierarchies *hierarchies, uint64_t key, struct strbuf *path);

/* Where the engines of this host keep their state. */
struct container_roots {
	const char *docker; /* --data-root of dockerd */
	const char *podman; /* graphroot of containers/storage */
};

#define CONTAINER_ROOTS_DEFAULT                          \
	((struct container_roots){                       \
		.docker = "/var/lib/docker",             \
		.podman = "/var/lib/containers/storage", \
	})

/*
 * Fills in name and image of CONTAINER from its engine's own files. What cannot
 * be read stays NULL. Never asks a daemon.
 */
void container_read_state(struct container *container, const struct container_roots *roots);
