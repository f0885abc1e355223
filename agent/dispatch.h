/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What comes out of the rings, decoded and given to whom it concerns, in an order in which it can
 * be judged: execs and cgroups come before the failed execs, mappings and opens that followed them.
 */
#pragma once

#include "barewatch/probe.h"
#include "judge.h"
#include "selfcheck.h"

struct dispatch {
	struct probe *probe; /* borrowed, as are the next two */
	struct judge *judge; /* with those it has */
	struct selfcheck *selfcheck;
	bool unknown_came; /* a file that is not known was executed: the next is not to wait for the clock */
	uint64_t events_until_ns; /* all execs and cgroups before this have been judged */
	uint64_t records; /* that were read */
	uint64_t broken; /* of them, not well-formed */
};

/* A record came from one of the four rings; for the probe, with a dispatch as USERDATA. */
probe_record_fn dispatch_event, dispatch_attempt, dispatch_mapping, dispatch_open;

/*
 * Reads what is in the rings, as much as can be done between two looks at the signals and the
 * clock. Returns an enum loop_next, or a negative errno.
 */
int dispatch_drain(struct dispatch *dispatch);

/*
 * Reads until nothing is left, but not longer than NS, nor when enough alerts have left. 0, or a
 * negative errno.
 */
int dispatch_drain_for(struct dispatch *dispatch, uint64_t ns);
