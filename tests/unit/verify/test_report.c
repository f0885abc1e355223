/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Claims about reports: that they depend on the image alone, and what is said of what cannot be
 * read.
 */
#include "verify/verify_fixture.h"

/* An image with a bit of everything. */
static void add_all(struct verifying *v)
{
	v->config = "\"User\":\"root\",\"Entrypoint\":[\"/app\"],\"Cmd\":[\"a b\"]";
	add_symlink(v, "bin", "usr/bin");
	add_program(v, "usr/bin/dash", 0755, "dash-one");
	add_hard_link(v, "app", "usr/bin/dash");
	add_program(v, "usr/bin/busybox", 04755, "bbox-one" TABLE_WITH_SHELL);
	next_layer(v);
	add_symlink(v, "usr/bin/sh", "busybox");
	add_text(v, "etc/os-release", "ID=debian\nVERSION_ID=\"12\"\n");
	store_oci(v);
}

/* The report of the image in the form that was read last, without its member "reference". */
static char *text_of_report(struct verifying *v, const char *form)
{
	char *text;

	judge_image(v, form);
	json_object_del(v->report, "reference");
	text = json_dumps(v->report, 0);
	assert_non_null(text);
	return text;
}

/* Adds manifest.json for the blobs that are there, as docker save does. */
static void add_docker_manifest(struct verifying *v)
{
	CLEANUP_STRBUF struct strbuf text = STRBUF_INIT;
	const struct image_manifest *manifest = &v->layout->image->manifests[0];
	char digest[SHA256_TEXT_SIZE];

	sha256_format(manifest->id, digest);
	strbuf_addf(&text, "[{\"Config\":\"blobs/sha256/%s\",\"RepoTags\":[\"app:1\"],\"Layers\":[",
		digest);
	for (size_t i = 0; i < manifest->layer_count; i++) {
		sha256_format(manifest->layers[i].digest, digest);
		strbuf_addf(&text, "%s\"blobs/sha256/%s\"", i ? "," : "", digest);
	}
	strbuf_add_text(&text, "]}]");
	layout_add(v->layout, "manifest.json", strbuf_slice(&text));
}

static void report_is_the_same_whatever_the_form(void **state)
{
	struct verifying *v = *state;
	CLEANUP_FREE char *directory = NULL, *archive = NULL, *docker = NULL;

	add_all(v);
	assert_read(v->layout, layout_read_directory(v->layout, "oci:%s"));
	directory = text_of_report(v, "oci");
	add_docker_manifest(v);
	assert_read(v->layout, layout_read_archive(v->layout, "oci-archive:%s"));
	archive = text_of_report(v, "archive");
	assert_read(v->layout, layout_read_archive(v->layout, "docker-archive:%s"));
	docker = text_of_report(v, "docker");
	assert_non_null(strstr(directory, "\"/usr/bin/dash\""));
	assert_string_equal(archive, directory);
	assert_string_equal(docker, directory);
}

static void reference_has_what_depends_on_the_form(void **state)
{
	struct verifying *v = *state;
	const json_t *reference, *manifest;

	add_all(v);
	assert_read(v->layout, layout_read_directory(v->layout, "oci:%s"));
	judge_image(v, "oci:x");
	reference = json_object_get(v->report, "reference");
	manifest = json_array_get(json_object_get(reference, "manifests"), 0);
	assert_string_equal(text_of(reference, "name"), "oci:x");
	assert_string_equal(text_of(reference, "form"), "oci");
	assert_string_equal(text_of(manifest, "name"), "tag");
	assert_int_equal(strlen(text_of(manifest, "digest")), strlen("sha256:") + 64);
	assert_int_equal(strlen(text_of(manifest, "id")), strlen("sha256:") + 64);
	assert_int_equal(json_array_size(json_object_get(manifest, "blobs")), 2);
}

static void reference_that_cannot_be_read_has_a_report(void **state)
{
	struct verifying *v = *state;
	const struct image_error e = {
		IMAGE_UNREADABLE, "more than 512 layers, the limit layers_max"};
	const struct image_error missing = {IMAGE_INCOMPLETE, "a blob is not there"};

	assert_int_equal(verify_failed("oci:x", &e, &v->report), 0);
	assert_int_equal(verify_report_verdict(v->report), VERIFY_UNREADABLE);
	assert_string_equal(text_of(v->report, "error"),
		"more than 512 layers, the limit layers_max (--limit layers_max=NUMBER raises it)");
	json_decref(v->report);
	assert_int_equal(verify_failed("oci:x", &missing, &v->report), 0);
	assert_int_equal(verify_report_verdict(v->report), VERIFY_INCOMPLETE);
	assert_string_equal(text_of(v->report, "error"), "a blob is not there");
}

/* Stores an image with one file, with a descriptor in INDEX. Its layer is the last blob but two. */
static void add_small_image(struct layout *l, const char *architecture, struct strbuf *index)
{
	CLEANUP_STRBUF struct strbuf tar = STRBUF_INIT;
	struct layout_image image;

	tar_add_file(&tar, "app", architecture);
	tar_add_end(&tar);
	image = layout_image(l, strbuf_slice(&tar), NULL, architecture);
	add_descriptor(index, image.manifest, image.manifest_size, "");
}

static void one_unreadable_image_of_two_makes_the_answer_open(void **state)
{
	CLEANUP_STRBUF struct strbuf index = STRBUF_INIT;
	struct verifying *v = *state;
	const json_t *images;

	add_small_image(v->layout, "amd64", &index);
	add_small_image(v->layout, "arm64", &index);
	v->layout->files[v->layout->count - 3].bytes[BLOCK] ^= 1; /* the first byte of "app" */
	layout_index(v->layout, strbuf_text(&index));
	assert_read(v->layout, layout_read_directory(v->layout, "oci:%s"));
	judge_image(v, "oci:x");
	images = json_object_get(v->report, "images");
	assert_int_equal(json_array_size(images), 2);
	assert_string_equal(text_of(json_array_get(images, 0), "verdict"), "bare");
	assert_string_equal(text_of(json_array_get(images, 1), "verdict"), "unreadable");
	assert_non_null(strstr(text_of(json_array_get(images, 1), "error"), "digest"));
	assert_int_equal(verify_report_verdict(v->report), VERIFY_UNREADABLE);
}

/* ---- bases ---- */

struct base_case {
	const char *const files[8][2]; /* path and text */
	const char *name, *variant;
	bool is_debug;
};

#define DISTROLESS_RELEASE                                                    \
	{                                                                     \
		"etc/os-release", "PRETTY_NAME=\"Distroless\"\nID=\"debian\"" \
				  "\nVERSION_ID=\"12\"\n"                     \
	}
#define STATUS_D(package)                                                              \
	{                                                                              \
		"var/lib/dpkg/status.d/" package, "Package: " package "\nVersion: 1\n" \
	}

static const struct base_case base_cases[] = {
	{{{"app", "x"}}, "scratch", "", false},
	{{DISTROLESS_RELEASE, STATUS_D("base-files"), STATUS_D("tzdata")}, "distroless", "static",
		false},
	{{DISTROLESS_RELEASE, STATUS_D("libc6"), STATUS_D("libssl3")}, "distroless", "base", false},
	{{DISTROLESS_RELEASE, STATUS_D("libc6")}, "distroless", "base-nossl", false},
	{{DISTROLESS_RELEASE, STATUS_D("libc6"), STATUS_D("libstdc++6")}, "distroless", "cc",
		false},
	{{DISTROLESS_RELEASE, STATUS_D("libstdc++6"), STATUS_D("python3.13")}, "distroless",
		"python", false},
	{{DISTROLESS_RELEASE, STATUS_D("libstdc++6"), {"nodejs/bin/node", "x"}}, "distroless",
		"nodejs", false},
	{{DISTROLESS_RELEASE, STATUS_D("libstdc++6"), {"usr/lib/jvm/x", "x"}}, "distroless", "java",
		false},
	{{STATUS_D("tzdata"), {"busybox/busybox", "x"}}, "distroless", "static", true},
	{{{"usr/lib/os-release", "NAME=x\nID=debian\nVERSION_ID='12'\n"},
		 {"usr/share/man/man1/a", "x"}},
		"debian", "", false},
	{{{"etc/os-release", "ID=debian\n"}, {"etc/dpkg/dpkg.cfg.d/docker", "x"},
		 {"usr/share/man/man1/a", "x"}},
		"debian", "slim", false},
	{{{"etc/os-release", "ID=alpine\nVERSION_ID=3.20.3\n"}}, "alpine", "", false},
	{{{"etc/os-release", "ID=wolfi\n"}}, "wolfi", "", false},
	{{{"etc/os-release", "ID=fedora\n"}}, "fedora", "", false},
	{{{"lib/apk/db/installed", "P:wolfi-baselayout\nV:1\n"}}, "wolfi", "", false},
	{{{"usr/lib/apk/db/installed", "P:alpine-baselayout\nV:1\n"}}, "alpine", "", false},
	{{{"var/lib/rpm/rpmdb.sqlite", "x"}}, "unknown", "", false},
};

static void assert_base(struct verifying *v, const struct base_case *c)
{
	const json_t *base;

	strbuf_reset(layer(v));
	layout_clear(v->layout);
	for (size_t i = 0; i < ARRAY_SIZE(c->files) && c->files[i][0]; i++)
		add_text(v, c->files[i][0], c->files[i][1]);
	verify_oci(v);
	base = json_object_get(image_of(v), "base");
	if (strcmp(text_of(base, "name"), c->name) != 0 ||
		strcmp(text_of(base, "variant"), c->variant) != 0 ||
		json_is_true(json_object_get(base, "debug")) != c->is_debug) {
		dump(v);
		fail_msg("not %s %s", c->name, c->variant);
	}
}

static void bases_are_recognised(void **state)
{
	struct verifying *v = *state;

	for (size_t i = 0; i < ARRAY_SIZE(base_cases); i++)
		assert_base(v, &base_cases[i]);
}

static void busybox_alone_is_a_base(void **state)
{
	struct verifying *v = *state;

	add_program(v, "bin/[", 0755, "bbox-one" TABLE_WITH_SHELL);
	verify_oci(v);
	assert_string_equal(text_of(json_object_get(image_of(v), "base"), "name"), "busybox");
}

static void packages_are_counted(void **state)
{
	struct verifying *v = *state;
	const json_t *packages;

	add_text(v, "var/lib/dpkg/status.d/a", "Package: a\nVersion: 1\n");
	add_text(v, "var/lib/dpkg/status.d/b", "Package: b\nVersion: 1\n");
	verify_oci(v);
	packages = json_object_get(image_of(v), "packages");
	assert_int_equal(json_integer_value(json_object_get(packages, "count")), 2);
	assert_string_equal(
		json_string_value(json_array_get(json_object_get(packages, "records"), 0)),
		"dpkg status.d");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		VERIFY_TEST(report_is_the_same_whatever_the_form),
		VERIFY_TEST(reference_has_what_depends_on_the_form),
		VERIFY_TEST(reference_that_cannot_be_read_has_a_report),
		VERIFY_TEST(one_unreadable_image_of_two_makes_the_answer_open),
		VERIFY_TEST(bases_are_recognised),
		VERIFY_TEST(busybox_alone_is_a_base),
		VERIFY_TEST(packages_are_counted),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
