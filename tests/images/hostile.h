/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Images for hostile.c: made out of members and documents in a few words, written to files, and
 * listed with what is to come of reading them.
 */
#pragma once

#include <stdlib.h>

#include "image/layout_fixture.h"

#define LAYERS_MAX 8

enum result { READS, UNREADABLE, INCOMPLETE };

/* What is to come of it: a part of the message, or the files that are there: "/a:f /b:d". */
struct outcome {
	enum result result;
	const char *text;
};

static const char *hostile_directory;

/* Prints the line of a case: reference, limits, result, text. NAME is of a file that is there. */
static inline void list_case(
	const char *form, const char *name, const char *limits, struct outcome outcome)
{
	static const char *const words[] = {
		[READS] = "reads", [UNREADABLE] = "unreadable", [INCOMPLETE] = "incomplete"};

	printf("%s:%s/%s\t%s\t%s\t%s\n", form, hostile_directory, name, limits[0] ? limits : "-",
		words[outcome.result], outcome.text);
}

static inline void write_file(const char *name, struct slice bytes)
{
	char path[4096];
	FILE *file;

	snprintf(path, sizeof(path), "%s/%s", hostile_directory, name);
	file = fopen(path, "we");
	if (!file || fwrite(bytes.data, 1, bytes.len, file) != bytes.len || fclose(file) != 0) {
		perror(path);
		exit(1);
	}
}

static inline void add_case(const char *form, const char *name, const char *limits,
	struct slice bytes, struct outcome outcome)
{
	write_file(name, bytes);
	list_case(form, name, limits, outcome);
}

/* ---- layers ---- */

/*
 * Appends the members that TEXT lists with '|' between them, and the mark of the end: type, name,
 * and behind '>' the link or behind '=' the data.
 */
static inline void add_members(struct strbuf *tar, const char *text)
{
	CLEANUP_FREE char *copy = strdup(text);
	char *rest = copy, *member;

	while ((member = strsep(&rest, "|"))) {
		char *data = strchr(member, '='), *link = strchr(member, '>');

		if (!member[0])
			continue;
		if (data)
			*data++ = '\0';
		if (link)
			*link++ = '\0';
		if (data)
			tar_add_file(tar, member + 1, data);
		else
			tar_add_link(tar, member[0], member + 1, link ?: "");
	}
	tar_add_end(tar);
}

/* ---- images ---- */

enum document { NO_DOCUMENT, CONFIG, MANIFEST, INDEX };

/* Puts TO in place of FROM in a document; of all of it when FROM is NULL. */
struct edit {
	enum document document;
	const char *from, *to;
};

struct image_parts {
	struct slice layers[LAYERS_MAX]; /* archives */
	size_t count;
	void (*pack)(struct strbuf *out, struct slice text); /* NULL: as they are */
	struct edit edit;
};

static inline void replace(struct strbuf *text, const struct edit *edit)
{
	CLEANUP_FREE char *old = strdup(strbuf_text(text));
	char *at = edit->from ? strstr(old, edit->from) : old;

	assert_non_null(at); /* else the case is about nothing */
	strbuf_reset(text);
	strbuf_add(text, old, at - old);
	strbuf_add_text(text, edit->to);
	if (edit->from)
		strbuf_add_text(text, at + strlen(edit->from));
}

/* Makes a document a blob of LAYOUT, and appends its descriptor to OUT. */
static inline void add_document(struct layout *layout, struct strbuf *text, enum document document,
	const struct edit *edit, struct strbuf *out)
{
	char digest[DIGEST_TEXT_SIZE];

	if (edit->document == document)
		replace(text, edit);
	add_descriptor(out, layout_blob(layout, strbuf_slice(text), digest), text->len, "");
}

static inline void add_layers(struct layout *layout, const struct image_parts *parts,
	struct strbuf *descriptors, struct strbuf *diff_ids)
{
	char digest[DIGEST_TEXT_SIZE];

	for (size_t i = 0; i < parts->count; i++) {
		CLEANUP_STRBUF struct strbuf blob = STRBUF_INIT;

		if (parts->pack)
			parts->pack(&blob, parts->layers[i]);
		else
			strbuf_add_slice(&blob, parts->layers[i]);
		strbuf_addf(
			diff_ids, "%s\"%s\"", i ? "," : "", digest_text(parts->layers[i], digest));
		add_descriptor(descriptors, layout_blob(layout, strbuf_slice(&blob), digest),
			blob.len, "");
	}
}

/* Adds an image to LAYOUT and its descriptor to MANIFESTS. */
static inline void add_image(
	struct layout *layout, const struct image_parts *parts, struct strbuf *manifests)
{
	CLEANUP_STRBUF struct strbuf layers = STRBUF_INIT, diff_ids = STRBUF_INIT,
				     config = STRBUF_INIT, text = STRBUF_INIT;

	add_layers(layout, parts, &layers, &diff_ids);
	strbuf_addf(&text,
		"{\"os\":\"linux\",\"architecture\":\"amd64\",\"config\":{\"Entrypoint\":[\"/"
		"app\"]},\"rootfs\":{\"type\":\"layers\",\"diff_ids\":[%s]}}",
		strbuf_text(&diff_ids));
	add_document(layout, &text, CONFIG, &parts->edit, &config);
	strbuf_reset(&text);
	strbuf_addf(&text, "{\"schemaVersion\":2,\"config\":%s,\"layers\":[%s]}",
		strbuf_text(&config), strbuf_text(&layers));
	add_document(layout, &text, MANIFEST, &parts->edit, manifests);
}

static inline void finish_index(
	struct layout *layout, const struct strbuf *manifests, const struct edit *edit)
{
	CLEANUP_STRBUF struct strbuf text = STRBUF_INIT;

	strbuf_addf(&text, "{\"schemaVersion\":2,\"manifests\":[%s]}", strbuf_text(manifests));
	if (edit->document == INDEX)
		replace(&text, edit);
	layout_add(layout, "oci-layout", slice_of("{\"imageLayoutVersion\":\"1.0.0\"}"));
	layout_add(layout, "index.json", strbuf_slice(&text));
}

/* Appends an OCI archive of one image to OUT. */
static inline void make_image(const struct image_parts *parts, struct strbuf *out)
{
	CLEANUP_FREE struct layout *layout = calloc(1, sizeof(*layout));
	CLEANUP_STRBUF struct strbuf manifests = STRBUF_INIT;

	add_image(layout, parts, &manifests);
	finish_index(layout, &manifests, &parts->edit);
	layout_archive(layout, out);
	layout_clear(layout);
}

static inline void add_image_case(const char *name, const char *limits,
	const struct image_parts *parts, struct outcome outcome)
{
	CLEANUP_STRBUF struct strbuf out = STRBUF_INIT;

	make_image(parts, &out);
	add_case("oci-archive", name, limits, strbuf_slice(&out), outcome);
}

/* An image of one layer, TAR. */
static inline void add_layer_case(
	const char *name, const char *limits, const struct strbuf *tar, struct outcome outcome)
{
	struct image_parts parts = {.layers = {strbuf_slice(tar)}, .count = 1};

	add_image_case(name, limits, &parts, outcome);
}
