/* SPDX-License-Identifier: Apache-2.0 */
/*
 * hostile DIRECTORY: writes image archives that nobody would make in good faith there, always the
 * same ones, and prints a line with tabs for each: reference, limits for read_image (or -), what
 * comes of it (reads, unreadable, incomplete), and a part of the message or the files.
 */
#include "hostile.h"

#include "hostile_limits.h"

/* ---- names, links, whiteouts ---- */

#define READS_AS(text)      \
	{                   \
		READS, text \
	}
#define REFUSED(text)            \
	{                        \
		UNREADABLE, text \
	}

static const struct {
	const char *name, *layers[3];
	struct outcome outcome;
} member_cases[] = {
	{"parents", {"0../../x=1|0a/../../y=2|0/z=3|0./././w=4|0//v//u=5"},
		READS_AS("/v:d /v/u:f /w:f /x:f /y:f /z:f")},
	{"parents-as-name", {"0a/..=1"}, REFUSED("a file in place of the top")},
	{"no-name", {"0=1"}, REFUSED("a file in place of the top")},
	{"into-parent-link", {"2d>../../../etc|5etc|0d/passwd=1"},
		READS_AS("/d:l /etc:d /etc/passwd:f")},
	{"into-host-link", {"2d>/usr/bin|0d/sh=1"},
		READS_AS("/d:l /usr:d /usr/bin:d /usr/bin/sh:f")},
	{"into-lower-link", {"2d>/usr/bin", "0d/sh=1"}, READS_AS("/d:d /d/sh:f")},
	{"loop", {"2a>b|2b>a|2c>c|2d>d/d"}, READS_AS("/a:l /b:l /c:l /d:l")},
	{"into-loop", {"2a>b|2b>a|0a/x=1"}, REFUSED("a path through a loop of links")},
	{"into-itself", {"2a>a/a|0a/x=1"}, REFUSED("a path through a loop of links")},
	{"hard-link-outside", {"1x>../../../etc/passwd"},
		REFUSED("a hard link to what is no file")},
	{"hard-link-to-host", {"1x>/bin/sh"}, REFUSED("a hard link to what is no file")},
	{"hard-link-to-itself", {"1x>x"}, REFUSED("a hard link to what is no file")},
	{"hard-link-to-directory", {"5d|1x>d"}, REFUSED("a hard link to what is no file")},
	{"hard-link-ahead", {"1x>y|0y=1"}, REFUSED("a hard link to what is no file")},
	{"hard-link-clamped", {"0y=1|1x>../../y"}, READS_AS("/x:f /y:f")},
	{"hard-link-to-link", {"2y>/bin/sh|1x>y"}, READS_AS("/x:l /y:l")},
	{"hard-link-to-deleted", {"0y=1", "0.wh.y=|1x>y"},
		REFUSED("a hard link to what is no file")},
	{"twice", {"0x=1|0x=2|5x|0x/y=3|0x=4"}, READS_AS("/x:f")},
	{"below-file", {"0x=1|0x/y=2"}, READS_AS("/x:d /x/y:f")},
	{"below-device", {"3x|0x/y=2"}, READS_AS("/x:d /x/y:f")},
	{"device-hides-nothing", {"0x=1", "3x"}, READS_AS("/x:f")},
	{"whiteout-of-nothing", {"0x=1|0.wh.=|0.wh.nothing=|0a/b/.wh.c="},
		READS_AS("/.wh.:f /x:f")},
	{"whiteout-of-dots", {"0x=1", "0.wh..=|0.wh...="}, READS_AS("/.wh..:f /.wh...:f /x:f")},
	{"whiteout-directory", {"0x=1", "5.wh.x"}, READS_AS("/.wh.x:d /x:f")},
	{"whiteout-link", {"0x=1|0y=1", "2.wh.x>/|3.wh.y"}, READS_AS("")},
	{"whiteout-by-parents", {"0x=1|5a", "0a/../.wh.x="}, READS_AS("/a:d")},
	{"whiteout-aufs", {"0x=1", "0.wh..wh.aufs=|0.wh..wh.plnk="}, READS_AS("/x:f")},
	{"whiteout-whiteout", {"0.wh.x=|0x=1", "0.wh..wh.x="}, READS_AS("/x:f")},
	{"whiteout-opaque-directory", {"0a/x=1", "5a/.wh..wh..opq"},
		READS_AS("/a:d /a/.wh..wh..opq:d /a/x:f")},
	{"whiteout-opaque-top", {"0a/x=1|0y=1", "0.wh..wh..opq=|0z=1"}, READS_AS("/z:f")},
	{"whiteout-below-file", {"0x=1", "0x/.wh.y="}, READS_AS("/x:f")},
	{"whiteout-through-link", {"0b/x=1|2a>b", "0a/.wh.x="}, READS_AS("/a:l /b:d /b/x:f")},
	{"controls", {"0a\nb=1|0\033[31mc=2|0\x7f\xc2\x9b=3"},
		READS_AS("/\\u{1b}[31mc:f /a\\nb:f /\\u{7f}\\u{9b}:f")},
	{"controls-in-message", {"1\033[2J\n\r\xff>\033]0;x\a"},
		REFUSED("\\u{1b}[2J\\n\\r\\xff to \\u{1b}]0;x\\u{7}")},
	{"controls-in-link", {"2x>\033[31m\n/bin/sh"}, READS_AS("/x:l")},
};

static void add_member_cases(void)
{
	for (size_t i = 0; i < ARRAY_SIZE(member_cases); i++) {
		struct strbuf tars[3] = {STRBUF_INIT, STRBUF_INIT, STRBUF_INIT};
		struct image_parts parts = {0};

		for (; parts.count < 3 && member_cases[i].layers[parts.count]; parts.count++) {
			add_members(&tars[parts.count], member_cases[i].layers[parts.count]);
			parts.layers[parts.count] = strbuf_slice(&tars[parts.count]);
		}
		add_image_case(member_cases[i].name, "", &parts, member_cases[i].outcome);
		for (size_t k = 0; k < 3; k++)
			strbuf_done(&tars[k]);
	}
}

/* ---- documents ---- */

#define ZEROS      "0000000000000000000000000000000000000000000000000000000000000000"
#define DESCRIPTOR "{\"digest\":\"sha256:" ZEROS "\",\"size\":2}"

static const struct {
	const char *name;
	struct edit edit;
	struct outcome outcome;
} document_cases[] = {
	{"index-empty", {INDEX, NULL, ""}, REFUSED("index.json: not JSON")},
	{"index-text", {INDEX, NULL, "hello"}, REFUSED("index.json: not JSON")},
	{"index-number", {INDEX, NULL, "1e999"}, REFUSED("index.json: not JSON")},
	{"index-array", {INDEX, NULL, "[]"}, REFUSED("index.json: malformed")},
	{"index-null", {INDEX, NULL, "{\"manifests\":null}"}, REFUSED("index.json: malformed")},
	{"index-no-manifests", {INDEX, NULL, "{\"manifests\":[]}"}, {INCOMPLETE, "no image in it"}},
	{"index-mark", {INDEX, "{", "\xef\xbb\xbf{"}, REFUSED("index.json: not JSON")},
	{"index-goes-on", {INDEX, "]}", "]}{}"}, REFUSED("index.json: not JSON")},
	{"index-twice", {INDEX, "\"manifests\"", "\"manifests\":[],\"manifests\""},
		REFUSED("index.json: not JSON, a key twice")},
	{"index-case", {INDEX, "\"manifests\"", "\"Manifests\""}, REFUSED("index.json: malformed")},
	{"index-both-cases", {INDEX, "\"manifests\"", "\"manifeſts\":[],\"manifests\""},
		REFUSED("index.json: malformed")},
	{"index-is-manifest", {INDEX, "\"manifests\"", "\"layers\":[],\"manifests\""},
		REFUSED("index.json: malformed")},
	{"index-not-utf8", {INDEX, "\"manifests\"", "\"a\":\"\xff\",\"manifests\""},
		REFUSED("index.json: not JSON")},
	{"index-negative-size", {INDEX, "\"size\":", "\"size\":-1,\"a\":"},
		REFUSED("index.json: malformed")},
	{"index-huge-size", {INDEX, "\"size\":", "\"size\":99999999999999999999,\"a\":"},
		REFUSED("index.json: not JSON")},
	{"index-fraction", {INDEX, "\"size\":", "\"size\":1.5,\"a\":"},
		REFUSED("index.json: malformed")},
	{"index-absent",
		{INDEX, "\"digest\":\"sha256:", "\"digest\":\"sha256:" ZEROS "\",\"a\":\""},
		{INCOMPLETE, ": not there"}},
	{"index-sha512", {INDEX, "sha256", "sha512"}, {INCOMPLETE, "a digest that is no sha256"}},
	{"index-parents", {INDEX, "sha256:", "sha256:../../../../etc/passwd"},
		{INCOMPLETE, "a digest that is no sha256"}},
	{"manifest-text", {MANIFEST, NULL, "\"\""}, REFUSED("not JSON")},
	{"manifest-empty", {MANIFEST, NULL, "{}"}, REFUSED("malformed")},
	{"manifest-both", {MANIFEST, "\"layers\"", "\"manifests\":[],\"layers\""},
		REFUSED("malformed")},
	{"manifest-layers-object", {MANIFEST, "\"layers\":", "\"layers\":{},\"a\":"},
		REFUSED("malformed")},
	{"manifest-layers-null", {MANIFEST, "\"layers\":", "\"layers\":null,\"a\":"},
		REFUSED("1 diff ids for 0 layers")},
	{"manifest-layers-more", {MANIFEST, "\"layers\":[", "\"layers\":[" DESCRIPTOR ","},
		REFUSED("1 diff ids for 2 layers")},
	{"manifest-layer-number", {MANIFEST, "\"layers\":[", "\"layers\":[1,"},
		REFUSED("malformed")},
	{"manifest-layer-size",
		{MANIFEST, "\"layers\":[{\"digest\":\"sha256:",
			"\"layers\":[{\"size\":1,\"digest\":\"sha256:"},
		REFUSED("a key twice")},
	{"manifest-config-absent", {MANIFEST, "\"config\":", "\"config\":" DESCRIPTOR ",\"a\":"},
		{INCOMPLETE, "not there"}},
	{"manifest-foreign",
		{MANIFEST, "\"layers\":[{\"digest\":\"sha256:",
			"\"layers\":[{\"mediaType\":\"application/"
			"vnd.oci.image.layer.nondistributable.v1.tar\",\"digest\":\"sha256:" ZEROS
			"\",\"a\":\""},
		{INCOMPLETE, "a foreign layer"}},
	{"manifest-encrypted",
		{MANIFEST, "\"layers\":[{",
			"\"layers\":[{\"mediaType\":\"application/vnd.oci.image.layer.v1.tar+encrypted\","},
		{INCOMPLETE, "an encrypted layer"}},
	{"config-text", {CONFIG, NULL, "text"}, REFUSED("not JSON")},
	{"config-array", {CONFIG, NULL, "[]"}, REFUSED("no configuration of an image")},
	{"config-no-rootfs", {CONFIG, "\"rootfs\"", "\"a\""},
		REFUSED("no configuration of an image")},
	{"config-diff-ids-text", {CONFIG, "\"diff_ids\":", "\"diff_ids\":\"\",\"a\":"},
		REFUSED("no configuration of an image")},
	{"config-diff-ids-numbers", {CONFIG, "\"diff_ids\":", "\"diff_ids\":[1],\"a\":"},
		REFUSED("no configuration of an image")},
	{"config-other-diff-id", {CONFIG, "\"sha256:", "\"sha256:" ZEROS "\"],\"a\":[\""},
		REFUSED("its diff id is another one")},
	{"config-no-diff-id", {CONFIG, "\"sha256:", "\"sha512:"},
		{INCOMPLETE, "diff id is no sha256"}},
	{"config-entrypoint", {CONFIG, "[\"/app\"]", "\"/app\""},
		REFUSED("no configuration of an image")},
	{"config-case", {CONFIG, "\"rootfs\"", "\"RootFS\":{},\"rootfs\""},
		REFUSED("no configuration of an image")},
};

static void add_document_cases(void)
{
	CLEANUP_STRBUF struct strbuf tar = STRBUF_INIT;

	add_members(&tar, "0app=1");
	for (size_t i = 0; i < ARRAY_SIZE(document_cases); i++) {
		struct image_parts parts = {
			.layers = {strbuf_slice(&tar)}, .count = 1, .edit = document_cases[i].edit};

		add_image_case(document_cases[i].name, "", &parts, document_cases[i].outcome);
	}
}

/* Each blob in turn with a byte that is another one. */
static void add_digest_cases(void)
{
	static const char *const marks[] = {"\"rootfs\"", "\"schemaVersion\":2,\"config\"", "DATA"};
	static const char *const names[] = {"digest-config", "digest-manifest", "digest-layer"};

	for (size_t i = 0; i < ARRAY_SIZE(marks); i++) {
		CLEANUP_STRBUF struct strbuf tar = STRBUF_INIT, out = STRBUF_INIT;
		struct image_parts parts = {.count = 1};
		char *at;

		add_members(&tar, "0app=DATA");
		parts.layers[0] = strbuf_slice(&tar);
		make_image(&parts, &out);
		at = memmem(out.data, out.len, marks[i], strlen(marks[i]));
		assert_non_null(at);
		at[1] ^= 1;
		add_case("oci-archive", names[i], "", strbuf_slice(&out),
			(struct outcome)REFUSED("is another one"));
	}
}

/* ---- cut off ---- */

/* Every part of BYTES that is a multiple of a block and not all, and that all. */
static void add_cuts(const char *form, const char *name, struct slice bytes, const char *files)
{
	char file[64];

	for (size_t size = 0; size < bytes.len; size += BLOCK) {
		snprintf(file, sizeof(file), "cut-%s-%zu", name, size);
		add_case(form, file, "", (struct slice){bytes.data, size},
			(struct outcome)REFUSED(""));
	}
	snprintf(file, sizeof(file), "cut-%s-not", name);
	add_case(form, file, "", bytes, (struct outcome){READS, files});
}

/* Bytes that do not compress. */
static void add_noise(struct strbuf *out, size_t size)
{
	uint32_t state = 1;

	while (size-- > 0) {
		state = state * 1664525 + 1013904223; /* Numerical Recipes, ranqd1 */
		strbuf_add_char(out, 'a' + (state >> 24) % 26);
	}
}

static void add_cut_cases(void)
{
	CLEANUP_STRBUF struct strbuf data = STRBUF_INIT, tar = STRBUF_INIT, image = STRBUF_INIT,
				     packed = STRBUF_INIT, docker = STRBUF_INIT;
	struct image_parts parts = {.count = 1, .pack = add_gzip};
	char digest[DIGEST_TEXT_SIZE];

	add_noise(&data, 6000);
	tar_add_file(&tar, "opt/noise", strbuf_text(&data));
	add_members(&tar, "5opt|0app=1|2link>app|1hard>app");
	parts.layers[0] = strbuf_slice(&tar);
	make_image(&parts, &image);
	add_cuts("rootfs", "rootfs", strbuf_slice(&tar), CUT_FILES);
	add_cuts("oci-archive", "oci", strbuf_slice(&image), CUT_FILES);
	add_gzip(&packed, strbuf_slice(&image));
	add_cuts("oci-archive", "oci-gzip", strbuf_slice(&packed), CUT_FILES);
	strbuf_reset(&packed);
	add_zstd(&packed, strbuf_slice(&image));
	add_cuts("oci-archive", "oci-zstd", strbuf_slice(&packed), CUT_FILES);
	make_docker(&docker, strbuf_slice(&tar), digest_text(strbuf_slice(&tar), digest));
	add_cuts("docker-archive", "docker", strbuf_slice(&docker), CUT_FILES);
	add_cut_layers(strbuf_slice(&tar));
}

int main(int argc, char **argv)
{
	if (argc != 2) {
		fputs("hostile DIRECTORY\n", stderr);
		return 2;
	}
	hostile_directory = argv[1];
	add_member_cases();
	add_document_cases();
	add_digest_cases();
	add_cut_cases();
	add_limit_cases();
	add_bomb_cases();
	return 0;
}
