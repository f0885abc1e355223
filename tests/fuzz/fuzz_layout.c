/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Images: whatever their documents and layers say, reading ends in a message or in trees in which
 * each name is found where it is said to be. The input has a line each for index.json, the
 * manifest, the configuration and manifest.json of Docker; then lines that are the members of two
 * layers: type, name, and behind a '>' the link, with "|" between the layers. In the documents
 * @1 @2 @C @M stand for the digests of layers, configuration and manifest, #1 #2 #C #M for their
 * digits, $1 $2 $C $M for their sizes.
 */
#include <fcntl.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "barewatch/image.h"
#include "base/cleanup.h"
#include "base/io.h"
#include "builtin.h"

#define BLOCK 512

enum { LAYER_1, LAYER_2, CONFIG, MANIFEST, BLOBS };

struct files {
	struct strbuf bytes[BLOBS];
	char digests[BLOBS][SHA256_TEXT_SIZE];
	struct strbuf archive;
};

static void add_member(
	struct strbuf *out, char type, struct slice name, struct slice link, struct slice data)
{
	unsigned char block[BLOCK] = {0};
	unsigned sum = 8 * ' ';
	size_t pad = (BLOCK - data.len % BLOCK) % BLOCK;

	memcpy(block, name.data, name.len < 100 ? name.len : 100);
	memcpy(block + 100, "0000755", 7);
	snprintf((char *)block + 124, 12, "%011zo", data.len);
	block[156] = type;
	memcpy(block + 157, link.data, link.len < 100 ? link.len : 100);
	memcpy(block + 257, "ustar\00000", 8);
	for (size_t i = 0; i < BLOCK; i++)
		sum += block[i];
	snprintf((char *)block + 148, 8, "%06o", sum);
	block[155] = ' ';
	strbuf_add(out, block, BLOCK);
	strbuf_add_slice(out, data);
	memset(block, 0, BLOCK);
	strbuf_add(out, block, pad);
}

static struct slice next_line(struct slice *text)
{
	const char *end = text->len ? memchr(text->data, '\n', text->len) : NULL;
	struct slice line = {text->data, end ? (size_t)(end - text->data) : text->len};
	size_t used = line.len + (end != NULL);

	*text = (struct slice){text->data + used, text->len - used};
	return line;
}

/* The members up to a line "|". */
static void make_layer(struct strbuf *out, struct slice *text)
{
	static const char zeros[2 * BLOCK];
	struct slice line;

	while (text->len > 0 && (line = next_line(text), !slice_equal_text(line, "|"))) {
		const char *arrow = line.len ? memchr(line.data, '>', line.len) : NULL;
		struct slice link = slice_of("");

		if (line.len == 0)
			continue;
		if (arrow)
			link = (struct slice){arrow + 1, line.data + line.len - arrow - 1};
		add_member(out, line.data[0],
			(struct slice){line.data + 1,
				(arrow && arrow > line.data ? arrow : line.data + line.len) -
					line.data - 1},
			link, slice_of(""));
	}
	strbuf_add(out, zeros, sizeof(zeros));
}

static void make_digest(struct files *f, int blob)
{
	CLEANUP_SHA256 struct sha256 sha256 = SHA256_INIT;
	unsigned char digest[SHA256_SIZE];

	if (sha256_init(&sha256) < 0 ||
		sha256_add(&sha256, strbuf_text(&f->bytes[blob]), f->bytes[blob].len) < 0 ||
		sha256_end(&sha256, digest) < 0)
		abort();
	sha256_format(digest, f->digests[blob]);
}

/* Appends what the two characters AT stand for. False when that is themselves. */
static bool expand_sign(const struct files *f, const char *at, struct strbuf *out)
{
	static const char signs[] = "12CM";
	const char *sign = at[1] ? strchr(signs, at[1]) : NULL;

	if (!sign || (at[0] != '@' && at[0] != '#' && at[0] != '$'))
		return false;
	if (at[0] == '$')
		strbuf_addf(out, "%zu", f->bytes[sign - signs].len);
	else
		strbuf_addf(out, "%s%s", at[0] == '@' ? "sha256:" : "", f->digests[sign - signs]);
	return true;
}

static void expand(const struct files *f, struct slice text, struct strbuf *out)
{
	for (size_t i = 0; i < text.len; i++) {
		if (i + 1 < text.len && expand_sign(f, text.data + i, out))
			i++;
		else
			strbuf_add_char(out, text.data[i]);
	}
}

static void add_document(struct files *f, const char *name, struct slice text)
{
	CLEANUP_STRBUF struct strbuf bytes = STRBUF_INIT;

	expand(f, text, &bytes);
	add_member(&f->archive, '0', slice_of(name), slice_of(""), strbuf_slice(&bytes));
}

static void make_archive(struct files *f, struct slice text)
{
	static const char zeros[2 * BLOCK];
	struct slice index = next_line(&text), manifest = next_line(&text),
		     config = next_line(&text), docker = next_line(&text);

	make_layer(&f->bytes[LAYER_1], &text);
	make_digest(f, LAYER_1);
	make_layer(&f->bytes[LAYER_2], &text);
	make_digest(f, LAYER_2);
	expand(f, config, &f->bytes[CONFIG]);
	make_digest(f, CONFIG);
	expand(f, manifest, &f->bytes[MANIFEST]);
	make_digest(f, MANIFEST);
	for (int i = 0; i < BLOBS; i++) {
		char name[128];

		snprintf(name, sizeof(name), "blobs/sha256/%s", f->digests[i]);
		add_member(
			&f->archive, '0', slice_of(name), slice_of(""), strbuf_slice(&f->bytes[i]));
	}
	add_document(f, "index.json", index);
	add_document(f, "manifest.json", docker);
	strbuf_add(&f->archive, zeros, sizeof(zeros));
}

static void check_name(const struct image_tree *tree, uint32_t number)
{
	CLEANUP_STRBUF struct strbuf path = STRBUF_INIT;
	struct program_identity id;
	struct image_file file;
	uint32_t found;

	if (!image_tree_get(tree, number, &file))
		return;
	image_tree_path(tree, number, &path);
	if (image_tree_resolve(tree, IMAGE_TREE_TOP, strbuf_slice(&path), false, &found) != 0 ||
		found != number)
		abort();
	image_tree_resolve(tree, image_tree_parent(tree, number), file.target, true, &found);
	if (image_tree_identity(tree, &file, &id) != file.has_identity)
		abort();
}

static void check_leak(const struct image_file *file, void *userdata)
{
	(void)userdata;
	if (file->type != IMAGE_FILE || file->layer == 0)
		abort();
}

static void check(const struct image *image)
{
	if (image->count == 0)
		abort();
	for (size_t i = 0; i < image->count; i++) {
		const struct image_manifest *m = &image->manifests[i];

		if (!m->tree != (m->error.kind != IMAGE_NO_ERROR) ||
			!m->tree != !!m->error.message[0])
			abort();
		for (uint32_t k = 0; m->tree && k < image_tree_count(m->tree); k++)
			check_name(m->tree, k);
		if (m->tree)
			image_tree_each_leak(m->tree, check_leak, NULL);
	}
}

static void read_as(const char *form, int fd)
{
	static struct catalog *catalog;
	struct image_options options = {.input_fd = -1};
	struct image *image = NULL;
	struct image_error e;
	char reference[64];
	struct diag d;

	if (!catalog && builtin_catalog(&catalog, &d) < 0)
		abort();
	options.catalog = catalog;
	snprintf(reference, sizeof(reference), "%s:/proc/self/fd/%d", form, fd);
	if (image_read(reference, &options, &image, &e) == 0)
		check(image);
	else if (image || e.kind == IMAGE_NO_ERROR || !e.message[0])
		abort();
	image_free(image);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static int fd = -1;
	struct files files = {0};

	if (fd < 0)
		fd = memfd_create("layout", MFD_CLOEXEC);
	make_archive(&files, (struct slice){(const char *)data, size});
	if (fd < 0 || ftruncate(fd, 0) < 0 || lseek(fd, 0, SEEK_SET) < 0 ||
		write_all(fd, files.archive.data, files.archive.len) < 0)
		abort();
	read_as("oci-archive", fd);
	read_as("docker-archive", fd);
	for (int i = 0; i < BLOBS; i++)
		strbuf_done(&files.bytes[i]);
	strbuf_done(&files.archive);
	return 0;
}
