/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Containers whose engine had written nothing about them when they were enrolled: the tracker
 * enters them here, and is asked to look again until it knows them, or they have ended.
 */
#pragma once

#include "tracker.h"

/* Sees to it that CONTAINER, which is incomplete, is looked at again, if there is room. */
void tracker_look_later(struct tracker *tracker, struct container *container);

/* The cgroup KEY has ended: looks once more at the container that began there, if it had alerts. */
void tracker_look_last(struct tracker *tracker, uint64_t key);

/* ---- tracker.c ---- */

/*
 * Learns what the files of CONTAINER's engine tell. False when there are none. IS_NEW: it has no
 * process.
 */
bool tracker_read_state(struct tracker *tracker, struct container *container, bool is_new);

/* CONTAINER is as known as it will ever be: decides about it. */
void tracker_complete(struct tracker *tracker, struct container *container);
