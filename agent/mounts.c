/* SPDX-License-Identifier: Apache-2.0 */
/* Containers without a cgroup, see mounts.h. */
#include "mounts.h"

#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/log.h"
#include "base/proc.h"
#include "base/clock.h"


#define PF_FORKNOEXEC 0x40 /* include/linux/sched.h: has executed nothing since it was forked */

bool mounts_is_gone(const struct tracker *tracker, uint64_t key)
{
	struct bw_scope scope;

	return probe_scope_get(tracker->probe, key, &scope) < 0 ||
	       container_mounts_of(scope.init) != (key & ~BW_CGROUP_MNT);
}

static bool on_sweep(uint64_t key, void *userdata)
{
	struct tracker *t = userdata;

	if (!(key & BW_CGROUP_MNT) || !mounts_is_gone(t, key))
		return false;
	(void)probe_scope_remove(t->probe, key);
	if (t->on_gone)
		t->on_gone(key, t->userdata);
	return true;
}

static void sweep(struct tracker *t, uint64_t now_ns)
{
	t->mounts_swept_ns = now_ns;
	container_registry_sweep(t->registry, now_ns, on_sweep, t);
}

void mounts_sweep(struct tracker *tracker, uint64_t now_ns)
{
	if (tracker->has_mounts && now_ns - tracker->mounts_swept_ns >= MOUNTS_SWEEP_NS)
		sweep(tracker, now_ns);
}

/* Field 9 of /proc/PID/stat. */
static bool has_executed(pid_t pid)
{
	size_t size;
	CLEANUP_FREE char *text = proc_read(pid, "stat", &size);
	const char *behind_comm = text ? strrchr(text, ')') : NULL;
	unsigned flags;

	return behind_comm && sscanf(behind_comm + 1, " %*c %*d %*d %*d %*d %*d %u", &flags) == 1 &&
	       !(flags & PF_FORKNOEXEC);
}

/*
 * Enters the container ID, whose first process is INIT. What it does is seen from the first step
 * on, while it is not decided yet whether it is wanted.
 */
static void enter(struct tracker *t, const char *id, pid_t init, uint32_t mnt_ns)
{
	uint64_t key = mnt_ns | BW_CGROUP_MNT;
	char path[CONTAINER_MOUNTS_PATH_MAX];
	struct container *container;
	int r;

	sweep(t, clock_boot_ns()); /* another one may have had the number */
	t->has_mounts = true;
	if (container_registry_find(t->registry, key, &container) && !mounts_is_gone(t, key))
		return;
	r = probe_scope_set_mounts(t->probe, key, init, BW_SCOPE_UNDECIDED);
	if (r == 0)
		r = probe_tasks_walk(t->probe);
	if (r < 0) {
		log_error("container %s, which has no cgroup, cannot be watched: %s", id,
			strerror(-r));
		return;
	}
	container_mounts_path(path, mnt_ns, id);
	container = tracker_adopt(t, key, slice_of(path));
	if (container && has_executed(init)) {
		container->has_started = true;
		log_info("container %s, which has no cgroup, was found when it had started", id);
	}
}

/* The host's files are in no container. */
static uint32_t container_mounts(pid_t init)
{
	uint32_t mnt_ns = container_mounts_of(init);

	return mnt_ns == container_mounts_of(1) || mnt_ns == container_mounts_of(getpid()) ? 0
											   : mnt_ns;
}

/* INIT was started when the runtime that BUNDLE tells of had been: it is from no earlier start. */
static bool is_from(pid_t init, const struct calls_bundle *bundle)
{
	uint64_t ticks_per_s = sysconf(_SC_CLK_TCK), start;
	pid_t parent;

	return process_stat(init, &start, &parent) &&
	       (start + 1) * (NS_PER_S / ticks_per_s) >= bundle->start_ns;
}

/* True when nothing is to be looked for any more. */
static bool find(struct tracker *t, const struct calls_bundle *bundle)
{
	pid_t init = container_mounts_init_told(
		&t->roots, bundle->parent, bundle->id, bundle->pid_file);
	uint32_t mnt_ns = init > 0 && is_from(init, bundle) ? container_mounts(init) : 0;
	if (!mnt_ns || mnt_ns == bundle->mnt_ns)
		return false;
	enter(t, bundle->id, init, mnt_ns);
	return true;
}

void mounts_find(struct tracker *tracker, uint64_t now_ns)
{
	for (size_t i = 0; i < CALLS_MAX; i++) {
		struct calls_bundle *bundle = &tracker->calls.bundles[i];

		if (bundle->awaits_init &&
			(bundle->start_ns + MOUNTS_PATIENCE_NS < now_ns || find(tracker, bundle)))
			bundle->awaits_init = false;
	}
}

static void on_walk(const char *id, pid_t init, void *userdata)
{
	uint32_t mnt_ns = container_mounts(init);

	if (mnt_ns)
		enter(userdata, id, init, mnt_ns);
}

void mounts_walk(struct tracker *tracker)
{
	container_mounts_walk(&tracker->roots, on_walk, tracker);
}
