/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Looks at files that may take any time. Two threads have them done: one those at local file
 * systems, one all that may never answer, so that no container can hold up the looks
 * at others by mounting something that does not.
 */
#pragma once

#include <stdbool.h>

#include "executable.h"

/* Looks that wait for each thread. */
#define LOOKS_WAITING_MAX 256

/* Part of a larger structure that holds what the look is for. */
struct look {
	struct executable_query query;
	struct executable executable; /* what is found, or known already */
	uint64_t owner; /* all of one container have the same */
	void (*release)(struct look *look); /* frees it, query and all */
	struct look_thread *thread; /* from here on the module's own */
	uint64_t turn;
	struct look *next;
};

struct looks;

/* CATALOG is shared: a look that is under way outlasts all. */
int looks_new(struct catalog *catalog, struct looks **ret);
void looks_free(struct looks *looks);

/*
 * Has LOOK done and waits PATIENCE_MS for its end. 0: it is done, and the caller's. -ETIME: it
 * is under way or waits for its turn, and will come from looks_next(). -EBUSY: too many of its owner
 * wait; it was not begun, and is the caller's.
 *
 * One that waits may be dropped for LOOK when its owner has more of them: it is released, and counted.
 */
int looks_do(struct looks *looks, struct look *look, unsigned patience_ms);

/* How many were dropped so far. */
uint64_t looks_dropped(const struct looks *looks);

/* How many will come from looks_next(). */
unsigned looks_waiting(const struct looks *looks);

/*
 * The next look that has ended late, the caller's; NULL when there is none. IS_KNOWN is
 * asked of those that wait before they are begun, and fills them in if it is.
 */
struct look *looks_next(
	struct looks *looks, bool (*is_known)(struct look *look, void *userdata), void *userdata);
