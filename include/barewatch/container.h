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

/*
 * What stands for the path of a cgroup where a container was given none: "mnt:[NUMBER]/ID", of its
 * mount namespace. Paths of cgroups begin with '/', so none is like it.
 */
#define CONTAINER_MOUNTS_PATH_MAX (CONTAINER_ID_MAX + 32)
void container_mounts_path(
	char path[static CONTAINER_MOUNTS_PATH_MAX], uint32_t mnt_ns, const char *id);

#define CGROUP_NESTING_MAX 4 /* containers in containers; CI systems use two, tests three */

/*
 * Finds the containers on the way down PATH, outermost first, which is that of
 * cgroup_path_identify(). The others are what it, or the one before, calls its own cgroups: a
 * claim. Returns their number; what is nested deeper is left out. Pure.
 */
size_t cgroup_path_identify_all(
	struct slice path, struct cgroup_identity ret[static CGROUP_NESTING_MAX]);

enum bare_source {
	BARE_NO, /* not meant to be bare */
	BARE_OPTION, /* --bare */
	BARE_POLICY, /* the policy file */
};

/* "no", "option", "policy". */
const char *bare_source_name(enum bare_source source);

/* What an engine's files tell of a container, as text. */
enum container_text {
	CONTAINER_NAME, /* as its engine knows it; in a pod, the container's name there */
	CONTAINER_IMAGE, /* reference, as it was given */
	CONTAINER_IMAGE_ID, /* digest of the image's configuration */
	CONTAINER_IMAGE_DIGEST, /* repository@digest of the manifest */
	CONTAINER_POD_NAME,
	CONTAINER_POD_NAMESPACE,
	CONTAINER_POD_UID,
	CONTAINER_SANDBOX_ID, /* of the pod's sandbox container */
	CONTAINER_ENTRYPOINT, /* its argv, each word quoted as for a shell where needed */
	CONTAINER_BUNDLE, /* directory of the OCI configuration */
	CONTAINER_ROOTFS, /* path on this host */
	CONTAINER_PID_TARGET, /* "/proc/PID/ns/pid" of the container whose processes it sees */
	CONTAINER_OVERLAY_UPPER, /* what it wrote: upper directory of its root, path on this host */
	CONTAINER_OVERLAY_LOWER, /* what it was made of: the lower ones, topmost first, with ':'
				    between them; '\\' is put before a ':' or '\\' in a name */
	CONTAINER_OUTER_ID, /* full id of the container in which its engine runs */
	CONTAINER_OUTER_NAME, /* and that one's name */
	CONTAINER_TEXTS,
};

/* "name", "image", "pod_name"...: keys of JSON output. */
const char *container_text_name(enum container_text text);

/* What is known of a container as a number. */
enum container_number {
	CONTAINER_INIT_PID, /* process id of its first process, as the host counts */
	CONTAINER_INIT_START_TICKS, /* when that started: /proc/PID/stat, field 22 */
	CONTAINER_CREATED_NS, /* nanoseconds since 1970 */
	CONTAINER_STARTED_NS, /* same, of its latest start */
	CONTAINER_PRIVILEGED, /* 1: its engine was told to hold nothing back; else 0 */
	CONTAINER_USER_NAMESPACE, /* 1: its user ids are not the host's; else 0 */
	CONTAINER_RESTARTS, /* so far, by its engine or the kubelet */
	CONTAINER_NUMBERS,
};

/* "init_pid", "created_ns"...: keys of JSON output. */
const char *container_number_name(enum container_number number);

/* True for what is 0 or 1. */
bool container_number_is_flag(enum container_number number);

/* How a process came into its container. */
enum container_entry {
	CONTAINER_ENTRY_CHILD, /* from inside */
	CONTAINER_ENTRY_ENTRYPOINT, /* what the container was started for */
	CONTAINER_ENTRY_RUNTIME_EXEC, /* brought in from outside: docker exec, kubectl exec */
	CONTAINER_ENTRY_PROBE, /* same, by a command that is one of its probes or health checks */
	CONTAINER_ENTRY_EPHEMERAL, /* started by a debug container, which joined another's processes */
	CONTAINER_ENTRY_NSENTER, /* in the container's cgroup, but with the host's files */
	CONTAINER_ENTRIES,
};

/* "child", "entrypoint", "runtime-exec"... */
const char *container_entry_name(enum container_entry entry);

/* What an engine's files tell of a container, as keys and values. */
enum container_map_kind {
	CONTAINER_LABELS, /* its own; an image's may be among them, as its engine joins the two */
	CONTAINER_ANNOTATIONS, /* its own */
	CONTAINER_POD_LABELS,
	CONTAINER_MAPS,
};

/* "labels", "annotations", "pod_labels": keys of JSON output. */
const char *container_map_name(enum container_map_kind kind);

struct container_pair {
	char *key; /* owns the memory of both */
	const char *value;
};

struct container_map {
	struct container_pair *pairs; /* in the order of their source */
	size_t count, capacity, bytes;
	bool is_truncated; /* some are left out: too long, too many, or no text */
	const char *source; /* the kind of file it was read from; NULL while it is unknown */
};

#define CONTAINER_MAP_INIT      ((struct container_map){0})
#define CONTAINER_MAP_PAIRS_MAX 128
#define CONTAINER_MAP_KEY_MAX   512 /* bytes; those of Kubernetes have up to 317 */
#define CONTAINER_MAP_VALUE_MAX 4096 /* bytes; containerd's limit for key and value */
#define CONTAINER_MAP_BYTES_MAX 8192 /* as text; every alert carries two of them */

/* Adds a copy of KEY and VALUE, or notes that there was no room for it. */
void container_map_add(struct container_map *map, struct slice key, struct slice value);

/* The value at KEY, or NULL. */
const char *container_map_find(const struct container_map *map, const char *key);

/*
 * Writes "key:value, key", where a value is empty, to TEXT; not terminated. As Falco's k8s.pod.labels
 * (plugin container, concatenate_container_labels), which leaves out those of Kubernetes' own.
 */
struct slice container_map_text(
	const struct container_map *map, char text[static CONTAINER_MAP_BYTES_MAX]);

void container_map_done(struct container_map *map);

/*
 * A command that is declared to be run in a container to see how it is: a health check, or
 * one of Kubernetes' probes.
 */
struct container_check {
	char *argv; /* each word with its NUL, as events have it */
	size_t len;
	const char *source; /* the kind of file it was read from */
};

#define CONTAINER_CHECKS_MAX 4 /* Kubernetes has three kinds, one of each; Podman two */
#define CONTAINER_CHECK_MAX  4096 /* bytes: of a longer argv not all is seen (BW_ARGS_MAX) */

struct container {
	char id[CONTAINER_ID_MAX + 1];
	enum container_runtime runtime;
	char *cgroup_path; /* of the cgroup at which it begins */
	uint64_t cgroup; /* its key, as far as it is known */
	union { /* NULL where it is not known */
		char *texts[CONTAINER_TEXTS];
		struct {
			char *name, *image, *image_id, *image_digest;
			char *pod_name, *pod_namespace, *pod_uid, *sandbox_id;
			char *entrypoint, *bundle, *rootfs, *pid_target;
			char *overlay_upper, *overlay_lower;
			char *outer_id, *outer_name;
		};
	};
	const char *sources[CONTAINER_TEXTS]; /* the kind of file each was read from */
	union { /* 0 where it is not known, which is so where its source is NULL */
		uint64_t numbers[CONTAINER_NUMBERS];
		struct {
			uint64_t init_pid, init_start_ticks, created_ns, started_ns;
			uint64_t privileged, user_namespace, restarts;
		};
	};
	const char *number_sources[CONTAINER_NUMBERS];
	union {
		struct container_map maps[CONTAINER_MAPS];
		struct {
			struct container_map labels, annotations, pod_labels;
		};
	};
	struct container_check checks[CONTAINER_CHECKS_MAX];
	size_t check_count;
	uint32_t outer_mnt_ns; /* mounts of what its engine runs in; 0: the host's, or unknown */
	bool is_ephemeral; /* shares the processes of another container that is no sandbox */
	bool has_started; /* its entrypoint has been seen, or it was there before */
	bool is_incomplete; /* its engine's files were not found yet, but may be */
	bool is_sandbox; /* holds a pod's namespaces and runs nothing of its own */
	enum bare_source bare;
	uint64_t execs, attempts, opens, alerts; /* seen so far; of opens, those that were sent */
	uint64_t opens_lost; /* that found no room, in its share of the ring or at all */
};

/* What is known of an exec, to tell how its process came here. */
struct entry_clues {
	bool parent_is_inside; /* its parent belongs to the same container */
	bool mounts_are_outside; /* it sees the files of the host, or of a container around its own */
	uint32_t ns_tgid; /* 1: the first process of its pid namespace */
	struct slice argv; /* each word with its NUL; empty unless all of it is known */
	struct slice script; /* the path given to execve where that is a script; else empty */
};

/*
 * How the process of an exec came into CONTAINER. Takes the first one that comes
 * from outside for the entrypoint, and notes that. An orphan that the host's init
 * or the engine adopts, which happens without a pid namespace, looks as if it came
 * from outside. A probe is told by its whole argv alone.
 */
enum container_entry container_enter(struct container *container, const struct entry_clues *clues);

#define CONTAINER_TEXT_MAX   4096 /* bytes: every alert carries these texts; paths are shorter */
#define CONTAINER_LAYERS_MAX 65536 /* of CONTAINER_OVERLAY_LOWER: 500 layers (OVL_MAX_STACK) */

/*
 * Sets TEXT to a copy of VALUE, unless that is NULL or empty or longer than
 * CONTAINER_TEXT_MAX (CONTAINER_LAYERS_MAX), or TEXT is known already: what is read first counts. SOURCE
 * is kept as it is.
 */
void container_learn(struct container *container, enum container_text text, const char *value,
	const char *source);

/* Same for NUMBER. */
void container_learn_number(struct container *container, enum container_number number,
	uint64_t value, const char *source);

static inline bool container_knows(const struct container *container, enum container_number number)
{
	return container->number_sources[number];
}

/*
 * Takes what is in MAP for KIND, unless that is known already. What is left in MAP is
 * still the caller's to release.
 */
void container_learn_map(struct container *container, enum container_map_kind kind,
	struct container_map *map, const char *source);

/*
 * Learns that ARGV, each word with its NUL, is the command of a check. What is empty, longer
 * than CONTAINER_CHECK_MAX, or one more than CONTAINER_CHECKS_MAX is left out.
 */
void container_learn_check(struct container *container, struct slice argv, const char *source);

/* True when ARGV, each word with its NUL, is the command of a check, word for word. */
bool container_has_check(const struct container *container, struct slice argv);

/*
 * Same for ARGV as the interpreter of the script PATH gets it: the interpreter, an argument
 * where the script's first line has one, PATH, and what followed argv[0] (Linux: load_script
 * in fs/binfmt_script.c). Of the command's first word nothing is left but PATH, at which
 * the runtime found it.
 */
bool container_has_script_check(
	const struct container *container, struct slice argv, struct slice path);

/* Forgets all that was learned, and frees it. */
void container_forget(struct container *container);

/* The id as people write it: 12 digits of a 64 digit one, else all of it. */
struct slice container_id_short(const struct container *container);

struct container_registry;

/*
 * Called for each container that becomes known, and again when one that had ended
 * is started anew: with id, runtime and path set, all else to be filled in.
 */
typedef void container_enrol_fn(struct container *container, void *userdata);

/*
 * Same for what claims to be a container in the container OUTER. False when it is none: its
 * cgroups are OUTER's then, whatever they are called.
 */
typedef bool container_nest_fn(
	struct container *container, const struct container *outer, void *userdata);

struct container_registry_config {
	size_t containers_max;
	uint64_t keep_ns; /* how long a container is kept after its last cgroup went away */
	container_enrol_fn *enrol;
	container_nest_fn *nest; /* NULL: nothing is nested */
	/* called for each cgroup KEY that is forgotten, before the registry itself is; or NULL */
	void (*forget)(uint64_t key, void *userdata);
	void *userdata;
};

/*
 * What a container can make up of the containers that are in it, at any depth, since it writes
 * the files that tell of them: so many are followed at a time, and so many claims are looked
 * into at once and then in a second. Fewer of one that is nested itself, so that it cannot
 * use up what there is for the others. All further claims are not believed.
 */
#define CONTAINER_NESTED_MAX        256 /* twice the pods of a node */
#define CONTAINER_NESTED_BELOW_MAX  64
#define CONTAINER_CLAIMS_MAX        256
#define CONTAINER_CLAIMS_BELOW_MAX  64
#define CONTAINER_CLAIMS_PER_SECOND 16

int container_registry_new(
	const struct container_registry_config *config, struct container_registry **ret);
void container_registry_free(struct container_registry *registry);

/*
 * The cgroup KEY at PATH exists. Returns the container it belongs to, or NULL
 * when it belongs to none. Cgroups belong to one container when the part of their
 * path that names it is the same; the same id at another place is another one.
 * *RET_ERROR is 0, -ENOMEM, or -ENOSPC when the registry is full of live ones; -EDQUOT when
 * the container that is returned may have more in it, which are not looked into.
 */
struct container *container_registry_add(
	struct container_registry *registry, uint64_t key, struct slice path, int *ret_error);

/*
 * The cgroup KEY is gone at NOW_NS. Its container is still found until it expires,
 * or until too many more went away.
 */
void container_registry_remove(struct container_registry *registry, uint64_t key, uint64_t now_ns);

/*
 * Whether the cgroup KEY is known. *RET is the container it belongs to, NULL when
 * it belongs to none.
 */
bool container_registry_find(
	struct container_registry *registry, uint64_t key, struct container **ret);

/*
 * The container whose full id is ID and which has not ended; NULL when there is none. Of
 * several, which names given by hand make possible, one that is bare. Never one that is
 * nested, as anybody could give it the id of another.
 */
const struct container *container_registry_find_id(
	const struct container_registry *registry, struct slice id);

/* Forgets what went away keep_ns before NOW_NS, or earlier. */
void container_registry_expire(struct container_registry *registry, uint64_t now_ns);

/*
 * Takes every cgroup for gone at NOW_NS that IS_GONE says is, for when their ends
 * may have been missed.
 */
void container_registry_sweep(struct container_registry *registry, uint64_t now_ns,
	bool (*is_gone)(uint64_t key, void *userdata), void *userdata);

/* Calls VISIT for each container, in the order in which they became known. */
void container_registry_each(const struct container_registry *registry,
	void (*visit)(const struct container *container, void *userdata), void *userdata);

/* Calls VISIT for each cgroup of CONTAINER that is there and has an entry of its own. */
void container_registry_each_cgroup(const struct container_registry *registry,
	const struct container *container, void (*visit)(uint64_t key, void *userdata),
	void *userdata);

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

/*
 * Where the engines of this host keep their state: paths on this host, each of
 * which may be NULL. What these files name are paths on this host as well.
 */
struct container_roots {
	/* where this host's root directory is seen, for an agent in a container; NULL: at "/" */
	const char *host;
	/* who is below `host` may have put anything there: regular files only, small, no links */
	bool is_untrusted;
	const char *docker; /* --data-root of dockerd */
	const char *docker_exec; /* --exec-root of dockerd */
	const char *podman; /* graphroot of containers/storage: Podman and CRI-O */
	const char *podman_run; /* runroot of containers/storage */
	const char *containerd; /* root of containerd */
	const char *containerd_state; /* state of containerd */
	const char *runc, *crun; /* --root of the runtime, where the engine does not choose it */
};

#define CONTAINER_ROOTS_DEFAULT                          \
	((struct container_roots){                       \
		.docker = "/var/lib/docker",             \
		.docker_exec = "/run/docker",            \
		.podman = "/var/lib/containers/storage", \
		.podman_run = "/run/containers/storage", \
		.containerd = "/var/lib/containerd",     \
		.containerd_state = "/run/containerd",   \
		.runc = "/run/runc",                     \
		.crun = "/run/crun",                     \
	})

/*
 * Learns about CONTAINER from its engine's own files, and its runtime where the
 * cgroup's path left that open. What cannot be read stays unknown. Never asks a
 * daemon. False when no engine's files know the container.
 */
bool container_read_state(struct container *container, const struct container_roots *roots);

/*
 * Learns about CONTAINER, whose cgroup is below that of OUTER, from the files of an engine that
 * runs in OUTER: in the root directory of one of its processes, at the usual places. What
 * they name is in OUTER as well, so paths and process ids are left out. False when no files
 * there know it.
 */
bool container_read_nested(struct container *container, const struct container *outer,
	const struct cgroup_hierarchies *hierarchies);

/*
 * Learns the first process of CONTAINER and when it was started, from what runtime
 * and engine write once the cgroup is there: to be called when it is wanted, again
 * when it may have changed. A process is believed only when it is in the
 * container's cgroup. Without a file, it is the one with the lowest number there,
 * where HIERARCHIES, which may be NULL, tell. False when none is found.
 */
bool container_read_init(struct container *container, const struct container_roots *roots,
	const struct cgroup_hierarchies *hierarchies);

/*
 * Learns of what directories the root file system of CONTAINER is put together, when it is an
 * overlay: from what its first process has mounted, else from what is mounted at
 * its root on this host. False when that cannot be told.
 */
bool container_read_layers(struct container *container, const struct container_roots *roots);

/*
 * The first process of the container ID, of which a runtime was told that it has no cgroup: in
 * PID_FILE, which may be NULL, or in crun's own file. 0 while there is none. It may be an old one.
 */
pid_t container_mounts_init(
	const struct container_roots *roots, const char *id, const char *pid_file);

/* Same in the files that the process TELLER sees, which has to be root's and in no container. */
pid_t container_mounts_init_told(
	const struct container_roots *roots, pid_t teller, const char *id, const char *pid_file);

/* Calls VISIT for each container of crun's that has no cgroup, with its first process. */
void container_mounts_walk(const struct container_roots *roots,
	void (*visit)(const char *id, pid_t init, void *userdata), void *userdata);

/* What the path of a bundle tells of its engine; empty where it does not. They point into it. */
struct container_places {
	struct slice id; /* of the container */
	struct slice namespace; /* containerd's */
	struct slice driver; /* containers/storage's, with "-containers" behind it */
	struct slice docker, docker_exec, podman, containerd_state; /* as in container_roots */
};

/*
 * Finds the engine's roots in the path BUNDLE of a bundle, and in that of the root
 * directory ROOTFS that is named in it; may be empty. False when BUNDLE is not at a
 * place where engines have theirs. Pure. Forms and sources are in bundle.c.
 */
bool container_roots_from_bundle(
	struct slice bundle, struct slice rootfs, struct container_places *ret);

/*
 * Learns about CONTAINER from its BUNDLE, and from its engine's files at the roots
 * that the bundle tells, else at ROOTS. The bundle's place must have been told by
 * somebody trusted. False when it cannot be read, or is another container's.
 */
bool container_read_bundle(
	struct container *container, const char *bundle, const struct container_roots *roots);

/*
 * Finds the files of engines that are not where they are looked for: a container's
 * processes lead to whoever started it, its command line to the bundle, and that to
 * the engine's roots, which are kept for the containers to come.
 */
struct container_search;

#define CONTAINER_SEARCH_ROOTS_MAX 8 /* of engines that were found; the oldest make room */

/* ROOTS and HIERARCHIES are borrowed; HIERARCHIES may be NULL. */
int container_search_new(const struct container_roots *roots,
	const struct cgroup_hierarchies *hierarchies, struct container_search **ret);
void container_search_free(struct container_search *search);

/*
 * Learns about CONTAINER from its engine's files: at the configured roots, and at those
 * found before. False when none knows it.
 */
bool container_search_read(struct container_search *search, struct container *container);

/*
 * Same, and else where its processes lead: not worth while for a container that was just
 * made and has none. Only who started them is believed, when it is root's and in no container.
 */
bool container_search_ask(struct container_search *search, struct container *container);

/* container_read_bundle() at the configured roots; keeps the roots that BUNDLE tells. */
bool container_search_bundle(
	struct container_search *search, struct container *container, const char *bundle);
