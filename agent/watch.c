/* SPDX-License-Identifier: Apache-2.0 */
/* The agent: see watch.h. */
#include "watch.h"

#include <assert.h>
#include <errno.h>
#include <inttypes.h>
#include <signal.h>
#include <string.h>
#include <time.h>

#include "base/cleanup.h"
#include "base/clock.h"
#include "base/log.h"
#include "cmd.h"
#include "loop.h"
#include "losses.h"
#include "mounts.h"
#include "rule_watch.h"
#include "summary.h"
#include "watching.h"

/* How long the end waits for files that are being looked at. */
#define LATE_PATIENCE_NS (2 * NS_PER_S)

/* How often the counters are looked at for losses. */
#define COUNTS_INTERVAL_NS NS_PER_S

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
		r = watch_start(&w, &d);
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
