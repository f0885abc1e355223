/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A look at what ran: where its bytes came from, and what they tell. Takes as long as disks
 * and networks do, and is meant for a thread that may wait for them.
 */
#pragma once

#include "barewatch/origin.h"
#include "barewatch/root.h"

/* More of a file is not read: what is behind it is taken for unknown. */
#define EXECUTABLE_BYTES_MAX (256u << 20)

/* What is asked of. Texts are NULL where they are not known whole. */
struct executable_query {
	struct bw_file file;
	pid_t tgid; /* that runs it, or did */
	uint64_t map_start, map_end; /* where it is mapped, when it does not run; else 0 */
	char *path; /* of the file that runs, links followed */
	char *script; /* as it was given, from the root or cwd on; NULL without one */
	struct bw_file script_file; /* as in struct bw_exec */
	bool is_detached, mounts_are_outside; /* as in struct origin_clues */
	bool is_entrypoint; /* the first program of the container */
	bool is_suspect; /* by its names: a digest is wanted */
	bool is_known; /* all but the script */
	bool may_wait; /* for file systems that may never answer; else these are left alone */
	uint64_t started_ns; /* CLOCK_REALTIME, when the container was; 0: not known */
	struct container_root *root; /* NULL: not known; the query's own share */
};

void executable_query_done(struct executable_query *query);

/*
 * What is kept between looks. Of one thread at a time.
 */
struct executable_store {
	struct inventory_cache *inventories;
	struct program_buffer buffer;
};

int executable_store_new(struct executable_store **ret);
void executable_store_free(struct executable_store *store);

/* Stores in RET, all zero or what is known already, what is found out. */
void executable_look(const struct executable_query *query, const struct catalog *catalog,
	struct executable_store *store, struct executable *ret);

/*
 * True for the path of the program that an engine puts before the image's own when it is asked
 * to (docker run --init, podman run --init).
 */
bool executable_is_init_path(struct slice path);
