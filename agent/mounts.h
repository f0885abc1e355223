/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Containers that were given no cgroup of their own (podman --cgroups=disabled): they are told by
 * the mount namespace of their first process, and end with it.
 */
#pragma once

#include "tracker.h"

/* How long after the call of a runtime its container's first process may be found. */
#define MOUNTS_PATIENCE_NS (60ULL * 1000000000)

/* How often it is looked whether they are still there, which the kernel side tells nobody. */
#define MOUNTS_SWEEP_NS 1000000000ULL

/*
 * Looks for the first processes of those that a runtime was called for, and enters them. As a rule
 * that is before they execute anything: engines make a container first, and then start it. Those
 * that are faster are told by the kernel side, see mounts_begin().
 */
void mounts_find(struct tracker *tracker, uint64_t now_ns);

/*
 * The kernel side says of EVENT, an exec, that a container begins with it (BW_PROCESS_BEGINS): enters
 * that. False when no runtime was called for it, and EVENT is nobody's.
 */
bool mounts_begin(struct tracker *tracker, const struct event *event);

/* Enters those that are there and that crun knows of. */
void mounts_walk(struct tracker *tracker);

/*
 * Gives up those that have ended, and calls the tracker's on_gone for each. Follows the first
 * processes of the others, where sessions will join them, into mounts that they made.
 */
void mounts_sweep(struct tracker *tracker, uint64_t now_ns);

void mounts_done(struct tracker *tracker);

/* True when the container with KEY (BW_CGROUP_MNT) has ended. */
bool mounts_is_gone(const struct tracker *tracker, uint64_t key);
