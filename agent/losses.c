/* SPDX-License-Identifier: Apache-2.0 */
/* Differences of counters, in words, see losses.h. */
#include "losses.h"

#include <inttypes.h>

static uint64_t lost_of(
	const struct probe_counts *now, const struct probe_counts *before, enum bw_event_kind kind)
{
	return now->events[kind].lost - before->events[kind].lost;
}

/* Appends ", COUNT WHAT", without the comma at first. Returns COUNT. */
static uint64_t describe(struct strbuf *out, uint64_t count, const char *what, uint64_t so_far)
{
	if (count > 0)
		strbuf_addf(out, "%s%" PRIu64 " %s", so_far ? ", " : "", count, what);
	return count;
}

uint64_t losses_describe(
	const struct probe_counts *now, const struct probe_counts *before, struct strbuf *out)
{
	static const char *const names[BW_EVENT_KINDS] = {
		[BW_EVENT_EXEC] = "execs",
		[BW_EVENT_ATTEMPT] = "failed execs",
		[BW_EVENT_CGROUP_MKDIR] = "new cgroups",
		[BW_EVENT_CGROUP_RMDIR] = "removed cgroups",
		[BW_EVENT_RUNTIME] = "calls of runtimes",
		[BW_EVENT_FAILED_START] = "failed starts",
		[BW_EVENT_MOVE] = "moves",
		[BW_EVENT_MAPPING] = "executable mappings",
		[BW_EVENT_CANARY] = "canaries",
		[BW_EVENT_OPEN] = "opened files",
	};
	uint64_t sum = 0;

	for (int i = 0; i < BW_EVENT_KINDS; i++)
		sum += describe(out, lost_of(now, before, i), names[i], sum);
	return sum + describe(out, now->missed - before->missed, "skipped by the kernel", sum);
}

void losses_since(struct probe_counts *now, const struct probe_counts *before)
{
	for (int i = 0; i < BW_EVENT_KINDS; i++) {
		now->events[i].seen -= before->events[i].seen;
		now->events[i].sent -= before->events[i].sent;
		now->events[i].lost -= before->events[i].lost;
	}
	for (int i = 0; i < BW_FAILURES; i++)
		now->failures[i] -= before->failures[i];
	now->missed -= before->missed;
}

bool losses_hide_cgroups(const struct probe_counts *now, const struct probe_counts *before)
{
	return lost_of(now, before, BW_EVENT_CGROUP_MKDIR) > 0 ||
	       lost_of(now, before, BW_EVENT_CGROUP_RMDIR) > 0;
}

bool losses_hide_opens(const struct probe_counts *now, const struct probe_counts *before)
{
	return lost_of(now, before, BW_EVENT_OPEN) > 0;
}
