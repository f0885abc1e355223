/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A blob as a stream: a file, or a range of one such as a member of an archive; as it is, or
 * decompressed, which its first bytes tell and not its media type. Digests of what goes in
 * and of what comes out are made in the same pass. Takes a fixed amount of memory, with zstd up to
 * the limit of its window.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#include "barewatch/image.h"
#include "base/cleanup.h"

/* Bytes of a file that somebody else has open. */
struct blob_range {
	int fd;
	uint64_t offset, size_bytes;
};

enum blob_compression { BLOB_RAW, BLOB_GZIP, BLOB_ZSTD };

/* What is left of bytes_max, for all blobs of an image. */
struct blob_budget {
	uint64_t bytes_left;
};

struct blob;

/*
 * Begins to read RANGE. LIMITS, BUDGET and E have to outlive the blob; E is filled in whenever a
 * function of it fails. IMAGE_INCOMPLETE for bzip2 and xz, which engines read and this does not.
 */
int blob_open(const struct blob_range *range, const struct image_limits *limits,
	struct blob_budget *budget, struct image_error *e, struct blob **ret);
void blob_free(struct blob *blob);

enum blob_compression blob_compression(const struct blob *blob);

/* Bytes that have come out. */
uint64_t blob_position(const struct blob *blob);

/* The next up to SIZE bytes; fewer only at the end. Their number, or a negative errno. */
ssize_t blob_read(struct blob *blob, void *data, size_t size);

/*
 * Takes BYTES of holes, which are in no blob, off the budget. They are limited by its size as what
 * it decompresses to is.
 */
int blob_charge_holes(struct blob *blob, uint64_t bytes);

/*
 * Reads, decompresses and digests in threads of its own from here on, ahead of who reads, when
 * there is enough of it. What comes out, and what goes wrong, is the same. Before the first read.
 */
void blob_use_threads(struct blob *blob);

/*
 * From here on skipping seeks where it can, and the digests are not to be had. Before the first
 * read.
 */
void blob_give_up_digests(struct blob *blob);

/* Leaves out SIZE bytes, fewer at the end. */
int blob_skip(struct blob *blob, uint64_t size);

/*
 * Reads the rest. RET_HAS_MORE, which may be NULL, tells whether it was more than zeros. The
 * digests are those of all that went in and all that came out.
 */
int blob_finish(struct blob *blob, bool *ret_has_more, unsigned char ret_digest[static SHA256_SIZE],
	unsigned char ret_diff_id[static SHA256_SIZE]);

DEFINE_CLEANUP(struct blob, blob, blob_free);
#define CLEANUP_BLOB CLEANUP(blob_cleanup)
