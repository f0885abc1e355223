/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What reading images takes is what agent/sandbox/ allows: every form of reference is read in a
 * sandbox, with threads and with programs that memory does not hold.
 */
#include "image/layout_fixture.h"

#include "barewatch/sandbox.h"

struct sandboxed {
	struct layout *layout;
	const char *reference;
};

/* Names of shells in the image, or what went wrong. */
static int find_shells(struct strbuf *answer, void *userdata)
{
	const struct sandboxed *s = userdata;
	struct image_error e;
	struct image *image;
	int r = image_read(s->reference, &s->layout->options, &image, &e);

	if (r < 0) {
		strbuf_add_text(answer, e.message);
		return 0;
	}
	for (uint32_t i = 0; i < image_tree_count(image->manifests[0].tree); i++) {
		const struct image_tree *tree = image->manifests[0].tree;
		struct program_identity id;
		struct image_file file;

		if (image_tree_get(tree, i, &file) && image_tree_identity(tree, &file, &id) &&
			id.class == PROGRAM_SHELL)
			image_tree_path(tree, i, answer);
	}
	image_free(image);
	return 0;
}

static void assert_shells(struct layout *l, struct sandbox_options *options, const char *reference,
	const char *shells)
{
	CLEANUP_STRBUF struct strbuf answer = STRBUF_INIT;
	struct sandboxed s = {l, reference};
	char message[SANDBOX_MESSAGE_MAX] = "";

	if (sandbox_call(options, find_shells, &s, &answer, message) < 0)
		fail_msg("%s: %s", reference, message);
	assert_string_equal(strbuf_text(&answer), shells);
}

/* One small and one large shell, in a layout, in an archive of that, and in directories. */
static void make_images(struct layout *l)
{
	CLEANUP_STRBUF struct strbuf tar = STRBUF_INIT, index = STRBUF_INIT, small = STRBUF_INIT,
				     large = STRBUF_INIT, archive = STRBUF_INIT,
				     packed = STRBUF_INIT;
	struct layout_image image;

	setenv("TMPDIR", l->scratch.root, 1); /* for files without a name */
	add_shell(&small, 0);
	add_shell(&large, 5 << 20);
	tar_add_data(&tar, '0', "small", strbuf_slice(&small));
	tar_add_data(&tar, '0', "large", strbuf_slice(&large));
	tar_add_end(&tar);
	image = layout_image(l, strbuf_slice(&tar), add_zstd, "amd64");
	add_descriptor(&index, image.manifest, image.manifest_size, "");
	layout_index(l, strbuf_text(&index));
	assert_read(l, layout_read_directory(l, "%s")); /* which writes it */
	layout_archive(l, &archive);
	add_gzip(&packed, strbuf_slice(&archive));
	scratch_write(&l->scratch, "archive", packed.data, packed.len);
	scratch_write(&l->scratch, "root/secret/small", small.data, small.len);
	scratch_write(&l->scratch, "root/large", large.data, large.len);
}

static void every_form_is_read_in_a_sandbox(void **state)
{
	struct layout *l = *state;
	struct sandbox_limits limits = SANDBOX_LIMITS_DEFAULT;
	struct image_spools spools;
	int fds[IMAGE_SPOOLS + 1];
	char reference[SCRATCH_PATH_MAX + 16], refused[SCRATCH_PATH_MAX + 32];
	const char *paths[] = {l->scratch.root};
	struct sandbox_options options = {.limits = &limits,
		.fds = fds,
		.fd_count = IMAGE_SPOOLS,
		.paths = paths,
		.path_count = 1,
		.reads_all = true};

	make_images(l);
	assert_int_equal(image_spools_make(&spools), 0);
	memcpy(fds, spools.fds, sizeof(spools.fds));
	limits.file_bytes_max = 64 << 20;
	l->options.spools = &spools;
	snprintf(reference, sizeof(reference), "oci:%s/layout", l->scratch.root);
	assert_shells(l, &options, reference, "/small/large");
	snprintf(reference, sizeof(reference), "oci-archive:%s/archive", l->scratch.root);
	assert_shells(l, &options, reference, "/small/large");
	snprintf(reference, sizeof(reference), "rootfs:%s/root/secret", l->scratch.root);
	assert_shells(l, &options, reference, "/small");
	/* standard input takes no path, and so nothing is opened */
	options.path_count = 0;
	options.reads_all = false;
	fds[IMAGE_SPOOLS] = l->options.input_fd = open(
		scratch_path(&l->scratch, "archive"), O_RDONLY | O_CLOEXEC);
	options.fd_count++;
	assert_shells(l, &options, "-", "/small/large");
	snprintf(reference, sizeof(reference), "rootfs:%s/root", l->scratch.root);
	snprintf(refused, sizeof(refused), "%s: Permission denied", reference + strlen("rootfs:"));
	assert_shells(l, &options, reference, refused);
	close(fds[IMAGE_SPOOLS]);
	image_spools_close(&spools);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		LAYOUT_TEST(every_form_is_read_in_a_sandbox),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
