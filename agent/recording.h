/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What is judged, on its way into a recording: nothing, and at no cost, unless one is wanted. Says
 * once why a recording ended before the agent did.
 */
#pragma once

#include "barewatch/record.h"

struct recording {
	struct recorder *recorder; /* NULL: none is wanted, or it has ended */
	int error; /* by which it ended, 0 when there was none */
	bool has_ended;
};

static inline bool recording_is_on(const struct recording *recording)
{
	return recording->recorder != NULL;
}

/* Records SUBJECT, an event that happened at TIME_NS (CLOCK_REALTIME). Its id, 0 when it is not on. */
uint64_t recording_event(
	struct recording *recording, const struct subject *subject, uint64_t time_ns);

/*
 * Same of SUBJECT, which is known now (NOW_NS), after the event called ID was: the event anew, with what is
 * known of its file. TIME_NS is when it happened.
 */
uint64_t recording_program(struct recording *recording, const struct subject *subject, uint64_t id,
	uint64_t time_ns, uint64_t now_ns);

/* More is known of a container, which SUBJECT is, now. */
void recording_container(
	struct recording *recording, const struct subject *subject, uint64_t now_ns);

/* SUBJECT is how often the attempt called ID was repeated, as told now. */
void recording_repeats(
	struct recording *recording, const struct subject *subject, uint64_t id, uint64_t now_ns);

/* Writes out what was recorded. To be called now and then, and before recording_done(). */
void recording_tick(struct recording *recording);

void recording_done(struct recording *recording);
