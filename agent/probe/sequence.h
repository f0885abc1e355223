/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Whether every record that was sent has arrived. The kernel side numbers what each CPU sends
 * to each ring; a number that never comes was read by somebody else, since what found the ring
 * full has none. Pure.
 */
#pragma once

#include <linux/types.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "barewatch/event.h"

struct sequences {
	struct bw_agent *memory; /* borrowed; what an agent before has left counts on */
	bool heard[BW_RINGS][BW_CPUS_MAX]; /* of this CPU, since this agent runs */
};

/* EVENT, of at least its own size, was read from RING. */
void sequences_note(struct sequences *s, enum bw_ring ring, const struct bw_event *event);

/*
 * CPU had sent the record numbered SENT to RING before that was read until it was empty:
 * what was not noted by now never will be.
 */
void sequences_settle(struct sequences *s, enum bw_ring ring, uint32_t cpu, uint64_t sent);

/* How many records of RING that were sent have not arrived. May fall again: they come late. */
uint64_t sequences_taken(const struct sequences *s, enum bw_ring ring);
