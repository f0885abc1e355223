/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Rule files: from paths to texts, and from texts to trees. A file that is no
 * valid YAML is cut at its items, so that the others can be read all the same.
 */
#pragma once

#include "base/diags.h"
#include "rule/file/source.h"

/* Files below one folder. */
#define RULE_FILES_MAX 1024

struct rule_file {
	char *name; /* as the user named it */
	char *text;
	size_t size;
	/* while it is loaded */
	struct source *sources;
	size_t source_count, source_capacity;
};

struct rule_files {
	struct rule_file *entries;
	size_t count, capacity;
};

/* Adds a text that stands for a file called NAME. 0 or -ENOMEM. */
int rule_files_add_text(struct rule_files *files, const char *name, struct slice text);

/*
 * Adds the file PATH or, of a folder, its *.yaml, *.yml and *.json, in the order of
 * the bytes of their names; folders in it are not looked into. 0, or a negative
 * errno with what is wrong said in DIAGS.
 */
int rule_files_add_path(struct rule_files *files, const char *path, struct diags *diags);

/* Frees all files from index COUNT on. */
void rule_files_truncate(struct rule_files *files, size_t count);

/*
 * Fills in FILE's sources, with what is wrong with it said in DIAGS. 0 also when
 * some or all could not be read; or -ENOMEM.
 */
int rule_file_parse(struct rule_file *file, struct diags *diags);

/* Lets go of the sources, and keeps the text. */
void rule_file_forget(struct rule_file *file);
