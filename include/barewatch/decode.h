/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The event module: records of the kernel side (event.h) checked and turned
 * into something that can be worked with. Pure.
 */
#pragma once

#include <linux/types.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "barewatch/event.h"
#include "base/slice.h"

/* One text of a record. */
struct event_text {
	struct slice bytes; /* hostile: any byte but NUL (argv: NUL after each argument) */
	bool truncated;
	bool unreadable; /* bytes is then empty or a part */
	bool detached; /* path of a mount or root that the task cannot reach by name */
};

/* Whom a process comes from, and belongs to. */
struct event_lineage {
	struct bw_relative relatives[BW_LINEAGE_MAX]; /* at enum bw_lineage_place */
	size_t ancestors; /* how many, from BW_LINEAGE_ANCESTORS on */
	bool known;
};

/* A process opened a file, or was refused to. Recorded events have no record. */
struct event_open {
	const struct bw_open *record;
	struct bw_file file; /* that was opened; zeros when none was */
	/*
	 * Where it is, as its container sees it, links followed; of a call that failed, the path
	 * asked for, made absolute. Unreadable when that is not known.
	 */
	struct event_text path;
	struct event_text asked; /* the path as the caller gave it: unverified */
	struct event_text exe, cwd, parent; /* walks, as of struct bw_attempt */
	uint32_t flags; /* O_*; with creat(), those that it stands for */
	uint32_t mode; /* permissions asked for, where a file may be made (O_CREAT, O_TMPFILE) */
	uint32_t call; /* enum bw_open_call; BW_OPEN_CALLS when it is not known */
	bool is_created; /* there was no such file before */
	bool has_no_fd; /* it was opened, and the descriptor is not known */
	int32_t result; /* the descriptor, or an errno as a negative number */
};

struct event {
	enum bw_event_kind kind;
	uint64_t time_ns; /* CLOCK_BOOTTIME */
	uint64_t sequence; /* as in struct bw_event; 0 when it is no record's */
	uint32_t cpu;
	uint64_t cgroup;
	uint64_t container;
	const struct bw_process *process; /* NULL for cgroups and canaries */
	struct event_lineage lineage; /* of execs, attempts, moves and opens */
	union {
		struct {
			const struct bw_exec *record;
			struct event_text invoked, resolved, cwd, parent, args;
		} exec;
		struct {
			const struct bw_attempt *record;
			struct event_text asked, exe, cwd, parent, args;
			struct event_text tried; /* by a runtime's search: paths, as args */
		} attempt;
		struct {
			const struct bw_cgroup *record;
			struct event_text path;
		} cgroup_change;
		struct {
			const struct bw_runtime *record;
			struct event_text cwd, args;
		} runtime;
		struct {
			const struct bw_failed_start *record;
		} failed_start;
		struct {
			const struct bw_move *record;
			struct event_text to, exe, parent;
		} move;
		struct {
			const struct bw_mapping *record;
			struct event_text file, exe, parent;
		} mapping;
		struct {
			const struct bw_canary *record;
		} canary;
		struct event_open open;
	};
	/* the walked paths, turned round; the texts above point here */
	char paths[2 * BW_PATH_MAX + 2 * BW_SIDE_PATH_MAX + 5 * BW_NAME_MAX];
	size_t paths_used;
};

/*
 * Decodes the SIZE bytes at RECORD, which must be aligned to 8. RET points into
 * RECORD and into itself: it must not be copied, and not outlive RECORD.
 * -EBADMSG when the bytes are not a whole, well-formed record of this version.
 */
int event_decode(const void *record, size_t size, struct event *ret);

/* The file that EVENT, an exec, a mapping or an open, is about, and its path. */
const struct bw_file *event_file(const struct event *event);
const struct event_text *event_path(const struct event *event);

/*
 * The next argument of ARGS (BW_EXEC_ARGS, BW_ATTEMPT_ARGV), from *OFFSET, which
 * it moves on. False when there are no more. Start with *OFFSET at 0.
 */
bool event_args_next(const struct event_text *args, size_t *offset, struct slice *ret);
