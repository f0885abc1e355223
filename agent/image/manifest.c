/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A manifest, of whatever form: its configuration, and its layers merged. Nothing in it is taken
 * on trust: digests of blobs where the form has them, and the configuration's diff ids always.
 */
#include <errno.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include "base/escape.h"
#include "image/failure.h"
#include "image/reading.h"
#include "image/tree.h"

void reading_done(struct reading *reading)
{
	shared_layers_done(reading);
	layer_reader_done(&reading->layers);
	store_free(reading->store);
	reading->store = NULL;
}

void manifest_parts_done(struct manifest_parts *parts)
{
	for (size_t i = 0; i < parts->count; i++)
		free(parts->layers[i].name);
	free(parts->layers);
	free(parts->config.name);
	*parts = (struct manifest_parts){0};
}

int reading_note(struct reading *reading, const char *format, ...)
{
	CLEANUP_STRBUF struct strbuf text = STRBUF_INIT, safe = STRBUF_INIT;
	va_list args;
	int r;

	va_start(args, format);
	strbuf_addv(&text, format, args);
	va_end(args);
	escape_text(&safe, strbuf_slice(&text));
	r = safe.error ? safe.error : image_words_add(&reading->image->notes, strbuf_slice(&safe));
	return r < 0 ? image_fail_errno(reading->e, r, "an image") : 0;
}

/*
 * A reference may have many times what one document, or one tree, may have, but not times its
 * manifests.
 */
#define ALL_TIMES 4

int reading_load(struct reading *reading, const struct blob_range *range, const char *what,
	unsigned char ret_digest[static SHA256_SIZE], json_t **ret)
{
	reading->json_bytes += range->size_bytes;
	if (range->size_bytes <= reading->limits->json_bytes_max &&
		reading->json_bytes > ALL_TIMES * reading->limits->json_bytes_max)
		return image_fail(reading->e, IMAGE_UNREADABLE,
			"%s: with the others more than %u times %llu bytes, the limit json_bytes_max",
			what, ALL_TIMES, (unsigned long long)reading->limits->json_bytes_max);
	return document_load(range, what, reading->limits, reading->e, ret_digest, ret);
}

static int check_names(struct reading *reading)
{
	if (reading->names <= (uint64_t)ALL_TIMES * reading->limits->members_max)
		return 0;
	return image_fail(reading->e, IMAGE_UNREADABLE,
		"more than %u times %u files in all manifests, the limit members_max", ALL_TIMES,
		reading->limits->members_max);
}

/* ---- the image's list ---- */

/* Adds a manifest, and stores it, or NULL beyond the limit. */
static struct image_manifest *add_manifest(
	struct reading *reading, struct slice name, const unsigned char *digest)
{
	struct image *image = reading->image;
	struct image_manifest *manifests, *m;

	manifests = reallocarray(image->manifests, image->count + 1, sizeof(*manifests));
	if (!manifests)
		return NULL;
	image->manifests = manifests;
	m = &manifests[image->count];
	*m = (struct image_manifest){.name = strndup(name.data, name.len)};
	if (!m->name)
		return NULL;
	m->has_digest = digest != NULL;
	if (digest)
		memcpy(m->digest, digest, SHA256_SIZE);
	image->count++;
	return m;
}

int manifest_add_failed(struct reading *reading, struct slice name, const unsigned char *digest)
{
	struct image_manifest *m = add_manifest(reading, name, digest);

	if (!m)
		return image_fail_errno(reading->e, -ENOMEM, "an image");
	m->error = *reading->e;
	return 0;
}

/* ---- its parts ---- */

int manifest_open_part(const struct reading *reading, const struct manifest_part *part,
	struct image_error *e, struct store_file *ret)
{
	int r;

	if (part->unread)
		return image_fail(e, IMAGE_INCOMPLETE, "%s: %s", part->name, part->unread);
	r = store_open(reading->store, part->name, ret);
	if (r == -ENOENT)
		return image_fail(e, IMAGE_INCOMPLETE, "%s: not there", part->name);
	if (r < 0)
		return image_fail_errno(e, r, "%s", part->name);
	if (part->has_size && ret->range.size_bytes != part->size_bytes)
		return image_fail(e, IMAGE_UNREADABLE, "%s: %llu bytes instead of %llu", part->name,
			(unsigned long long)ret->range.size_bytes,
			(unsigned long long)part->size_bytes);
	return 0;
}

static int check_digest(struct reading *reading, const char *what, const char *kind,
	const unsigned char *found, const unsigned char *wanted)
{
	char text[SHA256_TEXT_SIZE];

	if (memcmp(found, wanted, SHA256_SIZE) == 0)
		return 0;
	sha256_format(found, text);
	return image_fail(reading->e, IMAGE_UNREADABLE, "%s: its %s is another one, sha256:%s",
		what, kind, text);
}

static int read_config(struct reading *reading, const struct manifest_part *part,
	struct image_manifest *m, struct image_words *diff_ids)
{
	CLEANUP_STORE_FILE struct store_file file = STORE_FILE_INIT;
	CLEANUP_JSON json_t *root = NULL;
	int error, r = manifest_open_part(reading, part, reading->e, &file);

	if (r == 0)
		r = reading_load(reading, &file.range, part->name, m->id, &root);
	if (r == 0 && part->has_digest)
		r = check_digest(reading, part->name, "digest", m->id, part->digest);
	if (r < 0)
		return r;
	m->has_config = config_read(root, &m->config, diff_ids, &error);
	if (m->has_config)
		return 0;
	if (error < 0)
		return image_fail_errno(reading->e, error, "%s", part->name);
	return image_fail(
		reading->e, IMAGE_UNREADABLE, "%s: no configuration of an image", part->name);
}

static void describe_layer(const struct layer *layer, struct image_layer *ret)
{
	*ret = (struct image_layer){.blob_bytes = layer->blob_bytes,
		.bytes = layer->bytes,
		.has_more = layer->has_more};
	memcpy(ret->digest, layer->digest, SHA256_SIZE);
	memcpy(ret->diff_id, layer->diff_id, SHA256_SIZE);
}

static int read_layer(struct reading *reading, const struct manifest_part *part,
	const char *diff_id, struct image_manifest *m)
{
	unsigned char wanted[SHA256_SIZE];
	struct layer *layer = NULL;
	int r;

	if (!document_digest(slice_of(diff_id), wanted))
		return image_fail(
			reading->e, IMAGE_INCOMPLETE, "%s: its diff id is no sha256", part->name);
	r = shared_layer_get(reading, part, &layer);
	if (r == 0 && part->has_digest)
		r = check_digest(reading, part->name, "digest", layer->digest, part->digest);
	if (r == 0)
		r = check_digest(reading, part->name, "diff id", layer->diff_id, wanted);
	if (r == 0)
		r = image_tree_add_layer(m->tree, layer);
	if (r == 0)
		describe_layer(layer, &m->layers[m->layer_count++]);
	return r;
}

static int read_layers(struct reading *reading, const struct manifest_parts *parts,
	const struct image_words *diff_ids, struct image_manifest *m)
{
	int r;

	if (parts->count != diff_ids->count)
		return image_fail(reading->e, IMAGE_UNREADABLE, "%s: %zu diff ids for %zu layers",
			parts->config.name, diff_ids->count, parts->count);
	m->layers = calloc(parts->count + 1, sizeof(*m->layers));
	if (!m->layers)
		return image_fail_errno(reading->e, -ENOMEM, "an image");
	r = check_names(reading);
	if (r == 0)
		r = image_tree_new(reading->limits, reading->e, &m->tree);
	if (r == 0)
		r = shared_layers_read(reading, parts);
	for (size_t i = 0; i < parts->count && r == 0; i++)
		r = read_layer(reading, &parts->layers[i], diff_ids->items[i], m);
	reading->names += m->tree ? image_tree_count(m->tree) : 0;
	return r == 0 ? image_tree_finish(m->tree) : r;
}

/* ---- all of it ---- */

static void drop_files(struct image_manifest *m)
{
	image_tree_free(m->tree);
	free(m->layers);
	m->tree = NULL;
	m->layers = NULL;
	m->layer_count = 0;
}

static void drop_last(struct image *image)
{
	struct image_manifest *m = &image->manifests[--image->count];

	drop_files(m);
	config_done(&m->config);
	free(m->name);
}

int manifest_read(struct reading *reading, struct slice name, const unsigned char *digest,
	const struct manifest_parts *parts)
{
	struct image_words diff_ids = {0};
	struct image_manifest *m = add_manifest(reading, name, digest);
	int r;

	if (!m)
		return image_fail_errno(reading->e, -ENOMEM, "an image");
	r = read_config(reading, &parts->config, m, &diff_ids);
	if (r == 0 && !platform_fits(reading, slice_of(m->config.os),
			      slice_of(m->config.architecture), slice_of(m->config.variant))) {
		drop_last(reading->image);
		reading->filtered++;
	} else if (r == 0) {
		r = read_layers(reading, parts, &diff_ids, m);
	}
	image_words_done(&diff_ids);
	if (r == 0)
		return 0;
	drop_files(m);
	m->error = *reading->e;
	return r == -ENOMEM ? r : 0;
}

int manifest_add_rootfs(struct reading *reading, struct layer *layer)
{
	struct image_manifest *m = add_manifest(reading, slice_of(""), NULL);
	int r;

	if (!m)
		return image_fail_errno(reading->e, -ENOMEM, "an image");
	m->layers = calloc(1, sizeof(*m->layers));
	if (!m->layers)
		return image_fail_errno(reading->e, -ENOMEM, "an image");
	describe_layer(layer, m->layers);
	m->layer_count = 1;
	r = image_tree_new(reading->limits, reading->e, &m->tree);
	if (r == 0)
		r = image_tree_add_layer(m->tree, layer);
	return r == 0 ? image_tree_finish(m->tree) : r;
}

void image_free(struct image *image)
{
	if (!image)
		return;
	while (image->count > 0)
		drop_last(image);
	free(image->manifests);
	image_words_done(&image->notes);
	free(image);
}
