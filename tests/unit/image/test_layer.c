/* SPDX-License-Identifier: Apache-2.0 */
/* Claims about agent/image/layer.c and content.c. */
#include "image/layer_fixture.h"

#include <errno.h>

static void assert_entry(const struct layer *layer, size_t i, int kind, const char *path)
{
	assert_true(i < layer->count);
	assert_slice_text(layer_slice(layer, layer->entries[i].path), path);
	assert_int_equal(layer->entries[i].kind, kind);
}

static void names_never_leave_the_top(void **state)
{
	static const struct {
		const char *name, *path;
	} cases[] = {
		{"a", "a"},
		{"./a", "a"},
		{"/a", "a"},
		{"//a//b", "a/b"},
		{"../a", "a"},
		{"a/../../b", "b"},
		{"a/./b/../c", "a/c"},
		{"a/b/../../../../c/d", "c/d"},
		{"..a/...", "..a/..."},
	};
	struct layers *l = *state;
	CLEANUP_STRBUF struct strbuf tar = STRBUF_INIT;
	CLEANUP_LAYER struct layer *layer = NULL;

	for (size_t i = 0; i < ARRAY_SIZE(cases); i++)
		tar_add_link(&tar, '1', cases[i].name, cases[i].name);
	tar_add_directory(&tar, "a/..");
	assert_int_equal(read_layer(l, strbuf_slice(&tar), &layer), 0);
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		assert_entry(layer, i, TAR_HARD_LINK, cases[i].path);
		assert_slice_text(layer_slice(layer, layer->entries[i].link), cases[i].path);
	}
	assert_entry(layer, ARRAY_SIZE(cases), TAR_DIRECTORY, "");
}

static void whiteouts_are_told_by_their_last_component(void **state)
{
	struct layers *l = *state;
	CLEANUP_STRBUF struct strbuf tar = STRBUF_INIT;
	CLEANUP_LAYER struct layer *layer = NULL;

	tar_add_file(&tar, "d/.wh.a", "");
	tar_add_file(&tar, ".wh.b", "");
	tar_add_file(&tar, "d/.wh..wh..opq", "");
	tar_add_file(&tar, ".wh..wh..opq", "");
	tar_add_file(&tar, ".wh.d/file", "");
	tar_add_file(&tar, "d/.wh.", ""); /* would hide d */
	tar_add_file(&tar, "d/.wh...", ""); /* the top */
	assert_int_equal(read_layer(l, strbuf_slice(&tar), &layer), 0);
	assert_entry(layer, 0, LAYER_WHITEOUT, "d/a");
	assert_entry(layer, 1, LAYER_WHITEOUT, "b");
	assert_entry(layer, 2, LAYER_OPAQUE, "d");
	assert_entry(layer, 3, LAYER_OPAQUE, "");
	assert_entry(layer, 4, TAR_FILE, ".wh.d/file");
	assert_entry(layer, 5, TAR_FILE, "d/.wh.");
	assert_entry(layer, 6, TAR_FILE, "d/.wh...");
}

/*
 * Small ones are identified in memory, large ones on disk, where the end of the last is not left.
 */
static void programs_are_identified_whatever_their_size(void **state)
{
	static const size_t sizes[] = {0, PROGRAM_BUFFER_BYTES - 7, 700000, 300000};
	struct layers *l = *state;
	CLEANUP_STRBUF struct strbuf tar = STRBUF_INIT, gzip = STRBUF_INIT;
	CLEANUP_LAYER struct layer *layer = NULL;
	struct program_identity id;

	for (size_t i = 0; i < ARRAY_SIZE(sizes); i++) {
		CLEANUP_STRBUF struct strbuf shell = STRBUF_INIT;

		add_shell(&shell, sizes[i]);
		tar_add_data(&tar, '0', "shell", strbuf_slice(&shell));
		shell.data[shell.len - 3] = '-';
		tar_add_data(&tar, '0', "other", strbuf_slice(&shell));
	}
	add_gzip(&gzip, strbuf_slice(&tar));
	if (read_layer(l, strbuf_slice(&gzip), &layer) < 0)
		fail_msg("%s", l->e.message);
	for (size_t i = 0; i < layer->count; i++) {
		assert_int_equal(layer->entries[i].program, i + 1);
		layer_program_expand(layer, &layer->programs[i], &id);
		assert_true(id.is_elf && id.is_whole);
		assert_int_equal(id.size_bytes, layer->entries[i].size_bytes);
		assert_string_equal(id.interpreter, "/lib/ld.so");
		assert_string_equal(program_identity_name(&id), i % 2 ? "" : "dash");
		assert_int_equal(id.class, i % 2 ? PROGRAM_OTHER : PROGRAM_SHELL);
	}
	assert_int_equal(layer->compression, BLOB_GZIP);
	assert_int_equal(layer->blob_bytes, gzip.len);
	assert_int_equal(layer->bytes, tar.len);
}

static bool keeps_os_release(struct slice path, uint64_t size_bytes, void *userdata)
{
	return slice_equal_text(path, "etc/os-release") && size_bytes < *(uint64_t *)userdata;
}

static void scripts_digests_and_kept_bytes_are_of_the_file(void **state)
{
	struct layers *l = *state;
	CLEANUP_STRBUF struct strbuf tar = STRBUF_INIT;
	CLEANUP_LAYER struct layer *layer = NULL;
	unsigned char digest[SHA256_SIZE];
	struct program_identity id;
	uint64_t kept_max = 100;

	l->reader.keeps = keeps_os_release;
	l->reader.userdata = &kept_max;
	tar_add_file(&tar, "run", "#!/bin/sh -e\ntrue\n");
	tar_add_file(&tar, "etc/os-release", "ID=debian\n");
	tar_add_file(&tar, "etc/other", "ID=debian\n");
	assert_int_equal(read_layer(l, strbuf_slice(&tar), &layer), 0);
	layer_program_expand(layer, &layer->programs[0], &id);
	assert_true(id.is_script && !id.is_elf);
	assert_string_equal(id.interpreter, "/bin/sh");
	assert_string_equal(id.argument, "-e");
	assert_int_equal(layer->entries[1].program, 0);
	assert_int_equal(layer->entries[1].extra, 1);
	assert_slice_text(layer_slice(layer, layer->extras[0].kept), "ID=debian\n");
	assert_int_equal(layer->entries[2].extra, 0);
	digest_of(slice_of("ID=debian\n"), digest);
	assert_memory_equal(layer->entries[1].digest, digest, SHA256_SIZE);
}

static void what_follows_the_end_is_seen(void **state)
{
	struct layers *l = *state;
	CLEANUP_STRBUF struct strbuf tar = STRBUF_INIT;
	CLEANUP_LAYER struct layer *layer = NULL, *more = NULL;

	tar_add_file(&tar, "a", "");
	tar_add_end(&tar);
	tar_add_end(&tar);
	assert_int_equal(read_layer(l, strbuf_slice(&tar), &layer), 0);
	assert_true(layer->has_end);
	assert_false(layer->has_more);
	tar_add_file(&tar, "b", "");
	assert_int_equal(read_layer(l, strbuf_slice(&tar), &more), 0);
	assert_int_equal(more->count, 1);
	assert_true(more->has_more);
}

static void limits_name_themselves(void **state)
{
	struct layers *l = *state;
	CLEANUP_STRBUF struct strbuf tar = STRBUF_INIT;
	struct layer *layer = NULL;

	tar_add_file(&tar, "a/b/c", "data");
	l->limits.depth_max = 2;
	assert_int_equal(read_layer(l, strbuf_slice(&tar), &layer), -EBADMSG);
	assert_string_equal(
		l->e.message, "more than 2 directories deep, the limit depth_max: a/b/c...");
	l->limits = IMAGE_LIMITS_DEFAULT;
	l->reader.members_left = 0;
	assert_int_equal(read_layer(l, strbuf_slice(&tar), &layer), -EBADMSG);
	assert_string_equal(l->e.message, "more than 1000000 files, the limit members_max");
	l->reader.text_left = 4;
	assert_int_equal(read_layer(l, strbuf_slice(&tar), &layer), -EBADMSG);
	assert_string_equal(
		l->e.message, "more than 134217728 bytes of names, the limit text_bytes_max");
	assert_null(layer);
}

static void file_in_place_of_the_top_is_refused(void **state)
{
	struct layers *l = *state;
	CLEANUP_STRBUF struct strbuf tar = STRBUF_INIT;
	struct layer *layer = NULL;

	tar_add_link(&tar, '2', "x/..", "/etc");
	assert_int_equal(read_layer(l, strbuf_slice(&tar), &layer), -EBADMSG);
	assert_string_equal(l->e.message, "a file in place of the top: x/..");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		LAYERS_TEST(names_never_leave_the_top),
		LAYERS_TEST(whiteouts_are_told_by_their_last_component),
		LAYERS_TEST(programs_are_identified_whatever_their_size),
		LAYERS_TEST(scripts_digests_and_kept_bytes_are_of_the_file),
		LAYERS_TEST(what_follows_the_end_is_seen),
		LAYERS_TEST(limits_name_themselves),
		LAYERS_TEST(file_in_place_of_the_top_is_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
