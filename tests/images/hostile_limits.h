/* SPDX-License-Identifier: Apache-2.0 */
/* Images for hostile.c that reach each limit, that cost more than they look, and parts of layers. */
#pragma once

#include "hostile.h"

#define CUT_FILES "/app:f /hard:f /link:l /opt:d /opt/noise:f"

/* A Docker archive of one layer. */
static inline void make_docker(struct strbuf *out, struct slice tar, const char *diff_id)
{
	char text[512];

	tar_add_data(out, '0', "layer.tar", tar);
	snprintf(text, sizeof(text), "{\"rootfs\":{\"diff_ids\":[\"%s\"]}}", diff_id);
	tar_add_file(out, "config.json", text);
	tar_add_file(out, "manifest.json",
		"[{\"Config\":\"config.json\",\"RepoTags\":null,\"Layers\":[\"layer.tar\"]}]");
	tar_add_end(out);
}

/* Images whose layer is a part of PACKED, with the digest of that. */
static inline void add_cut_layer(const char *name, struct slice packed, struct slice tar)
{
	for (size_t size = BLOCK; size < packed.len; size += BLOCK) {
		CLEANUP_FREE struct layout *layout = calloc(1, sizeof(*layout));
		CLEANUP_STRBUF struct strbuf text = STRBUF_INIT, manifests = STRBUF_INIT,
					     out = STRBUF_INIT;
		char layer[DIGEST_TEXT_SIZE], config[DIGEST_TEXT_SIZE], manifest[DIGEST_TEXT_SIZE],
			file[64];
		size_t config_size;

		layout_blob(layout, (struct slice){packed.data, size}, layer);
		strbuf_addf(
			&text, "{\"rootfs\":{\"diff_ids\":[\"%s\"]}}", digest_text(tar, manifest));
		config_size = text.len;
		layout_blob(layout, strbuf_slice(&text), config);
		strbuf_reset(&text);
		strbuf_addf(&text,
			"{\"config\":{\"digest\":\"%s\",\"size\":%zu},\"layers\":[{\"digest\":"
			"\"%s\",\"size\":%zu}]}",
			config, config_size, layer, size);
		add_descriptor(&manifests, layout_blob(layout, strbuf_slice(&text), manifest),
			text.len, "");
		finish_index(layout, &manifests, &(struct edit){0});
		layout_archive(layout, &out);
		layout_clear(layout);
		snprintf(file, sizeof(file), "cut-layer-%s-%zu", name, size);
		add_case("oci-archive", file, "", strbuf_slice(&out),
			(struct outcome){UNREADABLE, "it ends too soon"});
	}
}

static inline void add_cut_layers(struct slice tar)
{
	CLEANUP_STRBUF struct strbuf gzip = STRBUF_INIT, zstd = STRBUF_INIT;

	add_gzip(&gzip, tar);
	add_cut_layer("gzip", strbuf_slice(&gzip), tar);
	add_zstd(&zstd, tar);
	add_cut_layer("zstd", strbuf_slice(&zstd), tar);
}

/* ---- each limit: what is just below it, and what is just beyond ---- */

static const struct limit_case {
	const char *limit;
	unsigned reads, refused; /* values */
} limit_cases[] = {
	{"bytes_max", 8192, 4095},
	{"layers_max", 2, 1},
	{"members_max", 8, 2},
	{"text_bytes_max", 100, 10},
	{"name_max", 77, 76},
	{"depth_max", 4, 3},
	{"json_bytes_max", 1000, 200},
	{"json_depth_max", 6, 2},
};

static inline void add_limit_pair(
	const char *form, const struct limit_case *c, const char *files, struct slice bytes)
{
	char name[64], limits[64], message[64];

	snprintf(name, sizeof(name), "limit-%s-%s", form, c->limit);
	snprintf(limits, sizeof(limits), "%s=%u", c->limit, c->reads);
	add_case(form, name, limits, bytes, (struct outcome){READS, files});
	snprintf(limits, sizeof(limits), "%s=%u", c->limit, c->refused);
	snprintf(message, sizeof(message), "limit %s", c->limit);
	list_case(form, name, limits, (struct outcome){UNREADABLE, message});
}

/* Several images in one archive, of one tag each. */
static inline void add_manifests_cases(void)
{
	static const struct limit_case c = {"manifests_max", 2, 1};
	CLEANUP_FREE struct layout *layout = calloc(1, sizeof(*layout));
	CLEANUP_STRBUF struct strbuf tar = STRBUF_INIT, manifests = STRBUF_INIT, out = STRBUF_INIT;
	struct image_parts parts = {.count = 1};

	add_members(&tar, "0app=1");
	parts.layers[0] = strbuf_slice(&tar);
	add_image(layout, &parts, &manifests);
	add_image(layout, &parts, &manifests);
	finish_index(layout, &manifests, &(struct edit){0});
	layout_archive(layout, &out);
	layout_clear(layout);
	add_limit_pair("oci-archive", &c, "/app:f /app:f", strbuf_slice(&out));
}

static inline void add_limit_cases(void)
{
	CLEANUP_STRBUF struct strbuf lower = STRBUF_INIT, upper = STRBUF_INIT, image = STRBUF_INIT;
	struct image_parts parts = {.count = 2};

	add_members(&lower, "5a|5a/b|5a/b/c|0a/b/c/file=text");
	add_members(&upper, "0upper=text");
	parts.layers[0] = strbuf_slice(&lower);
	parts.layers[1] = strbuf_slice(&upper);
	make_image(&parts, &image);
	for (size_t i = 0; i < ARRAY_SIZE(limit_cases); i++)
		add_limit_pair("oci-archive", &limit_cases[i],
			"/a:d /a/b:d /a/b/c:d /a/b/c/file:f /upper:f", strbuf_slice(&image));
	add_manifests_cases();
}

/* ---- bombs: with the usual limits, but for what is said ---- */

static inline void fill_zeros(struct strbuf *out, size_t size)
{
	assert_true(strbuf_reserve(out, size));
	memset(out->data + out->len, 0, size);
	out->len += size;
}

static inline void add_gzip_twice(struct strbuf *out, struct slice text)
{
	CLEANUP_STRBUF struct strbuf once = STRBUF_INIT;

	add_gzip(&once, text);
	add_gzip(out, strbuf_slice(&once));
}

/* A window of 64 MiB, which only a decoder that was asked to gives. */
static inline void add_zstd_window(struct strbuf *out, struct slice text)
{
	ZSTD_CCtx *context = ZSTD_createCCtx();
	size_t bound = ZSTD_compressBound(text.len), size;

	ZSTD_CCtx_setParameter(context, ZSTD_c_windowLog, 26);
	ZSTD_CCtx_setParameter(context, ZSTD_c_contentSizeFlag, 0);
	assert_true(strbuf_reserve(out, bound));
	size = ZSTD_compress2(context, out->data + out->len, bound, text.data, text.len);
	assert_false(ZSTD_isError(size));
	out->len += size;
	ZSTD_freeCCtx(context);
}

/* A file of many zeros, packed in each way. */
static inline void add_zero_cases(void)
{
	CLEANUP_STRBUF struct strbuf tar = STRBUF_INIT;
	const size_t size = 160 << 20;
	struct image_parts parts = {.count = 1};

	tar_add_header(&tar, '0', "zeros", "", size);
	fill_zeros(&tar, size);
	tar_add_end(&tar);
	parts.layers[0] = strbuf_slice(&tar);
	parts.pack = add_gzip;
	add_image_case("bomb-gzip", "", &parts, (struct outcome){UNREADABLE, "limit ratio_max"});
	list_case(
		"oci-archive", "bomb-gzip", "ratio_max=2000", (struct outcome){READS, "/zeros:f"});
	list_case("oci-archive", "bomb-gzip", "ratio_free_bytes=200000000",
		(struct outcome){READS, "/zeros:f"});
	list_case("oci-archive", "bomb-gzip", "ratio_max=2000 bytes_max=100000000",
		(struct outcome){UNREADABLE, "limit bytes_max"});
	parts.pack = add_zstd;
	add_image_case("bomb-zstd", "", &parts, (struct outcome){UNREADABLE, "limit ratio_max"});
	parts.pack = add_gzip_twice;
	add_image_case("bomb-gzip-twice", "", &parts,
		(struct outcome){UNREADABLE, "no header: its checksum is wrong"});
	parts.pack = add_zstd_window;
	add_image_case(
		"bomb-window", "", &parts, (struct outcome){UNREADABLE, "limit window_log_max"});
}

/* An archive of which most is compressed away as a whole. */
static inline void add_archive_bomb(void)
{
	CLEANUP_STRBUF struct strbuf tar = STRBUF_INIT, packed = STRBUF_INIT;

	fill_zeros(&tar, 100 << 20);
	add_gzip(&packed, strbuf_slice(&tar));
	add_case("rootfs", "bomb-zeros", "", strbuf_slice(&packed),
		(struct outcome){UNREADABLE, "limit ratio_max"});
	add_case("oci-archive", "bomb-archive", "", strbuf_slice(&packed),
		(struct outcome){UNREADABLE, "limit ratio_max"});
}

/* A sparse file (pax, version 1.0) of a terabyte and no data, and one of what is allowed. */
static inline void add_sparse_case(const char *name, const char *size, struct outcome outcome)
{
	CLEANUP_STRBUF struct strbuf tar = STRBUF_INIT, records = STRBUF_INIT;

	pax_add(&records, "GNU.sparse.major", "1");
	pax_add(&records, "GNU.sparse.minor", "0");
	pax_add(&records, "GNU.sparse.name", "holes");
	pax_add(&records, "GNU.sparse.realsize", size);
	tar_add_data(&tar, 'x', "pax", strbuf_slice(&records));
	strbuf_reset(&records);
	strbuf_add_text(&records, "0\n");
	tar_pad(&records);
	tar_add_data(&tar, '0', "holes", strbuf_slice(&records));
	tar_add_end(&tar);
	add_layer_case(name, "", &tar, outcome);
}

/* Many names, for which memory is needed. */
static inline void add_many_case(void)
{
	CLEANUP_STRBUF struct strbuf tar = STRBUF_INIT, image = STRBUF_INIT;
	struct image_parts parts = {.count = 1, .pack = add_gzip};
	char name[32];

	for (unsigned i = 0; i < 50010; i++) {
		snprintf(name, sizeof(name), "%u", i);
		tar_add_link(&tar, '2', name, name);
	}
	tar_add_end(&tar);
	parts.layers[0] = strbuf_slice(&tar);
	make_image(&parts, &image);
	add_case("oci-archive", "bomb-members", "members_max=50000", strbuf_slice(&image),
		(struct outcome){UNREADABLE, "limit members_max"});
}

/* A directory in a directory in a directory. */
static inline void add_deep_case(void)
{
	CLEANUP_STRBUF struct strbuf tar = STRBUF_INIT, name = STRBUF_INIT;

	for (unsigned i = 0; i < 1000; i++)
		strbuf_add_text(&name, i ? "/d" : "d");
	tar_add_pax(&tar, 'x', "path", strbuf_text(&name));
	tar_add_directory(&tar, "d");
	tar_add_end(&tar);
	add_layer_case("bomb-depth", "", &tar, (struct outcome){UNREADABLE, "limit depth_max"});
}

/* JSON in JSON in JSON, and very much of it. */
static inline void add_json_bombs(void)
{
	CLEANUP_STRBUF struct strbuf tar = STRBUF_INIT, text = STRBUF_INIT;
	struct image_parts parts = {.count = 1};

	add_members(&tar, "0app=1");
	parts.layers[0] = strbuf_slice(&tar);
	for (unsigned i = 0; i < 100000; i++)
		strbuf_add_char(&text, '[');
	parts.edit = (struct edit){CONFIG, NULL, strbuf_text(&text)};
	add_image_case("bomb-json-depth", "", &parts,
		(struct outcome){UNREADABLE, "limit json_depth_max"});
	strbuf_reset(&text);
	strbuf_add_text(&text, "{\"config\":{\"Entrypoint\":[");
	for (unsigned i = 0; i < 1200000; i++)
		strbuf_add_text(&text, "\"\",");
	strbuf_add_text(&text, "\"\"]}}");
	parts.edit = (struct edit){CONFIG, NULL, strbuf_text(&text)};
	add_image_case("bomb-json-words", "", &parts,
		(struct outcome){UNREADABLE, "no configuration of an image"});
	fill_zeros(&text, 2 << 20);
	memset(text.data + text.len - (2 << 20), ' ', 2 << 20);
	text.data[text.len] = '\0';
	parts.edit = (struct edit){CONFIG, NULL, strbuf_text(&text)};
	add_image_case("bomb-json-bytes", "", &parts,
		(struct outcome){UNREADABLE, "limit json_bytes_max"});
}

/* Beginnings of what is not read, and of nothing. */
static inline void add_magic_cases(void)
{
	CLEANUP_STRBUF struct strbuf zeros = STRBUF_INIT;

	add_case("rootfs", "bytes-bzip2", "", SLICE("BZh91AY&SY"),
		(struct outcome){INCOMPLETE, "compressed with bzip2"});
	add_case("rootfs", "bytes-xz", "",
		SLICE("\xfd"
		      "7zXZ\0"),
		(struct outcome){INCOMPLETE, "compressed with xz"});
	add_case("rootfs", "bytes-none", "", SLICE(""), (struct outcome){UNREADABLE, "its end"});
	add_case("rootfs", "bytes-one", "", SLICE("x"), (struct outcome){UNREADABLE, "within"});
	add_case("rootfs", "bytes-gzip", "", SLICE("\x1f\x8b"),
		(struct outcome){UNREADABLE, "ends too soon"});
	fill_zeros(&zeros, 64 << 10);
	add_case("oci-archive", "bytes-zeros", "", strbuf_slice(&zeros),
		(struct outcome){UNREADABLE, "index.json"});
}

static inline void add_bomb_cases(void)
{
	add_zero_cases();
	add_archive_bomb();
	add_sparse_case(
		"bomb-sparse", "1000000000000", (struct outcome){UNREADABLE, "limit ratio_max"});
	add_sparse_case("sparse", "10000000", (struct outcome){READS, "/holes:f"});
	add_many_case();
	add_deep_case();
	add_json_bombs();
	add_magic_cases();
}
