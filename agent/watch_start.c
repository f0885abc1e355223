/* SPDX-License-Identifier: Apache-2.0 */
/* How the agent starts: see watching.h. */
#include "watching.h"

#include <string.h>

#include "base/cleanup.h"
#include "base/clock.h"
#include "base/log.h"
#include "opens.h"
#include "window.h"

/* How long what waited for a new agent may take before it looks at the cgroups. */
#define TAKE_OVER_NS (5 * NS_PER_S)

static void add_runtime(const char *file, void *userdata)
{
	struct watch *w = userdata;
	int r = probe_runtime_add(w->probe, file);

	if (r < 0)
		log_error("calls of the runtime '%s' cannot be followed: %s", file, strerror(-r));
}

static bool count_opens(const struct bw_open_kind *kind, struct bw_open_seen *ret, void *userdata)
{
	const struct watch *w = userdata;

	return w->probe && probe_open_seen(w->probe, kind, ret) == 0;
}

static int start_profile(struct watch *w)
{
	const struct profile_config config = {
		.bytes_max = PROFILE_BYTES_DEFAULT,
		.count = count_opens,
		.userdata = w,
	};

	return profile_new(&config, &w->judge.profile);
}

static int start_probe(struct watch *w, struct diag *d)
{
	struct probe_config config = {
		.ring_bytes = w->config->ring_bytes,
		.scopes_max = PROBE_SCOPES_DEFAULT,
		.tasks_max = PROBE_TASKS_DEFAULT,
		.opens_max = PROBE_OPENS_DEFAULT,
		.coverage = w->config->coverage,
		.opens = !w->config->no_opens,
		.opens_wait = !opens_are_wanted(w->config, w->config->rules),
		.failed_opens = w->config->failed_opens,
		.open_variant = w->config->open_variant,
		.hierarchies = &w->tracker.hierarchies,
		.on_record = {[PROBE_RING_EVENTS] = dispatch_event,
			[PROBE_RING_ATTEMPTS] = dispatch_attempt,
			[PROBE_RING_MAPPINGS] = dispatch_mapping,
			[PROBE_RING_OPENS] = dispatch_open},
		.pins = w->pins,
		.userdata = &w->dispatch,
	};
	int r = probe_new(&config, &w->probe, d);
	struct diag unseen; /* which run() says of all that is */

	w->tracker.probe = w->dispatch.probe = w->reload.probe = w->probe;
	w->report.probe = w->answers.probe = w->reload.opens.probe = w->probe;
	if (r == 0)
		(void)opens_follow_rules(&w->reload.opens, &unseen);
	if (r == 0)
		catalog_each_file(w->config->catalog, PROGRAM_RUNTIME, add_runtime, w);
	return r;
}

/* Pinning that was not asked for is not worth failing for. */
static int open_pins(struct watch *w, struct diag *d)
{
	const struct watch_config *config = w->config;
	int r;

	if (config->pin == WATCH_PIN_NOT)
		return 0;
	r = probe_pins_open(config->pin_dir, true, &w->pins, d);
	if (r == 0 || config->pin == WATCH_PIN)
		return r;
	log_info("nothing is pinned, a restart will lose events: %s", d->message);
	return 0;
}

/*
 * Goes on where an agent before has ended: what waits in the rings comes before the cgroups that
 * there are now, or what came meanwhile would be taken for what was always there.
 */
static int take_over(struct watch *w)
{
	const struct probe_window *window = probe_window(w->probe);
	CLEANUP_STRBUF struct strbuf text = STRBUF_INIT;
	int r = probe_counts_read(w->probe, &w->counts_before);
	bool may_have_missed;

	if (r < 0 || window->kind == PROBE_WINDOW_NONE)
		return r;
	w->judge.wall_offset_ns = clock_wall_ns() - clock_boot_ns();
	may_have_missed = window_describe(window, w->judge.wall_offset_ns, &text);
	if (may_have_missed)
		log_warning("taken over: %s", strbuf_text(&text));
	else
		log_info("taken over: %s", strbuf_text(&text));
	outlet_notice(&w->outlet, may_have_missed ? RULE_WARNING : RULE_NOTICE,
		"barewatch: taken over", strbuf_text(&text), "events.waited", window->waiting);
	r = tracker_restore(&w->tracker);
	if (r == 0)
		r = probe_known_clear(w->probe); /* by the rules of the agent before */
	if (r == 0)
		r = probe_opens_undecide(w->probe); /* the same */
	return r == 0 ? dispatch_drain_for(&w->dispatch, TAKE_OVER_NS) : r;
}

static int start_recording(struct watch *w, struct diag *d)
{
	char text[sizeof(d->message)];
	int r = 0;

	if (w->config->record.path)
		r = recorder_new(&w->config->record, clock_wall_ns(), &w->recording.recorder, d);
	if (r < 0) { /* the place becomes part of the message */
		diag_text(d, text, sizeof(text));
		diag_at(d, NULL, 0, 0, "the recording cannot begin: %s", text);
	}
	w->tracker.completes_all = recording_is_on(&w->recording);
	return r;
}

/* Attached first, then the containers that are there: what starts in between is seen twice. */
int watch_start(struct watch *w, struct diag *d)
{
	int r = tracker_init(&w->tracker, w->config->policy, &w->config->roots, d);

	if (r < 0)
		return r;
	r = starts_init(&w->starts);
	if (r == 0)
		r = identity_new(w->config->catalog, &w->tracker.roots, &w->judge.identity);
	if (r == 0)
		r = start_profile(w);
	if (r < 0)
		return diag_errno(d, NULL, r);
	r = open_pins(w, d);
	if (r == 0)
		r = start_probe(w, d);
	if (r == 0)
		r = start_recording(w, d);
	if (r < 0)
		return r;
	w->started_ns = clock_boot_ns();
	selfcheck_init(&w->selfcheck, w->probe, &w->outlet, w->config->canary_ns);
	r = take_over(w);
	if (r < 0)
		return diag_errno(d, NULL, r);
	r = tracker_walk(&w->tracker);
	judge_opens_lost(&w->judge, true);
	if (r < 0) {
		diag_at(d, NULL, 0, 0, "the cgroups of this host cannot be read: %s", strerror(-r));
		return r;
	}
	r = probe_tasks_walk(w->probe);
	if (r < 0) /* they are still watched where they are */
		log_warning("processes that run already are not followed when they leave their "
			    "containers: %s",
			strerror(-r));
	return 0;
}
