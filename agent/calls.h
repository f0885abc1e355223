/* SPDX-License-Identifier: Apache-2.0 */
/* The calls of OCI runtimes that were seen lately, and what they were told. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "barewatch/container.h"
#include "barewatch/decode.h"

/* A start takes a second or so. */
#define CALLS_MAX 64

/* Where the bundle is of a container that is to come. */
struct calls_bundle {
	char id[CONTAINER_ID_MAX + 1];
	char *path;
	pid_t runtime; /* that was told */
	bool without_cgroup; /* the rest is of such only */
	bool awaits_init; /* its first process is not found yet */
	char *pid_file; /* NULL: none */
	pid_t parent; /* of the runtime, which sees the same files and stays */
	uint32_t mnt_ns; /* of the runtime */
	uint64_t start_ns; /* of the runtime, CLOCK_BOOTTIME */
};

struct calls_process {
	uint32_t tgid, mnt_ns;
};

/* Both are rings. All 0: there were none. */
struct calls {
	struct calls_bundle bundles[CALLS_MAX];
	size_t bundle_next;
	struct calls_process processes[CALLS_MAX];
	size_t process_next;
};

void calls_done(struct calls *calls);

/* Keeps the call of a runtime that EVENT tells of, which has to be believed already. */
void calls_add(struct calls *calls, const struct event *event);

/* What a runtime was told of the container ID, or NULL. */
const struct calls_bundle *calls_bundle(const struct calls *calls, const char *id);

/*
 * The call that made the container without a cgroup in which the process of EVENT has executed
 * something: that of a runtime it comes from. It awaits no first process any more. NULL when
 * there was none lately.
 */
const struct calls_bundle *calls_find_above(struct calls *calls, const struct event *event);

/*
 * True when the process of EVENT is a runtime's own, on its way into a container: the child of
 * one that was called, and still where that has its files.
 */
bool calls_is_runtimes(const struct calls *calls, const struct event *event);
