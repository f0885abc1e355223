/* SPDX-License-Identifier: Apache-2.0 */
/* Claims about agent/image/reference.c, layer_directory.c and store.c. */
#include "image/layout_fixture.h"

#include <errno.h>

/* An OCI layout of one image with the file "app" and a shell that is called "data". */
static void make_layout(struct layout *l)
{
	CLEANUP_STRBUF struct strbuf tar = STRBUF_INIT, index = STRBUF_INIT, shell = STRBUF_INIT;
	struct layout_image image;

	add_shell(&shell, 0);
	tar_add_file(&tar, "app", "app");
	tar_add_data(&tar, '0', "data", strbuf_slice(&shell));
	tar_add_end(&tar);
	image = layout_image(l, strbuf_slice(&tar), add_gzip, "amd64");
	add_descriptor(&index, image.manifest, image.manifest_size,
		",\"annotations\":{\"org.opencontainers.image.ref.name\":\"1.0\"}");
	layout_index(l, strbuf_text(&index));
}

static void assert_form(struct layout *l, int r, enum image_form form)
{
	assert_read(l, r);
	assert_int_equal(l->image->form, form);
	assert_int_equal(layout_files(l, 0, "app"), 2);
}

static void form_of_a_path_is_told_by_what_is_there(void **state)
{
	CLEANUP_STRBUF struct strbuf tar = STRBUF_INIT, gzip = STRBUF_INIT;
	struct layout *l = *state;

	make_layout(l);
	assert_form(l, layout_read_archive(l, "%s"), IMAGE_FORM_OCI);
	assert_form(l, layout_read_directory(l, "%s"), IMAGE_FORM_OCI);
	assert_form(l, layout_read_directory(l, "dir:%s"), IMAGE_FORM_OCI);
	tar_add_file(&tar, "./app", "app");
	tar_add_file(&tar, "./.wh.app", "no whiteout: this is no layer");
	tar_add_end(&tar);
	assert_form(l, layout_read_bytes(l, "%s", strbuf_slice(&tar)), IMAGE_FORM_ROOTFS);
	assert_form(l, layout_read_bytes(l, "rootfs:%s", strbuf_slice(&tar)), IMAGE_FORM_ROOTFS);
	add_gzip(&gzip, strbuf_slice(&tar));
	assert_form(l, layout_read_bytes(l, "%s", strbuf_slice(&gzip)), IMAGE_FORM_ROOTFS);
	assert_false(l->image->manifests[0].has_config);
}

/* skopeo copy dir: the manifest, and blobs beside it. */
static void directory_of_skopeo_is_read(void **state)
{
	CLEANUP_STRBUF struct strbuf tar = STRBUF_INIT;
	struct layout *l = *state;
	struct layout_image image;

	tar_add_file(&tar, "app", "app");
	tar_add_file(&tar, "b", "b");
	image = layout_image(l, strbuf_slice(&tar), NULL, "amd64");
	for (size_t i = 0; i < l->count; i++) /* "blobs/sha256/HEX" to "HEX" */
		memmove(l->files[i].name, l->files[i].name + 13, strlen(l->files[i].name + 13) + 1);
	layout_add(l, "manifest.json", slice_of(image.manifest_text));
	layout_add(l, "version", slice_of("Directory Transport Version: 1.1\n"));
	assert_form(l, layout_read_directory(l, "dir:%s"), IMAGE_FORM_DIRECTORY);
	assert_true(l->image->manifests[0].has_digest);
}

static void standard_input_is_an_archive_of_any_form(void **state)
{
	CLEANUP_STRBUF struct strbuf tar = STRBUF_INIT;
	struct layout *l = *state;
	int ends[2];

	make_layout(l);
	layout_archive(l, &tar);
	assert_true(tar.len < 65536); /* a pipe takes as much */
	assert_int_equal(pipe2(ends, O_CLOEXEC), 0);
	assert_int_equal(write_all(ends[1], tar.data, tar.len), 0);
	close(ends[1]);
	l->options.input_fd = ends[0];
	assert_form(l, image_read("-", &l->options, &l->image, &l->e), IMAGE_FORM_OCI);
	close(ends[0]);
}

static void tag_is_behind_the_path(void **state)
{
	struct layout *l = *state;

	make_layout(l);
	assert_form(l, layout_read_directory(l, "oci:%s:1.0"), IMAGE_FORM_OCI);
	assert_string_equal(l->image->manifests[0].name, "1.0");
	assert_failed(l, layout_read_directory(l, "oci:%s:2"), IMAGE_INCOMPLETE, "none of its 1");
	/* a path with a ':' in it is there as it is */
	scratch_mkdir(&l->scratch, "x:1.0");
	assert_failed(l, layout_read(l, "oci:%s", "x:1.0"), IMAGE_UNREADABLE, "index.json");
}

static void paths_of_a_reference_are_told(void **state)
{
	static const struct {
		const char *reference, *first, *second;
	} cases[] = {
		{"oci:/d", "/d", NULL},
		{"oci:d:1.0", "d:1.0", "d"},
		{"docker-archive:a.tar:r/i:1", "a.tar:r/i:1", "a.tar"},
		{"rootfs:/d:1", "/d:1", NULL},
		{"/d:1", "/d:1", NULL},
		{"-", NULL, NULL},
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		char *paths[IMAGE_REFERENCE_PATHS];

		assert_int_equal(image_reference_paths(cases[i].reference, paths), 0);
		assert_string_equal(
			paths[0] ? paths[0] : "none", cases[i].first ? cases[i].first : "none");
		assert_string_equal(
			paths[1] ? paths[1] : "none", cases[i].second ? cases[i].second : "none");
		free(paths[0]);
		free(paths[1]);
	}
}

static void what_is_not_there_is_said(void **state)
{
	struct layout *l = *state;

	assert_failed(l, layout_read(l, "%s", "none"), IMAGE_UNREADABLE, "No such file");
	assert_failed(l, layout_read(l, "oci:%s:tag", "none"), IMAGE_UNREADABLE, "No such file");
	assert_failed(
		l, layout_read_bytes(l, "oci:%s", slice_of("x")), IMAGE_UNREADABLE, "no directory");
	scratch_mkdir(&l->scratch, "empty");
	assert_failed(
		l, layout_read(l, "oci-archive:%s", "empty"), IMAGE_UNREADABLE, ": a directory");
	assert_failed(l, layout_read_bytes(l, "docker-archive:%s", slice_of("x")), IMAGE_UNREADABLE,
		"it ends within a block");
	assert_failed(l, image_read("/dev/null", &l->options, &l->image, &l->e), IMAGE_UNREADABLE,
		"no file, and no directory");
}

/* Whatever the form, an archive that is cut is never an image. */
static void archive_cut_anywhere_is_refused(void **state)
{
	static const char *const forms[] = {
		"%s", "oci-archive:%s", "docker-archive:%s", "rootfs:%s"};
	CLEANUP_STRBUF struct strbuf tar = STRBUF_INIT;
	struct layout *l = *state;

	make_layout(l);
	layout_archive(l, &tar);
	assert_form(l, layout_read_bytes(l, "%s", strbuf_slice(&tar)), IMAGE_FORM_OCI);
	for (size_t len = 0; len < tar.len; len += BLOCK)
		for (size_t i = 0; i < ARRAY_SIZE(forms); i++) {
			int r = layout_read_bytes(l, forms[i], (struct slice){tar.data, len});

			assert_true(r < 0);
			assert_int_equal(l->e.kind, IMAGE_UNREADABLE);
			assert_true(l->e.message[0]);
		}
}

/* A compressed one cut at each byte. */
static void compressed_archive_cut_anywhere_is_refused(void **state)
{
	CLEANUP_STRBUF struct strbuf tar = STRBUF_INIT;
	struct strbuf packed[2] = {STRBUF_INIT, STRBUF_INIT};
	struct layout *l = *state;

	tar_add_file(&tar, "app", "app");
	tar_add_end(&tar);
	add_gzip(&packed[0], strbuf_slice(&tar));
	add_zstd(&packed[1], strbuf_slice(&tar));
	for (size_t i = 0; i < ARRAY_SIZE(packed); i++) {
		for (size_t len = 0; len < packed[i].len; len++)
			assert_true(layout_read_bytes(l, "rootfs:%s",
					    (struct slice){packed[i].data, len}) < 0);
		assert_read(l, layout_read_bytes(l, "rootfs:%s", strbuf_slice(&packed[i])));
		strbuf_done(&packed[i]);
	}
}

static void blobs_may_be_links_within_the_layout(void **state)
{
	struct layout *l = *state;
	char blob[256], other[128], path[SCRATCH_PATH_MAX];

	make_layout(l);
	assert_read(l, layout_read_directory(l, "oci:%s"));
	snprintf(blob, sizeof(blob), "layout/%s", l->files[0].name);
	snprintf(other, sizeof(other), "%s", "layout/rootfs.tar.gz");
	snprintf(path, sizeof(path), "%s", scratch_path(&l->scratch, blob));
	assert_int_equal(rename(path, scratch_path(&l->scratch, other)), 0);
	assert_int_equal(symlink("../../rootfs.tar.gz", path), 0);
	assert_form(l, layout_read(l, "oci:%s", "layout"), IMAGE_FORM_OCI);
	/* out of it there is nothing */
	assert_int_equal(unlink(path), 0);
	assert_int_equal(symlink("/etc/passwd", path), 0);
	assert_failed(l, layout_read(l, "oci:%s", "layout"), IMAGE_INCOMPLETE, "not there");
}

static void directory_is_read_as_it_is(void **state)
{
	CLEANUP_STRBUF struct strbuf shell = STRBUF_INIT;
	struct layout *l = *state;
	const struct image_tree *tree;
	struct program_identity id;
	struct image_file file;
	char path[SCRATCH_PATH_MAX];
	uint32_t number;

	add_shell(&shell, 200000);
	scratch_write(&l->scratch, "root/usr/bin/dash", shell.data, shell.len);
	assert_int_equal(symlink("usr/bin", scratch_path(&l->scratch, "root/bin")), 0);
	assert_int_equal(symlink("/", scratch_path(&l->scratch, "root/out")), 0);
	assert_int_equal(mkfifo(scratch_path(&l->scratch, "root/fifo"), 0600), 0);
	snprintf(path, sizeof(path), "%s", scratch_path(&l->scratch, "root/usr/bin/dash"));
	assert_int_equal(chmod(path, 04755), 0);
	assert_int_equal(link(path, scratch_path(&l->scratch, "root/app")), 0);
	assert_read(l, layout_read(l, "rootfs:%s", "root"));
	tree = l->image->manifests[0].tree;
	assert_int_equal(image_tree_resolve(tree, 0, slice_of("/bin/dash"), true, &number), 0);
	assert_true(image_tree_get(tree, number, &file));
	assert_int_equal(file.type, IMAGE_FILE);
	assert_int_equal(file.mode, 04755);
	assert_int_equal(file.size_bytes, shell.len);
	assert_true(image_tree_identity(tree, &file, &id));
	assert_string_equal(program_identity_name(&id), "dash");
	assert_int_equal(layout_files(l, 0, "/out/out/app"), 5);
	assert_int_equal(image_tree_resolve(tree, 0, slice_of("fifo"), true, &number), 0);
	assert_true(image_tree_get(tree, number, &file));
	assert_int_equal(file.type, IMAGE_FIFO);
	/* both names are one file */
	assert_int_equal(image_tree_resolve(tree, 0, slice_of("app"), true, &number), 0);
	assert_true(image_tree_get(tree, number, &file));
	assert_true(image_tree_identity(tree, &file, &id));
}

static void limits_of_a_directory_name_themselves(void **state)
{
	struct layout *l = *state;

	scratch_write_text(&l->scratch, "root/a/b/c", "12345678");
	l->limits.depth_max = 1;
	assert_failed(l, layout_read(l, "rootfs:%s", "root"), IMAGE_UNREADABLE,
		"more than 1 directories deep, the limit depth_max");
	l->limits = IMAGE_LIMITS_DEFAULT;
	l->limits.bytes_max = 7;
	assert_failed(l, layout_read(l, "rootfs:%s", "root"), IMAGE_UNREADABLE,
		"more than 7 bytes, the limit bytes_max");
	l->limits = IMAGE_LIMITS_DEFAULT;
	l->limits.members_max = 2;
	assert_failed(l, layout_read(l, "rootfs:%s", "root"), IMAGE_UNREADABLE,
		"more than 2 files, the limit members_max");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		LAYOUT_TEST(form_of_a_path_is_told_by_what_is_there),
		LAYOUT_TEST(directory_of_skopeo_is_read),
		LAYOUT_TEST(standard_input_is_an_archive_of_any_form),
		LAYOUT_TEST(tag_is_behind_the_path),
		cmocka_unit_test(paths_of_a_reference_are_told),
		LAYOUT_TEST(what_is_not_there_is_said),
		LAYOUT_TEST(archive_cut_anywhere_is_refused),
		LAYOUT_TEST(compressed_archive_cut_anywhere_is_refused),
		LAYOUT_TEST(blobs_may_be_links_within_the_layout),
		LAYOUT_TEST(directory_is_read_as_it_is),
		LAYOUT_TEST(limits_of_a_directory_name_themselves),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
