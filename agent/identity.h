/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What is known of the files that run in bare containers. Each is looked at once, in a thread
 * of its own, for which an event waits IDENTITY_PATIENCE_MS at most; what comes
 * later is handed out later.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "barewatch/alert.h"
#include "barewatch/container.h"
#include "barewatch/decode.h"
#include "barewatch/origin.h"

/* How long an alert may be held up by the file that it is about. */
#define IDENTITY_PATIENCE_MS 200

/*
 * And all events of a second together: whoever runs one slow file after the other must not
 * keep the ring from being read. What comes on top waits for nothing.
 */
#define IDENTITY_PATIENCE_PER_SECOND_MS 400

/* Files remembered, 1 KiB each; an image in use runs some tens. */
#define IDENTITY_FILES_MAX 1024

struct identity;

/* CATALOG is shared, ROOTS borrowed. */
int identity_new(
	struct catalog *catalog, const struct container_roots *roots, struct identity **ret);
void identity_free(struct identity *identity);

/*
 * CONTAINER, which is bare, was made at TIME_NS (CLOCK_BOOTTIME). RUNTIME makes it, as far as
 * is known, else 0. Finds its root before anything runs there.
 */
void identity_container_made(struct identity *identity, const struct container *container,
	pid_t runtime, uint64_t time_ns);

/* Its cgroup is gone: keeps nothing of it open. */
void identity_container_gone(struct identity *identity, uint64_t cgroup);

/* The root of the container with this cgroup, as far as it was found; NULL. Valid until the next call. */
const struct container_root *identity_root(const struct identity *identity, uint64_t cgroup);

/* An event that could not wait for its file any longer. */
struct identity_late {
	void *record; /* a copy, of which an event can be decoded */
	size_t record_size;
	enum container_entry entry;
	struct rule *rule; /* that spoke of it then, as rule_keep() has it; NULL: none */
	char alert_id[ALERT_ID_SIZE];
	uint64_t record_id; /* that it has in a recording, else 0 */
	struct executable executable;
};

struct identity_question {
	struct container *container;
	const struct event *event; /* an exec */
	enum container_entry entry;
	bool mounts_are_outside;
	uint64_t wall_offset_ns; /* what turns CLOCK_BOOTTIME into CLOCK_REALTIME */
};

/*
 * What is known of the file of QUESTION's event; NULL when it is not known yet. Valid until
 * the next call. *RET_LATE is then what waits for it, to be told what became of the event, or NULL
 * when nothing does; that, too, may be gone with the next call. A file that is known costs one lookup and allocates nothing.
 */
const struct executable *identity_ask(struct identity *identity,
	const struct identity_question *question, struct identity_late **ret_late);

/* The next event whose file is known by now, for identity_late_free(); NULL when there is none. */
struct identity_late *identity_next_late(struct identity *identity);

/* True while there are more to come. */
bool identity_is_waiting(const struct identity *identity);
void identity_late_free(struct identity_late *late);

struct identity_counts {
	uint64_t looks; /* files that were looked at */
	uint64_t late; /* of them, after the event was judged */
	uint64_t given_up; /* events judged by names alone, since too many were waiting */
};

struct identity_counts identity_counts(const struct identity *identity);

/* True when EXECUTABLE, as class CLASS, will never be of interest again: a known file of the image. */
bool identity_is_harmless(const struct executable *executable, enum program_class class);
