/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What the halves of the tar reader share: tar.c goes through the stream, tar_member.c makes
 * members of headers.
 */
#pragma once

#include "image/tar.h"
#include "image/tar_format.h"

struct tar {
	struct blob *blob;
	const struct image_limits *limits;
	struct image_error *e;
	unsigned char block[TAR_BLOCK];
	struct strbuf special; /* data of an extended header */
	struct strbuf name, link; /* those of the member */
	struct strbuf long_name, long_link; /* GNU tar's, for the member to come */
	bool has_long_name, has_long_link, has_pax; /* headers that wait for their member */
	struct tar_pax pax, global;
	struct tar_map map; /* of the member, when it is sparse */
	size_t extent; /* of MAP, that comes next or is being read */
	bool is_sparse;
	uint64_t size_bytes, position; /* of the member's file, holes included */
	uint64_t data_end; /* in the stream, of what is stored of it */
	uint32_t members;
	bool has_end, is_done;
};

/* Fills in the message, with the place in the stream. Returns -EBADMSG. */
int tar_malformed(struct tar *tar, const char *why);

/* ERROR with WHY, of a function that fills in no message. */
int tar_failed(struct tar *tar, int error, const char *why);

/* The next block. WHAT is the message when there is none. */
int tar_read_block(struct tar *tar, const char *what);

/* SIZE bytes of data follow. */
int tar_begin_data(struct tar *tar, uint64_t size);

static inline bool tar_number_at(const struct tar *t, size_t at, size_t size, uint64_t *ret)
{
	return tar_number((struct slice){(const char *)t->block + at, size}, ret);
}

/* Makes a member of the header in the block, and of those that came before it. */
int tar_take_member(struct tar *tar, struct tar_member *ret);
