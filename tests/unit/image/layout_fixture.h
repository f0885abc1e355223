/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Images made in memory: the files of an OCI layout or a Docker archive, as an archive or a
 * directory.
 */
#pragma once

#include "image/layer_fixture.h"
#include "image/document.h"
#include "scratch.h"

#define LAYOUT_FILES_MAX 64
#define DIGEST_TEXT_SIZE (SHA256_TEXT_SIZE + 7)

struct layout {
	struct scratch scratch;
	struct catalog *catalog;
	struct image_limits limits;
	struct image_options options;
	struct image_error e;
	struct image *image;
	struct {
		char name[160];
		char *bytes;
		size_t size;
	} files[LAYOUT_FILES_MAX];
	size_t count;
};

static inline int layout_set_up(void **state)
{
	struct layout *l = calloc(1, sizeof(*l));

	scratch_init(&l->scratch);
	l->catalog = catalog_of(CATALOG);
	l->limits = IMAGE_LIMITS_DEFAULT;
	l->options = (struct image_options){
		.catalog = l->catalog, .limits = &l->limits, .input_fd = -1};
	*state = l;
	return 0;
}

static inline void layout_clear(struct layout *l)
{
	for (size_t i = 0; i < l->count; i++)
		free(l->files[i].bytes);
	l->count = 0;
}

static inline int layout_tear_down(void **state)
{
	struct layout *l = *state;

	layout_clear(l);
	image_free(l->image);
	catalog_free(l->catalog);
	scratch_done(&l->scratch);
	free(l);
	return 0;
}

#define LAYOUT_TEST(name) cmocka_unit_test_setup_teardown(name, layout_set_up, layout_tear_down)

/* Adds the file NAME, or puts BYTES in place of its content. */
static inline void layout_add(struct layout *l, const char *name, struct slice bytes)
{
	size_t i = 0;

	while (i < l->count && strcmp(l->files[i].name, name) != 0)
		i++;
	assert_true(i < LAYOUT_FILES_MAX);
	if (i == l->count)
		snprintf(l->files[l->count++].name, sizeof(l->files[i].name), "%s", name);
	else
		free(l->files[i].bytes);
	l->files[i].bytes = malloc(bytes.len + 1);
	memcpy(l->files[i].bytes, bytes.data, bytes.len);
	l->files[i].bytes[bytes.len] = '\0';
	l->files[i].size = bytes.len;
}

static inline void layout_remove(struct layout *l, const char *name)
{
	for (size_t i = 0; i < l->count; i++)
		if (strcmp(l->files[i].name, name) == 0)
			l->files[i].name[0] = '\0';
}

/* Adds a blob. Its name is "blobs/sha256/" and what is behind the ':' of DIGEST. */
static inline const char *layout_blob(
	struct layout *l, struct slice bytes, char digest[static DIGEST_TEXT_SIZE])
{
	char name[128];

	digest_text(bytes, digest);
	snprintf(name, sizeof(name), "blobs/sha256/%.64s", digest + 7);
	layout_add(l, name, bytes);
	return digest;
}

/* An image with one layer, TAR, packed by PACK (NULL: as it is). Its parts are stored. */
struct layout_image {
	char diff_id[DIGEST_TEXT_SIZE], layer[DIGEST_TEXT_SIZE], config[DIGEST_TEXT_SIZE],
		manifest[DIGEST_TEXT_SIZE];
	size_t layer_size, config_size, manifest_size;
	char config_text[1024], manifest_text[1024];
};

static inline struct layout_image layout_image(struct layout *l, struct slice tar,
	void (*pack)(struct strbuf *out, struct slice text), const char *architecture)
{
	CLEANUP_STRBUF struct strbuf blob = STRBUF_INIT;
	struct layout_image image;

	if (pack)
		pack(&blob, tar);
	else
		strbuf_add_slice(&blob, tar);
	digest_text(tar, image.diff_id);
	layout_blob(l, strbuf_slice(&blob), image.layer);
	image.layer_size = blob.len;
	image.config_size = snprintf(image.config_text, sizeof(image.config_text),
		"{\"os\":\"linux\",\"architecture\":\"%s\",\"config\":{\"User\":\"65532\","
		"\"Env\":[\"PATH=/bin\"],\"Entrypoint\":[\"/app\",\"-x\"],\"Cmd\":null,"
		"\"Healthcheck\":{\"Test\":[\"CMD-SHELL\",\"true\"]}},"
		"\"rootfs\":{\"type\":\"layers\",\"diff_ids\":[\"%s\"]},\"history\":[]}",
		architecture, image.diff_id);
	layout_blob(l, slice_of(image.config_text), image.config);
	image.manifest_size = snprintf(image.manifest_text, sizeof(image.manifest_text),
		"{\"schemaVersion\":2,\"config\":{\"mediaType\":"
		"\"application/vnd.oci.image.config.v1+json\",\"digest\":\"%s\",\"size\":%zu},"
		"\"layers\":[{\"mediaType\":\"application/vnd.oci.image.layer.v1.tar+gzip\","
		"\"digest\":\"%s\",\"size\":%zu}]}",
		image.config, image.config_size, image.layer, image.layer_size);
	layout_blob(l, slice_of(image.manifest_text), image.manifest);
	return image;
}

/* Appends a descriptor with EXTRA members, and a comma unless it is the first. */
static inline void add_descriptor(
	struct strbuf *out, const char *digest, size_t size, const char *extra)
{
	if (out->len > 0)
		strbuf_add_char(out, ',');
	strbuf_addf(out, "{\"digest\":\"%s\",\"size\":%zu%s}", digest, size, extra);
}

/* Adds oci-layout and index.json with these DESCRIPTORS. */
static inline void layout_index(struct layout *l, const char *descriptors)
{
	CLEANUP_STRBUF struct strbuf text = STRBUF_INIT;

	strbuf_addf(&text, "{\"schemaVersion\":2,\"manifests\":[%s]}", descriptors);
	layout_add(l, "oci-layout", slice_of("{\"imageLayoutVersion\":\"1.0.0\"}"));
	layout_add(l, "index.json", strbuf_slice(&text));
}

/* All files as an archive. */
static inline void layout_archive(const struct layout *l, struct strbuf *out)
{
	for (size_t i = 0; i < l->count; i++)
		if (l->files[i].name[0])
			tar_add_data(out, '0', l->files[i].name,
				(struct slice){l->files[i].bytes, l->files[i].size});
	tar_add_end(out);
}

/* Reads what FORM names: "%s" in it is the path of PATH in the scratch directory. */
static inline int layout_read(struct layout *l, const char *form, const char *path)
{
	char reference[SCRATCH_PATH_MAX + 64];

	image_free(l->image);
	l->image = NULL;
	snprintf(reference, sizeof(reference), form, scratch_path(&l->scratch, path));
	return image_read(reference, &l->options, &l->image, &l->e);
}

/* Writes the files to a directory, and reads that. */
static inline int layout_read_directory(struct layout *l, const char *form)
{
	char name[256];

	for (size_t i = 0; i < l->count; i++) {
		if (!l->files[i].name[0])
			continue;
		snprintf(name, sizeof(name), "layout/%s", l->files[i].name);
		scratch_write(&l->scratch, name, l->files[i].bytes, l->files[i].size);
	}
	return layout_read(l, form, "layout");
}

/* Writes BYTES to a file, and reads that. */
static inline int layout_read_bytes(struct layout *l, const char *form, struct slice bytes)
{
	scratch_write(&l->scratch, "archive", bytes.data, bytes.len);
	return layout_read(l, form, "archive");
}

static inline int layout_read_archive(struct layout *l, const char *form)
{
	CLEANUP_STRBUF struct strbuf tar = STRBUF_INIT;

	layout_archive(l, &tar);
	return layout_read_bytes(l, form, strbuf_slice(&tar));
}

/* The number of files, directories left out, that manifest NUMBER has; PATH is one of them. */
static inline size_t layout_files(const struct layout *l, size_t number, const char *path)
{
	const struct image_tree *tree = l->image->manifests[number].tree;
	struct image_file file;
	size_t files = 0;
	uint32_t found;

	assert_non_null(tree);
	assert_int_equal(image_tree_resolve(tree, 0, slice_of(path), false, &found), 0);
	for (uint32_t i = 0; i < image_tree_count(tree); i++)
		files += image_tree_get(tree, i, &file) && file.type != IMAGE_DIRECTORY;
	return files;
}

static inline void assert_read(const struct layout *l, int r)
{
	if (r < 0)
		fail_msg("%s", l->e.message);
}

static inline void assert_failed(
	const struct layout *l, int r, enum image_error_kind kind, const char *message)
{
	assert_true(r < 0);
	assert_null(l->image);
	if (!strstr(l->e.message, message))
		fail_msg("\"%s\" is not in \"%s\"", message, l->e.message);
	assert_int_equal(l->e.kind, kind);
}
