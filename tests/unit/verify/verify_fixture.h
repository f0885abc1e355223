/* SPDX-License-Identifier: Apache-2.0 */
/* Images made in memory, read and judged by a small catalog and the rules of rules/verify.yaml. */
#pragma once

#include "image/layout_fixture.h"

#include "barewatch/verify.h"
#include "base/json.h"

#define VERIFY_CATALOG                                                                  \
	"version: 1\n"                                                                  \
	"programs:\n"                                                                   \
	"- {name: dash, class: shell, files: [dash, sh]}\n"                             \
	"- {name: xonsh, class: shell, files: [xonsh]}\n"                               \
	"- {name: apt, class: package_manager, files: [apt, apt-get]}\n"                \
	"- {name: curl, class: downloader, files: [curl]}\n"                            \
	"- {name: busybox, class: multicall, files: [busybox], applets: {shell: [sh, "  \
	"ash],\n"                                                                       \
	"   package_manager: [dpkg]}}\n"                                                \
	"- {name: toybox, class: multicall, files: [toybox], applets: {shell: [sh]}}\n" \
	"signatures:\n"                                                                 \
	"- {name: busybox, class: multicall, applet_table: true, at_least: 1,\n"        \
	"   anchors: [bbox-one]}\n"                                                     \
	"- {name: toybox, class: multicall, at_least: 1, anchors: [toybox-one]}\n"      \
	"- {name: dash, class: shell, at_least: 1, anchors: [dash-one]}\n"              \
	"- {name: apt, class: package_manager, at_least: 1, anchors: [apt-one]}\n"      \
	"- {name: python, class: interpreter, at_least: 1, anchors: [python-one]}\n"    \
	"- {name: upx, class: other, packed: true, at_least: 1, anchors: [upx-one]}\n"

/* Names of applets, as busybox has them: at least eight, in order. */
#define TABLE_WITHOUT_SHELL "\0ar\0cat\0cp\0ls\0mv\0rm\0sed\0tar\0vi\0"
#define TABLE_WITH_SHELL    "\0ar\0ash\0cat\0cp\0ls\0mv\0rm\0sed\0sh\0tar\0vi\0"

#define LAYERS_MAX 8

struct verifying {
	struct layout *layout;
	struct catalog *catalog;
	struct rule_set *rules;
	struct verify_policy *policy;
	struct strbuf layers[LAYERS_MAX]; /* tar archives, the last of which is added to */
	size_t layer_count;
	const char *config; /* members of the configuration's "config" */
	json_t *report;
};

static inline int verify_set_up(void **state)
{
	struct verifying *v = calloc(1, sizeof(*v));
	struct diags diags = DIAGS_INIT;
	void *layout;

	layout_set_up(&layout);
	v->layout = layout;
	v->catalog = catalog_of(VERIFY_CATALOG);
	v->layout->options.catalog = v->catalog;
	v->layout->options.keeps = verify_keeps;
	assert_int_equal(rule_set_new(&v->rules), 0);
	assert_int_equal(rule_set_add_file(v->rules, "rules/verify.yaml", &diags), 0);
	assert_int_equal(verify_policy_new(&v->policy), 0);
	v->layer_count = 1;
	v->config = "";
	diags_done(&diags);
	*state = v;
	return 0;
}

static inline int verify_tear_down(void **state)
{
	struct verifying *v = *state;
	void *layout = v->layout;

	json_decref(v->report);
	for (size_t i = 0; i < LAYERS_MAX; i++)
		strbuf_done(&v->layers[i]);
	verify_policy_free(v->policy);
	rule_set_free(v->rules);
	layout_tear_down(&layout);
	catalog_free(v->catalog);
	free(v);
	return 0;
}

#define VERIFY_TEST(name) cmocka_unit_test_setup_teardown(name, verify_set_up, verify_tear_down)

/* ---- files ---- */

static inline struct strbuf *layer(struct verifying *v)
{
	return &v->layers[v->layer_count - 1];
}

static inline void next_layer(struct verifying *v)
{
	assert_true(v->layer_count < LAYERS_MAX);
	v->layer_count++;
}

/* Gives the member at AT the permissions MODE. */
static inline void set_mode(struct strbuf *tar, size_t at, unsigned mode)
{
	snprintf(tar->data + at + 100, 8, "%07o", mode);
	tar_seal(tar, at);
}

/* A program with the SIZE bytes of TEXT in it. */
static inline void add_program_bytes(
	struct verifying *v, const char *path, unsigned mode, const void *text, size_t size)
{
	CLEANUP_STRBUF struct strbuf bytes = STRBUF_INIT;
	struct elf_fixture elf;

	elf_fixture_init(&elf, ET_EXEC);
	strbuf_add(&bytes, elf.bytes, sizeof(elf.bytes));
	strbuf_add(&bytes, text, size);
	set_mode(layer(v), tar_add_data(layer(v), '0', path, strbuf_slice(&bytes)), mode);
}

#define add_program(v, path, mode, text) add_program_bytes(v, path, mode, text, sizeof(text))

static inline void add_text(struct verifying *v, const char *path, const char *text)
{
	tar_add_file(layer(v), path, text);
}

static inline void add_symlink(struct verifying *v, const char *path, const char *target)
{
	tar_add_link(layer(v), '2', path, target);
}

static inline void add_hard_link(struct verifying *v, const char *path, const char *target)
{
	tar_add_link(layer(v), '1', path, target);
}

/* ---- images ---- */

/* Stores the layers, and an index with one image of them. */
static inline void store_oci(struct verifying *v)
{
	CLEANUP_STRBUF struct strbuf config = STRBUF_INIT, manifest = STRBUF_INIT;
	CLEANUP_STRBUF struct strbuf index = STRBUF_INIT, diff_ids = STRBUF_INIT;
	char digest[DIGEST_TEXT_SIZE];

	for (size_t i = 0; i < v->layer_count; i++) {
		struct slice tar;

		tar_add_end(&v->layers[i]);
		tar = strbuf_slice(&v->layers[i]);
		layout_blob(v->layout, tar, digest);
		add_descriptor(&manifest, digest, tar.len,
			",\"mediaType\":\"application/vnd.oci.image.layer.v1.tar\"");
		strbuf_addf(&diff_ids, "%s\"%s\"", i ? "," : "", digest);
	}
	strbuf_addf(&config,
		"{\"os\":\"linux\",\"architecture\":\"amd64\",\"config\":{%s},\"rootfs\":{\"type\":"
		"\"layers\",\"diff_ids\":[%s]}}",
		v->config, strbuf_text(&diff_ids));
	layout_blob(v->layout, strbuf_slice(&config), digest);
	strbuf_addf(&index,
		"{\"schemaVersion\":2,\"config\":{\"mediaType\":"
		"\"application/vnd.oci.image.config.v1+json\",\"digest\":\"%s\",\"size\":%zu},"
		"\"layers\":[%s]}",
		digest, config.len, strbuf_text(&manifest));
	layout_blob(v->layout, strbuf_slice(&index), digest);
	strbuf_reset(&manifest);
	add_descriptor(&manifest, digest, index.len,
		",\"mediaType\":\"application/vnd.oci.image.manifest.v1+json\","
		"\"annotations\":{\"org.opencontainers.image.ref.name\":\"tag\"}");
	layout_index(v->layout, strbuf_text(&manifest));
}

/* Judges what was read. */
static inline void judge_image(struct verifying *v, const char *reference)
{
	const struct verify_options options = {v->catalog, v->rules, v->policy};

	json_decref(v->report);
	v->report = NULL;
	assert_int_equal(verify_image(reference, v->layout->image, &options, &v->report), 0);
}

static inline void verify_oci(struct verifying *v)
{
	store_oci(v);
	assert_read(v->layout, layout_read_directory(v->layout, "oci:%s"));
	judge_image(v, "oci:app");
}

/* ---- reports ---- */

static inline json_t *image_of(const struct verifying *v)
{
	return json_array_get(json_object_get(v->report, "images"), 0);
}

static inline const char *text_of(const json_t *object, const char *key)
{
	return json_string_value(json_object_get(object, key)) ?: "";
}

/* The finding for PATH as CLASS; NULL without one. */
static inline json_t *finding_of(const struct verifying *v, const char *path, const char *class)
{
	json_t *finding;
	size_t i;

	json_array_foreach (json_object_get(image_of(v), "findings"), i, finding)
		if (strcmp(text_of(finding, "path"), path) == 0 &&
			strcmp(text_of(finding, "class"), class) == 0)
			return finding;
	return NULL;
}

static inline void dump(const struct verifying *v)
{
	char *text = json_dumps(v->report, JSON_INDENT(1));

	print_error("%s\n", text);
	free(text);
}

static inline void assert_verdict(const struct verifying *v, const char *verdict)
{
	if (strcmp(text_of(v->report, "verdict"), verdict) == 0 &&
		strcmp(text_of(image_of(v), "verdict"), verdict) == 0)
		return;
	dump(v);
	fail_msg("not '%s'", verdict);
}

/* PATH is found as CLASS, at LEVEL. */
static inline const json_t *assert_found(
	const struct verifying *v, const char *path, const char *class, const char *level)
{
	const json_t *finding = finding_of(v, path, class);

	if (!finding || strcmp(text_of(finding, "level"), level) != 0) {
		dump(v);
		fail_msg("%s is no %s that is a %s", path, class, level);
	}
	return finding;
}

static inline void assert_findings(const struct verifying *v, size_t count)
{
	if (json_array_size(json_object_get(image_of(v), "findings")) == count)
		return;
	dump(v);
	fail_msg("not %zu findings", count);
}
