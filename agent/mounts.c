/* SPDX-License-Identifier: Apache-2.0 */
/* Containers without a cgroup, see mounts.h. */
#include "mounts.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/clock.h"
#include "base/log.h"
#include "base/proc.h"

/* include/linux/sched.h */
#define PF_EXITING    0x4 /* will end, its mounts may still be there */
#define PF_FORKNOEXEC 0x40 /* has executed nothing since it was forked */

/* Field 9 of /proc/PID/stat; a process that is not there is about to end. */
static unsigned process_flags(pid_t pid)
{
	size_t size;
	CLEANUP_FREE char *text = proc_read(pid, "stat", &size);
	const char *behind_comm = text ? strrchr(text, ')') : NULL;
	unsigned flags;

	return behind_comm && sscanf(behind_comm + 1, " %*c %*d %*d %*d %*d %*d %u", &flags) == 1
		       ? flags
		       : PF_EXITING;
}

/*
 * It may have made itself other mounts, or its first thread may have ended: the kernel side knows
 * the process as long as there is one. Only where it found no room for it /proc is asked.
 */
bool mounts_is_gone(const struct tracker *tracker, uint64_t key)
{
	struct bw_scope scope;

	if (probe_scope_get(tracker->probe, key, &scope) < 0)
		return true;
	return probe_task_container(tracker->probe, scope.init) != key &&
	       (process_mnt_ns(scope.init) != BW_MNT_NUMBER(key) ||
		       (process_flags(scope.init) & PF_EXITING));
}

/* ---- namespaces ---- */

static void drop(struct tracker *t, struct tracker_mounts *mounts)
{
	(void)probe_scope_remove(t->probe, mounts->key);
	close(mounts->fd); /* last: from here on, others may have the number */
	*mounts = t->mounts[--t->mounts_count];
}

static struct tracker_mounts *find_mounts(struct tracker *t, uint64_t key)
{
	for (size_t i = 0; i < t->mounts_count; i++)
		if (t->mounts[i].key == key)
			return &t->mounts[i];
	return NULL;
}

/* Holds the namespace KEY of INIT. */
static int hold(struct tracker *t, uint64_t key, uint64_t container, pid_t init)
{
	char path[64];
	struct stat st;
	CLEANUP_FD int fd = -1;
	struct tracker_mounts *held = find_mounts(t, key);

	if (held) {
		held->init = init;
		return 0;
	}
	if (t->mounts_count == ARRAY_SIZE(t->mounts))
		return -ENOSPC;
	snprintf(path, sizeof(path), "/proc/%d/ns/mnt", (int)init);
	fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0 || fstat(fd, &st) < 0)
		return -errno;
	if (st.st_ino != BW_MNT_NUMBER(key))
		return -ESRCH;
	t->mounts[t->mounts_count++] = (struct tracker_mounts){key, container, init, TAKE_FD(fd)};
	return 0;
}

/* Holds it, and puts it into scope with all who are in it. */
static int watch(
	struct tracker *t, uint64_t key, uint64_t container, pid_t init, enum bw_scope_state state)
{
	int r = hold(t, key, container, init);

	if (r == 0)
		r = probe_scope_set_mounts(t->probe, key, container, init, state);
	return r == 0 ? probe_tasks_walk(t->probe) : r;
}

static bool on_sweep(uint64_t key, void *userdata)
{
	struct tracker *t = userdata;

	if (!(key & BW_CGROUP_MNT) || !mounts_is_gone(t, key))
		return false;
	for (size_t i = t->mounts_count; i-- > 0;)
		if (t->mounts[i].container == key)
			drop(t, &t->mounts[i]);
	(void)probe_scope_remove(t->probe, key); /* it need not have been held */
	if (t->on_gone)
		t->on_gone(key, t->userdata);
	return true;
}

static void sweep(struct tracker *t, uint64_t now_ns)
{
	t->mounts_swept_ns = now_ns;
	if (t->has_mounts)
		container_registry_sweep(t->registry, now_ns, on_sweep, t);
}

/*
 * The mount namespace of INIT; 0 when that is not its container's: the host's, or that of who
 * started it, which a privileged one can enter.
 */
static uint32_t container_mounts(pid_t init)
{
	uint32_t mnt_ns = process_mnt_ns(init);
	uint64_t start;
	pid_t parent;

	if (mnt_ns == process_mnt_ns(1) || mnt_ns == process_mnt_ns(getpid()) ||
		!process_stat(init, &start, &parent) || mnt_ns == process_mnt_ns(parent))
		return 0;
	return mnt_ns;
}

static bool is_held(const struct tracker *t, uint32_t mnt_ns)
{
	for (size_t i = 0; i < t->mounts_count; i++)
		if (BW_MNT_NUMBER(t->mounts[i].key) == mnt_ns)
			return true;
	return false;
}

/* What joins CONTAINER later joins the mounts that its first process INIT has by then. */
static void follow(struct tracker *t, uint64_t container, pid_t init)
{
	uint32_t now = container_mounts(init);
	struct bw_scope scope;

	if (now && !is_held(t, now) && probe_task_container(t->probe, init) == container &&
		probe_scope_get(t->probe, container, &scope) == 0)
		(void)watch(t, now | BW_CGROUP_MNT, container, init, scope.state);
}

/* Holds the mounts of CONTAINER, which is known, or those that INIT has gone on to. */
static void hold_known(struct tracker *t, uint64_t container, pid_t init)
{
	if (hold(t, container, container, init) == -ESRCH)
		follow(t, container, init);
}

void mounts_sweep(struct tracker *tracker, uint64_t now_ns)
{
	if (now_ns - tracker->mounts_swept_ns < MOUNTS_SWEEP_NS)
		return;
	sweep(tracker, now_ns);
	for (size_t i = tracker->mounts_count; i-- > 0;)
		follow(tracker, tracker->mounts[i].container, tracker->mounts[i].init);
}

void mounts_done(struct tracker *tracker)
{
	while (tracker->mounts_count > 0)
		close(tracker->mounts[--tracker->mounts_count].fd);
}

/* ---- containers ---- */

/*
 * Enters the container ID, whose first process is INIT. What it does is seen from the first step
 * on, while it is not decided yet whether it is wanted.
 */
static void enter(struct tracker *t, const char *id, pid_t init, uint32_t mnt_ns)
{
	uint64_t key = probe_task_container(t->probe, init);
	char path[CONTAINER_MOUNTS_PATH_MAX];
	struct container *container;
	int r;

	if (!(key & BW_CGROUP_MNT)) /* else the kernel side has seen it begin */
		key = mnt_ns | BW_CGROUP_MNT;
	t->has_mounts = true;
	sweep(t, clock_boot_ns()); /* another one may have had the number */
	if (container_registry_find(t->registry, key, &container) && !mounts_is_gone(t, key)) {
		hold_known(t, key, init); /* an agent before has watched it, or it was told of */
		return;
	}
	r = watch(t, key, key, init, BW_SCOPE_UNDECIDED);
	if (r == -ENOENT || r == -ESRCH) /* it has ended; what it did, the kernel side tells */
		return;
	if (r < 0) {
		log_error("container %s, which has no cgroup, cannot be watched: %s", id,
			strerror(-r));
		return;
	}
	container_mounts_path(path, mnt_ns, id);
	container = tracker_adopt(t, key, slice_of(path));
	if (container && !(process_flags(init) & PF_FORKNOEXEC)) {
		container->has_started = true;
		log_info("container %s, which has no cgroup, was found when it had started", id);
	}
}

/* What has had the namespace of EVENT before, unless that is the container at PATH, has ended. */
static void forget_other(struct tracker *t, const struct event *event, const char *path)
{
	struct container *other;

	if (!container_registry_find(t->registry, event->cgroup, &other) || !other ||
		strcmp(other->cgroup_path, path) == 0)
		return;
	container_registry_remove(t->registry, event->cgroup, event->time_ns);
	if (t->on_gone)
		t->on_gone(event->cgroup, t->userdata);
}

/* INIT was started when the runtime that BUNDLE tells of had been: it is from no earlier start. */
static bool is_from(pid_t init, const struct calls_bundle *bundle)
{
	uint64_t start;
	pid_t parent;

	return process_stat(init, &start, &parent) &&
	       process_ticks_ns(start + 1) >= bundle->start_ns;
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

bool mounts_begin(struct tracker *tracker, const struct event *event)
{
	const struct calls_bundle *bundle = calls_find_above(&tracker->calls, event);
	char path[CONTAINER_MOUNTS_PATH_MAX];
	struct container *container;

	if (!bundle) {
		(void)probe_scope_remove(tracker->probe, event->cgroup);
		return false;
	}
	tracker->has_mounts = true;
	container_mounts_path(path, event->process->mnt_ns, bundle->id);
	forget_other(tracker, event, path);
	container = tracker_adopt(tracker, event->cgroup, slice_of(path));
	hold_known(tracker, event->cgroup, (pid_t)event->process->tgid);
	if (container)
		container->has_started = false;
	return container;
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
