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
#include "barewatch/runtime.h"

/* Docker's own limit is the node's; Kubernetes recommends 110 pods, each with a few containers. */
#define TRACKER_CONTAINERS_MAX 4096

/* Bundles that runtimes were told of, for containers to come: a start takes a second or so. */
#define TRACKER_BUNDLES_MAX 64

struct tracker_bundle {
	char id[CONTAINER_ID_MAX + 1];
	char *path;
};

struct tracker {
	struct policy *policy;
	struct container_roots roots;
	struct cgroup_hierarchies hierarchies;
	struct container_search *search;
	struct container_registry *registry;
	struct probe *probe; /* borrowed; set before tracker_walk() */
	struct tracker_bundle bundles[TRACKER_BUNDLES_MAX]; /* a ring */
	size_t bundle_next;
	uint64_t enrolled, bare;
	uint64_t unattributed; /* events whose cgroup was gone before anything was known of it */
	uint64_t complained_ns; /* when a failure was last said */
};

/* Finds the hierarchies. 0, or a negative errno with D filled in. */
int tracker_init(struct tracker *tracker, struct policy *policy,
	const struct container_roots *roots, struct diag *d);
void tracker_done(struct tracker *tracker);

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

/*
 * The container of the exec or attempt EVENT, NULL when it is in none. A cgroup
 * that is not known is looked up and entered.
 */
struct container *tracker_find(struct tracker *tracker, const struct event *event);

/* True when the cgroup KEY belongs to CONTAINER. */
bool tracker_is_inside(struct tracker *tracker, uint64_t key, const struct container *container);

/* Forgets what went away long enough before NOW_NS. */
void tracker_expire(struct tracker *tracker, uint64_t now_ns);
