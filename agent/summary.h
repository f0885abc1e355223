/* SPDX-License-Identifier: Apache-2.0 */
/* The closing lines of the agent: what it saw, what it may have missed. */
#pragma once

#include <stdint.h>

#include "barewatch/policy.h"
#include "barewatch/probe.h"
#include "judge.h"
#include "outlet.h"
#include "tracker.h"

/* All is borrowed. */
struct summary {
	uint64_t started_ns; /* CLOCK_BOOTTIME */
	const struct probe_counts *counts; /* since then */
	const struct policy *policy;
	const struct tracker *tracker;
	const struct judge *judge;
	const struct outlet *outlet;
	uint64_t broken; /* records that were not well-formed */
};

void summary_print(const struct summary *summary);
