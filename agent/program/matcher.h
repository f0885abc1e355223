/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Finds many byte strings in one pass over bytes that come in parts (Aho and Corasick,
 * "Efficient string matching", 1975). A matcher is built once, then read only: any number
 * of scans may use it. It takes 11 bytes for each byte of its patterns, less what their
 * beginnings share, and 9 KiB: 76 KiB with the catalog of rules/.
 */
#pragma once

#include <stdint.h>

#include "base/cleanup.h"
#include "base/slice.h"

#define MATCHER_PATTERNS_MAX 2048
#define MATCHER_STATES_MAX   UINT16_MAX
#define MATCHER_LENGTH_MIN   4 /* by that many bytes a scan sees what begins no pattern */

struct matcher;

/* NULL when out of memory. */
struct matcher *matcher_new(void);
void matcher_free(struct matcher *matcher);
DEFINE_CLEANUP(struct matcher, matcher, matcher_free);

/*
 * Adds PATTERN, which may hold any bytes. Returns its number, that of an equal one which is
 * there already, -EINVAL when it is too short, -E2BIG when there is no room, or -ENOMEM.
 */
int matcher_add(struct matcher *matcher, struct slice pattern);

/* Makes MATCHER ready for scans; nothing can be added then. 0 or -ENOMEM. */
int matcher_compile(struct matcher *matcher);

/* Bytes of memory that a compiled MATCHER takes. */
size_t matcher_size_bytes(const struct matcher *matcher);

/* Where a scan is, and what it has found. Begins with all zeros. */
struct matcher_scan {
	uint16_t state;
	uint64_t seen[MATCHER_PATTERNS_MAX / 64];
};

/* Goes on with the SIZE bytes at DATA, which follow those of the last call. */
void matcher_feed(
	const struct matcher *matcher, struct matcher_scan *scan, const void *data, size_t size);

/* True when the pattern with NUMBER has been found. */
static inline bool matcher_scan_has(const struct matcher_scan *scan, unsigned number)
{
	return number < MATCHER_PATTERNS_MAX && (scan->seen[number / 64] >> number % 64 & 1);
}
