/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Docker's archives (moby image/tarexport, from Docker 1.10 on): manifest.json with the names of
 * files, which Docker, Podman, kaniko and BuildKit choose differently. There are no digests but
 * those that names tell.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "image/failure.h"
#include "image/reading.h"

#define MANIFEST "manifest.json"

static int malformed(struct reading *reading)
{
	return image_fail(reading->e, IMAGE_UNREADABLE,
		MANIFEST ": malformed, or with a key in an unusual case");
}

/*
 * The digest that is in the name of a blob: "blobs/sha256/HEX"; of a configuration "HEX.json",
 * "sha256:HEX" too.
 */
static bool digest_in_name(struct slice name, bool is_config, unsigned char ret[static SHA256_SIZE])
{
	const char *directory = "blobs/sha256/";
	size_t len = strlen(directory);

	if (name.len > len && memcmp(name.data, directory, len) == 0)
		return sha256_parse((struct slice){name.data + len, name.len - len}, ret);
	if (!is_config)
		return false;
	if (document_digest(name, ret))
		return true;
	return name.len == 2 * SHA256_SIZE + strlen(".json") &&
	       sha256_parse((struct slice){name.data, 2 * SHA256_SIZE}, ret);
}

static int take_part(
	struct reading *reading, struct slice name, bool is_config, struct manifest_part *ret)
{
	*ret = (struct manifest_part){.name = strndup(name.data, name.len)};
	if (!ret->name)
		return image_fail_errno(reading->e, -ENOMEM, MANIFEST);
	ret->has_digest = digest_in_name(name, is_config, ret->digest);
	return 0;
}

static int take_layers(
	struct reading *reading, const struct image_words *names, struct manifest_parts *ret)
{
	int r = 0;

	if (names->count > reading->limits->layers_max)
		return image_fail(reading->e, IMAGE_UNREADABLE,
			MANIFEST ": more than %u layers, the limit layers_max",
			reading->limits->layers_max);
	ret->layers = calloc(names->count + 1, sizeof(*ret->layers));
	if (!ret->layers)
		return image_fail_errno(reading->e, -ENOMEM, MANIFEST);
	for (size_t i = 0; i < names->count && r == 0; i++)
		r = take_part(
			reading, slice_of(names->items[i]), false, &ret->layers[ret->count++]);
	return r;
}

/* The first tag, or the one that is wanted. False when that is not there. */
static bool choose_name(
	const struct reading *reading, const struct image_words *tags, struct slice *ret)
{
	*ret = slice_of(tags->count > 0 ? tags->items[0] : "");
	if (!reading->tag[0])
		return true;
	for (size_t i = 0; i < tags->count; i++)
		if (strcmp(tags->items[i], reading->tag) == 0) {
			*ret = slice_of(tags->items[i]);
			return true;
		}
	return false;
}

static int read_image(struct reading *reading, const json_t *json, struct image_words *tags,
	struct image_words *layers)
{
	CLEANUP_MANIFEST_PARTS struct manifest_parts parts = {0};
	bool is_bad = false;
	struct slice config = document_text(json, "Config", &is_bad), name;
	int r = document_words(json, "RepoTags", &is_bad, tags);

	if (r == 0)
		r = document_words(json, "Layers", &is_bad, layers);
	if (r < 0)
		return image_fail_errno(reading->e, r, MANIFEST);
	if (is_bad || config.len == 0)
		return malformed(reading);
	if (!choose_name(reading, tags, &name)) {
		reading->filtered++;
		return 0;
	}
	r = take_part(reading, config, true, &parts.config);
	if (r == 0)
		r = take_layers(reading, layers, &parts);
	return r < 0 ? r : manifest_read(reading, name, NULL, &parts);
}

static int read_images(struct reading *reading, json_t *root)
{
	json_t *json;
	size_t i;
	int r = 0;

	if (!json_is_array(root))
		return malformed(reading);
	if (json_array_size(root) > reading->limits->manifests_max)
		return image_fail(reading->e, IMAGE_UNREADABLE,
			"more than %u manifests, the limit manifests_max",
			reading->limits->manifests_max);
	json_array_foreach (root, i, json) {
		struct image_words tags = {0}, layers = {0};

		if (r == 0)
			r = read_image(reading, json, &tags, &layers);
		image_words_done(&tags);
		image_words_done(&layers);
	}
	return r;
}

int image_read_docker(struct reading *reading)
{
	CLEANUP_STORE_FILE struct store_file file = STORE_FILE_INIT;
	CLEANUP_JSON json_t *root = NULL;
	unsigned char digest[SHA256_SIZE];
	int r = store_open(reading->store, MANIFEST, &file);

	if (r < 0)
		return image_fail_errno(reading->e, r, MANIFEST);
	r = reading_load(reading, &file.range, MANIFEST, digest, &root);
	return r < 0 ? r : read_images(reading, root);
}
