/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Events are judged: whose they are, how the process came there, what the program is, and
 * which rule speaks of that.
 */
#pragma once

#include "ancestry.h"
#include "barewatch/profile.h"
#include "attempts.h"
#include "identity.h"
#include "outlet.h"
#include "recording.h"
#include "starts.h"
#include "tracker.h"
#include "watch.h"

/* All is borrowed. */
struct judge {
	const struct watch_config *config;
	struct tracker *tracker;
	struct starts *starts;
	struct outlet *outlet;
	struct recording *recording;
	struct attempts *attempts;
	struct identity *identity;
	struct ancestry *ancestry;
	struct profile *profile; /* NULL: none is kept */
	uint32_t host_mnt_ns; /* judge_host_mnt_ns() */
	uint64_t wall_offset_ns; /* what turns CLOCK_BOOTTIME into CLOCK_REALTIME */
	uint64_t settled_until_ns; /* what judge_open() has told the kernel side, as a time */
	uint64_t unexplained; /* starts that failed in a container, of what is not known */
};

/*
 * The inode number of the mount namespace of the host's init, or, where that may not be
 * seen, of our own.
 */
uint32_t judge_host_mnt_ns(void);

/* True when as many alerts have left as are wanted. No more are judged then. */
bool judge_has_enough(const struct judge *judge);

/* A cgroup was made or removed. */
void judge_cgroup_made(struct judge *judge, const struct event *event);
void judge_cgroup_removed(struct judge *judge, const struct event *event);

/*
 * Judges the execs anew whose files could not be looked at in time, as far as that is done by now:
 * an alert that has left gets a follow-up.
 */
void judge_late(struct judge *judge);

/* A program started. */
void judge_exec(struct judge *judge, const struct event *event);

/* execve failed: judged when it is known what followed. */
void judge_failed_exec(struct judge *judge, const struct event *event);

/* A process left its container's cgroup. Fills in the path of the new one where EVENT has none. */
void judge_move(struct judge *judge, struct event *event);
/* What has been attempted, of one or of several failures; an attempts_fn of USERDATA, a judge. */
void judge_attempt(const struct event *event, void *userdata);

/* A file was mapped executable. */
void judge_mapping(struct judge *judge, const struct event *event);

/* A file was opened, or was to be. */
void judge_open(struct judge *judge, const struct event *event);

/*
 * Opened files were lost: says of which containers, and how many since the last time. Nothing is said of
 * those that ARE_OLD: somebody else did.
 */
void judge_opens_lost(struct judge *judge, bool are_old);

/* COUNT failed execs of KIND were held; a probe_held_fn of USERDATA, a judge. */
void judge_held(const struct bw_attempt_kind *kind, uint64_t count, void *userdata);

/* A child that a runtime put into a container ended before it had executed anything. */
void judge_failed_start(struct judge *judge, const struct event *event);
