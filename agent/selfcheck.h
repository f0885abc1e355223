/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Whether the agent still sees what it should: its own child must come back as a record (the
 * canary), its programs must be attached, and every record that was sent must arrive. What is
 * wrong is said in the log and leaves as an alert, once, and so does its end.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#include "barewatch/probe.h"
#include "outlet.h"

#define SELFCHECK_CANARY_S_DEFAULT 10
#define SELFCHECK_CANARIES_MISSED  3 /* in a row; one can be lost with a full ring */

/* The argument by which the agent's child knows what it is: it ends at once. */
#define SELFCHECK_CANARY_ARGUMENT "--canary"

struct selfcheck {
	struct probe *probe; /* borrowed, as the outlet */
	struct outlet *outlet;
	uint64_t interval_ns; /* 0: no canaries */
	uint64_t next_ns;
	pid_t canary; /* the last one that was started; 0: none yet */
	bool is_running; /* and was not waited for yet */
	bool is_heard;
	unsigned missed; /* canaries in a row */
	bool is_failing; /* to start them */
	bool is_blind; /* has been said */
	size_t detached; /* that were said */
	uint64_t taken, taken_said; /* records: as last seen, and said */
};

/*
 * Canaries are started every INTERVAL_NS, 0: never. They are not where this process is in a pid
 * namespace of its own, which is said: the kernel side knows processes by the host's numbers.
 */
void selfcheck_init(
	struct selfcheck *check, struct probe *probe, struct outlet *outlet, uint64_t interval_ns);

/* The process TGID has started a program. */
void selfcheck_heard(struct selfcheck *check, uint32_t tgid);

/* Starts a canary and looks at what is attached, when it is time. */
void selfcheck_tick(struct selfcheck *check, uint64_t now_ns);

/* To be called about once a second, when the rings have been read. */
int selfcheck_records(struct selfcheck *check);

/* No more canaries. */
void selfcheck_done(struct selfcheck *check);
