/* SPDX-License-Identifier: Apache-2.0 */
/* Layers out of archives, see layer.h. */
#include "image/layer.h"

#include <errno.h>
#include <stdlib.h>

#include "base/array.h"
#include "image/failure.h"
#include "image/spool.h"

/* OCI image specification 1.1, layer.md, "Whiteouts". */
#define WHITEOUT_PREFIX ".wh."
#define WHITEOUT_OPAQUE ".wh..wh..opq"

int layer_reader_init(struct layer_reader *reader, const struct catalog *catalog,
	const struct image_limits *limits, struct image_error *e)
{
	*reader = (struct layer_reader){.catalog = catalog,
		.limits = limits,
		.e = e,
		.budget = {limits->bytes_max},
		.text_left = limits->text_bytes_max,
		.members_left = limits->members_max,
		.spool_fd = -1};
	reader->buffer = aligned_alloc(64, sizeof(*reader->buffer));
	reader->chunk = aligned_alloc(64, sizeof(*reader->chunk));
	if (reader->buffer && reader->chunk)
		return 0;
	layer_reader_done(reader);
	return image_fail_errno(e, -ENOMEM, "reading an image");
}

void layer_reader_done(struct layer_reader *reader)
{
	free(reader->buffer);
	free(reader->chunk);
	free(reader->held);
	fd_cleanup(&reader->spool_fd);
	*reader = (struct layer_reader){.spool_fd = -1};
}

int layer_reader_init_like(struct layer_reader *reader, const struct layer_reader *model,
	unsigned number, struct image_error *e)
{
	int r = layer_reader_init(reader, model->catalog, model->limits, e);

	if (r < 0)
		return r;
	reader->keeps = model->keeps;
	reader->userdata = model->userdata;
	reader->uses_threads = model->uses_threads;
	reader->spools = model->spools;
	reader->spool_fd = spool_given(model->spools, SPOOL_LAYERS + number);
	return 0;
}

void layer_reader_refill(struct layer_reader *reader, const struct layer_reader *model)
{
	reader->budget = model->budget;
	reader->text_left = model->text_left;
	reader->members_left = model->members_left;
}

struct layer_usage layer_reader_usage(
	const struct layer_reader *reader, const struct layer_reader *model)
{
	return (struct layer_usage){model->budget.bytes_left - reader->budget.bytes_left,
		model->text_left - reader->text_left, model->members_left - reader->members_left};
}

static int too_much_text(struct layer_reader *reader)
{
	return image_fail(reader->e, IMAGE_UNREADABLE,
		"more than %llu bytes of names, the limit text_bytes_max",
		(unsigned long long)reader->limits->text_bytes_max);
}

static int too_many_members(struct layer_reader *reader)
{
	return image_fail(reader->e, IMAGE_UNREADABLE, "more than %u files, the limit members_max",
		reader->limits->members_max);
}

static uint64_t take_off(uint64_t *left, uint64_t wanted)
{
	uint64_t taken = wanted < *left ? wanted : *left;

	*left -= taken;
	return wanted - taken;
}

int layer_reader_charge(struct layer_reader *reader, const struct layer_usage *usage)
{
	uint64_t members = reader->members_left;
	bool is_over_bytes = take_off(&reader->budget.bytes_left, usage->bytes) > 0;
	bool is_over_text = take_off(&reader->text_left, usage->text_bytes) > 0;
	bool is_over_members = take_off(&members, usage->members) > 0;

	reader->members_left = members;
	if (is_over_bytes)
		return image_fail(reader->e, IMAGE_UNREADABLE,
			"more than %llu bytes, the limit bytes_max",
			(unsigned long long)reader->limits->bytes_max);
	if (is_over_text)
		return too_much_text(reader);
	return is_over_members ? too_many_members(reader) : 0;
}

void layer_unref(struct layer *layer)
{
	if (!layer || --layer->users > 0)
		return;
	free(layer->entries);
	free(layer->programs);
	free(layer->extras);
	strbuf_done(&layer->text);
	free(layer);
}

int layer_add_text(
	struct layer_reader *reader, struct layer *layer, struct slice text, struct layer_text *ret)
{
	if (text.len > reader->text_left || text.len > UINT32_MAX - layer->text.len)
		return too_much_text(reader);
	*ret = (struct layer_text){layer->text.len, text.len};
	strbuf_add_slice(&layer->text, text);
	if (layer->text.error)
		return image_fail_errno(reader->e, layer->text.error, "a layer");
	reader->text_left -= text.len;
	return 0;
}

/* Takes the next component off PATH; "" behind the last. */
static struct slice next_component(struct slice *path)
{
	struct slice component;
	const char *slash;

	while (path->len > 0 && *path->data == '/')
		*path = (struct slice){path->data + 1, path->len - 1};
	slash = memchr(path->data, '/', path->len);
	component = (struct slice){path->data, slash ? (size_t)(slash - path->data) : path->len};
	*path = (struct slice){path->data + component.len, path->len - component.len};
	return component;
}

/* Takes the last component off what begins at START in TEXT. */
static void leave_component(struct strbuf *text, size_t start)
{
	while (text->len > start && text->data[text->len - 1] != '/')
		strbuf_truncate(text, text->len - 1);
	if (text->len > start)
		strbuf_truncate(text, text->len - 1);
}

int layer_add_path(
	struct layer_reader *reader, struct layer *layer, struct slice name, struct layer_text *ret)
{
	CLEANUP_STRBUF struct strbuf path = STRBUF_INIT;
	struct slice rest = name.data ? name : slice_of(""), component;
	unsigned depth = 0;

	while ((component = next_component(&rest)).len > 0) {
		if (slice_equal_text(component, ".."))
			leave_component(&path, 0);
		if (slice_equal_text(component, ".") || slice_equal_text(component, ".."))
			continue;
		if (++depth > reader->limits->depth_max)
			return image_fail(reader->e, IMAGE_UNREADABLE,
				"more than %u directories deep, the limit depth_max: %.*s...",
				reader->limits->depth_max, SHOWN(name));
		if (path.len > 0)
			strbuf_add_char(&path, '/');
		strbuf_add_slice(&path, component);
	}
	if (path.error)
		return image_fail_errno(reader->e, path.error, "a layer");
	return layer_add_text(reader, layer, strbuf_slice(&path), ret);
}

int layer_add_entry(
	struct layer_reader *reader, struct layer *layer, const struct layer_entry *entry)
{
	if (reader->members_left == 0)
		return too_many_members(reader);
	if (!ARRAY_RESERVE(layer->entries, layer->capacity, layer->count, 1))
		return image_fail_errno(reader->e, -ENOMEM, "a layer");
	reader->members_left--;
	layer->entries[layer->count++] = *entry;
	return 0;
}

int layer_add_capability(struct layer_reader *reader, struct layer *layer, struct slice value,
	struct layer_entry *entry)
{
	struct layer_text text;
	int r;

	if (value.len == 0)
		return 0;
	r = layer_add_text(reader, layer, value, &text);
	if (r < 0)
		return r;
	if (!ARRAY_RESERVE(layer->extras, layer->extra_capacity, layer->extra_count, 1))
		return image_fail_errno(reader->e, -ENOMEM, "a layer");
	layer->extras[layer->extra_count++] = (struct layer_extra){.capability = text};
	entry->extra = layer->extra_count;
	return 0;
}

/* What would hide its own directory, or one above, is taken for an ordinary file. */
static bool hides_a_name(struct slice name)
{
	size_t prefix = strlen(WHITEOUT_PREFIX);
	struct slice hidden;

	if (name.len <= prefix || memcmp(name.data, WHITEOUT_PREFIX, prefix) != 0)
		return false;
	hidden = (struct slice){name.data + prefix, name.len - prefix};
	return !slice_equal_text(hidden, ".") && !slice_equal_text(hidden, "..");
}

/* A whiteout hides what its name says behind the prefix, an opaque one all of its directory. */
static void take_whiteout(const struct layer *layer, struct layer_entry *entry)
{
	struct slice path = layer_slice(layer, entry->path), name = slice_basename(path);
	size_t prefix = strlen(WHITEOUT_PREFIX);

	if (slice_equal_text(name, WHITEOUT_OPAQUE)) {
		entry->kind = LAYER_OPAQUE;
		entry->path.len -= name.len < path.len ? name.len + 1 : name.len;
	} else if (hides_a_name(name)) {
		/* The text stays one piece: the name moves over its prefix. */
		entry->kind = LAYER_WHITEOUT;
		memmove((char *)name.data, name.data + prefix, name.len - prefix);
		entry->path.len -= prefix;
	}
}

static ssize_t read_member(void *source, void *data, size_t size)
{
	return tar_read(source, data, size);
}

static int read_names(struct layer_reader *reader, struct layer *layer, const struct tar_member *m,
	struct layer_entry *entry)
{
	int r = layer_add_path(reader, layer, m->name, &entry->path);

	if (r == 0 && m->type == TAR_HARD_LINK)
		r = layer_add_path(reader, layer, m->link, &entry->link);
	else if (r == 0 && m->type == TAR_SYMLINK)
		r = layer_add_text(reader, layer, m->link, &entry->link);
	if (r == 0 && entry->path.len == 0 && m->type != TAR_DIRECTORY)
		return image_fail(reader->e, IMAGE_UNREADABLE, "a file in place of the top: %.*s",
			SHOWN(m->name));
	return r;
}

static int add_member(struct layer_reader *reader, struct layer *layer, struct tar *tar,
	const struct tar_member *m, bool with_whiteouts)
{
	struct layer_entry entry = {.size_bytes = m->size_bytes,
		.mode = m->mode,
		.uid = m->uid,
		.gid = m->gid,
		.kind = m->type};
	int r = read_names(reader, layer, m, &entry);

	if (r == 0 && with_whiteouts && m->type != TAR_DIRECTORY)
		take_whiteout(layer, &entry);
	if (r == 0 && entry.kind <= TAR_FIFO)
		r = layer_add_capability(reader, layer, m->capability, &entry);
	if (r == 0 && entry.kind == TAR_FILE)
		r = layer_read_content(reader, layer, &entry, read_member, tar);
	return r < 0 ? r : layer_add_entry(reader, layer, &entry);
}

static int read_members(
	struct layer_reader *reader, struct layer *layer, struct blob *blob, bool with_whiteouts)
{
	CLEANUP_TAR struct tar *tar = NULL;
	struct tar_member m;
	int r = tar_open(blob, reader->limits, reader->e, &tar);

	while (r == 0 && (r = tar_next(tar, &m)) > 0)
		r = add_member(reader, layer, tar, &m, with_whiteouts);
	if (r == 0)
		layer->has_end = tar_has_end(tar);
	return r;
}

int layer_read_tar(struct layer_reader *reader, const struct blob_range *range, bool with_whiteouts,
	struct layer **ret)
{
	CLEANUP_LAYER struct layer *layer = calloc(1, sizeof(*layer));
	CLEANUP_BLOB struct blob *blob = NULL;
	int r;

	if (!layer)
		return image_fail_errno(reader->e, -ENOMEM, "a layer");
	layer->users = 1;
	r = blob_open(range, reader->limits, &reader->budget, reader->e, &blob);
	if (r == 0 && reader->uses_threads)
		blob_use_threads(blob);
	if (r == 0)
		r = read_members(reader, layer, blob, with_whiteouts);
	if (r == 0)
		r = blob_finish(blob, &layer->has_more, layer->digest, layer->diff_id);
	if (r < 0)
		return r;
	layer->compression = blob_compression(blob);
	layer->blob_bytes = range->size_bytes;
	layer->bytes = blob_position(blob);
	*ret = TAKE_PTR(layer);
	return 0;
}
