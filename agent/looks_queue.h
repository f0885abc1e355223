/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Looks that wait for their thread. Containers take turns, whatever each of them has
 * waiting, and where there is no room who has the most goes without (start-time fair queueing:
 * Goyal, Vin, Cheng, SIGCOMM 1996). Bounded; pure.
 */
#pragma once

#include "looks.h"

struct looks_queue {
	struct look *first; /* in the order of their turns */
	unsigned count;
	uint64_t turn; /* of the last that was taken */
};

/*
 * Puts LOOK in line. Returns the one for which there is no room then, the caller's, which may be LOOK
 * itself; NULL when there is room for all.
 */
struct look *looks_queue_put(struct looks_queue *queue, struct look *look);

/* The next one, the caller's; NULL when none waits. */
struct look *looks_queue_take(struct looks_queue *queue);

/* Puts LOOK, which was taken last, back to where it was. */
void looks_queue_put_back(struct looks_queue *queue, struct look *look);
