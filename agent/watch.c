/* SPDX-License-Identifier: Apache-2.0 */
/* The agent: see watch.h. */
#include "watch.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "barewatch/decode.h"
#include "barewatch/probe.h"
#include "base/cleanup.h"
#include "base/io.h"
#include "base/log.h"
#include "cmd.h"
#include "loop.h"

#define NS_PER_S 1000000000ULL

/* Docker's own limit is the node's; Kubernetes recommends 110 pods, each with a few containers. */
#define CONTAINERS_MAX 4096

/* Events of a container that is gone are read within a poll or two; a stalled agent takes longer. */
#define CONTAINER_KEEP_NS (30 * NS_PER_S)

struct watch {
	const struct watch_config *config;
	struct probe *probe;
	struct container_registry *registry;
	struct cgroup_hierarchies hierarchies;
	struct strbuf line;
	char hostname[HOST_NAME_MAX + 1];
	uint64_t started_ns;
	uint64_t wall_offset_ns; /* what turns CLOCK_BOOTTIME into CLOCK_REALTIME */
	uint64_t containers, bare; /* enrolled so far */
	uint64_t alerts, broken;
	int output_error;
};

/* ---- containers ---- */

static void on_enrol(struct container *container, void *userdata)
{
	struct watch *w = userdata;

	container_read_state(container, &w->config->roots);
	container->bare = policy_judge(w->config->policy, container);
	w->containers++;
	if (container->bare == BARE_NO)
		return;
	w->bare++;
	log_debug("container %s (%s) is bare by %s", container->id,
		container->name ? container->name : "no name", bare_source_name(container->bare));
}

static enum bw_scope_state scope_state(const struct container *container)
{
	return container->bare == BARE_NO ? BW_SCOPE_IGNORED : BW_SCOPE_WATCHED;
}

/* A failure here hides something; said once a cause, not once a cgroup. */
static void registry_failed(int error)
{
	static int said;

	if (error == said)
		return;
	said = error;
	log_error("a container cannot be followed: %s",
		error == -ENOSPC ? "more than " STRINGIFY(CONTAINERS_MAX) " containers at a time"
				 : strerror(-error));
}

/* A cgroup that was there before: it is not in scope yet. */
static int on_existing_cgroup(uint64_t key, struct slice path, void *userdata)
{
	struct watch *w = userdata;
	struct container *container;
	int r;

	container = container_registry_add(w->registry, key, path, &r);
	if (r < 0)
		registry_failed(r);
	if (!container)
		return 0;
	r = probe_scope_set(w->probe, key, key, scope_state(container));
	if (r < 0)
		log_error("cgroup %.*s cannot be watched: %s", (int)path.len, path.data,
			strerror(-r));
	return 0;
}

/*
 * A cgroup was made; the kernel side has put it into scope already. What is no
 * container leaves it again.
 */
static void on_cgroup_made(struct watch *w, const struct event *event)
{
	struct container *container;
	int r;

	container = container_registry_add(
		w->registry, event->cgroup, event->cgroup_change.path.bytes, &r);
	if (r < 0)
		registry_failed(r);
	if (container)
		r = probe_scope_decide(
			w->probe, event->cgroup, event->container, scope_state(container));
	else
		r = probe_scope_remove(w->probe, event->cgroup);
	if (r < 0)
		log_error("the scope of a cgroup cannot be set: %s", strerror(-r));
}

static void on_cgroup_removed(struct watch *w, const struct event *event)
{
	container_registry_remove(w->registry, event->cgroup, event->time_ns);
	/* the kernel side has done it, unless the walk at start was at this cgroup meanwhile */
	probe_scope_remove(w->probe, event->cgroup);
}

/* ---- alerts ---- */

static void emit(struct watch *w, const struct rule *rule, const struct subject *subject)
{
	struct alert alert = {
		.rule = rule,
		.subject = subject,
		.time_ns = subject->event->time_ns + w->wall_offset_ns,
		.hostname = w->hostname,
	};
	int r;

	strbuf_reset(&w->line);
	r = alert_format(&alert, w->config->format, &w->line);
	if (r == 0)
		r = write_all(STDOUT_FILENO, strbuf_text(&w->line), w->line.len);
	if (r < 0 && r != w->output_error)
		log_error("an alert could not be written: %s", strerror(-r));
	w->output_error = r < 0 ? r : w->output_error;
	w->alerts++;
}

static bool alerts_used_up(const struct watch *w)
{
	return w->config->alerts_max && w->alerts >= w->config->alerts_max;
}

/* Judges one exec or attempt. The first rule that matches speaks for all, as in Falco. */
static void on_subject(struct watch *w, enum subject_kind kind, const struct event *event)
{
	struct container *container = container_registry_find(w->registry, event->cgroup);
	struct subject subject = {.kind = kind, .event = event, .container = container};
	const struct rule *rule;
	size_t cursor = 0;

	if (!container || container->bare == BARE_NO || alerts_used_up(w))
		return;
	subject.program = program_classify(w->config->catalog, event);
	if (kind == SUBJECT_EXEC)
		container->execs++;
	else
		container->attempts++;
	rule = rule_set_match(w->config->rules, &subject, &cursor);
	if (!rule)
		return;
	container->alerts++;
	emit(w, rule, &subject);
}

static void on_record(const void *record, size_t size, void *userdata)
{
	struct watch *w = userdata;
	static struct event event; /* 7 KiB, and one thread */

	if (event_decode(record, size, &event) < 0) {
		if (w->broken++ == 0)
			log_error("a record of the kernel side is not well-formed");
		return;
	}
	switch (event.kind) {
	case BW_EVENT_EXEC:
		on_subject(w, SUBJECT_EXEC, &event);
		break;
	case BW_EVENT_ATTEMPT:
		on_subject(w, SUBJECT_ATTEMPT, &event);
		break;
	case BW_EVENT_CGROUP_MKDIR:
		on_cgroup_made(w, &event);
		break;
	case BW_EVENT_CGROUP_RMDIR:
		on_cgroup_removed(w, &event);
		break;
	case BW_EVENT_KINDS:
		break;
	}
}

/* ---- life ---- */

static int on_tick(void *userdata)
{
	struct watch *w = userdata;
	uint64_t now_ns = clock_boot_ns();
	int r;

	w->wall_offset_ns = clock_wall_ns() - now_ns;
	r = probe_drain(w->probe);
	if (r < 0)
		return r;
	container_registry_expire(w->registry, now_ns);
	if (w->output_error == -EPIPE) {
		log_info("nobody reads standard output any more");
		return 1;
	}
	if (alerts_used_up(w))
		return 1;
	return w->config->duration_ns && now_ns - w->started_ns >= w->config->duration_ns;
}

/* Resident memory of this process in bytes; 0 when it cannot be read. */
static uint64_t resident_bytes(void)
{
	CLEANUP_FREE char *text = NULL;
	unsigned long pages = 0;
	size_t size;

	if (read_file_at(AT_FDCWD, "/proc/self/statm", 256, &text, &size) == 0 &&
		sscanf(text, "%*u %lu", &pages) != 1)
		pages = 0;
	return (uint64_t)pages * sysconf(_SC_PAGESIZE);
}

static void print_summary(const struct watch *w)
{
	struct probe_counts counts;
	uint64_t lost = 0, failures = 0;
	int r = probe_counts_read(w->probe, &counts);

	if (r < 0) {
		log_error("the counters cannot be read: %s", strerror(-r));
		return;
	}
	for (int i = 0; i < BW_EVENT_KINDS; i++)
		lost += counts.events[i].lost;
	for (int i = 0; i < BW_FAILURES; i++)
		failures += counts.failures[i];
	log_info("watched for %.1f s: containers %" PRIu64 " (%" PRIu64 " bare), execs %" PRIu64
		 ", failed execs %" PRIu64 ", alerts %" PRIu64 ", %" PRIu64
		 " events lost, memory %.1f MiB",
		(clock_boot_ns() - w->started_ns) / (double)NS_PER_S, w->containers, w->bare,
		(uint64_t)counts.events[BW_EVENT_EXEC].seen,
		(uint64_t)counts.events[BW_EVENT_ATTEMPT].seen, w->alerts, lost,
		resident_bytes() / 1048576.0);
	if (failures > 0 || w->broken > 0)
		log_warning("%" PRIu64 " cgroups could not be put into scope, %" PRIu64
			    " records were broken: something may have gone unseen",
			failures, w->broken);
}

static int start_probe(struct watch *w, struct diag *d)
{
	struct probe_config config = {
		.ring_bytes = w->config->ring_bytes,
		.scopes_max = PROBE_SCOPES_DEFAULT,
		.hierarchies = &w->hierarchies,
		.on_record = on_record,
		.userdata = w,
	};
	int r = cgroup_hierarchies_find(&w->hierarchies);

	if (r < 0) {
		diag_at(d, NULL, 0, 0, "no cgroup hierarchy of this host is visible here: %s",
			strerror(-r));
		return r;
	}
	return probe_new(&config, &w->probe, d);
}

static int start_registry(struct watch *w, struct diag *d)
{
	struct container_registry_config config = {
		.containers_max = CONTAINERS_MAX,
		.keep_ns = CONTAINER_KEEP_NS,
		.enrol = on_enrol,
		.userdata = w,
	};
	int r = container_registry_new(&config, &w->registry);

	return r < 0 ? diag_errno(d, NULL, r) : r;
}

/* Attached first, then the containers that are there: what starts in between is seen twice. */
static int start(struct watch *w, struct diag *d)
{
	int r = start_registry(w, d);

	if (r == 0)
		r = start_probe(w, d);
	if (r < 0)
		return r;
	w->started_ns = clock_boot_ns();
	r = cgroup_walk(&w->hierarchies, on_existing_cgroup, w);
	if (r < 0)
		diag_at(d, NULL, 0, 0, "the cgroups of this host cannot be read: %s", strerror(-r));
	return r;
}

static int run(struct watch *w)
{
	struct loop_config loop = {
		.tick_ms = PROBE_POLL_MS,
		.fd = probe_fd(w->probe),
		.on_tick = on_tick,
		.userdata = w,
	};
	size_t rules = rule_set_count(w->config->rules, NULL);
	int r;

	log_info("watching: containers %" PRIu64 " (%" PRIu64 " bare), rules %zu, ring %zu KiB",
		w->containers, w->bare, rules, w->config->ring_bytes / 1024);
	r = loop_run(&loop);
	if (r >= 0)
		r = probe_drain(w->probe); /* what came between the last tick and now */
	if (r < 0)
		log_error("reading events failed: %s", strerror(-r));
	print_summary(w);
	return r < 0 || (w->output_error < 0 && w->output_error != -EPIPE) ? EXIT_INTERNAL
									   : EXIT_FINE;
}

static void watch_done(struct watch *w)
{
	probe_free(w->probe);
	container_registry_free(w->registry);
	cgroup_hierarchies_done(&w->hierarchies);
	strbuf_done(&w->line);
}

int watch_run(const struct watch_config *config)
{
	struct watch w = {.config = config};
	struct diag d;
	int r, status = EXIT_NO_ANSWER;

	gethostname(w.hostname, sizeof(w.hostname) - 1);
	r = probe_check_host(&d);
	if (r == 0)
		r = start(&w, &d);
	if (r < 0)
		log_error("%s", d.message);
	else
		status = run(&w);
	watch_done(&w);
	return status;
}
