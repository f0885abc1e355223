/* SPDX-License-Identifier: Apache-2.0 */
/* The parts of a running agent, and how it is started; the rest of its life is in watch.c. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "barewatch/probe.h"
#include "barewatch/status.h"
#include "ancestry.h"
#include "answers.h"
#include "base/diag.h"
#include "dispatch.h"
#include "judge.h"
#include "outlet.h"
#include "recording.h"
#include "reload.h"
#include "report.h"
#include "selfcheck.h"
#include "starts.h"
#include "tracker.h"
#include "watch.h"

struct watch {
	const struct watch_config *config;
	struct tracker tracker;
	struct starts starts;
	struct outlet outlet;
	struct recording recording;
	struct reload reload;
	struct ancestry ancestry;
	struct attempts attempts;
	struct judge judge;
	struct selfcheck selfcheck;
	struct dispatch dispatch;
	struct probe_pins *pins; /* NULL: nothing outlives this agent */
	bool leave_pins;
	bool has_hung_up; /* the terminal that it was started from */
	struct probe *probe;
	struct status_file *status; /* NULL: none is wanted */
	struct report report;
	struct answers answers;
	struct control *control; /* NULL: nobody can ask */
	uint64_t started_ns;
	uint64_t counts_next_ns; /* when to look for losses */
	struct probe_counts counts; /* as they were then, since this agent runs */
	struct probe_counts counts_before; /* what was counted before */
};

/*
 * Attaches the probe, takes over what an agent before has left, and finds the containers and
 * processes that are there. What was started stays w's, also after a failure: watch.c ends it.
 * Returns 0, or a negative error code with its reason in d.
 */
int watch_start(struct watch *w, struct diag *d);
