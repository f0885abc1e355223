/* SPDX-License-Identifier: Apache-2.0 */
/* See stream.h. */
#include "image/stream.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/io.h"
#include "base/thread.h"
#include "image/failure.h"
#include "image/inflate.h"

#define INPUT_SIZE 65536
#define MAGIC_SIZE 6

enum reader { READER_DIGEST, READER_CALLER };

struct stream {
	struct blob_range range;
	uint64_t in_bytes, out_bytes; /* that went in, and came out */
	const struct image_limits *limits;
	struct image_error e; /* of the thread that reads; told with the part that it is in */
	const struct inflate_method *method; /* NULL: as it is */
	void *state; /* of METHOD */
	struct sha256 in_digest, out_digest; /* without METHOD the second is both */
	int digest_error; /* of out_digest */
	struct inflate_io io; /* the input that waits */
	struct ring ring;
	bool is_taken; /* the caller has a part */
	int result; /* of the last part that was taken */
	unsigned threads; /* that were started, in their order */
	pthread_t source, digester;
	unsigned char input[INPUT_SIZE];
};

/*
 * What engines take for a compressed layer (containers/storage 1.45, pkg/archive,
 * DetectCompression).
 */
static const struct magic {
	const char *bytes;
	size_t size;
	const struct inflate_method *method;
	const char *unread; /* its name, when there is no method */
} magics[] = {
	{"\x1f\x8b", 2, &inflate_gzip, NULL},
	{"\x28\xb5\x2f\xfd", 4, &inflate_zstd, NULL},
	{"BZh", 3, NULL, "bzip2"},
	{"\xfd"
	 "7zXZ\0",
		6, NULL, "xz"},
};

/* A skippable frame, which a zstd stream may begin with (RFC 8878, 3.1.2). */
static bool is_skippable_frame(const unsigned char *bytes, size_t size)
{
	return size >= 4 && (bytes[0] & 0xf0) == 0x50 && memcmp(bytes + 1, "\x2a\x4d\x18", 3) == 0;
}

static int choose_method(struct stream *s)
{
	unsigned char start[MAGIC_SIZE];
	size_t wanted = s->range.size_bytes < MAGIC_SIZE ? s->range.size_bytes : MAGIC_SIZE;
	ssize_t size = pread_up_to(s->range.fd, s->range.offset, start, wanted);

	if (size < 0)
		return image_fail_errno(&s->e, size, "reading a blob");
	for (size_t i = 0; i < ARRAY_SIZE(magics); i++) {
		if ((size_t)size < magics[i].size ||
			memcmp(start, magics[i].bytes, magics[i].size) != 0)
			continue;
		if (magics[i].unread)
			return image_fail(&s->e, IMAGE_INCOMPLETE,
				"compressed with %s, which is not read", magics[i].unread);
		s->method = magics[i].method;
	}
	if (!s->method && is_skippable_frame(start, size))
		s->method = &inflate_zstd;
	return 0;
}

static int begin(struct stream *s)
{
	int r = choose_method(s);

	if (r < 0)
		return r;
	if (s->method) {
		s->state = s->method->start(s->limits->window_log_max);
		if (!s->state)
			return image_fail_errno(&s->e, -ENOMEM, "%s", s->method->name);
	}
	r = sha256_init(&s->out_digest);
	if (r == 0 && s->method)
		r = sha256_init(&s->in_digest);
	return r < 0 ? image_fail_errno(&s->e, r, "SHA-256") : 0;
}

int stream_open(const struct blob_range *range, const struct image_limits *limits,
	struct image_error *e, struct stream **ret)
{
	struct stream *s = malloc(sizeof(*s));
	int r;

	if (!s)
		return image_fail_errno(e, -ENOMEM, "a blob");
	memset(s, 0, offsetof(struct stream, input));
	s->range = *range;
	s->limits = limits;
	s->result = 1;
	ring_init(&s->ring);
	r = begin(s);
	if (r == 0) {
		*ret = s;
		return 0;
	}
	*e = s->e;
	stream_free(s);
	return r;
}

/* Waits for the threads, which end by themselves behind the last part, or when they are stopped. */
static void join_threads(struct stream *s)
{
	if (s->threads > 0)
		pthread_join(s->digester, NULL);
	if (s->threads > 1)
		pthread_join(s->source, NULL);
	s->threads = 0;
}

void stream_free(struct stream *s)
{
	if (!s)
		return;
	ring_stop(&s->ring);
	join_threads(s);
	if (s->state)
		s->method->end(s->state);
	sha256_done(&s->in_digest);
	sha256_done(&s->out_digest);
	ring_done(&s->ring);
	free(s);
}

enum blob_compression stream_compression(const struct stream *s)
{
	if (!s->method)
		return BLOB_RAW;
	return s->method == &inflate_gzip ? BLOB_GZIP : BLOB_ZSTD;
}

/* ---- making parts ---- */

/* The next bytes of the range. 0 at its end only: a file that ends before it is an error. */
static ssize_t read_range(
	struct stream *s, struct image_error *e, uint64_t at, void *data, size_t size)
{
	uint64_t rest = at < s->range.size_bytes ? s->range.size_bytes - at : 0;
	ssize_t n;

	if (size > rest)
		size = rest;
	n = pread_up_to(s->range.fd, s->range.offset + at, data, size);
	if (n < 0)
		return image_fail_errno(e, n, "reading a blob");
	if ((size_t)n < size)
		return image_fail(e, IMAGE_UNREADABLE, "ends after %llu of %llu bytes",
			(unsigned long long)at + n, (unsigned long long)s->range.size_bytes);
	return n;
}

ssize_t stream_read_at(
	struct stream *s, struct image_error *e, uint64_t offset, void *data, size_t size)
{
	return read_range(s, e, offset, data, size);
}

static int refill(struct stream *s)
{
	ssize_t n = read_range(s, &s->e, s->in_bytes, s->input, sizeof(s->input));
	int r;

	if (n < 0)
		return n;
	s->in_bytes += n;
	s->io.in = s->input;
	s->io.in_size = n;
	r = sha256_add(&s->in_digest, s->input, n);
	return r < 0 ? image_fail_errno(&s->e, r, "SHA-256") : 0;
}

/* Goes on until the room in io.out is full, or the input is at its end. */
static int decompress(struct stream *s)
{
	while (s->io.out_size > 0) {
		size_t in_size, room = s->io.out_size;
		const char *why = "malformed";
		int r = s->io.in_size == 0 ? refill(s) : 0;

		if (r < 0)
			return r;
		in_size = s->io.in_size;
		r = s->method->step(s->state, &s->io, &why);
		if (r == -EBADMSG)
			return image_fail(&s->e, IMAGE_UNREADABLE, "%s: %s", s->method->name, why);
		if (r < 0)
			return image_fail_errno(&s->e, r, "%s", s->method->name);
		if (s->io.in_size < in_size || s->io.out_size < room)
			continue;
		if (s->method->is_between(s->state))
			return 0;
		return image_fail(&s->e, IMAGE_UNREADABLE, "%s: it ends too soon", s->method->name);
	}
	return 1;
}

static int check_ratio(struct stream *s)
{
	if (s->out_bytes <= s->limits->ratio_free_bytes ||
		s->out_bytes / s->limits->ratio_max <= s->in_bytes)
		return 0;
	return image_fail(&s->e, IMAGE_UNREADABLE,
		"decompresses to more than %u times its size, the limit ratio_max",
		s->limits->ratio_max);
}

static void fill_compressed(struct stream *s, struct ring_part *part)
{
	int r;

	s->io.out = part->bytes;
	s->io.out_size = RING_PART_BYTES;
	part->result = decompress(s);
	part->size = RING_PART_BYTES - s->io.out_size;
	s->out_bytes += part->size;
	r = part->result >= 0 ? check_ratio(s) : 0;
	if (r < 0)
		part->result = r;
}

static void fill_raw(struct stream *s, struct ring_part *part)
{
	ssize_t n = read_range(s, &s->e, s->in_bytes, part->bytes, RING_PART_BYTES);

	part->size = n < 0 ? 0 : n;
	s->in_bytes += part->size;
	if (n < 0)
		part->result = n;
	else
		part->result = s->in_bytes < s->range.size_bytes;
}

/* What is behind an error is never told, so that nobody needs its digest. */
static void digest_part(struct stream *s, const struct ring_part *part)
{
	if (s->digest_error == 0)
		s->digest_error = sha256_add(&s->out_digest, part->bytes, part->size);
}

/* A small blob needs one part alone. */
static void fill(struct stream *s, struct ring_part *part)
{
	if (!part->bytes)
		part->bytes = malloc(RING_PART_BYTES);
	part->size = 0;
	if (!part->bytes)
		part->result = image_fail_errno(&s->e, -ENOMEM, "a blob");
	else if (s->method)
		fill_compressed(s, part);
	else
		fill_raw(s, part);
}

/* ---- threads ---- */

static void *run_source(void *argument)
{
	struct stream *s = argument;
	struct ring_part *part;
	bool goes_on = true;

	while (goes_on && (part = ring_begin(&s->ring))) {
		fill(s, part);
		goes_on = part->result > 0; /* from the next line on it is the readers' */
		ring_end(&s->ring);
	}
	return NULL;
}

static void *run_digester(void *argument)
{
	struct stream *s = argument;
	const struct ring_part *part;
	bool goes_on = true;

	while (goes_on && (part = ring_take(&s->ring, READER_DIGEST))) {
		digest_part(s, part);
		goes_on = part->result > 0;
		ring_give(&s->ring, READER_DIGEST);
	}
	return NULL;
}

void stream_start_threads(struct stream *s)
{
	if (thread_start(&s->digester, run_digester, s) < 0)
		return;
	s->threads = 1;
	if (thread_start(&s->source, run_source, s) == 0)
		s->threads = 2;
}

/* ---- taking parts ---- */

/* Without a thread for it the part is made here; and digested, when that has none either. */
static const struct ring_part *take(struct stream *s)
{
	struct ring_part *part;

	if (s->threads < 2) {
		part = ring_begin(&s->ring);
		fill(s, part);
		if (s->threads == 0)
			digest_part(s, part);
		ring_end(&s->ring);
		if (s->threads == 0)
			ring_give(&s->ring, READER_DIGEST);
	}
	return ring_take(&s->ring, READER_CALLER);
}

int stream_next(struct stream *s, struct image_error *e, struct slice *ret)
{
	const struct ring_part *part;

	*ret = slice_of("");
	if (s->result > 0) {
		if (s->is_taken)
			ring_give(&s->ring, READER_CALLER);
		part = take(s);
		s->is_taken = true;
		s->result = part->result;
		if (part->result >= 0)
			*ret = (struct slice){(const char *)part->bytes, part->size};
	}
	if (s->result < 0)
		*e = s->e; /* nobody changes it from there on */
	return s->result < 0 ? s->result : ret->len > 0;
}

int stream_digests(struct stream *s, struct image_error *e,
	unsigned char ret_digest[static SHA256_SIZE], unsigned char ret_diff_id[static SHA256_SIZE])
{
	int r;

	join_threads(s);
	r = s->digest_error;
	if (r == 0)
		r = sha256_end(&s->out_digest, ret_diff_id);
	if (r == 0 && s->method)
		r = sha256_end(&s->in_digest, ret_digest);
	else if (r == 0)
		memcpy(ret_digest, ret_diff_id, SHA256_SIZE);
	return r < 0 ? image_fail_errno(e, r, "SHA-256") : 0;
}
