/* SPDX-License-Identifier: Apache-2.0 */
/* Bytes in memory: put together, compressed, digested, and given a file. */
#pragma once

#include "asserts.h"

#include <fcntl.h>
#include <sys/mman.h>
#include <zlib.h>
#include <zstd.h>

#include "base/io.h"
#include "image/blob.h"

/* Appends TEXT as one gzip member. */
static inline void add_gzip(struct strbuf *out, struct slice text)
{
	z_stream z = {0};

	assert_int_equal(deflateInit2(&z, 6, Z_DEFLATED, 15 + 16, 8, Z_DEFAULT_STRATEGY), Z_OK);
	assert_true(strbuf_reserve(out, deflateBound(&z, text.len)));
	z.next_in = (unsigned char *)text.data;
	z.avail_in = text.len;
	z.next_out = (unsigned char *)out->data + out->len;
	z.avail_out = out->capacity - out->len - 1;
	assert_int_equal(deflate(&z, Z_FINISH), Z_STREAM_END);
	out->len += z.total_out;
	deflateEnd(&z);
}

/* Appends TEXT as one zstd frame. */
static inline void add_zstd(struct strbuf *out, struct slice text)
{
	size_t bound = ZSTD_compressBound(text.len), size;

	assert_true(strbuf_reserve(out, bound));
	size = ZSTD_compress(out->data + out->len, bound, text.data, text.len, 3);
	assert_false(ZSTD_isError(size));
	out->len += size;
}

/* A file in memory with BYTES. */
static inline int file_of(struct slice bytes)
{
	int fd = memfd_create("bytes", MFD_CLOEXEC);

	assert_true(fd >= 0);
	assert_int_equal(write_all(fd, bytes.data, bytes.len), 0);
	return fd;
}

static inline void digest_of(struct slice bytes, unsigned char ret[static SHA256_SIZE])
{
	CLEANUP_SHA256 struct sha256 sha256 = SHA256_INIT;

	assert_int_equal(sha256_init(&sha256), 0);
	assert_int_equal(sha256_add(&sha256, bytes.data, bytes.len), 0);
	assert_int_equal(sha256_end(&sha256, ret), 0);
}

/* "sha256:..." of BYTES. */
static inline const char *digest_text(struct slice bytes, char ret[static SHA256_TEXT_SIZE + 7])
{
	unsigned char digest[SHA256_SIZE];

	digest_of(bytes, digest);
	memcpy(ret, "sha256:", 7);
	sha256_format(digest, ret + 7);
	return ret;
}
