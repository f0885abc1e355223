/* SPDX-License-Identifier: Apache-2.0 */
/* Reading, listing and cutting of rule files. */
#include "rule/file/file.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <sys/stat.h>

#include "base/array.h"
#include "base/cleanup.h"
#include "base/io.h"

void rule_file_forget(struct rule_file *file)
{
	for (size_t i = 0; i < file->source_count; i++) {
		yaml_document_done((struct yaml_document *)file->sources[i].document);
		free((struct yaml_document *)file->sources[i].document);
	}
	free(file->sources);
	file->sources = NULL;
	file->source_count = file->source_capacity = 0;
}

void rule_files_truncate(struct rule_files *files, size_t count)
{
	while (files->count > count) {
		struct rule_file *file = &files->entries[--files->count];

		rule_file_forget(file);
		free(file->name);
		free(file->text);
	}
	if (files->count > 0)
		return;
	free(files->entries);
	*files = (struct rule_files){0};
}

/* Takes over TEXT, also when it fails. */
static int file_add(struct rule_files *files, const char *name, char *text, size_t size)
{
	struct rule_file file = {.name = strdup(name), .text = text, .size = size};

	if (!file.name || !ARRAY_RESERVE(files->entries, files->capacity, files->count, 1)) {
		free(file.name);
		free(text);
		return -ENOMEM;
	}
	files->entries[files->count++] = file;
	return 0;
}

int rule_files_add_text(struct rule_files *files, const char *name, struct slice text)
{
	char *copy = malloc(text.len + 1);

	if (!copy)
		return -ENOMEM;
	if (text.len > 0)
		memcpy(copy, text.data, text.len);
	copy[text.len] = '\0';
	return file_add(files, name, copy, text.len);
}

static int path_fail(const char *path, int error, struct diags *diags)
{
	struct diag d;

	diag_errno(&d, path, error);
	diags_add(diags, DIAG_ERROR, &d);
	return error;
}

static int add_file(struct rule_files *files, const char *path, struct diags *diags)
{
	char *text;
	size_t size;
	int r;

	r = read_file_at(AT_FDCWD, path, YAML_FILE_SIZE_MAX, &text, &size);
	return r < 0 ? path_fail(path, r, diags) : file_add(files, path, text, size);
}

static bool ends_in(const char *name, const char *ending)
{
	size_t len = strlen(name), end = strlen(ending);

	return len > end && strcmp(name + len - end, ending) == 0;
}

/* Cases of rules (cases.c) may be beside them. */
static int is_rule_file(const struct dirent *entry)
{
	static const char *const endings[] = {".yaml", ".yml", ".json"};

	if (entry->d_name[0] == '.' || ends_in(entry->d_name, ".test.yaml"))
		return 0;
	for (size_t i = 0; i < ARRAY_SIZE(endings); i++)
		if (ends_in(entry->d_name, endings[i]))
			return 1;
	return 0;
}

/* Not alphasort(), whose order is the locale's. */
static int entry_compare(const struct dirent **a, const struct dirent **b)
{
	return strcmp((*a)->d_name, (*b)->d_name);
}

static int add_entry(
	struct rule_files *files, const char *folder, const char *name, struct diags *diags)
{
	CLEANUP_STRBUF struct strbuf path = STRBUF_INIT;
	struct stat status;

	strbuf_addf(&path, "%s%s%s", folder, folder[strlen(folder) - 1] == '/' ? "" : "/", name);
	if (path.error)
		return path.error;
	if (stat(strbuf_text(&path), &status) == 0 && S_ISDIR(status.st_mode))
		return 0;
	return add_file(files, strbuf_text(&path), diags);
}

static int add_folder(struct rule_files *files, const char *path, struct diags *diags)
{
	struct dirent **entries;
	int count = scandir(path, &entries, is_rule_file, entry_compare), r = 0;
	struct diag d;

	if (count < 0)
		return path_fail(path, -errno, diags);
	if (count > RULE_FILES_MAX)
		r = path_fail(path, -E2BIG, diags);
	if (count == 0) {
		diag_at(&d, path, 0, 0, "this folder holds no *.yaml, *.yml or *.json");
		diags_add(diags, DIAG_WARNING, &d);
	}
	for (int i = 0; i < count; i++) {
		if (r == 0)
			r = add_entry(files, path, entries[i]->d_name, diags);
		free(entries[i]);
	}
	free(entries);
	return r;
}

int rule_files_add_path(struct rule_files *files, const char *path, struct diags *diags)
{
	struct stat status;

	if (stat(path, &status) == 0 && S_ISDIR(status.st_mode))
		return add_folder(files, path, diags);
	return add_file(files, path, diags);
}

/* Adds the document of TEXT, which begins at LINE of FILE. Says what is wrong with it in D. */
static int source_add(struct rule_file *file, struct slice text, unsigned line, struct diag *d)
{
	struct yaml_document *document;
	int r;

	if (!ARRAY_RESERVE(file->sources, file->source_capacity, file->source_count, 1))
		return -ENOMEM;
	document = malloc(sizeof(*document));
	if (!document)
		return -ENOMEM;
	r = yaml_load_part(file->name, text, line, document, d);
	if (r < 0) {
		free(document);
		return r;
	}
	file->sources[file->source_count++] = (struct source){
		.document = document, .text = {file->text, file->size}};
	return 0;
}

/* True where an item of a list that is not indented begins. */
static bool is_item_start(const struct rule_file *file, size_t at)
{
	return file->text[at] == '-' && at + 1 < file->size &&
	       strchr(" \t\r\n", file->text[at + 1]);
}

/* Length of the lines from AT to the next item, and how many they are. */
static size_t part_len(const struct rule_file *file, size_t at, unsigned *ret_lines)
{
	size_t end = at;

	*ret_lines = 0;
	do {
		while (end < file->size && file->text[end] != '\n')
			end++;
		end += end < file->size;
		++*ret_lines;
	} while (end < file->size && !is_item_start(file, end));
	return end - at;
}

/*
 * Reads each item by itself. Cut like this, a text may hold other mistakes than the
 * whole has, but each part that is wrong has one.
 */
static int parse_parts(struct rule_file *file, const struct diag *whole, struct diags *diags)
{
	size_t failed = 0, lines_before = 1;
	unsigned lines;

	for (size_t at = 0, len; at < file->size; at += len, lines_before += lines) {
		struct diag d;
		int r;

		len = part_len(file, at, &lines);
		r = source_add(file, (struct slice){file->text + at, len}, lines_before, &d);
		if (r == -ENOMEM)
			return r;
		if (r == 0)
			continue;
		failed++;
		diags_add(diags, DIAG_ERROR, &d);
	}
	if (failed == 0)
		diags_add(diags, DIAG_ERROR, whole);
	return 0;
}

int rule_file_parse(struct rule_file *file, struct diags *diags)
{
	struct diag d;
	int r;

	r = source_add(file, (struct slice){file->text, file->size}, 1, &d);
	if (r == -ENOMEM || r == 0)
		return r;
	return parse_parts(file, &d, diags);
}
