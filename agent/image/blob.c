/* SPDX-License-Identifier: Apache-2.0 */
/* See blob.h. */
#include "image/blob.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/io.h"
#include "image/failure.h"
#include "image/inflate.h"

#define BUFFER_SIZE 65536
#define MAGIC_SIZE  6

struct blob {
	struct blob_range range;
	uint64_t in_bytes; /* of the range that were read */
	uint64_t position;
	bool has_digests;
	const struct image_limits *limits;
	struct blob_budget *budget;
	struct image_error *e;
	const struct inflate_method *method; /* NULL: as it is */
	void *state; /* of METHOD */
	struct sha256 in_digest, out_digest;
	struct inflate_io io; /* the input that waits */
	unsigned char buffer[BUFFER_SIZE];
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

static int choose_method(struct blob *b)
{
	unsigned char start[MAGIC_SIZE];
	size_t wanted = b->range.size_bytes < MAGIC_SIZE ? b->range.size_bytes : MAGIC_SIZE;
	ssize_t size = pread_up_to(b->range.fd, b->range.offset, start, wanted);

	if (size < 0)
		return image_fail_errno(b->e, size, "reading a blob");
	for (size_t i = 0; i < ARRAY_SIZE(magics); i++) {
		if ((size_t)size < magics[i].size ||
			memcmp(start, magics[i].bytes, magics[i].size) != 0)
			continue;
		if (magics[i].unread)
			return image_fail(b->e, IMAGE_INCOMPLETE,
				"compressed with %s, which is not read", magics[i].unread);
		b->method = magics[i].method;
	}
	if (!b->method && is_skippable_frame(start, size))
		b->method = &inflate_zstd;
	return 0;
}

static int begin(struct blob *b)
{
	int r = choose_method(b);

	if (r < 0)
		return r;
	if (b->method) {
		b->state = b->method->start(b->limits->window_log_max);
		if (!b->state)
			return image_fail_errno(b->e, -ENOMEM, "%s", b->method->name);
	}
	r = sha256_init(&b->in_digest);
	if (r == 0 && b->method)
		r = sha256_init(&b->out_digest);
	return r < 0 ? image_fail_errno(b->e, r, "SHA-256") : 0;
}

int blob_open(const struct blob_range *range, const struct image_limits *limits,
	struct blob_budget *budget, struct image_error *e, struct blob **ret)
{
	CLEANUP_BLOB struct blob *b = malloc(sizeof(*b));
	int r;

	if (!b)
		return image_fail_errno(e, -ENOMEM, "a blob");
	memset(b, 0, offsetof(struct blob, buffer));
	b->range = *range;
	b->limits = limits;
	b->budget = budget;
	b->e = e;
	b->has_digests = true;
	r = begin(b);
	if (r == 0)
		*ret = TAKE_PTR(b);
	return r;
}

void blob_free(struct blob *b)
{
	if (!b)
		return;
	if (b->state)
		b->method->end(b->state);
	sha256_done(&b->in_digest);
	sha256_done(&b->out_digest);
	free(b);
}

enum blob_compression blob_compression(const struct blob *b)
{
	if (!b->method)
		return BLOB_RAW;
	return b->method == &inflate_gzip ? BLOB_GZIP : BLOB_ZSTD;
}

uint64_t blob_position(const struct blob *b)
{
	return b->position;
}

int blob_charge(struct blob *b, uint64_t bytes)
{
	if (bytes > b->budget->bytes_left)
		return image_fail(b->e, IMAGE_UNREADABLE,
			"more than %llu bytes, the limit bytes_max",
			(unsigned long long)b->limits->bytes_max);
	b->budget->bytes_left -= bytes;
	return 0;
}

static int check_ratio(const struct blob *b)
{
	if (b->position <= b->limits->ratio_free_bytes ||
		b->position / b->limits->ratio_max <= b->in_bytes)
		return 0;
	return image_fail(b->e, IMAGE_UNREADABLE,
		"decompresses to more than %u times its size, the limit ratio_max",
		b->limits->ratio_max);
}

/* The next bytes of the range. 0 at its end only: a file that ends before it is an error. */
static ssize_t read_input(struct blob *b, void *data, size_t size)
{
	uint64_t rest = b->range.size_bytes - b->in_bytes;
	ssize_t n;
	int r;

	if (size > rest)
		size = rest;
	n = pread_up_to(b->range.fd, b->range.offset + b->in_bytes, data, size);
	if (n < 0)
		return image_fail_errno(b->e, n, "reading a blob");
	if ((size_t)n < size)
		return image_fail(b->e, IMAGE_UNREADABLE, "ends after %llu of %llu bytes",
			(unsigned long long)b->in_bytes + n,
			(unsigned long long)b->range.size_bytes);
	b->in_bytes += n;
	r = sha256_add(&b->in_digest, data, n);
	return r < 0 ? image_fail_errno(b->e, r, "SHA-256") : n;
}

static int refill(struct blob *b)
{
	ssize_t n = read_input(b, b->buffer, sizeof(b->buffer));

	if (n < 0)
		return n;
	b->io.in = b->buffer;
	b->io.in_size = n;
	return 0;
}

/* Goes on until the room in io.out is full, or the input is at its end. */
static int decompress(struct blob *b)
{
	while (b->io.out_size > 0) {
		size_t in_size, room = b->io.out_size;
		const char *why = "malformed";
		int r = b->io.in_size == 0 ? refill(b) : 0;

		if (r < 0)
			return r;
		in_size = b->io.in_size;
		r = b->method->step(b->state, &b->io, &why);
		if (r == -EBADMSG)
			return image_fail(b->e, IMAGE_UNREADABLE, "%s: %s", b->method->name, why);
		if (r < 0)
			return image_fail_errno(b->e, r, "%s", b->method->name);
		if (b->io.in_size < in_size || b->io.out_size < room)
			continue;
		if (b->method->is_between(b->state))
			return 0;
		return image_fail(b->e, IMAGE_UNREADABLE, "%s: it ends too soon", b->method->name);
	}
	return 0;
}

static ssize_t read_compressed(struct blob *b, void *data, size_t size)
{
	int r;

	b->io.out = data;
	b->io.out_size = size;
	r = decompress(b);
	if (r < 0)
		return r;
	size -= b->io.out_size;
	r = sha256_add(&b->out_digest, data, size);
	return r < 0 ? image_fail_errno(b->e, r, "SHA-256") : (ssize_t)size;
}

ssize_t blob_read(struct blob *b, void *data, size_t size)
{
	ssize_t n = b->method ? read_compressed(b, data, size) : read_input(b, data, size);
	int r;

	if (n <= 0)
		return n;
	b->position += n;
	r = blob_charge(b, n);
	if (r == 0 && b->method)
		r = check_ratio(b);
	return r < 0 ? r : n;
}

void blob_give_up_digests(struct blob *b)
{
	b->has_digests = false;
}

int blob_skip(struct blob *b, uint64_t size)
{
	unsigned char data[8192];
	uint64_t rest = b->range.size_bytes - b->in_bytes;

	if (!b->method && !b->has_digests) {
		b->in_bytes += size < rest ? size : rest;
		b->position = b->in_bytes;
		return 0;
	}
	while (size > 0) {
		ssize_t n = blob_read(b, data, size < sizeof(data) ? size : sizeof(data));

		if (n <= 0)
			return n;
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
	r = sha256_end(&b->in_digest, ret_digest);
	if (r == 0 && b->method)
		r = sha256_end(&b->out_digest, ret_diff_id);
	else if (r == 0)
		memcpy(ret_diff_id, ret_digest, SHA256_SIZE);
	if (r < 0)
		return image_fail_errno(b->e, r, "SHA-256");
	if (ret_has_more)
		*ret_has_more = has_more;
	return 0;
}
