/* SPDX-License-Identifier: Apache-2.0 */
/* Decompressing, see inflate.c. The only home of zlib and libzstd. */
#pragma once

#include <stdbool.h>
#include <stddef.h>

/* A part of the input, and room for output; both move on as they are used. */
struct inflate_io {
	const unsigned char *in;
	size_t in_size;
	unsigned char *out;
	size_t out_size;
};

/*
 * One way of compression. Functions return 0, or a negative errno with *RET_WHY saying what is
 * wrong.
 */
struct inflate_method {
	const char *name;
	void *(*start)(unsigned window_log_max); /* NULL without memory */
	void (*end)(void *state);
	/* Goes on as far as the input, or the room, reaches. */
	int (*step)(void *state, struct inflate_io *io, const char **ret_why);
	bool (*is_between)(const void *state); /* a member or frame has ended, and none begun */
};

extern const struct inflate_method inflate_gzip, inflate_zstd;
