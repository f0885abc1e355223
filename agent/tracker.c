/* SPDX-License-Identifier: Apache-2.0 */
/* Registry and scope in step with the cgroups of the host, see tracker.h. */
#include "tracker.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/clock.h"
#include "base/log.h"
#include "handover.h"
#include "mounts.h"
#include "tracker_look.h"

/* Events of a container that is gone are read within a poll or two; a stalled agent takes longer. */
#define CONTAINER_KEEP_NS (30 * NS_PER_S)

/* A failure that can happen for each of many cgroups is said at most this often. */
#define COMPLAINT_INTERVAL_NS (5 * NS_PER_S)

pid_t tracker_runtime(const struct tracker *tracker, const struct container *container)
{
	const struct calls_bundle *bundle = calls_bundle(&tracker->calls, container->id);

	return bundle ? bundle->runtime : 0;
}

bool tracker_read_state(struct tracker *tracker, struct container *container, bool is_new)
{
	const struct calls_bundle *bundle;
	bool known = is_new ? container_search_read(tracker->search, container)
			    : container_search_ask(tracker->search, container);

	if (known && container->bundle)
		return true;
	bundle = calls_bundle(&tracker->calls, container->id);
	return (bundle && container_search_bundle(tracker->search, container, bundle->path)) ||
	       known;
}

static void count_bare(struct tracker *t, const struct container *container)
{
	if (container->bare == BARE_NO)
		return;
	t->bare++;
	log_debug("container %s (%s) is bare by %s", container->id,
		container->name ? container->name : "no name", bare_source_name(container->bare));
}

static void judge(struct tracker *t, struct container *container)
{
	container->bare = policy_judge(t->policy, container);
	count_bare(t, container);
}

/* Of one that is gone with its files, what the agent before took it for is all there is. */
static void restore_gone(struct tracker *t, struct container *container)
{
	if (container->is_incomplete && container->bare == BARE_NO)
		container->bare = (enum bare_source)t->restored->bare;
	container->is_incomplete = false;
}

static void on_enrol(struct container *container, void *userdata)
{
	struct tracker *t = userdata;

	container->is_incomplete = !tracker_read_state(t, container, t->is_told);
	t->enrolled++;
	if (t->restored)
		handover_teach(t->restored, container);
	container->bare = policy_judge(t->policy, container);
	if (t->restored && t->is_told)
		restore_gone(t, container);
	count_bare(t, container);
}

static void on_forget(uint64_t key, void *userdata)
{
	struct tracker *t = userdata;

	(void)probe_handover_remove(t->probe, key); /* that there was one is not known */
	if (t->on_forgotten)
		t->on_forgotten(key, t->userdata);
}

static bool on_nested(struct container *container, const struct container *outer, void *userdata)
{
	struct tracker *t = userdata;

	if (!container_read_nested(container, outer, &t->hierarchies))
		return false;
	container->bare = policy_judge_nested(t->policy, container, outer);
	if (outer->bare != BARE_NO) /* no engine has any business there: it is not believed */
		container->outer_mnt_ns = 0;
	t->enrolled++;
	count_bare(t, container);
	return true;
}

int tracker_init(struct tracker *tracker, struct policy *policy,
	const struct container_roots *roots, struct diag *d)
{
	struct container_registry_config config = {
		.containers_max = TRACKER_CONTAINERS_MAX,
		.keep_ns = CONTAINER_KEEP_NS,
		.enrol = on_enrol,
		.nest = on_nested,
		.forget = on_forget,
		.userdata = tracker,
	};
	int r = cgroup_hierarchies_find(&tracker->hierarchies);

	tracker->policy = policy;
	tracker->roots = *roots;
	if (r == -EXDEV)
		diag_at(d, NULL, 0, 0,
			"only a part of this host's cgroups is visible here: run in the host's "
			"cgroup namespace, or mount its cgroup file system");
	else if (r < 0)
		diag_at(d, NULL, 0, 0, "no cgroup hierarchy of this host is visible here: %s",
			strerror(-r));
	if (r < 0)
		return r;
	r = container_search_new(&tracker->roots, &tracker->hierarchies, &tracker->search);
	if (r == 0)
		r = container_registry_new(&config, &tracker->registry);
	return r < 0 ? diag_errno(d, NULL, r) : 0;
}

void tracker_done(struct tracker *tracker)
{
	mounts_done(tracker);
	calls_done(&tracker->calls);
	container_registry_free(tracker->registry);
	container_search_free(tracker->search);
	cgroup_hierarchies_done(&tracker->hierarchies);
}

static void complain(struct tracker *t, const char *what, int error)
{
	uint64_t now_ns = clock_boot_ns();

	t->failures++;
	if (t->complained_ns && now_ns - t->complained_ns < COMPLAINT_INTERVAL_NS)
		return;
	t->complained_ns = now_ns;
	log_error("%s: %s", what,
		error == -ENOSPC   ? "more than " STRINGIFY(TRACKER_CONTAINERS_MAX) " containers"
		: error == -EDQUOT ? "too many are nested in one container"
		: error == -E2BIG  ? "the scope of the kernel side is full"
				   : strerror(-error));
}

void tracker_keep(struct tracker *tracker, const struct container *container)
{
	struct bw_handover handover;
	int r;

	if (!handover_of(container, &handover))
		return;
	r = probe_handover_set(tracker->probe, container->cgroup, &handover);
	if (r < 0)
		complain(tracker, "a container cannot be kept for the next agent", r);
}

bool tracker_watches(const struct tracker *tracker, const struct container *container)
{
	return container->bare != BARE_NO || tracker->watches_all;
}

static enum bw_scope_state scope_state(const struct tracker *t, const struct container *container)
{
	if (container->is_incomplete && container->bare == BARE_NO)
		return BW_SCOPE_UNDECIDED;
	return tracker_watches(t, container) ? BW_SCOPE_WATCHED : BW_SCOPE_IGNORED;
}

/* Enters the cgroup KEY at PATH into the registry. NULL when it is no container's. */
static struct container *enter(struct tracker *t, uint64_t key, struct slice path)
{
	struct container *container;
	int r;

	container = container_registry_add(t->registry, key, path, &r);
	if (r < 0)
		complain(t, "a container cannot be followed", r);
	if (container && container->is_incomplete)
		tracker_look_later(t, container);
	if (container && container->cgroup == key)
		tracker_keep(t, container);
	return container;
}

/* True when the cgroup path INNER is PATH or below it. */
static bool is_at_or_below(struct slice inner, const char *path)
{
	size_t len = strlen(path);

	return inner.len >= len && memcmp(inner.data, path, len) == 0 &&
	       (inner.len == len || inner.data[len] == '/');
}

static bool is_gone(struct tracker *t, uint64_t key)
{
	CLEANUP_STRBUF struct strbuf path = STRBUF_INIT;

	if (key & BW_CGROUP_MNT)
		return mounts_is_gone(t, key);
	return cgroup_path_by_key(&t->hierarchies, key, &path) == -ESTALE;
}

/* True when a container that is nested begins at the cgroup KEY. */
static bool begins_nested(uint64_t key, const struct container *container)
{
	return container->outer_id && container->cgroup == key;
}

/*
 * Makes an entry for the cgroup KEY, which the kernel side takes out at the cgroup's end:
 * that may have been before, but not both before and after this looks.
 */
static int scope_make(struct tracker *t, uint64_t key, const struct container *container)
{
	int r;

	if (key & BW_CGROUP_MNT) { /* it has its entry, or has ended */
		r = probe_scope_decide(t->probe, key, container->cgroup, scope_state(t, container));
		return r == 0 && is_gone(t, key) ? probe_scope_remove(t->probe, key) : r;
	}
	r = begins_nested(key, container)
		    ? probe_scope_set_nested(t->probe, key, scope_state(t, container))
		    : probe_scope_set(t->probe, key, container->cgroup, scope_state(t, container));

	return r == 0 && is_gone(t, key) ? probe_scope_remove(t->probe, key) : r;
}

/*
 * Puts the cgroup KEY of CONTAINER into scope. Not one of many below a container:
 * the kernel side finds those by what is above them.
 */
static void put_into_scope(struct tracker *t, uint64_t key, const struct container *container)
{
	struct container *entered;
	int r;

	if (!container_registry_find(t->registry, key, &entered)) {
		probe_scope_incomplete(t->probe);
		return;
	}
	r = scope_make(t, key, container);
	if (r < 0)
		complain(t, "a container cannot be watched", r);
}

struct container *tracker_adopt(struct tracker *tracker, uint64_t key, struct slice path)
{
	struct container *container = enter(tracker, key, path);

	if (container)
		put_into_scope(tracker, key, container);
	return container;
}

static int on_existing_cgroup(uint64_t key, struct slice path, void *userdata)
{
	struct tracker *t = userdata;
	struct container *container;

	if (container_registry_find(t->registry, key, &container))
		return 0;
	container = tracker_adopt(t, key, path);
	if (container) /* its entrypoint has run, as far as can be known */
		container->has_started = true;
	return 0;
}

static bool on_sweep(uint64_t key, void *userdata)
{
	return is_gone(userdata, key);
}

int tracker_walk(struct tracker *tracker)
{
	size_t unvisited;
	int r;

	container_registry_sweep(tracker->registry, clock_boot_ns(), on_sweep, tracker);
	r = cgroup_walk(&tracker->hierarchies, on_existing_cgroup, tracker, &unvisited);
	if (r == 0 && unvisited > 0)
		probe_scope_incomplete(tracker->probe);
	mounts_walk(tracker);
	return r;
}

/*
 * The kernel side has put the cgroup into scope, unless it said otherwise. Only
 * its entry is changed, not one made anew: it may have been removed again since. A
 * nested container always gets one, lest the outer one's should stand for it.
 */
void tracker_cgroup_made(struct tracker *tracker, const struct event *event)
{
	uint64_t key = event->cgroup;
	struct container *container;
	int r;

	tracker->is_told = true;
	container = enter(tracker, key, event->cgroup_change.path.bytes);
	tracker->is_told = false;
	if (!container)
		r = probe_scope_remove(tracker->probe, key);
	else if (event->cgroup_change.record->unscoped || begins_nested(key, container))
		r = scope_make(tracker, key, container);
	else
		r = probe_scope_decide(
			tracker->probe, key, container->cgroup, scope_state(tracker, container));
	if (r < 0)
		complain(tracker, "a container cannot be watched", r);
}

struct decision {
	struct tracker *tracker;
	const struct container *container;
};

static void decide_scope(uint64_t key, void *userdata)
{
	const struct decision *d = userdata;
	int r = probe_scope_decide(d->tracker->probe, key, d->container->cgroup,
		scope_state(d->tracker, d->container));

	if (r < 0)
		complain(d->tracker, "a container cannot be watched", r);
}

void tracker_complete(struct tracker *tracker, struct container *container)
{
	struct decision decision = {tracker, container};

	container->is_incomplete = false;
	if (container->bare == BARE_NO) {
		judge(tracker, container);
		container_registry_each_cgroup(
			tracker->registry, container, decide_scope, &decision);
	}
	tracker_keep(tracker, container);
}

void tracker_cgroup_removed(struct tracker *tracker, const struct event *event)
{
	tracker_look_last(tracker, event->cgroup);
	container_registry_remove(tracker->registry, event->cgroup, event->time_ns);
}

/* ---- what an agent before has left ---- */

static void restore_container(uint64_t key, const struct bw_handover *handover, void *userdata)
{
	struct tracker *t = userdata;
	bool gone = is_gone(t, key);
	struct container *container;
	int r;

	if (!handover_valid(handover))
		return;
	t->restored = handover;
	t->is_told = gone; /* no process is asked, and it is not looked at again */
	container = enter(t, key, slice_of(handover->path));
	t->restored = NULL;
	t->is_told = false;
	if (!container || gone)
		return;
	r = scope_make(t, key, container);
	if (r < 0)
		complain(t, "a container cannot be watched", r);
}

/* What is below a container takes after it, also when the policy is another one now. */
static void restore_scope(uint64_t key, const struct bw_scope *scope, void *userdata)
{
	struct tracker *t = userdata;
	struct container *container;
	int r;

	if (!container_registry_find(t->registry, scope->container, &container) || !container ||
		scope->state == scope_state(t, container))
		return;
	r = probe_scope_decide(t->probe, key, container->cgroup, scope_state(t, container));
	if (r < 0)
		complain(t, "a container cannot be watched", r);
}

int tracker_restore(struct tracker *tracker)
{
	int r = probe_handover_each(tracker->probe, restore_container, tracker);

	return r == 0 ? probe_scope_each(tracker->probe, restore_scope, tracker) : r;
}

void tracker_runtime_called(struct tracker *tracker, const struct event *event)
{
	if (event->process->uid != 0 || tracker_find(tracker, event))
		return;
	calls_add(&tracker->calls, event);
	mounts_find(tracker, event->time_ns); /* one that was made may be about to be started */
}

/* The container at whose cgroup KEY, which a process has left, it begins. */
static struct container *find_left(struct tracker *t, uint64_t key)
{
	CLEANUP_STRBUF struct strbuf path = STRBUF_INIT;
	struct container *container;

	if (container_registry_find(t->registry, key, &container))
		return container;
	if (cgroup_path_by_key(&t->hierarchies, key, &path) == 0)
		return tracker_adopt(t, key, strbuf_slice(&path));
	return NULL;
}

struct container *tracker_find(struct tracker *tracker, const struct event *event)
{
	CLEANUP_STRBUF struct strbuf path = STRBUF_INIT;
	struct container *container;

	if (event->process && (event->process->flags & BW_PROCESS_MOVED)) {
		container = find_left(tracker, event->container);
		if (container) /* else it was none: the kernel side did not know that yet */
			return container;
	}
	if (container_registry_find(tracker->registry, event->cgroup, &container))
		return container;
	if (event->container != event->cgroup &&
		container_registry_find(tracker->registry, event->container, &container))
		return container;
	if ((event->cgroup & BW_CGROUP_MNT) ||
		cgroup_path_by_key(&tracker->hierarchies, event->cgroup, &path) < 0) {
		tracker->unattributed++;
		return NULL;
	}
	container = tracker_adopt(tracker, event->cgroup, strbuf_slice(&path));
	if (!container)
		probe_scope_remove(tracker->probe, event->cgroup);
	return container;
}

bool tracker_is_inside(struct tracker *tracker, uint64_t key, const struct container *container)
{
	CLEANUP_STRBUF struct strbuf path = STRBUF_INIT;
	struct container *owner;

	if (container_registry_find(tracker->registry, key, &owner))
		return owner &&
		       is_at_or_below(slice_of(owner->cgroup_path), container->cgroup_path);
	/* one of many cgroups below a container has no entry: its path tells */
	return cgroup_path_by_key(&tracker->hierarchies, key, &path) == 0 &&
	       is_at_or_below(strbuf_slice(&path), container->cgroup_path);
}

void tracker_expire(struct tracker *tracker, uint64_t now_ns)
{
	container_registry_expire(tracker->registry, now_ns);
}
