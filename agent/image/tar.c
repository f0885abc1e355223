/* SPDX-License-Identifier: Apache-2.0 */
/* See tar.h. */
#include "image/tar.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "image/failure.h"
#include "image/tar_state.h"

/* Headers that are no member's. */
#define TYPE_LONG_LINK 'K'
#define TYPE_LONG_NAME 'L'
#define TYPE_LOCAL     'x'
#define TYPE_GLOBAL    'g'

int tar_open(struct blob *blob, const struct image_limits *limits, struct image_error *e,
	struct tar **ret)
{
	struct tar *t = calloc(1, sizeof(*t));

	if (!t)
		return image_fail_errno(e, -ENOMEM, "a tar archive");
	t->blob = blob;
	t->limits = limits;
	t->e = e;
	*ret = t;
	return 0;
}

void tar_free(struct tar *t)
{
	if (!t)
		return;
	strbuf_done(&t->special);
	strbuf_done(&t->name);
	strbuf_done(&t->link);
	strbuf_done(&t->long_name);
	strbuf_done(&t->long_link);
	tar_pax_done(&t->pax);
	tar_pax_done(&t->global);
	tar_map_done(&t->map);
	free(t);
}

bool tar_has_end(const struct tar *t)
{
	return t->has_end;
}

int tar_malformed(struct tar *t, const char *why)
{
	return image_fail(t->e, IMAGE_UNREADABLE, "tar, at byte %llu: %s",
		(unsigned long long)blob_position(t->blob), why);
}

int tar_failed(struct tar *t, int error, const char *why)
{
	if (error == -EBADMSG)
		return tar_malformed(t, why);
	if (error == -EFBIG)
		return tar_malformed(t, "more parts of a sparse file than 1 MiB of map can hold");
	return image_fail_errno(t->e, error, "a tar archive");
}

/* ---- blocks ---- */

/* 1, 0 at the end of the stream, or a negative errno. */
static int read_block(struct tar *t)
{
	ssize_t n = blob_read(t->blob, t->block, TAR_BLOCK);

	if (n > 0 && n < TAR_BLOCK)
		return tar_malformed(t, "it ends within a block");
	return n > 0 ? 1 : n;
}

int tar_read_block(struct tar *t, const char *what)
{
	int r = read_block(t);

	return r == 0 ? tar_malformed(t, what) : r;
}

static bool block_is_zero(const struct tar *t)
{
	return t->block[0] == 0 && memcmp(t->block, t->block + 1, TAR_BLOCK - 1) == 0;
}

static uint64_t padding_of(uint64_t size)
{
	return (TAR_BLOCK - size % TAR_BLOCK) % TAR_BLOCK;
}

/* Goes on to the block behind the member's data. */
static int skip_data(struct tar *t)
{
	uint64_t wanted = t->data_end + padding_of(t->data_end);
	int r = 0;

	/* positions of blocks are multiples of their size in the stream, since all begins at 0 */
	if (wanted > blob_position(t->blob))
		r = blob_skip(t->blob, wanted - blob_position(t->blob));
	if (r == 0 && blob_position(t->blob) < wanted)
		return tar_malformed(t, "it ends within a file");
	return r;
}

int tar_begin_data(struct tar *t, uint64_t size)
{
	if (size > INT64_MAX - TAR_BLOCK - blob_position(t->blob))
		return tar_malformed(t, "a size beyond any file's");
	t->data_end = blob_position(t->blob) + size;
	return 0;
}

/* ---- headers for the member to come ---- */

/* Reads the data of a header into SPECIAL. */
static int read_special(struct tar *t)
{
	uint64_t size;
	ssize_t n;
	int r;

	if (!tar_number_at(t, TAR_SIZE_AT, TAR_NUMBER_SIZE, &size))
		return tar_malformed(t, "a size that is no number");
	if (size > TAR_SPECIAL_MAX)
		return tar_malformed(t, "an extended header of more than 1 MiB");
	r = tar_begin_data(t, size);
	if (r < 0)
		return r;
	strbuf_reset(&t->special);
	if (!strbuf_reserve(&t->special, size))
		return tar_failed(t, -ENOMEM, "");
	n = blob_read(t->blob, t->special.data, size);
	if (n < 0)
		return n;
	if ((uint64_t)n < size)
		return tar_malformed(t, "it ends within an extended header");
	t->special.len = size;
	return skip_data(t);
}

static int read_long(struct tar *t, struct strbuf *text, bool *has)
{
	int r = read_special(t);

	if (r < 0)
		return r;
	strbuf_reset(text);
	strbuf_add(text, t->special.data, strnlen(t->special.data, t->special.len));
	*has = true;
	return text->error ? tar_failed(t, text->error, "") : 0;
}

static int read_pax(struct tar *t, struct tar_pax *pax)
{
	const char *why = "a pax header";
	int r = read_special(t);

	if (r < 0)
		return r;
	r = tar_pax_parse(pax, strbuf_slice(&t->special), &why);
	return r < 0 ? tar_failed(t, r, why) : 0;
}

static int read_local(struct tar *t)
{
	tar_pax_reset(&t->pax);
	t->has_pax = true;
	return read_pax(t, &t->pax);
}

/*
 * Engines leave out what a global header says, the standard has it stand for every member: with
 * names or sizes the two would find other files.
 */
static int read_global(struct tar *t)
{
	const struct tar_pax *g = &t->global;
	int r = read_pax(t, &t->global);

	if (r == 0 && (g->has_path || g->has_link || g->size.is_set || g->has_map ||
			      g->has_sparse_name || g->sparse_major.is_set ||
			      g->sparse_size.is_set || g->sparse_real_size.is_set))
		return tar_malformed(t, "a global header with a name or a size");
	return r;
}

/* Reads a header that is no member's. 1 when there was one, 0 when this is a member. */
static int read_extended(struct tar *t)
{
	int r;

	switch (t->block[TAR_TYPE_AT]) {
	case TYPE_LOCAL:
		r = read_local(t);
		break;
	case TYPE_GLOBAL:
		r = read_global(t);
		break;
	case TYPE_LONG_NAME:
		r = read_long(t, &t->long_name, &t->has_long_name);
		break;
	case TYPE_LONG_LINK:
		r = read_long(t, &t->long_link, &t->has_long_link);
		break;
	default:
		return 0;
	}
	return r < 0 ? r : 1;
}

static void forget_member(struct tar *t)
{
	if (t->has_pax)
		tar_pax_reset(&t->pax);
	t->has_pax = t->has_long_name = t->has_long_link = t->is_sparse = false;
	t->map.count = 0;
	t->extent = 0;
	t->position = t->size_bytes = 0;
}

/* Behind the first block of zeros. */
static int take_end(struct tar *t)
{
	int r = read_block(t);

	if (r > 0 && !block_is_zero(t))
		return tar_malformed(t, "a block of zeros in the middle");
	t->has_end = r > 0;
	return r < 0 ? r : 0;
}

/* 1 when the block is the header of a member, 0 at the end. */
static int next_header(struct tar *t)
{
	for (;;) {
		int r = read_block(t);

		if (r > 0 && block_is_zero(t))
			r = take_end(t);
		if (r == 0 && (t->has_pax || t->has_long_name || t->has_long_link))
			return tar_malformed(t, "an extended header without a member");
		if (r <= 0)
			return r;
		if (!tar_checksum_fits(t->block))
			return tar_malformed(t, "no header: its checksum is wrong");
		if (t->members++ == t->limits->members_max)
			return image_fail(t->e, IMAGE_UNREADABLE,
				"tar: more than %u members, the limit members_max",
				t->limits->members_max);
		r = read_extended(t);
		if (r <= 0)
			return r < 0 ? r : 1;
	}
}

int tar_next(struct tar *t, struct tar_member *ret)
{
	int r;

	if (t->is_done)
		return 0;
	r = skip_data(t);
	if (r < 0)
		return r;
	forget_member(t);
	r = next_header(t);
	t->is_done = r <= 0;
	if (r <= 0)
		return r;
	r = tar_take_member(t, ret);
	return r < 0 ? r : 1;
}

/* ---- data ---- */

/* How much follows of the same kind, hole or data, in the file. */
static uint64_t run_at_position(const struct tar *t, bool *ret_is_hole)
{
	uint64_t rest = t->size_bytes - t->position;
	const struct tar_extent *extent;

	*ret_is_hole = t->is_sparse;
	if (!t->is_sparse || t->extent == t->map.count)
		return rest;
	extent = &t->map.extents[t->extent];
	if (t->position < extent->offset)
		return extent->offset - t->position;
	*ret_is_hole = false;
	return extent->offset + extent->size_bytes - t->position;
}

static void leave_extents(struct tar *t)
{
	while (t->is_sparse && t->extent < t->map.count &&
		t->position >=
			t->map.extents[t->extent].offset + t->map.extents[t->extent].size_bytes)
		t->extent++;
}

ssize_t tar_read(struct tar *t, void *data, size_t size)
{
	bool is_hole;
	uint64_t run;
	ssize_t n;

	leave_extents(t);
	run = run_at_position(t, &is_hole);
	if (size > run)
		size = run;
	if (size == 0)
		return 0;
	if (is_hole) {
		memset(data, 0, size);
		n = blob_charge_holes(t->blob, size);
		n = n < 0 ? n : (ssize_t)size;
	} else {
		n = blob_read(t->blob, data, size);
		if (n >= 0 && (size_t)n < size)
			return tar_malformed(t, "it ends within a file");
	}
	if (n > 0)
		t->position += n;
	return n;
}
