/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Gzip of any number of members (RFC 1952, 2.2) and zstd of any number of frames (RFC 8878, 3.1),
 * as one stream each. Behind the last gzip member zeros are let pass, as gzip(1) does: tapes
 * and disks pad.
 */
#include "image/inflate.h"

#include <errno.h>
#include <limits.h>
#include <stdlib.h>
#include <zlib.h>
#include <zstd.h>
#include <zstd_errors.h>

#define GZIP_WINDOW (15 + 16) /* the largest window, and gzip's header rather than zlib's */

struct gzip_state {
	z_stream stream;
	bool is_between;
	bool is_padding; /* zeros only from here on */
};

static void *gzip_start(unsigned window_log_max)
{
	struct gzip_state *g = calloc(1, sizeof(*g));

	(void)window_log_max; /* 32 KiB always */
	if (!g || inflateInit2(&g->stream, GZIP_WINDOW) != Z_OK) {
		free(g);
		return NULL;
	}
	g->is_between = true;
	return g;
}

static void gzip_end(void *state)
{
	struct gzip_state *g = state;

	inflateEnd(&g->stream);
	free(g);
}

static bool gzip_is_between(const void *state)
{
	const struct gzip_state *g = state;

	return g->is_between;
}

static int gzip_skip_padding(struct inflate_io *io, const char **ret_why)
{
	while (io->in_size > 0 && *io->in == 0) {
		io->in++;
		io->in_size--;
	}
	if (io->in_size == 0)
		return 0;
	*ret_why = "something else follows its last member";
	return -EBADMSG;
}

static unsigned part_size(size_t size)
{
	return size < UINT_MAX ? size : UINT_MAX;
}

static int gzip_inflate(struct gzip_state *g, struct inflate_io *io, const char **ret_why)
{
	unsigned in = part_size(io->in_size), out = part_size(io->out_size);
	int r;

	g->stream.next_in = (unsigned char *)io->in; /* zlib does not write there */
	g->stream.avail_in = in;
	g->stream.next_out = io->out;
	g->stream.avail_out = out;
	r = inflate(&g->stream, Z_NO_FLUSH);
	io->in += in - g->stream.avail_in;
	io->in_size -= in - g->stream.avail_in;
	io->out += out - g->stream.avail_out;
	io->out_size -= out - g->stream.avail_out;
	g->is_between = r == Z_STREAM_END;
	if (r == Z_OK || r == Z_STREAM_END || r == Z_BUF_ERROR)
		return 0;
	*ret_why = g->stream.msg ? g->stream.msg : "not gzip";
	return r == Z_MEM_ERROR ? -ENOMEM : -EBADMSG;
}

static int gzip_step(void *state, struct inflate_io *io, const char **ret_why)
{
	struct gzip_state *g = state;

	for (;;) {
		size_t in_size = io->in_size, out_size = io->out_size;
		int r;

		if (g->is_between && in_size == 0)
			return 0;
		if (g->is_between && g->stream.total_in > 0 && *io->in == 0)
			g->is_padding = true;
		if (g->is_padding)
			return gzip_skip_padding(io, ret_why);
		if (g->is_between && inflateReset(&g->stream) != Z_OK)
			return -EIO;
		r = gzip_inflate(g, io, ret_why);
		if (r < 0 || io->out_size == 0 ||
			(io->in_size == in_size && io->out_size == out_size))
			return r;
	}
}

const struct inflate_method inflate_gzip = {
	"gzip", gzip_start, gzip_end, gzip_step, gzip_is_between};

struct zstd_state {
	ZSTD_DStream *stream;
	bool is_between;
};

static void zstd_end(void *state)
{
	struct zstd_state *z = state;

	ZSTD_freeDStream(z->stream);
	free(z);
}

static void *zstd_start(unsigned window_log_max)
{
	struct zstd_state *z = calloc(1, sizeof(*z));

	if (!z)
		return NULL;
	z->is_between = true;
	z->stream = ZSTD_createDStream();
	if (!z->stream || ZSTD_isError(ZSTD_DCtx_setParameter(
				  z->stream, ZSTD_d_windowLogMax, (int)window_log_max))) {
		zstd_end(z);
		return NULL;
	}
	return z;
}

static bool zstd_is_between(const void *state)
{
	const struct zstd_state *z = state;

	return z->is_between;
}

static const char *zstd_why(size_t error)
{
	if (ZSTD_getErrorCode(error) == ZSTD_error_frameParameter_windowTooLarge)
		return "its window is beyond the limit window_log_max";
	return ZSTD_getErrorName(error);
}

static int zstd_step(void *state, struct inflate_io *io, const char **ret_why)
{
	struct zstd_state *z = state;
	ZSTD_inBuffer in = {io->in, io->in_size, 0};
	ZSTD_outBuffer out = {io->out, io->out_size, 0};
	size_t r;

	do {
		size_t in_before = in.pos, out_before = out.pos;

		r = ZSTD_decompressStream(z->stream, &out, &in);
		if (ZSTD_isError(r)) {
			*ret_why = zstd_why(r);
			return -EBADMSG;
		}
		if (in.pos == in_before && out.pos == out_before)
			break;
		z->is_between = r == 0;
	} while (out.pos < out.size);
	io->in += in.pos;
	io->in_size -= in.pos;
	io->out += out.pos;
	io->out_size -= out.pos;
	return 0;
}

const struct inflate_method inflate_zstd = {
	"zstd", zstd_start, zstd_end, zstd_step, zstd_is_between};
