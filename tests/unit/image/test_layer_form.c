/* SPDX-License-Identifier: Apache-2.0 */
/* Claims about agent/image/layer_form.c. */
#include "image/layer_fixture.h"

#include <errno.h>

#include "image/layer_form.h"

static bool keeps_all(struct slice path, uint64_t size_bytes, void *userdata)
{
	(void)userdata;
	return path.len == 4 && size_bytes < 100;
}

/* One of everything. */
static struct layer *make_layer(struct layers *l, struct layer_usage *usage)
{
	CLEANUP_STRBUF struct strbuf tar = STRBUF_INIT, shell = STRBUF_INIT;
	struct layer_reader before = l->reader;
	struct layer *layer;

	add_shell(&shell, 0);
	l->reader.keeps = keeps_all;
	tar_add_directory(&tar, "d");
	tar_add_data(&tar, '0', "d/shell", strbuf_slice(&shell));
	tar_add_file(&tar, "kept", "bytes");
	tar_add_file(&tar, "script", "#!/bin/sh -e\n");
	tar_add_link(&tar, '1', "d/hard", "d/shell");
	tar_add_link(&tar, '2', "d/soft", "../kept");
	tar_add_file(&tar, "d/.wh.gone", "");
	tar_add_file(&tar, "d/.wh..wh..opq", "");
	tar_add_end(&tar);
	if (read_layer(l, strbuf_slice(&tar), &layer) < 0)
		fail_msg("%s", l->e.message);
	*usage = layer_reader_usage(&l->reader, &before);
	return layer;
}

static void layer_comes_back_as_it_was(void **state)
{
	struct layers *l = *state;
	CLEANUP_STRBUF struct strbuf bytes = STRBUF_INIT, again = STRBUF_INIT;
	CLEANUP_LAYER struct layer *layer = NULL, *loaded = NULL;
	struct layer_usage usage, loaded_usage;
	struct program_identity id;

	layer = make_layer(l, &usage);
	layer_write(&bytes, l->catalog, layer, &usage);
	assert_int_equal(
		layer_load(strbuf_slice(&bytes), l->catalog, &l->limits, &loaded, &loaded_usage),
		0);
	assert_memory_equal(&usage, &loaded_usage, sizeof(usage));
	assert_int_equal(loaded->count, 8);
	assert_memory_equal(loaded->digest, layer->digest, SHA256_SIZE);
	assert_int_equal(loaded->bytes, layer->bytes);
	assert_true(loaded->has_end);
	layer_program_expand(loaded, &loaded->programs[0], &id);
	assert_string_equal(program_identity_name(&id), "dash");
	assert_slice_text(layer_slice(loaded, loaded->extras[0].kept), "bytes");
	layer_write(&again, l->catalog, loaded, &loaded_usage);
	assert_int_equal(again.len, bytes.len);
	assert_memory_equal(again.data, bytes.data, bytes.len);
}

/* Whatever is in it, it can be merged, listed and asked. */
static void use(struct layers *l, struct layer *layer)
{
	CLEANUP_IMAGE_TREE struct image_tree *tree = NULL;
	CLEANUP_STRBUF struct strbuf path = STRBUF_INIT;
	struct program_identity id;
	struct image_file file;

	assert_int_equal(image_tree_new(&l->limits, &l->e, &tree), 0);
	if (image_tree_add_layer(tree, layer) < 0 || image_tree_finish(tree) < 0)
		return;
	for (uint32_t i = 0; i < image_tree_count(tree); i++) {
		if (!image_tree_get(tree, i, &file))
			continue;
		image_tree_path(tree, i, &path);
		if (image_tree_identity(tree, &file, &id))
			assert_true(id.class < PROGRAM_CLASSES);
	}
}

static void damaged_bytes_are_refused_or_harmless(void **state)
{
	static const unsigned char values[] = {0, 1, '/', 0x7f, 0xff};
	struct layers *l = *state;
	CLEANUP_STRBUF struct strbuf bytes = STRBUF_INIT;
	CLEANUP_LAYER struct layer *layer = NULL;
	struct layer_usage usage;
	unsigned refused = 0;

	layer = make_layer(l, &usage);
	layer_write(&bytes, l->catalog, layer, &usage);
	for (size_t i = 0; i < bytes.len; i++) {
		char was = bytes.data[i];

		for (size_t k = 0; k < ARRAY_SIZE(values); k++) {
			CLEANUP_LAYER struct layer *loaded = NULL;

			bytes.data[i] = values[k];
			if (layer_load(strbuf_slice(&bytes), l->catalog, &l->limits, &loaded,
				    &usage) == 0)
				use(l, loaded);
			else
				refused++;
		}
		bytes.data[i] = was;
	}
	assert_true(refused > 500);
	for (size_t size = 0; size < bytes.len; size++) {
		CLEANUP_LAYER struct layer *loaded = NULL;

		assert_int_equal(layer_load((struct slice){bytes.data, size}, l->catalog,
					 &l->limits, &loaded, &usage),
			-EBADMSG);
	}
}

static void names_are_as_those_of_archives(void **state)
{
	static const char *const names[] = {
		"d/./ell", "d/../ll", "/shell1", "d//hell", "d/shel/", "d/s\0ell"};
	struct layers *l = *state;
	CLEANUP_LAYER struct layer *layer = NULL;
	struct layer_usage usage;

	layer = make_layer(l, &usage);
	for (size_t i = 0; i < ARRAY_SIZE(names); i++) {
		CLEANUP_STRBUF struct strbuf bytes = STRBUF_INIT;
		CLEANUP_LAYER struct layer *loaded = NULL;

		memcpy(layer->text.data + layer->entries[1].path.at, names[i], 7);
		layer_write(&bytes, l->catalog, layer, &usage);
		assert_int_equal(
			layer_load(strbuf_slice(&bytes), l->catalog, &l->limits, &loaded, &usage),
			-EBADMSG);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		LAYERS_TEST(layer_comes_back_as_it_was),
		LAYERS_TEST(damaged_bytes_are_refused_or_harmless),
		LAYERS_TEST(names_are_as_those_of_archives),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
