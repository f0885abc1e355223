/* SPDX-License-Identifier: Apache-2.0 */
/* See blob.h. What a stream brings in parts is given out here as it is asked for, within limits. */
#include "image/blob.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "image/failure.h"
#include "image/stream.h"

struct blob {
	struct stream *stream;
	struct slice part; /* what is left of it */
	uint64_t size_bytes, position, hole_bytes;
	bool is_direct; /* nobody wants digests of what is raw: read where it is wanted */
	const struct image_limits *limits;
	struct blob_budget *budget;
	struct image_error *e;
};

int blob_open(const struct blob_range *range, const struct image_limits *limits,
	struct blob_budget *budget, struct image_error *e, struct blob **ret)
{
	CLEANUP_BLOB struct blob *b = malloc(sizeof(*b));
	int r;

	if (!b)
		return image_fail_errno(e, -ENOMEM, "a blob");
	*b = (struct blob){
		.size_bytes = range->size_bytes, .limits = limits, .budget = budget, .e = e};
	r = stream_open(range, limits, e, &b->stream);
	if (r == 0)
		*ret = TAKE_PTR(b);
	return r;
}

void blob_free(struct blob *b)
{
	if (!b)
		return;
	stream_free(b->stream);
	free(b);
}

/* Less than this is read before threads have begun. */
#define THREADS_FROM_BYTES (512u << 10)

void blob_use_threads(struct blob *b)
{
	if (b->size_bytes >= THREADS_FROM_BYTES)
		stream_start_threads(b->stream);
}

enum blob_compression blob_compression(const struct blob *b)
{
	return stream_compression(b->stream);
}

uint64_t blob_position(const struct blob *b)
{
	return b->position;
}

static int charge(struct blob *b, uint64_t bytes)
{
	if (bytes > b->budget->bytes_left)
		return image_fail(b->e, IMAGE_UNREADABLE,
			"more than %llu bytes, the limit bytes_max",
			(unsigned long long)b->limits->bytes_max);
	b->budget->bytes_left -= bytes;
	return 0;
}

int blob_charge_holes(struct blob *b, uint64_t bytes)
{
	b->hole_bytes += bytes;
	if (b->hole_bytes > b->limits->ratio_free_bytes &&
		b->hole_bytes / b->limits->ratio_max > b->size_bytes)
		return image_fail(b->e, IMAGE_UNREADABLE,
			"holes of more than %u times its size, the limit ratio_max",
			b->limits->ratio_max);
	return charge(b, bytes);
}

/* Takes up to SIZE bytes, to DATA unless that is NULL. */
static ssize_t read_parts(struct blob *b, unsigned char *data, size_t size)
{
	size_t len = 0;

	while (len < size) {
		size_t n = size - len;
		int r = b->part.len > 0 ? 1 : stream_next(b->stream, b->e, &b->part);

		if (r < 0)
			return r;
		if (r == 0)
			break;
		if (n > b->part.len)
			n = b->part.len;
		if (data)
			memcpy(data + len, b->part.data, n);
		b->part = (struct slice){b->part.data + n, b->part.len - n};
		len += n;
	}
	return len;
}

ssize_t blob_read(struct blob *b, void *data, size_t size)
{
	ssize_t n = b->is_direct ? stream_read_at(b->stream, b->e, b->position, data, size)
				 : read_parts(b, data, size);
	int r;

	if (n <= 0)
		return n;
	b->position += n;
	r = charge(b, n);
	return r < 0 ? r : n;
}

void blob_give_up_digests(struct blob *b)
{
	b->is_direct = blob_compression(b) == BLOB_RAW;
}

int blob_skip(struct blob *b, uint64_t size)
{
	uint64_t rest = b->size_bytes - b->position;

	if (b->is_direct) {
		b->position += size < rest ? size : rest;
		return 0;
	}
	while (size > 0) {
		ssize_t n = read_parts(b, NULL, size < RING_PART_BYTES ? size : RING_PART_BYTES);
		int r;

		if (n <= 0)
			return n;
		b->position += n;
		r = charge(b, n);
		if (r < 0)
			return r;
		size -= n;
	}
	return 0;
}

static bool is_zero(const unsigned char *data, size_t size)
{
	return size == 0 || (data[0] == 0 && memcmp(data, data + 1, size - 1) == 0);
}

int blob_finish(struct blob *b, bool *ret_has_more, unsigned char ret_digest[static SHA256_SIZE],
	unsigned char ret_diff_id[static SHA256_SIZE])
{
	unsigned char data[8192];
	bool has_more = false;
	ssize_t n;
	int r;

	while ((n = blob_read(b, data, sizeof(data))) > 0)
		has_more |= !is_zero(data, n);
	if (n < 0)
		return n;
	r = stream_digests(b->stream, b->e, ret_digest, ret_diff_id);
	if (r == 0 && ret_has_more)
		*ret_has_more = has_more;
	return r;
}
