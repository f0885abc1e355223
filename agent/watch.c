/* SPDX-License-Identifier: Apache-2.0 */
/* The agent: see watch.h. */
#include "watch.h"

#include <assert.h>
#include <errno.h>
#include <inttypes.h>
#include <signal.h>
#include <string.h>
#include <time.h>

#include "barewatch/probe.h"
#include "barewatch/status.h"
#include "ancestry.h"
#include "answers.h"
#include "base/cleanup.h"
#include "base/clock.h"
#include "base/log.h"
#include "cmd.h"
#include "dispatch.h"
#include "loop.h"
#include "judge.h"
#include "losses.h"
#include "mounts.h"
#include "opens.h"
#include "outlet.h"
#include "recording.h"
#include "reload.h"
#include "report.h"
#include "rule_watch.h"
#include "selfcheck.h"
#include "starts.h"
#include "summary.h"
#include "tracker.h"
#include "window.h"

/* How long what waited for a new agent may take before it looks at the cgroups. */
#define TAKE_OVER_NS (5 * NS_PER_S)

/* How long the end waits for files that are being looked at. */
#define LATE_PATIENCE_NS (2 * NS_PER_S)

/* How often the counters are looked at for losses. */
#define COUNTS_INTERVAL_NS NS_PER_S

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

/* ---- losses and counts ---- */

static void update_status(struct watch *w, uint64_t now_ns, bool is_urgent)
{
	struct status_report report = report_make(&w->report, &w->counts);

	report.is_urgent = is_urgent;
	status_file_update(w->status, &report, now_ns);
}

static int read_counts(struct watch *w, struct probe_counts *ret)
{
	int r = probe_counts_read(w->probe, ret);

	if (r == 0)
		losses_since(ret, &w->counts_before);
	return r;
}

/* Counts of its own: losses are told by those of the last look. */
static int summarize(struct strbuf *out, void *userdata)
{
	struct watch *w = userdata;
	struct probe_counts counts;
	struct status_report report;
	int r = read_counts(w, &counts);

	if (r < 0)
		return r;
	report = report_make(&w->report, &counts);
	status_summarize(w->status, &report, out);
	return out->error;
}

/* Says what was lost since the last look, and looks at the cgroups anew when that concerns them. */
static int check_losses(struct watch *w, uint64_t now_ns)
{
	CLEANUP_STRBUF struct strbuf text = STRBUF_INIT;
	struct probe_counts counts;
	int r;

	if (now_ns < w->counts_next_ns)
		return 0;
	w->counts_next_ns = now_ns + COUNTS_INTERVAL_NS;
	r = probe_held_take(w->probe, judge_held, &w->judge);
	if (r < 0)
		return r;
	r = read_counts(w, &counts);
	if (r < 0)
		return r;
	if (losses_describe(&counts, &w->counts, &text) > 0)
		log_warning("events were lost: %s", strbuf_text(&text));
	if (losses_hide_opens(&counts, &w->counts))
		judge_opens_lost(&w->judge, false);
	if (losses_hide_cgroups(&counts, &w->counts))
		r = tracker_walk(&w->tracker);
	if (r == 0)
		r = selfcheck_records(&w->selfcheck);
	w->counts = counts;
	update_status(w, now_ns, false);
	return r;
}

/* ---- life ---- */

/* SIGHUP is what a terminal that goes away sends, too. */
static void on_hangup(void *userdata)
{
	struct watch *w = userdata;

	if (outlet_has_hung_up())
		w->has_hung_up = true;
	else
		w->reload.is_wanted = true;
}

static int on_tick(void *userdata)
{
	struct watch *w = userdata;
	uint64_t now_ns = clock_boot_ns();
	int next, r;

	w->judge.wall_offset_ns = clock_wall_ns() - now_ns;
	if (reload_tick(&w->reload, now_ns))
		update_status(w, now_ns, true);
	next = dispatch_drain(&w->dispatch);
	if (next < 0)
		return next;
	judge_late(&w->judge);
	probe_watched(w->probe, now_ns);
	tracker_look_again(&w->tracker, now_ns);
	mounts_find(&w->tracker, now_ns);
	mounts_sweep(&w->tracker, now_ns);
	tracker_expire(&w->tracker, now_ns);
	starts_expire(&w->starts, now_ns);
	attempts_expire(&w->attempts, w->dispatch.events_until_ns);
	selfcheck_tick(&w->selfcheck, now_ns);
	control_serve(w->control, now_ns);
	r = check_losses(w, now_ns);
	if (r < 0)
		return r;
	recording_tick(&w->recording);
	if (w->config->only_records && w->recording.has_ended)
		return LOOP_STOP;
	if (w->outlet.error == -EPIPE || w->has_hung_up) {
		w->leave_pins = true;
		log_info("nobody reads standard output any more");
		return LOOP_STOP;
	}
	if (judge_has_enough(&w->judge))
		return LOOP_STOP;
	if (w->config->duration_ns && now_ns - w->started_ns >= w->config->duration_ns)
		return LOOP_STOP;
	return next;
}

/* What comes before new rules is judged by the old ones; a flood that goes on is not waited for. */
static void drain_before_rules(void *userdata)
{
	struct watch *w = userdata;

	(void)dispatch_drain_for(&w->dispatch, NS_PER_S); /* a failure comes again */
}

static int print_summary(struct watch *w)
{
	struct summary summary = {
		.started_ns = w->started_ns,
		.counts = &w->counts,
		.policy = w->config->policy,
		.tracker = &w->tracker,
		.judge = &w->judge,
		.outlet = &w->outlet,
		.broken = w->dispatch.broken,
	};
	int r = read_counts(w, &w->counts);

	if (r == 0)
		summary_print(&summary);
	return r;
}

static void add_runtime(const char *file, void *userdata)
{
	struct watch *w = userdata;
	int r = probe_runtime_add(w->probe, file);

	if (r < 0)
		log_error("calls of the runtime '%s' cannot be followed: %s", file, strerror(-r));
}

static void on_known(const struct container *container, void *userdata)
{
	struct watch *w = userdata;
	struct subject subject = {.kind = SUBJECT_CONTAINER, .container = container};
	uint64_t now_ns = clock_wall_ns();

	if (tracker_watches(&w->tracker, container))
		recording_container(&w->recording, &subject, now_ns);
	outlet_follow_up(&w->outlet, &subject, now_ns);
}

static void on_gone(uint64_t key, void *userdata)
{
	struct watch *w = userdata;

	identity_container_gone(w->judge.identity, key);
}

/* Until then it can be asked what it used. */
static void on_forgotten(uint64_t key, void *userdata)
{
	struct watch *w = userdata;

	profile_forget(w->judge.profile, key);
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
static int start(struct watch *w, struct diag *d)
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

/* What is still being looked at would be nobody's: the next agent does not read of it again. */
static void wait_for_late(struct watch *w)
{
	const struct timespec moment = {.tv_nsec = 1000000};
	uint64_t end_ns = clock_boot_ns() + LATE_PATIENCE_NS;

	judge_late(&w->judge);
	while (identity_is_waiting(w->judge.identity) && clock_boot_ns() < end_ns &&
		!judge_has_enough(&w->judge)) {
		nanosleep(&moment, NULL);
		judge_late(&w->judge);
	}
}

/* What came between the last tick and now; a flood that goes on is not waited for. */
static int drain_rest(struct watch *w)
{
	int r = dispatch_drain_for(&w->dispatch, NS_PER_S);

	wait_for_late(w);
	attempts_expire(&w->attempts, UINT64_MAX); /* what follows is nobody's any more */
	(void)probe_held_take(w->probe, judge_held, &w->judge);
	return r;
}

/* Unless it is -1. */
static void add_fd(struct loop_config *loop, int fd)
{
	size_t i = 0;

	while (i < LOOP_FDS_MAX && loop->fds[i] >= 0)
		i++;
	assert(i + 1 < LOOP_FDS_MAX);
	loop->fds[i] = fd;
	loop->fds[i + 1] = -1;
}

static int run(struct watch *w)
{
	struct loop_config loop = {
		.tick_ms = PROBE_POLL_MS,
		.fds = {probe_fd(w->probe, PROBE_RING_EVENTS),
			probe_fd(w->probe, PROBE_RING_ATTEMPTS),
			probe_fd(w->probe, PROBE_RING_MAPPINGS),
			probe_fd(w->probe, PROBE_RING_OPENS), -1},
		.on_tick = on_tick,
		.on_hangup = w->config->only_records ? NULL : on_hangup,
		.userdata = w,
	};
	size_t rules = rule_set_count(w->config->rules, NULL);
	const char *unseen;
	int r;

	answers_listen(&w->answers, w->config->state_file, &w->control);
	update_status(w, clock_boot_ns(), false); /* who reads "watching" may ask at once */
	add_fd(&loop, rule_watch_fd(w->config->rule_watch));
	add_fd(&loop, control_fd(w->control));
	for (size_t i = 0; (unseen = probe_unseen(w->probe, i)); i++)
		log_warning("%s", unseen);
	if (w->config->coverage == PROBE_COVERAGE_STANDARD)
		log_debug("failed execs and executable mappings of 32-bit programs are not seen: "
			  "--coverage=full has them");
	log_info("watching: containers %" PRIu64 " (%" PRIu64 " bare), rules %zu, ring %zu KiB, "
		 "coverage %s, opens %s",
		w->tracker.enrolled, w->tracker.bare, rules, w->config->ring_bytes / 1024,
		w->config->coverage == PROBE_COVERAGE_FULL ? "full" : "standard",
		probe_open_variant_name(probe_opens_told(w->probe) ? probe_open_variant(w->probe)
								   : PROBE_OPEN_NONE));
	r = loop_run(&loop);
	w->leave_pins |= r < 0 || r == SIGTERM;
	if (r >= 0)
		r = drain_rest(w);
	recording_tick(&w->recording);
	if (r == 0)
		r = print_summary(w);
	if (r < 0)
		log_error("reading events failed: %s", strerror(-r));
	if (r < 0 || (w->outlet.error < 0 && w->outlet.error != -EPIPE) || w->recording.error < 0)
		return EXIT_INTERNAL;
	return EXIT_FINE;
}

/* A failure leaves what is pinned, as being killed does. */
static void close_pins(struct watch *w)
{
	struct probe_pins_removed removed;
	int r;

	if (w->pins && w->leave_pins) {
		log_info("recording goes on for the next agent (`barewatch unload` ends it)");
	} else if (w->pins) {
		r = probe_pins_remove(w->pins, &removed);
		if (r < 0)
			log_error("what is pinned cannot be removed: %s", strerror(-r));
	}
	probe_pins_free(w->pins);
}

static void watch_done(struct watch *w)
{
	selfcheck_done(&w->selfcheck);
	if (w->probe)
		probe_watched(w->probe, clock_boot_ns());
	control_free(w->control);
	status_file_free(w->status);
	probe_free(w->probe);
	close_pins(w);
	tracker_done(&w->tracker);
	starts_done(&w->starts);
	attempts_done(&w->attempts);
	identity_free(w->judge.identity);
	profile_free(w->judge.profile);
	ancestry_done(&w->ancestry);
	recording_done(&w->recording);
	reload_done(&w->reload);
	outlet_done(&w->outlet);
}

/*
 * For good, before there is any other thread: one that comes before or behind the loop must not end
 * the agent.
 */
static void block_hangups(void)
{
	sigset_t hangup;

	sigemptyset(&hangup);
	sigaddset(&hangup, SIGHUP);
	sigprocmask(SIG_BLOCK, &hangup, NULL);
}

int watch_run(const struct watch_config *config)
{
	struct watch w = {
		.config = config,
		.tracker = {.watches_all = config->all_containers,
			.on_known = on_known,
			.on_gone = on_gone,
			.on_forgotten = on_forgotten,
			.userdata = &w},
		.judge = {.config = config,
			.tracker = &w.tracker,
			.starts = &w.starts,
			.outlet = &w.outlet,
			.recording = &w.recording,
			.ancestry = &w.ancestry,
			.attempts = &w.attempts,
			.host_mnt_ns = judge_host_mnt_ns()},
		.dispatch = {.judge = &w.judge, .selfcheck = &w.selfcheck},
		.report = {.tracker = &w.tracker,
			.outlet = &w.outlet,
			.dispatch = &w.dispatch,
			.reload = &w.reload},
		.answers = {.rules = config->rules,
			.outlet = &w.outlet,
			.judge = &w.judge,
			.summarize = summarize,
			.userdata = &w},
	};
	struct diag d;
	int r, status;

	if (!config->only_records)
		block_hangups();
	outlet_init(&w.outlet, config->format);
	w.outlet.is_shut = config->only_records;
	reload_init(&w.reload, config, &w.outlet);
	w.reload.drain = drain_before_rules;
	w.reload.userdata = &w;
	attempts_init(&w.attempts, judge_attempt, &w.judge);
	r = probe_check_host(&d);
	if (r == 0 && status_file_new(config->state_file, &w.status) < 0)
		r = diag_errno(&d, NULL, -ENOMEM);
	if (r == 0)
		r = start(&w, &d);
	if (r < 0) {
		w.leave_pins = true;
		log_error("%s", d.message);
		status = r == -ENOMEM ? EXIT_INTERNAL : EXIT_NO_ANSWER;
	} else {
		status = run(&w);
	}
	watch_done(&w);
	return status;
}
