/* SPDX-License-Identifier: Apache-2.0 */
/* Claims about agent/image/oci.c, manifest.c, config.c and document.c. */
#include "image/layout_fixture.h"

#include <errno.h>

/* A layer with the file NAME. */
static void make_tar(struct strbuf *tar, const char *name)
{
	tar_add_file(tar, name, name);
	tar_add_end(tar);
}

/* A layout of one image; DESCRIPTOR has more members of its descriptor. */
static struct layout_image make_layout(
	struct layout *l, void (*pack)(struct strbuf *, struct slice), const char *descriptor)
{
	CLEANUP_STRBUF struct strbuf tar = STRBUF_INIT, index = STRBUF_INIT;
	struct layout_image image;

	make_tar(&tar, "app");
	image = layout_image(l, strbuf_slice(&tar), pack, "amd64");
	add_descriptor(&index, image.manifest, image.manifest_size, descriptor);
	layout_index(l, strbuf_text(&index));
	return image;
}

static const char *blob_path(const char *digest)
{
	static char path[128];

	snprintf(path, sizeof(path), "blobs/sha256/%.64s", digest + 7);
	return path;
}

static void layout_is_read_in_every_compression(void **state)
{
	void (*const packs[])(struct strbuf *, struct slice) = {NULL, add_gzip, add_zstd};
	struct layout *l = *state;

	for (size_t i = 0; i < ARRAY_SIZE(packs); i++) {
		struct layout_image image = make_layout(l, packs[i], "");
		unsigned char digest[SHA256_SIZE];
		const struct image_manifest *m;

		assert_read(l, i % 2 ? layout_read_archive(l, "oci-archive:%s")
				     : layout_read_directory(l, "oci:%s"));
		assert_int_equal(l->image->form, IMAGE_FORM_OCI);
		assert_int_equal(l->image->count, 1);
		assert_int_equal(layout_files(l, 0, "app"), 1);
		m = &l->image->manifests[0];
		assert_true(m->has_digest && m->has_config);
		assert_true(document_digest(slice_of(image.manifest), digest));
		assert_memory_equal(m->digest, digest, SHA256_SIZE);
		assert_true(document_digest(slice_of(image.config), digest));
		assert_memory_equal(m->id, digest, SHA256_SIZE);
		assert_int_equal(m->layer_count, 1);
		assert_int_equal(m->layers[0].blob_bytes, image.layer_size);
		assert_true(document_digest(slice_of(image.diff_id), digest));
		assert_memory_equal(m->layers[0].diff_id, digest, SHA256_SIZE);
		layout_clear(l);
	}
}

static void configuration_is_kept(void **state)
{
	struct layout *l = *state;
	const struct image_config *config;

	make_layout(l, NULL, "");
	assert_read(l, layout_read_archive(l, "oci-archive:%s"));
	config = &l->image->manifests[0].config;
	assert_string_equal(config->os, "linux");
	assert_string_equal(config->architecture, "amd64");
	assert_string_equal(config->variant, "");
	assert_string_equal(config->user, "65532");
	assert_int_equal(config->entrypoint.count, 2);
	assert_string_equal(config->entrypoint.items[1], "-x");
	assert_int_equal(config->command.count, 0);
	assert_string_equal(config->environment.items[0], "PATH=/bin");
	assert_string_equal(config->healthcheck.items[0], "CMD-SHELL");
	assert_int_equal(config->shell.count, 0);
}

/* Every blob in turn has another byte, or is missing. */
static void blobs_are_what_their_digests_say(void **state)
{
	struct layout *l = *state;
	struct layout_image image = make_layout(l, NULL, "");
	const char *const digests[] = {image.manifest, image.config, image.layer};

	for (size_t i = 0; i < ARRAY_SIZE(digests); i++) {
		layout_clear(l);
		make_layout(l, NULL, "");
		/* a digit in a digest; of the layer the file's data, which have no checksum */
		for (size_t k = 0; k < l->count; k++)
			if (strcmp(l->files[k].name, blob_path(digests[i])) == 0)
				*(i == 2 ? l->files[k].bytes + BLOCK
					 : strstr(l->files[k].bytes, "sha256:") + 10) ^= 1;
		assert_failed(l, layout_read_archive(l, "oci-archive:%s"), IMAGE_UNREADABLE,
			"is another one");
		layout_remove(l, blob_path(digests[i]));
		assert_failed(l, layout_read_archive(l, "oci-archive:%s"), IMAGE_INCOMPLETE,
			": not there");
	}
}

static void diff_ids_and_sizes_are_checked(void **state)
{
	CLEANUP_STRBUF struct strbuf tar = STRBUF_INIT, other = STRBUF_INIT;
	struct layout *l = *state;
	struct layout_image image, wrong;
	char text[2048], digest[DIGEST_TEXT_SIZE];
	CLEANUP_STRBUF struct strbuf index = STRBUF_INIT;

	make_tar(&tar, "app");
	make_tar(&other, "other");
	image = layout_image(l, strbuf_slice(&tar), add_gzip, "amd64");
	wrong = layout_image(l, strbuf_slice(&other), add_gzip, "amd64");
	snprintf(text, sizeof(text),
		"{\"config\":{\"digest\":\"%s\",\"size\":%zu},\"layers\":[{\"digest\":\"%s\","
		"\"size\":%zu}]}",
		wrong.config, wrong.config_size, image.layer, image.layer_size);
	add_descriptor(&index, layout_blob(l, slice_of(text), digest), strlen(text), "");
	layout_index(l, strbuf_text(&index));
	assert_failed(l, layout_read_archive(l, "oci-archive:%s"), IMAGE_UNREADABLE,
		"its diff id is another one");
	snprintf(text, sizeof(text),
		"{\"config\":{\"digest\":\"%s\",\"size\":%zu},\"layers\":[{\"digest\":\"%s\","
		"\"size\":%zu}]}",
		image.config, image.config_size, image.layer, image.layer_size + 1);
	strbuf_reset(&index);
	add_descriptor(&index, layout_blob(l, slice_of(text), digest), strlen(text), "");
	layout_index(l, strbuf_text(&index));
	assert_failed(
		l, layout_read_archive(l, "oci-archive:%s"), IMAGE_UNREADABLE, "bytes instead of");
	snprintf(text, sizeof(text), "{\"config\":{\"digest\":\"%s\",\"size\":%zu},\"layers\":[]}",
		image.config, image.config_size);
	strbuf_reset(&index);
	add_descriptor(&index, layout_blob(l, slice_of(text), digest), strlen(text), "");
	layout_index(l, strbuf_text(&index));
	assert_failed(l, layout_read_archive(l, "oci-archive:%s"), IMAGE_UNREADABLE,
		"1 diff ids for 0 layers");
}

static void foreign_and_encrypted_layers_make_an_image_incomplete(void **state)
{
	static const struct {
		const char *type, *message;
	} cases[] = {
		{"application/vnd.oci.image.layer.nondistributable.v1.tar", "a foreign layer"},
		{"application/vnd.docker.image.rootfs.foreign.diff.tar.gzip", "a foreign layer"},
		{"application/vnd.oci.image.layer.v1.tar+encrypted", "an encrypted layer"},
		{"application/vnd.oci.image.layer.v1.tar", "not there"},
	};
	struct layout *l = *state;

	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		struct layout_image image = make_layout(l, NULL, "");
		CLEANUP_STRBUF struct strbuf index = STRBUF_INIT;
		char text[2048], digest[DIGEST_TEXT_SIZE];

		layout_remove(l, blob_path(image.layer));
		snprintf(text, sizeof(text),
			"{\"config\":{\"digest\":\"%s\",\"size\":%zu},\"layers\":[{\"mediaType\":"
			"\"%s\",\"digest\":\"%s\",\"size\":%zu}]}",
			image.config, image.config_size, cases[i].type, image.layer,
			image.layer_size);
		add_descriptor(&index, layout_blob(l, slice_of(text), digest), strlen(text), "");
		layout_index(l, strbuf_text(&index));
		assert_failed(l, layout_read_archive(l, "oci-archive:%s"), IMAGE_INCOMPLETE,
			cases[i].message);
		layout_clear(l);
	}
}

#define PLATFORM(os, architecture) \
	",\"platform\":{\"os\":\"" os "\",\"architecture\":\"" architecture "\"}"

/* amd64 and arm64 in an index within index.json, with an attestation; the layer is one blob. */
static void make_platforms(struct layout *l)
{
	CLEANUP_STRBUF struct strbuf tar = STRBUF_INIT, inner = STRBUF_INIT, outer = STRBUF_INIT,
				     text = STRBUF_INIT;
	struct layout_image amd64, arm64;
	char digest[DIGEST_TEXT_SIZE];

	make_tar(&tar, "app");
	amd64 = layout_image(l, strbuf_slice(&tar), add_gzip, "amd64");
	arm64 = layout_image(l, strbuf_slice(&tar), add_gzip, "arm64");
	add_descriptor(&inner, amd64.manifest, amd64.manifest_size, PLATFORM("linux", "amd64"));
	add_descriptor(&inner, arm64.manifest, arm64.manifest_size, PLATFORM("linux", "arm64"));
	add_descriptor(&inner, amd64.config, 1,
		PLATFORM("unknown", "unknown") ",\"annotations\":{\"vnd.docker.reference.type\":"
					       "\"attestation-manifest\"}");
	strbuf_addf(&text, "{\"manifests\":[%s]}", strbuf_text(&inner));
	layout_blob(l, strbuf_slice(&text), digest);
	add_descriptor(&outer, digest, text.len,
		",\"annotations\":{\"org.opencontainers.image.ref.name\":\"1.0\"}");
	layout_index(l, strbuf_text(&outer));
}

static void all_platforms_of_a_nested_index_are_read(void **state)
{
	struct layout *l = *state;

	make_platforms(l);
	assert_read(l, layout_read_archive(l, "oci-archive:%s"));
	assert_int_equal(l->image->count, 2);
	assert_string_equal(l->image->manifests[0].config.architecture, "amd64");
	assert_string_equal(l->image->manifests[1].config.architecture, "arm64");
	assert_string_equal(l->image->manifests[1].name, "1.0");
	assert_int_equal(layout_files(l, 1, "app"), 1);
	assert_int_equal(l->image->notes.count, 1);
	assert_non_null(strstr(l->image->notes.items[0], "an attestation"));
}

/* Engines go by the platform: an annotation must not take an image out of the verdict. */
static void annotation_alone_makes_no_attestation(void **state)
{
	struct layout *l = *state;

	make_layout(l, NULL,
		PLATFORM("linux", "amd64") ",\"annotations\":{\"vnd.docker.reference.type\":"
					   "\"attestation-manifest\"}");
	assert_read(l, layout_read_archive(l, "oci-archive:%s"));
	assert_int_equal(l->image->count, 1);
	assert_int_equal(l->image->notes.count, 0);
}

/* What a descriptor or a manifest says in another case engines would believe. */
static void keys_in_another_case_leave_nothing_out(void **state)
{
	static const char *const extras[] = {
		PLATFORM("unknown", "unknown") ",\"Platform\":{\"os\":\"linux\"}",
		",\"Platform\":{\"os\":\"linux\"}",
		",\"platform\":{\"os\":\"unknown\",\"architecture\":\"unknown\",\"OS\":\"linux\"}",
	};
	static const char artifact[] = "{\"config\":{\"mediaType\":\"x\",\"MediaType\":"
				       "\"application/vnd.oci.image.config.v1+json\"},"
				       "\"layers\":[]}";
	CLEANUP_STRBUF struct strbuf index = STRBUF_INIT;
	struct layout *l = *state;
	char digest[DIGEST_TEXT_SIZE];

	for (size_t i = 0; i < ARRAY_SIZE(extras); i++) {
		make_layout(l, NULL, extras[i]);
		assert_failed(l, layout_read_archive(l, "oci-archive:%s"), IMAGE_UNREADABLE,
			"a descriptor: malformed");
	}
	add_descriptor(&index, layout_blob(l, slice_of(artifact), digest), strlen(artifact), "");
	layout_index(l, strbuf_text(&index));
	assert_failed(l, layout_read_archive(l, "oci-archive:%s"), IMAGE_UNREADABLE, ": malformed");
}

static void platform_and_tag_choose(void **state)
{
	struct layout *l = *state;

	make_platforms(l);
	l->options.platform = "linux/arm64";
	assert_read(l, layout_read_archive(l, "oci-archive:%s:1.0"));
	assert_int_equal(l->image->count, 1);
	assert_string_equal(l->image->manifests[0].config.architecture, "arm64");
	l->options.platform = "linux/arm64/v8";
	assert_read(l, layout_read_archive(l, "oci-archive:%s"));
	assert_int_equal(l->image->count, 1);
	l->options.platform = "linux/s390x";
	assert_failed(l, layout_read_archive(l, "oci-archive:%s"), IMAGE_INCOMPLETE,
		"none of its 2 images has the tag or platform");
	l->options.platform = NULL;
	assert_failed(l, layout_read_archive(l, "oci-archive:%s:2.0"), IMAGE_INCOMPLETE,
		"none of its 1 images has the tag or platform");
	/* a descriptor may not say; the configuration does */
	layout_clear(l);
	make_layout(l, NULL, "");
	l->options.platform = "linux/arm64";
	assert_failed(l, layout_read_archive(l, "oci-archive:%s"), IMAGE_INCOMPLETE,
		"none of its 1 images");
}

/* As docker save of one platform of several leaves it. */
static void one_of_several_that_cannot_be_read_says_so_itself(void **state)
{
	struct layout *l = *state;
	CLEANUP_STRBUF struct strbuf tar = STRBUF_INIT, index = STRBUF_INIT;
	struct layout_image image;

	make_tar(&tar, "app");
	image = layout_image(l, strbuf_slice(&tar), NULL, "amd64");
	add_descriptor(&index, image.manifest, image.manifest_size, "");
	add_descriptor(&index,
		"sha256:ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad", 3, "");
	add_descriptor(&index, "sha512:00", 3, "");
	layout_index(l, strbuf_text(&index));
	assert_read(l, layout_read_archive(l, "oci-archive:%s"));
	assert_int_equal(l->image->count, 3);
	assert_int_equal(l->image->manifests[0].error.kind, IMAGE_NO_ERROR);
	assert_int_equal(l->image->manifests[1].error.kind, IMAGE_INCOMPLETE);
	assert_non_null(strstr(l->image->manifests[1].error.message, "not there"));
	assert_null(l->image->manifests[1].tree);
	assert_string_equal(
		l->image->manifests[2].error.message, "sha512:00: a digest that is no sha256");
}

static void what_is_no_image_is_left_out(void **state)
{
	static const char signature[] =
		"{\"config\":{\"mediaType\":\"application/vnd.oci.empty.v1+json\"},\"layers\":[]}";
	struct layout *l = *state;
	CLEANUP_STRBUF struct strbuf index = STRBUF_INIT;
	char digest[DIGEST_TEXT_SIZE];

	layout_blob(l, slice_of(signature), digest);
	add_descriptor(&index, digest, strlen(signature), "");
	layout_index(l, strbuf_text(&index));
	assert_failed(
		l, layout_read_archive(l, "oci-archive:%s"), IMAGE_INCOMPLETE, "no image in it");
}

/* As BuildKit writes FROM scratch without anything. */
static void image_may_have_no_layers(void **state)
{
	static const char config[] = "{\"os\":\"linux\",\"architecture\":\"amd64\",\"config\":{},"
				     "\"rootfs\":{\"type\":\"layers\",\"diff_ids\":null}}";
	CLEANUP_STRBUF struct strbuf index = STRBUF_INIT;
	struct layout *l = *state;
	char text[512], digest[DIGEST_TEXT_SIZE];

	snprintf(text, sizeof(text),
		"{\"config\":{\"digest\":\"%s\",\"size\":%zu},\"layers\":null}",
		layout_blob(l, slice_of(config), digest), strlen(config));
	add_descriptor(&index, layout_blob(l, slice_of(text), digest), strlen(text), "");
	layout_index(l, strbuf_text(&index));
	assert_read(l, layout_read_archive(l, "oci-archive:%s"));
	assert_int_equal(l->image->manifests[0].layer_count, 0);
	assert_int_equal(layout_files(l, 0, "/"), 0);
}

static void nonsense_is_refused(void **state)
{
	static const struct {
		const char *index, *message;
	} cases[] = {
		{"", "not JSON"},
		{"{", "not JSON"},
		{"[]", "malformed"},
		{"{}", "malformed"},
		{"{\"manifests\":{}}", "malformed"},
		{"{\"manifests\":[1]}", "malformed"},
		{"{\"manifests\":[{}]}", "malformed"},
		{"{\"manifests\":[{\"size\":-1,\"digest\":\"\"}]}", "malformed"},
		{"{\"manifests\":[],\"Manifests\":[]}", "malformed"},
		{"{\"manife\xc5\xbfts\":[],\"manifests\":[]}", "malformed"},
		{"{\"manifests\":[],\"manifests\":[]}", "a key twice"},
		{"{\"manifests\":[],\"layers\":[]}", "malformed"},
		{"{\"manifests\":[]}", "no image in it"},
	};
	struct layout *l = *state;

	layout_index(l, "");
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		layout_add(l, "index.json", slice_of(cases[i].index));
		assert_failed(l, layout_read_archive(l, "oci-archive:%s"),
			i < ARRAY_SIZE(cases) - 1 ? IMAGE_UNREADABLE : IMAGE_INCOMPLETE,
			cases[i].message);
	}
}

static void limits_name_themselves(void **state)
{
	struct layout *l = *state;
	CLEANUP_STRBUF struct strbuf deep = STRBUF_INIT;

	make_platforms(l);
	l->limits.manifests_max = 1;
	assert_failed(l, layout_read_archive(l, "oci-archive:%s"), IMAGE_UNREADABLE,
		"more than 1 manifests, the limit manifests_max");
	l->limits = IMAGE_LIMITS_DEFAULT;
	l->limits.json_bytes_max = 10;
	assert_failed(l, layout_read_archive(l, "oci-archive:%s"), IMAGE_UNREADABLE,
		"more than 10 bytes, the limit json_bytes_max");
	l->limits = IMAGE_LIMITS_DEFAULT;
	for (int i = 0; i < 100000; i++)
		strbuf_add_char(&deep, '[');
	layout_add(l, "index.json", strbuf_slice(&deep));
	assert_failed(l, layout_read_archive(l, "oci-archive:%s"), IMAGE_UNREADABLE,
		"the limit json_depth_max");
	l->limits.layers_max = 0;
	make_layout(l, NULL, "");
	assert_failed(l, layout_read_archive(l, "oci-archive:%s"), IMAGE_UNREADABLE,
		"more than 0 layers, the limit layers_max");
}

/* What one may have a reference may have a few times, however many manifests it names. */
static void limits_hold_over_all_manifests(void **state)
{
	struct layout *l = *state;
	CLEANUP_STRBUF struct strbuf tar = STRBUF_INIT, index = STRBUF_INIT;
	struct layout_image image;

	make_tar(&tar, "app");
	image = layout_image(l, strbuf_slice(&tar), NULL, "amd64");
	for (int i = 0; i < 5; i++)
		add_descriptor(&index, image.manifest, image.manifest_size, "");
	layout_index(l, strbuf_text(&index));
	l->limits.members_max = 1; /* each tree has two names */
	assert_read(l, layout_read_directory(l, "oci:%s"));
	assert_non_null(l->image->manifests[2].tree);
	assert_string_equal(l->image->manifests[3].error.message,
		"more than 4 times 1 files in all manifests, the limit members_max");
	l->limits = IMAGE_LIMITS_DEFAULT;
	l->limits.json_bytes_max = 900; /* index.json has nearly as many */
	assert_read(l, layout_read_directory(l, "oci:%s"));
	assert_int_equal(l->image->manifests[0].error.kind, IMAGE_NO_ERROR);
	assert_non_null(strstr(l->image->manifests[4].error.message,
		"with the others more than 4 times 900 bytes, the limit json_bytes_max"));
}

static void lists_of_words_are_limited(void **state)
{
	CLEANUP_STRBUF struct strbuf text = STRBUF_INIT;
	struct image_words words = {0};
	bool is_bad = false;

	(void)state;
	strbuf_add_text(&text, "{\"a\":[\"\"");
	for (int i = 0; i < 4096; i++)
		strbuf_add_text(&text, ",\"\"");
	strbuf_add_text(&text, "]}");

	CLEANUP_JSON json_t *root = json_load_untrusted(strbuf_slice(&text), 2);

	assert_non_null(root);
	assert_int_equal(document_words(root, "a", &is_bad, &words), 0);
	assert_true(is_bad);
	assert_int_equal(words.count, 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		LAYOUT_TEST(layout_is_read_in_every_compression),
		LAYOUT_TEST(configuration_is_kept),
		LAYOUT_TEST(blobs_are_what_their_digests_say),
		LAYOUT_TEST(diff_ids_and_sizes_are_checked),
		LAYOUT_TEST(foreign_and_encrypted_layers_make_an_image_incomplete),
		LAYOUT_TEST(all_platforms_of_a_nested_index_are_read),
		LAYOUT_TEST(annotation_alone_makes_no_attestation),
		LAYOUT_TEST(keys_in_another_case_leave_nothing_out),
		LAYOUT_TEST(platform_and_tag_choose),
		LAYOUT_TEST(one_of_several_that_cannot_be_read_says_so_itself),
		LAYOUT_TEST(what_is_no_image_is_left_out),
		LAYOUT_TEST(image_may_have_no_layers),
		LAYOUT_TEST(nonsense_is_refused),
		LAYOUT_TEST(limits_name_themselves),
		LAYOUT_TEST(limits_hold_over_all_manifests),
		LAYOUT_TEST(lists_of_words_are_limited),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
