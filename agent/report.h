/* SPDX-License-Identifier: Apache-2.0 */
/* What the agent tells of itself, put together from those who know. */
#pragma once

#include "barewatch/status.h"
#include "dispatch.h"
#include "outlet.h"
#include "reload.h"
#include "tracker.h"

/* All is borrowed. */
struct report {
	const struct probe *probe;
	const struct tracker *tracker;
	const struct outlet *outlet;
	const struct dispatch *dispatch;
	struct reload *reload;
	struct status_sensor sensors[PROBE_SENSORS]; /* the last one's */
};

/* What there is now, with COUNTS, which are borrowed as REPORT is. */
struct status_report report_make(struct report *report, const struct probe_counts *counts);
