/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Which files of an image are worth a word, with all names by which each is reached: its own, which
 * may be many (hard links), symbolic links to it, and those by way of links to directories
 * (merged /usr).
 */
#pragma once

#include <uthash.h>

#include "barewatch/image.h"
#include "barewatch/present.h"
#include "barewatch/program.h"

/* Busybox has 400 names, 800 where /usr is merged. Those beyond are counted. */
#define ITEM_NAMES_MAX 2048

/* By way of links to directories, of all items: hostile trees have more. */
#define ALIASES_MAX 1000000

/* Links to directories by which files are reached, too; the first in the order of bytes. */
#define DIRECTORY_LINKS_MAX 64

enum item_name_kind {
	NAME_OWN, /* the file's, of which it may have several: hard links */
	NAME_SYMBOLIC, /* of a link to it */
	NAME_BY_DIRECTORY, /* by way of a link to one of its directories */
};

struct item_name {
	struct slice path; /* a copy, with a NUL behind */
	enum item_name_kind kind;
};

/* Classes are a mask of 1 << enum present_class. */
struct item {
	uint64_t key; /* layer and number: the same for all hard links */
	struct image_file file;
	struct program program; /* its name is the catalog's, or of a file of the image */
	unsigned
		applets; /* as of struct program_identity, which is too large to be kept of each file */
	bool has_shell, has_package_manager, is_packed;
	bool fits_shell; /* one of the signatures that its bytes fit is of a shell */
	bool by_name; /* PROGRAM is told by a name */
	bool is_leaked;
	bool is_database;
	unsigned classes;
	struct item_name *names; /* sorted */
	size_t name_count, name_capacity, names_left_out;
	size_t main_name; /* the one that it is told by */
	struct slice package, version; /* that it came with, by the image's records */
	UT_hash_handle hh;
};

struct survey {
	const struct image_tree *tree;
	const struct catalog *catalog;
	struct item *items; /* of the tree, a table by key */
	struct item **leaks; /* in the order of layers */
	size_t leak_count, leak_capacity;
	uint64_t leaked_files, leaked_bytes; /* all that is in lower layers only */
	uint64_t files, bytes; /* of the tree, each file once for each name */
	bool has_package_manager;
	struct slice path_variable; /* PATH of the configuration, or the default */
	int error; /* the first, of memory */
};

/* Where programs are looked for by default (runc, libcontainer: none; Docker sets this one). */
#define SURVEY_DEFAULT_PATH "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"

/*
 * Looks at all files of MANIFEST, which has a tree. 0 or -ENOMEM; RET is to be released in either
 * case.
 */
int survey_make(
	const struct image_manifest *manifest, const struct catalog *catalog, struct survey *ret);
void survey_done(struct survey *survey);
static inline void survey_cleanup(struct survey *survey)
{
	survey_done(survey);
}
#define CLEANUP_SURVEY CLEANUP(survey_cleanup)

/*
 * The item of the file with the name NUMBER in the tree, made when it is not there. NULL without
 * memory.
 */
struct item *survey_item(struct survey *survey, const struct image_file *file);

/* Adds a copy of PATH to the names of ITEM. False without memory. */
bool item_add_name(struct item *item, struct slice path, enum item_name_kind kind);
void item_free(struct item *item);

/* The name that ITEM is told by. */
static inline struct slice item_path(const struct item *item)
{
	return item->names[item->main_name].path;
}

/* The key of FILE. */
static inline uint64_t file_key(const struct image_file *file)
{
	return (uint64_t)file->layer << 32 | file->number;
}

/* Finds all names of the items of SURVEY, and sorts them. 0 or -ENOMEM. */
int survey_name_all(struct survey *survey);

/* ---- packages.c ---- */

/* What the image's own records say. */
struct packages {
	struct package *items;
	size_t count, capacity;
	unsigned forms; /* mask of 1 << enum package_form */
};

enum package_form {
	PACKAGES_DPKG,
	PACKAGES_DPKG_SPLIT, /* status.d, as distroless images have it */
	PACKAGES_APK,
	PACKAGES_RPM, /* not read: a database */
	PACKAGE_FORMS,
};

/* "dpkg", "dpkg status.d", "apk", "rpm". */
const char *package_form_name(enum package_form form);

struct package {
	struct slice name, version; /* in what the image has kept */
	struct slice key; /* by which its list of files is found: its name, or that of its file */
};

/* Reads the records, and stores in each item of SURVEY which package it is of. 0 or -ENOMEM. */
int packages_read(struct survey *survey, struct packages *ret);
void packages_done(struct packages *packages);
static inline void packages_cleanup(struct packages *packages)
{
	packages_done(packages);
}
#define CLEANUP_PACKAGES CLEANUP(packages_cleanup)

/* A package whose name begins with PREFIX; NULL without one. */
const struct package *packages_find(const struct packages *packages, const char *prefix);

/* ---- what others ask of the tree ---- */

/* The file PATH, with all links followed. False when there is none. */
bool tree_find(const struct image_tree *tree, struct slice path, struct image_file *ret);
bool tree_has(const struct image_tree *tree, const char *path);
