/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The format of bbolt's files, below the lookups of bolt.h: meta pages, pages, and their
 * elements. Reads and checks; what it hands out lies within a page.
 *
 * Layout, in the byte order of the machine that wrote it (bbolt 1.4: internal/common/page.go,
 * meta.go, bucket.go): pages 0 and 1 are the meta pages. A page has a header and COUNT
 * elements, and behind those what they refer to: a leaf's are keys and values, a branch's
 * the first key and the number of a page below. Values of a leaf that are marked so are
 * buckets: the number of a root page, or 0 and the only page itself.
 */
#pragma once

#include <stdint.h>

#include "base/slice.h"

struct bolt_bucket_header {
	uint64_t root;
	uint64_t sequence;
};

struct bolt_meta {
	uint32_t magic;
	uint32_t version;
	uint32_t page_size;
	uint32_t flags;
	struct bolt_bucket_header root;
	uint64_t freelist;
	uint64_t end; /* number of the first page that is not in use */
	uint64_t txid;
	uint64_t checksum; /* FNV-1a of what is before */
};

#define BOLT_BRANCH 0x01
#define BOLT_LEAF   0x02

struct bolt_page_header {
	uint64_t id;
	uint16_t flags;
	uint16_t count;
	uint32_t overflow; /* pages behind this one that belong to it */
};

struct bolt_page;

/* A file, and the pages of it that are in memory. */
struct bolt_file {
	int fd;
	struct bolt_meta meta;
	struct bolt_page *pages;
	size_t bytes_read, visits;
};

/* Frees the pages. */
void bolt_file_done(struct bolt_file *file);

/*
 * The meta page of the last transaction that was committed. -EBADMSG when there is no
 * valid one, else the error of pread.
 */
int bolt_meta_newest(int fd, struct bolt_meta *ret);

/*
 * The page ID with its overflow, which stays in memory until FILE is done. Errors as in
 * bolt.h.
 */
int bolt_page_get(struct bolt_file *file, uint64_t id, struct slice *ret);

/* The header of PAGE: 0 when it is a branch or a leaf and has all of its elements, or -EBADMSG. */
int bolt_page_open(struct slice page, struct bolt_page_header *ret);

/* An element of a page: key, and value or the page below. */
struct bolt_element {
	struct slice key, value;
	uint64_t page;
	bool is_bucket;
};

/* Element INDEX of PAGE, which has HEADER. False when it does not lie within the page. */
bool bolt_element_at(struct slice page, const struct bolt_page_header *header, size_t index,
	struct bolt_element *ret);

/* The header of the bucket that VALUE is, and in *RET_PAGE what is behind it. */
bool bolt_bucket_open(struct slice value, struct bolt_bucket_header *ret, struct slice *ret_page);
