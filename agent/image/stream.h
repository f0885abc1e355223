/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The bytes of a blob, decompressed, part by part, with digests of what goes in and of what comes
 * out. In threads of its own, when asked, one reads and decompresses, another digests: with
 * whoever reads the parts that makes three. Parts and errors are the same either way.
 */
#pragma once

#include "image/blob.h"
#include "image/ring.h"

struct stream;

/* As blob_open(), which it is for. The error is filled in by stream_next() alone from here on. */
int stream_open(const struct blob_range *range, const struct image_limits *limits,
	struct image_error *e, struct stream **ret);
void stream_free(struct stream *stream);

enum blob_compression stream_compression(const struct stream *stream);

/* Before the first part. Where no thread can be had it goes on without. */
void stream_start_threads(struct stream *stream);

/* The next part, valid until the next call: 1, 0 at the end, or a negative errno with E filled in. */
int stream_next(struct stream *stream, struct image_error *e, struct slice *ret);

/* Of a raw stream, and before the first part: SIZE bytes from OFFSET on, fewer at the end. */
ssize_t stream_read_at(
	struct stream *stream, struct image_error *e, uint64_t offset, void *data, size_t size);

/* Behind the last part. */
int stream_digests(struct stream *stream, struct image_error *e,
	unsigned char ret_digest[static SHA256_SIZE],
	unsigned char ret_diff_id[static SHA256_SIZE]);
