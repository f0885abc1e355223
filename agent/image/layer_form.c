/* SPDX-License-Identifier: Apache-2.0 */
/*
 * See layer_form.h. A header, then the layer's arrays as they are in memory, then its text. Pointers
 * to signatures are numbers in it.
 */
#include "image/layer_form.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#define MAGIC "bwlayer1" /* another number for another form */

struct header {
	char magic[8];
	uint32_t entry_size, program_size, extra_size; /* of their structs */
	uint32_t text_bytes;
	uint64_t entries, programs, extras;
	struct layer_usage usage;
	uint64_t blob_bytes, bytes;
	unsigned char digest[SHA256_SIZE], diff_id[SHA256_SIZE];
	uint8_t compression, has_more, has_end;
};

/* ---- writing ---- */

/* From 1 on; 0 for none. */
static uintptr_t signature_number(const struct catalog *catalog, const struct signature *signature)
{
	for (unsigned i = 0; signature && i < PROGRAM_SIGNATURES; i++)
		if (catalog_signature(catalog, i) == signature)
			return i + 1;
	return 0;
}

static struct header header_of(const struct layer *layer, const struct layer_usage *usage)
{
	struct header h;

	memset(&h, 0, sizeof(h)); /* what lies between members is written, too */
	memcpy(h.magic, MAGIC, sizeof(h.magic));
	h.entry_size = sizeof(*layer->entries);
	h.program_size = sizeof(*layer->programs);
	h.extra_size = sizeof(*layer->extras);
	h.text_bytes = layer->text.len;
	h.entries = layer->count;
	h.programs = layer->program_count;
	h.extras = layer->extra_count;
	h.usage = *usage;
	h.blob_bytes = layer->blob_bytes;
	h.bytes = layer->bytes;
	memcpy(h.digest, layer->digest, SHA256_SIZE);
	memcpy(h.diff_id, layer->diff_id, SHA256_SIZE);
	h.compression = layer->compression;
	h.has_more = layer->has_more;
	h.has_end = layer->has_end;
	return h;
}

void layer_write(struct strbuf *out, const struct catalog *catalog, const struct layer *layer,
	const struct layer_usage *usage)
{
	struct header h = header_of(layer, usage);

	strbuf_add(out, &h, sizeof(h));
	if (layer->count > 0)
		strbuf_add(out, layer->entries, layer->count * sizeof(*layer->entries));
	for (size_t i = 0; i < layer->program_count; i++) {
		struct layer_program program = layer->programs[i];

		program.signature = (const struct signature *)signature_number(
			catalog, program.signature);
		strbuf_add(out, &program, sizeof(program));
	}
	if (layer->extra_count > 0)
		strbuf_add(out, layer->extras, layer->extra_count * sizeof(*layer->extras));
	strbuf_add_slice(out, strbuf_slice(&layer->text));
}

/* ---- reading ---- */

static bool header_is_valid(const struct header *h, const struct image_limits *limits, size_t size)
{
	/* each is bounded, so that the sum cannot overflow */
	return memcmp(h->magic, MAGIC, sizeof(h->magic)) == 0 &&
	       h->entry_size == sizeof(struct layer_entry) &&
	       h->program_size == sizeof(struct layer_program) &&
	       h->extra_size == sizeof(struct layer_extra) && h->entries <= limits->members_max &&
	       h->programs <= h->entries && h->extras <= h->entries &&
	       h->compression <= BLOB_ZSTD &&
	       size == sizeof(*h) + h->entries * h->entry_size + h->programs * h->program_size +
			       h->extras * h->extra_size + h->text_bytes;
}

/* Copies COUNT elements off BYTES. NULL without memory, and for none. */
static void *take_array(struct slice *bytes, size_t count, size_t element)
{
	void *array = count > 0 ? malloc(count * element) : NULL;

	if (array)
		memcpy(array, bytes->data, count * element);
	*bytes = (struct slice){bytes->data + count * element, bytes->len - count * element};
	return array;
}

static int take_arrays(struct layer *layer, const struct header *h, struct slice bytes)
{
	layer->entries = take_array(&bytes, h->entries, sizeof(*layer->entries));
	layer->programs = take_array(&bytes, h->programs, sizeof(*layer->programs));
	layer->extras = take_array(&bytes, h->extras, sizeof(*layer->extras));
	strbuf_add_slice(&layer->text, bytes);
	if ((h->entries && !layer->entries) || (h->programs && !layer->programs) ||
		(h->extras && !layer->extras))
		return -ENOMEM;
	layer->count = layer->capacity = h->entries;
	layer->program_count = layer->program_capacity = h->programs;
	layer->extra_count = layer->extra_capacity = h->extras;
	return layer->text.error;
}

static bool text_is_valid(const struct layer *layer, struct layer_text text, size_t max)
{
	return text.at <= layer->text.len && text.len <= layer->text.len - text.at &&
	       text.len <= max &&
	       (text.len == 0 || !memchr(layer->text.data + text.at, 0, text.len));
}

/* Bytes that are no text. */
static bool bytes_are_valid(const struct layer *layer, struct layer_text text)
{
	return text.at <= layer->text.len && text.len <= layer->text.len - text.at;
}

/* As layer_add_path() makes them. */
static bool path_is_plain(struct slice path, unsigned depth_max)
{
	unsigned depth = 0;

	while (path.len > 0) {
		const char *slash = memchr(path.data, '/', path.len);
		struct slice part = {path.data, slash ? (size_t)(slash - path.data) : path.len};
		size_t used = part.len + (slash != NULL);

		if (part.len == 0 || slice_equal_text(part, ".") || slice_equal_text(part, "..") ||
			++depth > depth_max || (slash && used == path.len))
			return false;
		path = (struct slice){path.data + used, path.len - used};
	}
	return true;
}

static bool entry_is_valid(const struct layer *layer, const struct layer_entry *entry,
	const struct image_limits *limits)
{
	if (entry->kind > LAYER_OPAQUE || entry->program > layer->program_count ||
		entry->extra > layer->extra_count ||
		!text_is_valid(layer, entry->path, limits->name_max) ||
		!text_is_valid(layer, entry->link, limits->name_max))
		return false;
	if (entry->path.len == 0 && entry->kind != TAR_DIRECTORY && entry->kind != LAYER_OPAQUE)
		return false;
	return path_is_plain(layer_slice(layer, entry->path), limits->depth_max);
}

/* Puts the signature back in the place of its number. */
static bool settle_program(
	const struct layer *layer, const struct catalog *catalog, struct layer_program *program)
{
	uintptr_t number = (uintptr_t)program->signature;

	program->signature = NULL;
	if (number > PROGRAM_SIGNATURES || program->class >= PROGRAM_CLASSES ||
		program->build_id_bytes > PROGRAM_BUILD_ID_MAX ||
		!text_is_valid(layer, program->interpreter, PROGRAM_LINE_MAX - 1) ||
		!text_is_valid(layer, program->argument, PROGRAM_LINE_MAX - 1) ||
		!text_is_valid(layer, program->module, PROGRAM_MODULE_MAX - 1))
		return false;
	if (number > 0)
		program->signature = catalog_signature(catalog, number - 1);
	return number == 0 || program->signature;
}

static bool settle(
	struct layer *layer, const struct catalog *catalog, const struct image_limits *limits)
{
	for (size_t i = 0; i < layer->program_count; i++)
		if (!settle_program(layer, catalog, &layer->programs[i]))
			return false;
	for (size_t i = 0; i < layer->extra_count; i++)
		if (!bytes_are_valid(layer, layer->extras[i].capability) ||
			!bytes_are_valid(layer, layer->extras[i].kept))
			return false;
	for (size_t i = 0; i < layer->count; i++)
		if (!entry_is_valid(layer, &layer->entries[i], limits))
			return false;
	return true;
}

int layer_load(struct slice bytes, const struct catalog *catalog, const struct image_limits *limits,
	struct layer **ret, struct layer_usage *ret_usage)
{
	CLEANUP_LAYER struct layer *layer = calloc(1, sizeof(*layer));
	struct header h;
	int r;

	if (!layer)
		return -ENOMEM;
	layer->users = 1;
	if (bytes.len < sizeof(h))
		return -EBADMSG;
	memcpy(&h, bytes.data, sizeof(h));
	if (!header_is_valid(&h, limits, bytes.len))
		return -EBADMSG;
	r = take_arrays(layer, &h, (struct slice){bytes.data + sizeof(h), bytes.len - sizeof(h)});
	if (r < 0)
		return r;
	if (!settle(layer, catalog, limits))
		return -EBADMSG;
	layer->compression = h.compression;
	layer->blob_bytes = h.blob_bytes;
	layer->bytes = h.bytes;
	layer->has_more = h.has_more;
	layer->has_end = h.has_end;
	memcpy(layer->digest, h.digest, SHA256_SIZE);
	memcpy(layer->diff_id, h.diff_id, SHA256_SIZE);
	*ret_usage = h.usage;
	*ret = TAKE_PTR(layer);
	return 0;
}
