/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Opened files: which rule speaks of one, and whether the kernel side need tell of others of its kind.
 * In a file of their own: there are many more of them than of all the rest.
 */
#include "judging.h"

#include "base/clock.h"
#include "opened.h"

/* What a runtime does in a container before the program starts that it was called for. */
#define ENTERING_NS_MAX (10 * NS_PER_S)

/*
 * True when the process of EVENT is a runtime's on its way into CONTAINER: it came from outside, and has
 * executed nothing there. It prepares files that become the container's. Whether somebody executed
 * something is forgotten after a while, so that is believed of young ones only.
 */
static bool is_entering(
	const struct judge *j, const struct container *container, const struct event *event)
{
	const struct bw_process *process = event->process;

	if (judging_sees_outside(j, container, process))
		return true;
	if (process->flags & BW_PROCESS_MOVED || process->parent_cgroup == event->cgroup ||
		tracker_is_inside(j->tracker, process->parent_cgroup, container) ||
		ancestry_executed_here(j->ancestry, event))
		return false;
	if (process->ns_tgid == 1)
		return !container->has_started;
	return event->time_ns - process->start_ns < ENTERING_NS_MAX;
}

/*
 * Telling the kernel side that a kind is settled is worth a few microseconds: of so many new ones in a second,
 * and a burst of as many as a large program begins with. What is not told is sent once more.
 */
#define SETTLES_PER_S 10000
#define SETTLES_BURST 10000

static bool may_settle(struct judge *j, uint64_t now_ns)
{
	const uint64_t each_ns = NS_PER_S / SETTLES_PER_S;
	uint64_t earliest_ns = now_ns - SETTLES_BURST * each_ns;

	if (j->settled_until_ns < earliest_ns)
		j->settled_until_ns = earliest_ns;
	if (j->settled_until_ns + each_ns > now_ns)
		return false;
	j->settled_until_ns += each_ns;
	return true;
}

/* Each open of the kind is sent when rules could say something else of another one. */
static void decide(struct judge *j, const struct event *event, enum rule_outlook outlook)
{
	const struct bw_open *record = event->open.record;
	enum bw_open_state state = outlook == RULE_OUTLOOK_DEPENDS ? BW_OPEN_HOT : BW_OPEN_SETTLED;

	if (state == BW_OPEN_SETTLED && !(record->flags & BW_OPEN_AGAIN) &&
		!may_settle(j, event->time_ns))
		return;
	/* a matter of cost when it is settled; and what is hot and was forgotten comes again */
	(void)probe_open_decide(j->tracker->probe, &record->kind, state);
}

void judge_open(struct judge *judge, const struct event *event)
{
	struct container *container = judging_container(judge, event, SUBJECT_OPEN);
	struct subject subject = {
		.kind = SUBJECT_OPEN,
		.event = event,
		.hostname = judge->outlet->hostname,
		.container = container,
	};
	enum rule_outlook outlook;

	if (!container || is_entering(judge, container, event))
		return;
	container->opens++;
	profile_opened(judge->profile, container->cgroup, event,
		opened_origin(event, identity_root(judge->identity, container->cgroup), false));
	outlook = rule_set_outlook(judge->config->rules, &subject);
	if (outlook != RULE_OUTLOOK_SILENT || recording_is_on(judge->recording))
		(void)judging_subject(judge, &subject, container);
	decide(judge, event, outlook);
}

/* ---- what was lost ---- */

struct losses {
	struct judge *judge;
	bool are_old; /* nothing is said of them */
};

static void tell_losses(const struct container *visited, void *userdata)
{
	const struct losses *losses = userdata;
	const struct judge *j = losses->judge;
	struct container *container;
	struct bw_scope scope;
	uint64_t lost;

	if (!container_registry_find(j->tracker->registry, visited->cgroup, &container) ||
		!container || !tracker_watches(j->tracker, container) ||
		probe_scope_get(j->tracker->probe, container->cgroup, &scope) < 0 ||
		scope.opens_lost <= container->opens_lost)
		return;
	lost = scope.opens_lost - container->opens_lost;
	container->opens_lost = scope.opens_lost;
	if (!losses->are_old)
		outlet_opens_lost(j->outlet, container, lost);
}

void judge_opens_lost(struct judge *judge, bool are_old)
{
	struct losses losses = {judge, are_old};

	container_registry_each(judge->tracker->registry, tell_losses, &losses);
}
