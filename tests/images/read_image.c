/* SPDX-License-Identifier: Apache-2.0 */
/*
 * read_image WHAT CATALOG [[LIMIT=NUMBER...] REFERENCE]...: what image_read() finds in images, in
 * lines with tabs. Before each manifest is "# NAME OS/ARCHITECTURE", with the tree's paths in order
 * below, and before all of a reference, when there are several, "@ REFERENCE".
 *
 *	tree		path, type as find(1) has it, mode, owner, group, size, digest or target
 *	programs	the files that have an identity, as tests/signatures/identify prints them
 *	leaks		the same of files that only a lower layer has, by their path in there
 *
 * The message of what cannot be read goes to standard error, and the status is 3 when it was the
 * last; of one manifest among others it follows its name.
 */
#include <errno.h>
#include <stdlib.h>
#include <unistd.h>

#include "barewatch/image.h"
#include "signatures/identity_line.h"

static const struct limit {
	const char *name;
	size_t at, size;
} limits_known[] = {
#define LIMIT(name)                                              \
	{                                                        \
#name, offsetof(struct image_limits, name),      \
			sizeof(((struct image_limits *)0)->name) \
	}
	LIMIT(bytes_max), LIMIT(ratio_max), LIMIT(ratio_free_bytes), LIMIT(window_log_max),
	LIMIT(layers_max), LIMIT(manifests_max), LIMIT(members_max), LIMIT(text_bytes_max),
	LIMIT(name_max), LIMIT(depth_max), LIMIT(json_bytes_max), LIMIT(json_depth_max)};

/* Takes "LIMIT=NUMBER". False when TEXT is no such thing. */
static bool take_limit(struct image_limits *limits, const char *text)
{
	const char *value = strchr(text, '=');

	for (size_t i = 0; value && i < ARRAY_SIZE(limits_known); i++) {
		const struct limit *limit = &limits_known[i];
		uint64_t number = strtoull(value + 1, NULL, 10);

		if (!slice_equal_text((struct slice){text, value - text}, limit->name))
			continue;
		/* the type is that of the member, and of few bytes the lowest come first */
		memcpy((char *)limits + limit->at, &number, limit->size);
		return true;
	}
	return false;
}

/* ---- the files of a tree, by their paths ---- */

struct path {
	struct strbuf text;
	uint32_t number;
};

static int compare_paths(const void *a, const void *b)
{
	const struct path *x = a, *y = b;

	return strcmp(strbuf_text(&x->text), strbuf_text(&y->text));
}

/* The names that are used, but for the top. The result has *COUNT, and is freed by free_paths(). */
static struct path *paths_of(const struct image_tree *tree, size_t *count)
{
	struct path *paths = calloc(image_tree_count(tree) + 1, sizeof(*paths));
	struct image_file file;

	*count = 0;
	for (uint32_t i = 0; i < image_tree_count(tree); i++) {
		if (!paths)
			abort();
		if (i == IMAGE_TREE_TOP || !image_tree_get(tree, i, &file))
			continue;
		paths[*count].number = i;
		image_tree_path(tree, i, &paths[(*count)++].text);
	}
	if (paths)
		qsort(paths, *count, sizeof(*paths), compare_paths);
	return paths;
}

static void free_paths(struct path *paths, size_t count)
{
	for (size_t i = 0; i < count; i++)
		strbuf_done(&paths[i].text);
	free(paths);
}

/* ---- lines ---- */

static void add_content(struct strbuf *line, const struct image_file *file)
{
	char digest[SHA256_TEXT_SIZE];

	if (file->type == IMAGE_SYMLINK) {
		escape_text(line, file->target);
	} else if (file->type == IMAGE_FILE) {
		sha256_format(file->digest, digest);
		strbuf_add_text(line, digest);
	} else {
		strbuf_add_char(line, '-');
	}
}

/* Where a file system would make up its own, there is "-". */
static void print_file(const struct path *path, const struct image_file *file)
{
	static const char letters[] = {[IMAGE_FILE] = 'f',
		[IMAGE_DIRECTORY] = 'd',
		[IMAGE_SYMLINK] = 'l',
		[IMAGE_CHARACTER_DEVICE] = 'c',
		[IMAGE_BLOCK_DEVICE] = 'b',
		[IMAGE_FIFO] = 'p'};
	CLEANUP_STRBUF struct strbuf line = STRBUF_INIT;

	escape_text(&line, strbuf_slice(&path->text));
	strbuf_addf(&line, "\t%c\t", letters[file->type]);
	if (file->type == IMAGE_SYMLINK)
		strbuf_add_char(&line, '-');
	else
		strbuf_addf(&line, "%o", file->mode);
	strbuf_addf(&line, "\t%u\t%u\t", file->uid, file->gid);
	if (file->type == IMAGE_FILE)
		strbuf_addf(&line, "%llu\t", (unsigned long long)file->size_bytes);
	else
		strbuf_add_text(&line, "-\t");
	add_content(&line, file);
	puts(strbuf_text(&line));
}

struct printing {
	const struct catalog *catalog;
	const struct image_tree *tree;
	bool is_tree;
};

static void print_program(
	const struct printing *p, struct slice path, const struct image_file *file)
{
	struct program_identity identity;

	if (image_tree_identity(p->tree, file, &identity))
		print_identity(p->catalog, path, &identity);
}

static void print_files(const struct printing *p)
{
	size_t count;
	struct path *paths = paths_of(p->tree, &count);
	struct image_file file;

	for (size_t i = 0; i < count; i++) {
		image_tree_get(p->tree, paths[i].number, &file);
		if (p->is_tree)
			print_file(&paths[i], &file);
		else
			print_program(p, strbuf_slice(&paths[i].text), &file);
	}
	free_paths(paths, count);
}

static void print_leak(const struct image_file *file, void *userdata)
{
	CLEANUP_STRBUF struct strbuf path = STRBUF_INIT;

	strbuf_add_char(&path, '/');
	strbuf_add_slice(&path, file->path);
	print_program(userdata, strbuf_slice(&path), file);
}

static void print_image(const struct catalog *catalog, const struct image *image, const char *what)
{
	for (size_t i = 0; i < image->count; i++) {
		const struct image_manifest *m = &image->manifests[i];
		struct printing p = {catalog, m->tree, strcmp(what, "tree") == 0};

		printf("# %s %s/%s%s%s\n", m->name[0] ? m->name : "-", m->config.os ?: "-",
			m->config.architecture ?: "-", m->error.message[0] ? ": " : "",
			m->error.message);
		if (m->tree && strcmp(what, "leaks") == 0)
			image_tree_each_leak(m->tree, print_leak, &p);
		else if (m->tree)
			print_files(&p);
	}
}

/* 0, or 3 when REFERENCE cannot be read. */
static int run(const char *what, const char *reference, const struct image_options *options)
{
	struct image *image = NULL;
	struct image_error e;

	if (image_read(reference, options, &image, &e) < 0) {
		fflush(stdout);
		fprintf(stderr, "%s: %s\n",
			e.kind == IMAGE_INCOMPLETE ? "incomplete" : "unreadable", e.message);
		return 3;
	}
	print_image(options->catalog, image, what);
	image_free(image);
	return 0;
}

static int usage(void)
{
	fputs("read_image tree|programs|leaks CATALOG [[LIMIT=NUMBER...] REFERENCE]...\n", stderr);
	return 2;
}

/* Limits hold for the reference behind them. The status of the last one. */
static int run_all(const struct catalog *catalog, const char *what, char **words, int count)
{
	struct image_limits limits = IMAGE_LIMITS_DEFAULT;
	struct image_options options = {
		.catalog = catalog, .limits = &limits, .input_fd = STDIN_FILENO};
	int status = 0;

	for (int i = 0; i < count; i++) {
		if (take_limit(&limits, words[i]))
			continue;
		if (count > 1)
			printf("@ %s\n", words[i]);
		status = run(what, words[i], &options);
		limits = IMAGE_LIMITS_DEFAULT;
	}
	return status;
}

int main(int argc, char **argv)
{
	struct catalog *catalog = NULL;
	struct diag d = {0};
	int status;

	if (argc < 4)
		return usage();
	if (catalog_load_file(argv[2], &catalog, &d) < 0) {
		fprintf(stderr, "%s:%u:%u: %s\n", d.file, d.line, d.column, d.message);
		return 2;
	}
	status = run_all(catalog, argv[1], argv + 3, argc - 3);
	catalog_free(catalog);
	return status;
}
