/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The bytes of a file in a layer: digested as they come, and identified when they begin as an ELF
 * file or a script does. Identifying reads a file here and there: most are held in memory, and
 * large ones go to a file without a name, the same for all.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/array.h"
#include "base/io.h"
#include "image/failure.h"
#include "image/layer.h"
#include "image/spool.h"

/* The questions of struct program_identity that are answered with yes. */
enum {
	IS_WHOLE = 1,
	IS_ELF = 2,
	IS_STATIC = 4,
	IS_LOADER = 8,
	IS_PACKED = 16,
	IS_SCRIPT = 32,
	HAS_SHELL = 64,
	HAS_PACKAGE_MANAGER = 128
};

static int add_string(
	struct layer_reader *reader, struct layer *layer, const char *text, struct layer_text *ret)
{
	return layer_add_text(reader, layer, slice_of(text), ret);
}

static uint16_t flags_of(const struct program_identity *id)
{
	return (id->is_whole ? IS_WHOLE : 0) | (id->is_elf ? IS_ELF : 0) |
	       (id->is_static ? IS_STATIC : 0) | (id->is_loader ? IS_LOADER : 0) |
	       (id->is_packed ? IS_PACKED : 0) | (id->is_script ? IS_SCRIPT : 0) |
	       (id->has_shell ? HAS_SHELL : 0) |
	       (id->has_package_manager ? HAS_PACKAGE_MANAGER : 0);
}

static int keep_program(struct layer_reader *reader, struct layer *layer,
	const struct program_identity *id, struct layer_entry *entry)
{
	struct layer_program program = {.signature = id->signature,
		.size_bytes = id->size_bytes,
		.applets = id->applets,
		.flags = flags_of(id),
		.class = id->class,
		.build_id_bytes = id->build_id_bytes};
	int r;

	memcpy(program.fits, id->fits, sizeof(program.fits));
	memcpy(program.build_id, id->build_id, sizeof(program.build_id));
	r = add_string(reader, layer, id->interpreter, &program.interpreter);
	if (r == 0)
		r = add_string(reader, layer, id->argument, &program.argument);
	if (r == 0)
		r = add_string(reader, layer, id->module, &program.module);
	if (r < 0)
		return r;
	if (!ARRAY_RESERVE(layer->programs, layer->program_capacity, layer->program_count, 1))
		return image_fail_errno(reader->e, -ENOMEM, "a layer");
	layer->programs[layer->program_count++] = program;
	entry->program = layer->program_count;
	return 0;
}

static void copy_text(const struct layer *layer, struct layer_text text, char *ret)
{
	memcpy(ret, layer_slice(layer, text).data, text.len); /* was as long before */
	ret[text.len] = '\0';
}

void layer_program_expand(const struct layer *layer, const struct layer_program *program,
	struct program_identity *ret)
{
	uint16_t flags = program->flags;

	*ret = (struct program_identity){.signature = program->signature,
		.class = program->class,
		.size_bytes = program->size_bytes,
		.is_whole = flags & IS_WHOLE,
		.is_elf = flags & IS_ELF,
		.is_static = flags & IS_STATIC,
		.is_loader = flags & IS_LOADER,
		.is_packed = flags & IS_PACKED,
		.is_script = flags & IS_SCRIPT,
		.has_shell = flags & HAS_SHELL,
		.has_package_manager = flags & HAS_PACKAGE_MANAGER,
		.applets = program->applets,
		.build_id_bytes = program->build_id_bytes};
	memcpy(ret->fits, program->fits, sizeof(ret->fits));
	memcpy(ret->build_id, program->build_id, sizeof(ret->build_id));
	copy_text(layer, program->interpreter, ret->interpreter);
	copy_text(layer, program->argument, ret->argument);
	copy_text(layer, program->module, ret->module);
}

/* A file that is being read. */
struct content {
	struct layer_reader *reader;
	struct layer *layer;
	struct layer_entry *entry;
	layer_read_fn *read;
	void *source;
	struct sha256 *sha256;
	bool is_held, is_spooled, is_kept; /* in memory; in the file; in the layer */
	size_t held_bytes;
	struct layer_text kept;
};

static bool begins_with(struct slice bytes, const char *magic)
{
	return bytes.len >= strlen(magic) && memcmp(bytes.data, magic, strlen(magic)) == 0;
}

/* Fills the chunk, less at the end of the file. */
static ssize_t read_chunk(struct content *c)
{
	size_t len = 0;

	while (len < PROGRAM_BUFFER_BYTES) {
		ssize_t n = c->read(
			c->source, c->reader->chunk->bytes + len, PROGRAM_BUFFER_BYTES - len);

		if (n < 0)
			return n;
		if (n == 0)
			break;
		len += n;
	}
	return len;
}

static int spool(struct content *c, struct slice bytes)
{
	int r = write_all(c->reader->spool_fd, bytes.data, bytes.len);

	return r < 0 ? image_fail_errno(c->reader->e, r, "a temporary file") : 0;
}

static int begin_spool(struct content *c)
{
	int r = spool_begin(&c->reader->spool_fd);

	c->is_spooled = true;
	return r < 0 ? image_fail_errno(c->reader->e, r, "a temporary file") : 0;
}

static int begin_hold(struct content *c)
{
	if (c->entry->size_bytes > LAYER_HELD_BYTES)
		return begin_spool(c);
	if (!c->reader->held)
		c->reader->held = malloc(LAYER_HELD_BYTES);
	if (!c->reader->held)
		return image_fail_errno(c->reader->e, -ENOMEM, "a layer");
	c->is_held = true;
	return 0;
}

/* What grows beyond its size, as a file of a directory may, goes to the file after all. */
static int hold(struct content *c, struct slice bytes)
{
	int r;

	if (bytes.len <= LAYER_HELD_BYTES - c->held_bytes) {
		memcpy(c->reader->held + c->held_bytes, bytes.data, bytes.len);
		c->held_bytes += bytes.len;
		return 0;
	}
	c->is_held = false;
	r = begin_spool(c);
	if (r == 0)
		r = spool(c, (struct slice){(char *)c->reader->held, c->held_bytes});
	return r == 0 ? spool(c, bytes) : r;
}

static int take_chunk(struct content *c, struct slice bytes)
{
	struct layer_text text;
	int r = sha256_add(c->sha256, bytes.data, bytes.len);

	if (r < 0)
		return image_fail_errno(c->reader->e, r, "SHA-256");
	if (c->is_held)
		r = hold(c, bytes);
	else if (c->is_spooled)
		r = spool(c, bytes);
	if (r == 0 && c->is_kept) {
		r = layer_add_text(c->reader, c->layer, bytes, &text);
		c->kept.len += text.len;
	}
	return r;
}

/*
 * Identifies the file by its first chunk, when it is whole or tells enough, else begins to
 * hold it.
 */
static int take_first(struct content *c, struct slice bytes)
{
	bool is_whole = bytes.len < PROGRAM_BUFFER_BYTES || bytes.len == c->entry->size_bytes;
	bool is_elf = begins_with(bytes, "\177ELF");
	struct program_identity id;

	if (is_elf && !is_whole)
		return begin_hold(c);
	if (!is_elf && !begins_with(bytes, "#!"))
		return 0;
	program_identify_bytes(c->reader->catalog, bytes, is_whole, &id);
	return keep_program(c->reader, c->layer, &id, c->entry);
}

static int identify_held(struct content *c)
{
	struct program_identity id;

	program_identify_bytes(c->reader->catalog,
		(struct slice){(char *)c->reader->held, c->held_bytes}, true, &id);
	return keep_program(c->reader, c->layer, &id, c->entry);
}

static int identify_spooled(struct content *c)
{
	struct program_identity id;
	int r = program_identify(
		c->reader->catalog, c->reader->spool_fd, UINT64_MAX, c->reader->buffer, &id);

	if (r < 0)
		return image_fail_errno(c->reader->e, r, "a temporary file");
	return keep_program(c->reader, c->layer, &id, c->entry);
}

static int keep_bytes(struct content *c)
{
	struct layer *layer = c->layer;

	if (c->entry->extra == 0) {
		if (!ARRAY_RESERVE(layer->extras, layer->extra_capacity, layer->extra_count, 1))
			return image_fail_errno(c->reader->e, -ENOMEM, "a layer");
		layer->extras[layer->extra_count++] = (struct layer_extra){0};
		c->entry->extra = layer->extra_count;
	}
	layer->extras[c->entry->extra - 1].kept = c->kept;
	return 0;
}

static int read_all(struct content *c)
{
	ssize_t n = read_chunk(c);
	uint64_t total = 0;
	int r = n > 0 ? take_first(c, (struct slice){(char *)c->reader->chunk->bytes, n}) : n;

	c->kept.at = c->layer->text.len;
	while (r == 0 && n > 0) {
		r = take_chunk(c, (struct slice){(char *)c->reader->chunk->bytes, n});
		total += n;
		n = r == 0 ? read_chunk(c) : 0;
	}
	if (r < 0 || n < 0)
		return r < 0 ? r : n;
	c->entry->size_bytes = total; /* a file that is not in an archive may change */
	if (c->is_held)
		r = identify_held(c);
	else if (c->is_spooled)
		r = identify_spooled(c);
	return r == 0 && c->is_kept ? keep_bytes(c) : r;
}

int layer_read_content(struct layer_reader *reader, struct layer *layer, struct layer_entry *entry,
	layer_read_fn *read, void *source)
{
	CLEANUP_SHA256 struct sha256 sha256 = SHA256_INIT;
	struct content c = {.reader = reader,
		.layer = layer,
		.entry = entry,
		.read = read,
		.source = source,
		.sha256 = &sha256};
	int r = sha256_init(&sha256);

	if (r < 0)
		return image_fail_errno(reader->e, r, "SHA-256");
	c.is_kept = reader->keeps && reader->keeps(layer_slice(layer, entry->path),
					     entry->size_bytes, reader->userdata);
	r = read_all(&c);
	if (r < 0)
		return r;
	r = sha256_end(&sha256, entry->digest);
	return r < 0 ? image_fail_errno(reader->e, r, "SHA-256") : 0;
}
