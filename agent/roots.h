/* SPDX-License-Identifier: Apache-2.0 */
/* The root file systems of the bare containers, by their cgroups, as long as these are there. */
#pragma once

#include <stdbool.h>
#include <stdint.h>
#include <uthash.h>

#include "barewatch/decode.h"
#include "barewatch/root.h"

/* Containers whose roots are kept; as many as are watched. */
#define ROOTS_MAX 4096

/* A root is looked for again with that many execs, then it is taken for unknown. */
#define ROOTS_TRIES_MAX 20

struct roots_entry {
	uint64_t container; /* key of its cgroup */
	struct container_root *root; /* NULL: not found yet */
	uint64_t started_ns; /* CLOCK_BOOTTIME, when the container was; 0: not known */
	unsigned tries;
	UT_hash_handle hh;
};

struct roots {
	const struct container_roots *places; /* borrowed: where engines have their files */
	struct roots_entry *entries;
};

void roots_init(struct roots *roots, const struct container_roots *places);
void roots_done(struct roots *roots);

/*
 * CONTAINER was made at TIME_NS (CLOCK_BOOTTIME). RUNTIME makes it, as far as is known, else 0.
 * Finds its root, which is mounted by now, before anything runs there.
 */
void roots_made(
	struct roots *roots, const struct container *container, pid_t runtime, uint64_t time_ns);

/* The cgroup at which a container begins is gone: keeps nothing of it open. */
void roots_gone(struct roots *roots, uint64_t cgroup);

/* The root of the container with the cgroup CONTAINER, as far as it was found; else NULL. */
const struct container_root *roots_find(const struct roots *roots, uint64_t container);

/*
 * What is known of the root of CONTAINER, in which PROCESS has just executed something. If it came
 * from outside (ENTRY), and so has what whoever made the container gave it, it is asked for
 * what is not known yet. NULL when out of memory. Valid until the next call.
 */
const struct roots_entry *roots_of(struct roots *roots, struct container *container,
	const struct bw_process *process, enum container_entry entry, bool mounts_are_outside);
