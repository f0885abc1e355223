/* SPDX-License-Identifier: Apache-2.0 */
/* From the rings to whom each record concerns, see dispatch.h. */
#include "dispatch.h"

#include "barewatch/decode.h"
#include "base/clock.h"
#include "base/log.h"
#include "loop.h"
#include "mounts.h"

/*
 * How much is done between two looks at the signals and the clock: some ten
 * milliseconds. Of failed execs and mappings less, so that they never hold up the execs.
 */
#define EVENTS_BUDGET   4096
#define ATTEMPTS_BUDGET 512
#define MAPPINGS_BUDGET 8 /* each may wait for its file to be looked at */
#define OPENS_BUDGET    1024

static bool decode(struct dispatch *d, const void *record, size_t size, struct event *ret)
{
	d->records++;
	if (event_decode(record, size, ret) == 0)
		return true;
	if (d->broken++ == 0)
		log_error("a record of the kernel side is not well-formed");
	return false;
}

void dispatch_event(const void *record, size_t size, void *userdata)
{
	struct dispatch *d = userdata;
	static struct event event; /* 7 KiB, and one thread */

	if (!decode(d, record, size, &event))
		return;
	switch (event.kind) {
	case BW_EVENT_EXEC:
		selfcheck_heard(d->selfcheck, event.process->tgid);
		d->unknown_came |= !(event.exec.record->file.flags & BW_FILE_KNOWN);
		judge_late(d->judge); /* as long as many events follow each other, too */
		if (!(event.process->flags & BW_PROCESS_BEGINS) ||
			mounts_begin(d->judge->tracker, &event))
			judge_exec(d->judge, &event);
		break;
	case BW_EVENT_MOVE:
		judge_move(d->judge, &event);
		break;
	case BW_EVENT_CGROUP_MKDIR:
		judge_cgroup_made(d->judge, &event);
		break;
	case BW_EVENT_CGROUP_RMDIR:
		judge_cgroup_removed(d->judge, &event);
		break;
	case BW_EVENT_RUNTIME:
		ancestry_exec(d->judge->ancestry, &event);
		tracker_runtime_called(d->judge->tracker, &event);
		starts_called(d->judge->starts, &event, d->judge->tracker);
		break;
	case BW_EVENT_CANARY:
		selfcheck_heard(d->selfcheck, event.canary.record->tgid);
		break;
	case BW_EVENT_ATTEMPT: /* these have a ring of their own */
	case BW_EVENT_FAILED_START:
	case BW_EVENT_MAPPING:
	case BW_EVENT_OPEN:
	case BW_EVENT_KINDS:
		d->broken++;
	}
}

/* Reads execs and cgroups. LOOP_WAIT when none are left. */
static int drain_events(struct dispatch *d)
{
	uint64_t now_ns = clock_boot_ns();
	int r = probe_drain(d->probe, PROBE_RING_EVENTS, EVENTS_BUDGET);

	if (r < 0)
		return r;
	if (r == EVENTS_BUDGET)
		return LOOP_AGAIN;
	d->events_until_ns = now_ns;
	return LOOP_WAIT;
}

/*
 * Decodes a record of another ring than that of events. What it is judged by, its container above
 * all, may still be in that one: it is drained first.
 */
static bool decode_after_events(
	struct dispatch *d, const void *record, size_t size, struct event *ret)
{
	if (!decode(d, record, size, ret))
		return false;
	if (ret->time_ns >= d->events_until_ns)
		(void)drain_events(d); /* a failure comes again at the next tick */
	return true;
}

void dispatch_attempt(const void *record, size_t size, void *userdata)
{
	struct dispatch *d = userdata;
	static struct event event;

	if (!decode_after_events(d, record, size, &event))
		return;
	if (event.kind == BW_EVENT_FAILED_START)
		judge_failed_start(d->judge, &event);
	else
		judge_failed_exec(d->judge, &event);
}

void dispatch_mapping(const void *record, size_t size, void *userdata)
{
	struct dispatch *d = userdata;
	static struct event event;

	if (!decode_after_events(d, record, size, &event))
		return;
	judge_late(d->judge);
	judge_mapping(d->judge, &event);
}

void dispatch_open(const void *record, size_t size, void *userdata)
{
	struct dispatch *d = userdata;
	static struct event event;

	if (!decode_after_events(d, record, size, &event))
		return;
	judge_open(d->judge, &event);
}

/* Opened files come last: there may always be more of them. Returns as drain_events(). */
static int drain_opens(struct dispatch *d)
{
	int r = probe_drain(d->probe, PROBE_RING_OPENS, OPENS_BUDGET);

	if (r < 0)
		return r;
	if (r == OPENS_BUDGET)
		return LOOP_AGAIN;
	probe_opens_read(d->probe);
	return LOOP_WAIT;
}

int dispatch_drain(struct dispatch *d)
{
	int next, r;

	d->unknown_came = false;
	next = drain_events(d);
	if (next < 0)
		return next;
	if (next == LOOP_WAIT && d->unknown_came)
		next = LOOP_SOON;
	r = probe_drain(d->probe, PROBE_RING_ATTEMPTS, ATTEMPTS_BUDGET);
	if (r < 0)
		return r;
	if (r == ATTEMPTS_BUDGET)
		next = LOOP_AGAIN;
	r = probe_drain(d->probe, PROBE_RING_MAPPINGS, MAPPINGS_BUDGET);
	if (r < 0)
		return r;
	if (r == MAPPINGS_BUDGET)
		next = LOOP_AGAIN;
	r = drain_opens(d);
	return r == LOOP_WAIT ? next : r;
}

int dispatch_drain_for(struct dispatch *d, uint64_t ns)
{
	uint64_t end_ns = clock_boot_ns() + ns;
	int next = LOOP_AGAIN;

	while (next == LOOP_AGAIN && clock_boot_ns() < end_ns && !judge_has_enough(d->judge))
		next = dispatch_drain(d);
	return next < 0 ? next : 0;
}
