/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The record module: what was judged, written to a file and read again. A recording is JSON lines;
 * docs/record.md describes them.
 */
#pragma once

#include <limits.h>
#include <stdbool.h>
#include <stdint.h>

#include "barewatch/rule.h"

#define RECORD_VERSION        1
#define RECORD_LINE_MAX       (1u << 20) /* the largest, of escaped labels, have some 100 KiB */
#define RECORD_SIZE_MIN       RECORD_LINE_MAX /* of a file; so that any line fits */
#define RECORD_SIZE_DEFAULT   (64u << 20)
#define RECORD_ROTATE_MAX     1000 /* files */
#define RECORD_RECORDING_SIZE 17 /* with its NUL */

enum record_kind {
	RECORD_HEADER, /* the first line of a file */
	RECORD_EVENT, /* something to be judged */
	RECORD_CONTAINER, /* what became known of a container after events of it */
	RECORD_PROGRAM, /* same, of the file of an event; with it the event could be judged anew */
	RECORD_REPEATS, /* how often an attempt was repeated */
	RECORD_KINDS,
};

/* One line, but for the fields of its subject. */
struct record {
	enum record_kind kind;
	uint64_t id; /* from 1, ascending; of all but headers */
	uint64_t completes; /* id of what a RECORD_PROGRAM or RECORD_REPEATS adds to */
	/*
	 * Key of the container that a RECORD_CONTAINER is of; of others that of theirs when not all is
	 * known of it yet, else 0.
	 */
	uint64_t container;
	uint64_t time_ns; /* CLOCK_REALTIME: when it happened; of follow-ups, when it was known */
	uint64_t happened_ns; /* of a RECORD_PROGRAM: when the program started or was mapped */
};

/* What a header tells. */
struct record_header {
	char recording[RECORD_RECORDING_SIZE]; /* the same in all files of one recording */
	char hostname[HOST_NAME_MAX + 1];
};

/* ---- writing ---- */

struct recorder_config {
	const char *path;
	uint64_t file_bytes; /* at most */
	unsigned
		rotate; /* older files that are kept, PATH.1 the newest; 0: it ends when it is full */
};

struct recorder;

/*
 * Begins a recording at TIME_NS (CLOCK_REALTIME). Neither PATH nor a file that rotation would
 * make may be there. 0, or a negative errno with D filled in.
 */
int recorder_new(const struct recorder_config *config, uint64_t time_ns, struct recorder **ret,
	struct diag *d);

/* Writes what is left and ends it. */
void recorder_free(struct recorder *recorder);

/*
 * Adds RECORD, without its id, about SUBJECT. Returns its id; 0 when the recording has ended. It is in
 * the file after recorder_flush() at the latest.
 */
uint64_t recorder_add(
	struct recorder *recorder, const struct record *record, const struct subject *subject);

/* Writes out what has been added. */
void recorder_flush(struct recorder *recorder);

/*
 * True when the recording has ended: the file is full (*RET_ERROR is 0), or could not be written.
 * What is in it then are whole lines.
 */
bool recorder_has_ended(const struct recorder *recorder, int *ret_error);

/* ---- reading ---- */

struct record_reader;

/* Opens the file PATH, "-" for standard input. 0, or a negative errno with D filled in. */
int record_reader_open(const char *path, struct record_reader **ret, struct diag *d);
void record_reader_free(struct record_reader *reader);

/*
 * Reads the next line. 1 when there was one: RET is it, *RET_SUBJECT its values, the caller's, NULL for a
 * header. 0 at the end of the file. Else a negative errno with D filled in.
 */
int record_reader_next(struct record_reader *reader, struct record *ret,
	struct recorded **ret_subject, struct diag *d);

/* The last header that was read. */
const struct record_header *record_reader_header(const struct record_reader *reader);

/* True when the file ends in the middle of a line, as when the host has crashed. */
bool record_reader_is_cut(const struct record_reader *reader);
