/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Looks things up in bbolt databases (go.etcd.io/bbolt, file format 2) that another
 * process may be writing at the same time. Reads only, never takes the file's lock,
 * which would hold the engine up, and never maps the file, which may be cut under us.
 *
 * Why that is safe, by the source of bbolt 1.3.6 and 1.4 (files in brackets):
 *
 * - A write transaction T+1 never changes a page that is reachable from T, the last
 *   one that was committed: it writes to newly allocated pages. Allocated are pages
 *   that were free, and the pending ones are made free where the transaction begins
 *   (DB.beginRWTx, freelist.release): those were given up by T or before, so T does not
 *   reach them. What T+1 itself gives up stays pending until the next one begins.
 * - Its pages are written before its meta page (Tx.Commit: write, then writeMeta), and the
 *   next one begins after that. It overwrites the meta page of T-1: number txid % 2
 *   (Meta.Write). Nothing else but the list of free pages refers to what is free.
 * - So the pages of T are as T left them for as long as no T+1 is to be found in the meta
 *   pages. Where T is still the newest after everything was read, all of it was T's.
 *
 * A meta page that is being written has a wrong checksum and counts as not there, which
 * is right: its transaction is not committed yet. A database that is opened anew
 * begins with the list of free pages that T left (DB.loadFreelist): the same pages.
 */
#pragma once

#include <stdint.h>

#include "base/slice.h"

#define BOLT_NAME_MAX     32768 /* bytes of a key (bbolt: MaxKeySize) */
#define BOLT_VALUE_MAX    (1u << 20) /* bytes; engines keep JSON of some 10 KiB */
#define BOLT_PAGE_MIN     1024 /* bytes; bbolt takes the page size of its machine: 4 to 64 KiB */
#define BOLT_PAGE_MAX     65536
#define BOLT_SPAN_MAX     (4u << 20) /* bytes of a page with its overflow */
#define BOLT_READ_MAX     (16u << 20) /* bytes read in one view */
#define BOLT_DEPTH_MAX    16 /* pages from the root of a bucket to a leaf */
#define BOLT_VISITS_MAX   4096 /* pages looked at in one view, again or for the first time */
#define BOLT_ELEMENTS_MAX 65536 /* elements gone through in one view */
#define BOLT_TRIES_MAX    32 /* looks, each overtaken by a commit; one takes some 50 us */

/* The database as one committed transaction left it. */
struct bolt_view;

struct bolt_bucket {
	uint64_t root; /* page; 0: inline */
	struct slice page; /* of an inline one; owned by the view */
};

/*
 * Looks something up in VIEW. May be called again from the beginning, when the database
 * was changed meanwhile: what an earlier call left in USERDATA is then to be
 * forgotten, and so is its result.
 */
typedef int bolt_look_fn(struct bolt_view *view, void *userdata);

/*
 * Lets LOOK look at the database that FD is open on, and returns what it
 * returned for a state that one transaction left. Memory that the view handed out is
 * gone then. -EAGAIN when the database was changed under each of BOLT_TRIES_MAX
 * looks, -EBADMSG when it is none, or broken, -EINVAL for what is no regular file,
 * else the error of pread.
 */
int bolt_look(int fd, bolt_look_fn *look, void *userdata);

/* The bucket that holds all others. */
struct bolt_bucket bolt_root(const struct bolt_view *view);

/*
 * The functions below return -ENOENT for what is not there (or is a bucket where a
 * value is wanted, or the other way round), -EBADMSG where the database is broken,
 * -E2BIG where a limit above is reached, -ENOMEM, or the error of pread. What they find is owned
 * by VIEW.
 */

/* The bucket NAME in PARENT. */
int bolt_bucket(struct bolt_view *view, const struct bolt_bucket *parent, struct slice name,
	struct bolt_bucket *ret);

/* The bucket that the COUNT names lead to, one in the other, from the root. */
int bolt_descend(
	struct bolt_view *view, const char *const names[], size_t count, struct bolt_bucket *ret);

/* The value at KEY of BUCKET. */
int bolt_get(struct bolt_view *view, const struct bolt_bucket *bucket, struct slice key,
	struct slice *ret);

typedef int bolt_visit_fn(struct slice key, struct slice value, void *userdata);

/*
 * Calls VISIT for each value in BUCKET, in the order of the keys, until it returns non-zero, which
 * is then returned. Buckets in it are passed over.
 */
int bolt_each(struct bolt_view *view, const struct bolt_bucket *bucket, bolt_visit_fn *visit,
	void *userdata);
