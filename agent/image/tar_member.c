/* SPDX-License-Identifier: Apache-2.0 */
/* A member of a tar archive: its name, and where its data are when it is sparse. */
#include <string.h>

#include "image/failure.h"
#include "image/tar_state.h"

#define MODE_MASK 07777

#define TYPE_HARD_LINK \
	'1' /* the first that is no file; the others follow in the order of tar_type */
#define TYPE_FIFO   '6' /* and the last one */
#define TYPE_SPARSE 'S'

/* ---- names ---- */

static bool has_magic(const struct tar *t, const char *magic, size_t size)
{
	return memcmp(t->block + TAR_MAGIC_AT, magic, size) == 0;
}

/*
 * The name in the header block. Where GNU tar keeps times, Go takes what is none for a prefix
 * (archive/tar, readHeader): that would be another name.
 */
static int header_name(struct tar *t, struct strbuf *name)
{
	struct slice prefix = {NULL, 0};
	uint64_t time;

	if (has_magic(t, "ustar ", 6)) {
		for (size_t at = TAR_PREFIX_AT; at <= TAR_PREFIX_AT + TAR_NUMBER_SIZE;
			at += TAR_NUMBER_SIZE)
			if (t->block[at] != 0 && !tar_number_at(t, at, TAR_NUMBER_SIZE, &time))
				return tar_malformed(t, "a time that is no number");
	} else if (has_magic(t, "ustar", 6)) {
		prefix = tar_text(t->block, TAR_PREFIX_AT,
			memcmp(t->block + TAR_BLOCK - 4, "tar", 4) == 0 ? 131 /* star */
									: TAR_PREFIX_SIZE);
	}
	if (prefix.len > 0) {
		strbuf_add_slice(name, prefix);
		strbuf_add_char(name, '/');
	}
	strbuf_add_slice(name, tar_text(t->block, TAR_NAME_AT, TAR_NAME_SIZE));
	return 0;
}

/* Readers differ in which of the two comes first. */
static int check_names(struct tar *t, const char *what, bool has_both, const struct strbuf *a,
	const struct strbuf *b)
{
	if (!has_both || slice_equal(strbuf_slice(a), strbuf_slice(b)))
		return 0;
	return image_fail(t->e, IMAGE_UNREADABLE, "tar: two %s for one member: %.*s and %.*s", what,
		SHOWN(strbuf_slice(a)), SHOWN(strbuf_slice(b)));
}

static int take_name(struct tar *t)
{
	int r = check_names(
		t, "names", t->has_long_name && t->pax.has_path, &t->long_name, &t->pax.path);

	strbuf_reset(&t->name);
	if (t->pax.has_sparse_name)
		strbuf_add_slice(&t->name, strbuf_slice(&t->pax.sparse_name));
	else if (t->has_long_name)
		strbuf_add_slice(&t->name, strbuf_slice(&t->long_name));
	else if (t->pax.has_path)
		strbuf_add_slice(&t->name, strbuf_slice(&t->pax.path));
	else if (r == 0)
		r = header_name(t, &t->name);
	return t->name.error ? tar_failed(t, t->name.error, "") : r;
}

static int take_link(struct tar *t)
{
	int r = check_names(
		t, "links", t->has_long_link && t->pax.has_link, &t->long_link, &t->pax.link);

	strbuf_reset(&t->link);
	if (t->has_long_link)
		strbuf_add_slice(&t->link, strbuf_slice(&t->long_link));
	else if (t->pax.has_link)
		strbuf_add_slice(&t->link, strbuf_slice(&t->pax.link));
	else
		strbuf_add_slice(&t->link, tar_text(t->block, TAR_LINK_AT, TAR_LINK_SIZE));
	return t->link.error ? tar_failed(t, t->link.error, "") : r;
}

static int check_names_size(struct tar *t)
{
	const struct strbuf *longer = t->name.len > t->link.len ? &t->name : &t->link;

	if (longer->len <= t->limits->name_max)
		return 0;
	return image_fail(t->e, IMAGE_UNREADABLE,
		"a name of more than %u bytes, the limit name_max: %.*s...", t->limits->name_max,
		SHOWN(strbuf_slice(longer)));
}

/* ---- sparse files ---- */

static int check_map(struct tar *t, uint64_t real_size, uint64_t stored)
{
	if (!tar_map_is_valid(&t->map, real_size, stored))
		return tar_malformed(t, "a sparse file whose map does not fit it");
	t->is_sparse = true;
	t->size_bytes = real_size;
	return 0;
}

/* The COUNT entries at AT in the block, up to the first that is empty. */
static int take_old_extents(struct tar *t, size_t at, size_t count)
{
	uint64_t offset, size;

	for (size_t i = 0; i < count; i++, at += 2 * TAR_NUMBER_SIZE) {
		int r;

		if (t->block[at] == 0)
			return 0;
		if (!tar_number_at(t, at, TAR_NUMBER_SIZE, &offset) ||
			!tar_number_at(t, at + TAR_NUMBER_SIZE, TAR_NUMBER_SIZE, &size))
			return tar_malformed(t, "a sparse map that is none");
		r = tar_map_add(&t->map, offset, size);
		if (r < 0)
			return tar_failed(t, r, "");
	}
	return 0;
}

/* GNU tar's own type: four entries in the header, then blocks of 21. */
static int take_old_sparse(struct tar *t, uint64_t stored)
{
	uint64_t real_size;
	bool goes_on = t->block[TAR_EXTENDED_AT] != 0;
	int r;

	if (!tar_number_at(t, TAR_REAL_AT, TAR_NUMBER_SIZE, &real_size))
		return tar_malformed(t, "a size that is no number");
	r = take_old_extents(t, TAR_SPARSE_AT, 4);
	while (r == 0 && goes_on) {
		r = tar_read_block(t, "it ends within a sparse map");
		if (r < 0)
			return r;
		goes_on = t->block[504] != 0;
		r = take_old_extents(t, 0, 21);
	}
	if (r == 0)
		r = tar_begin_data(t, stored);
	return r < 0 ? r : check_map(t, real_size, stored);
}

/*
 * A line of the map that a file of version 1.0 begins with. USED is how much of the block is read.
 */
static int read_map_number(struct tar *t, size_t *used, uint64_t *ret)
{
	char digits[24];
	size_t len = 0;

	for (;;) {
		char c;

		if (*used == TAR_BLOCK) {
			int r = blob_position(t->blob) < t->data_end
					? tar_read_block(t, "it ends within a sparse map")
					: tar_malformed(t, "a sparse map without an end");

			if (r < 0)
				return r;
			*used = 0;
		}
		c = t->block[(*used)++];
		if (c == '\n')
			break;
		if (len == sizeof(digits))
			return tar_malformed(t, "a sparse map that is none");
		digits[len++] = c;
	}
	return tar_decimal((struct slice){digits, len}, ret)
		       ? 0
		       : tar_malformed(t, "a sparse map that is none");
}

static int read_map(struct tar *t)
{
	uint64_t count, offset, size;
	size_t used = TAR_BLOCK;
	int r = read_map_number(t, &used, &count);

	for (uint64_t i = 0; r == 0 && i < count; i++) {
		r = read_map_number(t, &used, &offset);
		if (r == 0)
			r = read_map_number(t, &used, &size);
		if (r < 0)
			return r;
		r = tar_map_add(&t->map, offset, size);
		if (r < 0)
			return tar_failed(t, r, "");
	}
	return r;
}

static void swap_map(struct tar *t)
{
	struct tar_map map = t->map;

	t->map = t->pax.map;
	t->pax.map = map;
}

/* The versions 0.0, 0.1 (the map is in the header) and 1.0 (it is before the data). */
static int take_pax_sparse(struct tar *t, uint64_t stored)
{
	const struct tar_pax *pax = &t->pax;
	const struct tar_optional *real = pax->sparse_size.is_set ? &pax->sparse_size
								  : &pax->sparse_real_size;
	bool is_1_0 = pax->sparse_major.is_set && pax->sparse_major.value == 1 &&
		      pax->sparse_minor.is_set && pax->sparse_minor.value == 0;
	int r = 0;

	if (!is_1_0 && (!pax->has_map || (pax->sparse_major.is_set && pax->sparse_major.value)))
		return tar_malformed(t, "a sparse file of a kind that is not known");
	if (is_1_0)
		r = read_map(t);
	else
		swap_map(t);
	if (r == 0 && blob_position(t->blob) > t->data_end)
		return tar_malformed(t, "a sparse map without an end");
	if (r < 0)
		return r;
	stored = is_1_0 ? t->data_end - blob_position(t->blob) : stored;
	return check_map(t, real->is_set ? real->value : stored, stored);
}

static bool has_pax_sparse(const struct tar_pax *pax)
{
	return pax->has_map || pax->sparse_major.is_set || pax->has_sparse_name ||
	       pax->sparse_size.is_set || pax->sparse_real_size.is_set;
}

/* ---- the rest ---- */

static enum tar_type type_of(char type)
{
	if (type >= TYPE_HARD_LINK && type <= TYPE_FIFO)
		return TAR_HARD_LINK + (type - TYPE_HARD_LINK);
	return TAR_FILE;
}

static uint32_t owner(const struct tar *t, size_t at, const struct tar_optional *local,
	const struct tar_optional *global)
{
	uint64_t id = 0;

	if (local->is_set)
		id = local->value;
	else if (global->is_set)
		id = global->value;
	else if (!tar_number_at(t, at, TAR_ID_SIZE, &id))
		id = 0;
	return id <= UINT32_MAX ? id : UINT32_MAX;
}

/* Size and map of the file; what is no file has no data, whatever its size is said to be. */
static int take_data(struct tar *t, enum tar_type type)
{
	bool is_old_sparse = t->block[TAR_TYPE_AT] == TYPE_SPARSE;
	uint64_t size;
	int r;

	if (!tar_number_at(t, TAR_SIZE_AT, TAR_NUMBER_SIZE, &size))
		return tar_malformed(t, "a size that is no number");
	if (t->pax.size.is_set)
		size = t->pax.size.value;
	if (type != TAR_FILE && has_pax_sparse(&t->pax))
		return tar_malformed(t, "a sparse member that is no file");
	if (is_old_sparse && has_pax_sparse(&t->pax))
		return tar_malformed(t, "a file that is sparse in two ways");
	t->size_bytes = type == TAR_FILE ? size : 0;
	r = tar_begin_data(t, t->size_bytes);
	if (r == 0 && is_old_sparse)
		r = take_old_sparse(t, size);
	else if (r == 0 && has_pax_sparse(&t->pax))
		r = take_pax_sparse(t, size);
	return r;
}

/* Older writers mark directories by their name; what has data is none. */
static int settle_directory(struct tar *t, struct tar_member *m)
{
	if (m->type != TAR_FILE || t->name.len == 0 || t->name.data[t->name.len - 1] != '/')
		return 0;
	if (m->size_bytes > 0)
		return tar_malformed(t, "a file with the name of a directory");
	m->type = TAR_DIRECTORY;
	return 0;
}

int tar_take_member(struct tar *t, struct tar_member *ret)
{
	struct tar_member m = {.type = type_of((char)t->block[TAR_TYPE_AT])};
	uint64_t mode = 0;
	int r;

	if (!tar_number_at(t, TAR_MODE_AT, TAR_ID_SIZE, &mode))
		return tar_malformed(t, "a mode that is no number");
	m.mode = mode & MODE_MASK;
	m.uid = owner(t, TAR_UID_AT, &t->pax.uid, &t->global.uid);
	m.gid = owner(t, TAR_GID_AT, &t->pax.gid, &t->global.gid);
	r = take_name(t);
	if (r == 0)
		r = take_link(t);
	if (r == 0)
		r = check_names_size(t);
	if (r == 0) /* may read over the block */
		r = take_data(t, m.type);
	m.size_bytes = t->size_bytes;
	m.is_sparse = t->is_sparse;
	m.data_position = blob_position(t->blob);
	m.name = strbuf_slice(&t->name);
	m.link = strbuf_slice(&t->link);
	m.capability = strbuf_slice(&t->pax.capability);
	if (r == 0)
		r = settle_directory(t, &m);
	if (r == 0)
		*ret = m;
	return r;
}
