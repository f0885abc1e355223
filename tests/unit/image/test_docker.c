/* SPDX-License-Identifier: Apache-2.0 */
/* Claims about agent/image/docker.c, by archives as the writers of each make them. */
#include "image/layout_fixture.h"

#include <errno.h>

struct parts {
	struct strbuf tar;
	char diff_id[DIGEST_TEXT_SIZE], config_digest[DIGEST_TEXT_SIZE], config[512];
};

static void make_parts(struct parts *p)
{
	*p = (struct parts){0};
	tar_add_file(&p->tar, "app", "app");
	tar_add_end(&p->tar);
	digest_text(strbuf_slice(&p->tar), p->diff_id);
	snprintf(p->config, sizeof(p->config),
		"{\"os\":\"linux\",\"architecture\":\"amd64\",\"rootfs\":{\"diff_ids\":[\"%s\"]}}",
		p->diff_id);
	digest_text(slice_of(p->config), p->config_digest);
}

static void add_manifest(struct layout *l, const char *config, const char *layer, const char *tags)
{
	CLEANUP_STRBUF struct strbuf text = STRBUF_INIT;

	strbuf_addf(&text, "[{\"Config\":\"%s\",\"RepoTags\":%s,\"Layers\":[\"%s\"]}]", config,
		tags, layer);
	layout_add(l, "manifest.json", strbuf_slice(&text));
}

static void assert_app(struct layout *l)
{
	assert_read(l, layout_read_archive(l, "docker-archive:%s"));
	assert_int_equal(l->image->form, IMAGE_FORM_DOCKER);
	assert_int_equal(layout_files(l, 0, "app"), 1);
	assert_false(l->image->manifests[0].has_digest);
	assert_true(l->image->manifests[0].has_config);
	assert_read(l, layout_read_archive(l, "%s"));
	assert_int_equal(l->image->form, IMAGE_FORM_DOCKER);
}

/* docker save before 25: ID/layer.tar, HEX.json. */
static void docker_save_is_read(void **state)
{
	struct layout *l = *state;
	struct parts p;
	char config[128];

	make_parts(&p);
	snprintf(config, sizeof(config), "%.64s.json", p.config_digest + 7);
	layout_add(l, "0123/layer.tar", strbuf_slice(&p.tar));
	layout_add(l, config, slice_of(p.config));
	add_manifest(l, config, "0123/layer.tar", "[\"app:1\"]");
	assert_app(l);
	assert_string_equal(l->image->manifests[0].name, "app:1");
	/* the name of the configuration is its digest */
	layout_add(l, config, slice_of("{}"));
	assert_failed(l, layout_read_archive(l, "docker-archive:%s"), IMAGE_UNREADABLE,
		"its digest is another one");
	strbuf_done(&p.tar);
}

/* podman save: DIFFID.tar, and ID/layer.tar is a link to it. */
static void layers_may_be_links(void **state)
{
	static const struct {
		char type;
		const char *target;
	} links[] = {{'2', "../1234.tar"}, {'2', "/1234.tar"}, {'1', "1234.tar"}};
	struct layout *l = *state;
	struct parts p;

	make_parts(&p);
	layout_add(l, "config.json", slice_of(p.config));
	layout_add(l, "1234.tar", strbuf_slice(&p.tar));
	add_manifest(l, "config.json", "abcd/layer.tar", "null");
	for (size_t i = 0; i < ARRAY_SIZE(links); i++) {
		CLEANUP_STRBUF struct strbuf tar = STRBUF_INIT;

		tar_add_link(&tar, links[i].type, "abcd/layer.tar", links[i].target);
		layout_archive(l, &tar);
		assert_read(l, layout_read_bytes(l, "docker-archive:%s", strbuf_slice(&tar)));
		assert_int_equal(layout_files(l, 0, "app"), 1);
		assert_string_equal(l->image->manifests[0].name, "");
	}
	strbuf_done(&p.tar);
}

static void links_in_a_loop_or_out_of_the_archive_lead_nowhere(void **state)
{
	static const char *const targets[] = {"layer.tar", "../../../etc/passwd", "/none"};
	struct layout *l = *state;
	struct parts p;

	make_parts(&p);
	layout_add(l, "config.json", slice_of(p.config));
	add_manifest(l, "config.json", "abcd/layer.tar", "[]");
	for (size_t i = 0; i < ARRAY_SIZE(targets); i++) {
		CLEANUP_STRBUF struct strbuf tar = STRBUF_INIT;

		tar_add_link(&tar, '2', "abcd/layer.tar", targets[i]);
		layout_archive(l, &tar);
		assert_failed(l, layout_read_bytes(l, "docker-archive:%s", strbuf_slice(&tar)),
			i == 0 ? IMAGE_UNREADABLE : IMAGE_INCOMPLETE,
			i == 0 ? "symbolic links" : "abcd/layer.tar: not there");
	}
	strbuf_done(&p.tar);
}

/* kaniko: the configuration is called by its digest, layers are gzip. */
static void kaniko_is_read(void **state)
{
	CLEANUP_STRBUF struct strbuf gzip = STRBUF_INIT;
	struct layout *l = *state;
	struct parts p;

	make_parts(&p);
	add_gzip(&gzip, strbuf_slice(&p.tar));
	layout_add(l, p.config_digest, slice_of(p.config));
	layout_add(l, "1234.tar.gz", strbuf_slice(&gzip));
	add_manifest(l, p.config_digest, "1234.tar.gz", "[\"app\"]");
	assert_app(l);
	strbuf_done(&p.tar);
}

/* Docker 25 and BuildKit: an OCI layout with manifest.json beside it. */
static void archive_that_is_a_layout_too_is_read_as_either(void **state)
{
	CLEANUP_STRBUF struct strbuf index = STRBUF_INIT, tar = STRBUF_INIT;
	struct layout *l = *state;
	struct layout_image image;
	char config[128], layer[128];

	tar_add_file(&tar, "app", "app");
	image = layout_image(l, strbuf_slice(&tar), add_gzip, "amd64");
	add_descriptor(&index, image.manifest, image.manifest_size, "");
	layout_index(l, strbuf_text(&index));
	snprintf(config, sizeof(config), "blobs/sha256/%.64s", image.config + 7);
	snprintf(layer, sizeof(layer), "blobs/sha256/%.64s", image.layer + 7);
	add_manifest(l, config, layer, "[\"app:1\"]");
	assert_read(l, layout_read_archive(l, "docker-archive:%s"));
	assert_int_equal(layout_files(l, 0, "app"), 1);
	assert_int_equal(l->image->form, IMAGE_FORM_DOCKER);
	assert_read(l, layout_read_archive(l, "%s"));
	assert_int_equal(l->image->form, IMAGE_FORM_OCI);
	/* blobs that are called by their digests have them */
	layout_add(l, layer, strbuf_slice(&tar));
	assert_failed(l, layout_read_archive(l, "docker-archive:%s"), IMAGE_UNREADABLE,
		"its digest is another one");
}

static void whole_archive_may_be_compressed(void **state)
{
	void (*const packs[])(struct strbuf *, struct slice) = {add_gzip, add_zstd};
	struct layout *l = *state;
	struct parts p;

	make_parts(&p);
	layout_add(l, "c", slice_of(p.config));
	layout_add(l, "l", strbuf_slice(&p.tar));
	add_manifest(l, "c", "l", "[]");
	for (size_t i = 0; i < ARRAY_SIZE(packs); i++) {
		CLEANUP_STRBUF struct strbuf tar = STRBUF_INIT, packed = STRBUF_INIT;

		layout_archive(l, &tar);
		packs[i](&packed, strbuf_slice(&tar));
		assert_read(l, layout_read_bytes(l, "%s", strbuf_slice(&packed)));
		assert_int_equal(layout_files(l, 0, "app"), 1);
	}
	strbuf_done(&p.tar);
}

static void last_member_of_a_name_wins(void **state)
{
	CLEANUP_STRBUF struct strbuf tar = STRBUF_INIT;
	struct layout *l = *state;
	struct parts p;

	make_parts(&p);
	layout_add(l, "c", slice_of(p.config));
	layout_add(l, "l", strbuf_slice(&p.tar));
	add_manifest(l, "c", "l", "[]");
	tar_add_file(&tar, "./manifest.json", "nonsense");
	layout_archive(l, &tar);
	assert_read(l, layout_read_bytes(l, "docker-archive:%s", strbuf_slice(&tar)));
	strbuf_done(&p.tar);
}

static void tag_chooses(void **state)
{
	struct layout *l = *state;
	struct parts p;

	make_parts(&p);
	layout_add(l, "c", slice_of(p.config));
	layout_add(l, "l", strbuf_slice(&p.tar));
	add_manifest(l, "c", "l", "[\"app:1\",\"example.org/app:2\"]");
	assert_read(l, layout_read_archive(l, "docker-archive:%s:example.org/app:2"));
	assert_string_equal(l->image->manifests[0].name, "example.org/app:2");
	assert_failed(l, layout_read_archive(l, "docker-archive:%s:app"), IMAGE_INCOMPLETE,
		"none of its 1 images has the tag");
	strbuf_done(&p.tar);
}

static void nonsense_is_refused(void **state)
{
	static const struct {
		const char *manifest, *message;
	} cases[] = {
		{"{}", "malformed"},
		{"[1]", "malformed"},
		{"[{}]", "malformed"},
		{"[{\"Config\":1}]", "malformed"},
		{"[{\"Config\":\"c\",\"Layers\":[1]}]", "malformed"},
		{"[{\"Config\":\"c\",\"config\":\"c\"}]", "malformed"},
		{"[{\"Config\":\"../../../../etc/passwd\"}]", "not there"},
		{"[{\"Config\":\"c\"}]", "1 diff ids for 0 layers"},
		{"[{\"Config\":\"manifest.json\"}]", "no configuration of an image"},
		{"[]", "no image in it"},
	};
	struct layout *l = *state;
	struct parts p;

	make_parts(&p);
	layout_add(l, "c", slice_of(p.config));
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		layout_add(l, "manifest.json", slice_of(cases[i].manifest));
		assert_int_equal(layout_read_archive(l, "docker-archive:%s"), -EBADMSG);
		if (!strstr(l->e.message, cases[i].message))
			fail_msg("%s: %s", cases[i].manifest, l->e.message);
	}
	strbuf_done(&p.tar);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		LAYOUT_TEST(docker_save_is_read),
		LAYOUT_TEST(layers_may_be_links),
		LAYOUT_TEST(links_in_a_loop_or_out_of_the_archive_lead_nowhere),
		LAYOUT_TEST(kaniko_is_read),
		LAYOUT_TEST(archive_that_is_a_layout_too_is_read_as_either),
		LAYOUT_TEST(whole_archive_may_be_compressed),
		LAYOUT_TEST(last_member_of_a_name_wins),
		LAYOUT_TEST(tag_chooses),
		LAYOUT_TEST(nonsense_is_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
