/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The profile module: what each watched container has opened and executed so far, by which program,
 * when and how often. In memory of a fixed size.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "barewatch/decode.h"
#include "barewatch/origin.h"
#include "base/slice.h"

/* All containers together: some 30,000 files. */
#define PROFILE_BYTES_DEFAULT (8u << 20)

/* Beside enum bw_open_use: the file was not opened, but executed. */
#define PROFILE_EXECUTED (1u << 16)

/*
 * How often KIND was opened, as the kernel side counted: of all that it has not forgotten. False
 * when it knows nothing of it.
 */
typedef bool profile_count_fn(
	const struct bw_open_kind *kind, struct bw_open_seen *ret, void *userdata);

struct profile_config {
	size_t bytes_max;
	profile_count_fn *count; /* NULL: only records are counted */
	void *userdata;
};

struct profile;

/* 0 or -ENOMEM. */
int profile_new(const struct profile_config *config, struct profile **ret);
void profile_free(struct profile *profile);

/*
 * EVENT, an open, happened in CONTAINER (the key of its cgroup). One that failed is left out. What
 * finds no room is counted: of the container that has most, its own or another, the last file that
 * became known makes room.
 */
void profile_opened(struct profile *profile, uint64_t container, const struct event *event,
	enum program_origin origin);

/* Same of an exec. The program that executed it is its parent's. */
void profile_executed(struct profile *profile, uint64_t container, const struct event *event,
	enum program_origin origin);

/* The origin of EVENT, an exec that was told before, has become known. */
void profile_learned(struct profile *profile, uint64_t container, const struct event *event,
	enum program_origin origin);

/* CONTAINER is gone, and with it all that it did. */
void profile_forget(struct profile *profile, uint64_t container);

/* Uses of a file of one kind by one program. */
struct profile_entry {
	/*
	 * Any bytes but NUL. A path that was too long has "..." for its beginning; one that
	 * begins without '/' cannot be reached by any name.
	 */
	struct slice path;
	struct slice program; /* the path of its executable; empty when it is not known */
	uint32_t use; /* mask of enum bw_open_use, or PROFILE_EXECUTED */
	enum program_origin origin; /* as it was first told */
	uint64_t first_ns, last_ns; /* CLOCK_BOOTTIME */
	uint64_t count; /* at least: what the kernel side forgot or lost is not in it */
};

/*
 * Calls VISIT for each entry of CONTAINER, in the order in which they became known, until it returns
 * false. Paths are borrowed from PROFILE.
 */
void profile_each(struct profile *profile, uint64_t container,
	bool (*visit)(const struct profile_entry *entry, void *userdata), void *userdata);

struct profile_totals {
	size_t entries;
	uint64_t omitted; /* opens and execs that found no room, or whose path was not known */
};

struct profile_totals profile_totals(const struct profile *profile, uint64_t container);

/* Bytes in use, for all containers. */
size_t profile_bytes(const struct profile *profile);

/* Writes the words of USE, "read", "write", "truncate", "create", "make_executable", "execute", in this order. */
#define PROFILE_USES_MAX 6
size_t profile_use_words(uint32_t use, const char *ret[static PROFILE_USES_MAX]);

/* The bit that WORD is, 0 when it is none. */
uint32_t profile_use_parse(const char *word);
