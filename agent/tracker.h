/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Keeps two things in step with the cgroups of the host: the registry of
 * containers, and the scope that tells the kernel side which of them to report on.
 * Heals itself when a cgroup's making or removal was not seen.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "barewatch/container.h"
#include "barewatch/decode.h"
#include "barewatch/policy.h"
#include "barewatch/probe.h"
#include "calls.h"

/* Docker's own limit is the node's; Kubernetes recommends 110 pods, each with a few containers. */
#define TRACKER_CONTAINERS_MAX 4096

/*
 * Containers whose engine has written nothing about them yet. They are looked at anew at
 * intervals that double up to the longest, when they have events, and at their end.
 */
#define TRACKER_LOOKS_MAX        256
#define TRACKER_LOOK_EVENT_NS    (5ULL * 1000000) /* between looks because of events */
#define TRACKER_LOOK_WAIT_NS     (20ULL * 1000000)
#define TRACKER_LOOK_WAIT_MAX_NS (2560ULL * 1000000)

struct tracker_look {
	uint64_t key; /* of the container's cgroup */
	uint64_t last_ns; /* when it was last looked at */
	uint64_t wait_ns; /* from then to the next time */
};

/* Mount namespaces of containers without a cgroup. Such containers are few. */
#define TRACKER_MOUNTS_MAX 256

struct tracker_mounts {
	uint64_t key, container; /* keys of this one, and of the first of its container */
	pid_t init;
	int fd; /* of the namespace: while it is open, its number is not given out again */
};

struct tracker {
	struct policy *policy;
	struct container_roots roots;
	struct cgroup_hierarchies hierarchies;
	struct container_search *search;
	struct container_registry *registry;
	struct probe *probe; /* borrowed; set before tracker_walk() */
	struct calls calls;
	bool watches_all; /* also containers that are not bare */
	bool is_told; /* of a cgroup in which nothing runs: yet, or any more */
	const struct bw_handover *restored; /* while a container of the agent before is entered */
	struct tracker_look looks[TRACKER_LOOKS_MAX];
	size_t look_count;
	/* called for a container of which more is known than when it was enrolled; may be NULL */
	void (*on_known)(const struct container *container, void *userdata);
	/* called for the key of each container that has ended and had no cgroup; may be NULL */
	void (*on_gone)(uint64_t key, void *userdata);
	/* called for the key of each cgroup of which nothing is known any more; may be NULL */
	void (*on_forgotten)(uint64_t key, void *userdata);
	void *userdata;
	bool completes_all; /* also of containers without an alert, to their very end */
	struct tracker_mounts mounts[TRACKER_MOUNTS_MAX];
	size_t mounts_count;
	bool has_mounts; /* some container was told by them */
	uint64_t mounts_swept_ns; /* when it was last looked whether they are there */
	uint64_t enrolled, bare;
	uint64_t unattributed; /* events whose cgroup was gone before anything was known of it */
	uint64_t failures; /* to put something into a map of the kernel side */
	uint64_t complained_ns; /* when a failure was last said */
};

/* Finds the hierarchies. 0, or a negative errno with D filled in. */
int tracker_init(struct tracker *tracker, struct policy *policy,
	const struct container_roots *roots, struct diag *d);
void tracker_done(struct tracker *tracker);

/* True when what happens in CONTAINER is judged. */
bool tracker_watches(const struct tracker *tracker, const struct container *container);

/*
 * Enters the containers that an agent before has left, and decides anew what is in scope. Of
 * those that are gone the events may wait in the rings; tracker_walk() gives them up.
 */
int tracker_restore(struct tracker *tracker);

/* Keeps what is known of CONTAINER by now for the next agent. */
void tracker_keep(struct tracker *tracker, const struct container *container);

/* Enters the cgroups that exist, and gives up those that do not any more. */
int tracker_walk(struct tracker *tracker);

/* A cgroup was made or removed. */
void tracker_cgroup_made(struct tracker *tracker, const struct event *event);
void tracker_cgroup_removed(struct tracker *tracker, const struct event *event);

/*
 * A runtime was called. Keeps the bundle of a container that it is to make, for when
 * the engine's files are not found where they are looked for. Only root outside of any
 * container is believed.
 */
void tracker_runtime_called(struct tracker *tracker, const struct event *event);

/* The process that was told to make CONTAINER, if that was heard of lately; else 0. */
pid_t tracker_runtime(const struct tracker *tracker, const struct container *container);

/*
 * The container of the process of EVENT, NULL when it is in none. A cgroup
 * that is not known is looked up and entered.
 */
struct container *tracker_find(struct tracker *tracker, const struct event *event);

/*
 * Enters the cgroup KEY at PATH, of which nothing was heard so far, and puts it into scope. NULL
 * when it is no container's.
 */
struct container *tracker_adopt(struct tracker *tracker, uint64_t key, struct slice path);

/* Looks for more about CONTAINER, which is incomplete, unless that was done just now. */
void tracker_look(struct tracker *tracker, struct container *container, uint64_t now_ns);

/* Looks for more about all incomplete containers whose time has come at NOW_NS. */
void tracker_look_again(struct tracker *tracker, uint64_t now_ns);

/* True when the cgroup KEY belongs to CONTAINER, or to one that is nested in it. */
bool tracker_is_inside(struct tracker *tracker, uint64_t key, const struct container *container);

/* Forgets what went away long enough before NOW_NS. */
void tracker_expire(struct tracker *tracker, uint64_t now_ns);
