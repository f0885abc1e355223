/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The catalog of programs: loaded from YAML, checked key by key, then held in
 * hash tables by path and by file name. Names with wildcards are few and tried
 * one after the other.
 */
#include "program/catalog.h"

#include <errno.h>
#include <fnmatch.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <uthash.h>
#include <utlist.h>

#include "base/cleanup.h"
#include "program/loading.h"
#include "program/signature.h"

#define CATALOG_VERSION "1"

struct catalog_applet {
	char *name;
	enum program_class class;
	UT_hash_handle hh;
};

/* A path, a file name or a pattern of an entry. */
struct catalog_name {
	char *text;
	const struct catalog_entry *entry;
	struct catalog_name *next; /* patterns */
	UT_hash_handle hh; /* paths and file names */
};

struct catalog {
	struct catalog_entry *entries;
	size_t count;
	struct catalog_name *paths, *files, *patterns;
	struct signature_set signatures;
	unsigned references;
};

DEFINE_CLEANUP(struct catalog, catalog, catalog_free);

static void names_free(struct catalog_name **names)
{
	struct catalog_name *name, *next;

	HASH_ITER (hh, *names, name, next) {
		HASH_DEL(*names, name);
		free(name->text);
		free(name);
	}
}

static void entry_done(struct catalog_entry *entry)
{
	struct catalog_applet *applet, *next;

	HASH_ITER (hh, entry->applets, applet, next) {
		HASH_DEL(entry->applets, applet);
		free(applet->name);
		free(applet);
	}
	free(entry->name);
}

struct catalog *catalog_share(struct catalog *catalog)
{
	__atomic_add_fetch(&catalog->references, 1, __ATOMIC_RELAXED);
	return catalog;
}

void catalog_free(struct catalog *catalog)
{
	struct catalog_name *pattern, *next;

	if (!catalog || __atomic_sub_fetch(&catalog->references, 1, __ATOMIC_ACQ_REL) > 0)
		return;
	names_free(&catalog->paths);
	names_free(&catalog->files);
	LL_FOREACH_SAFE (catalog->patterns, pattern, next) {
		free(pattern->text);
		free(pattern);
	}
	for (size_t i = 0; i < catalog->count; i++)
		entry_done(&catalog->entries[i]);
	free(catalog->entries);
	signature_set_done(&catalog->signatures);
	free(catalog);
}

/* Adds the name ITEM to the table TABLE, or fails when another entry has it. */
static int name_add(const struct loading *l, const json_t *item, const struct catalog_entry *entry,
	struct catalog_name **table)
{
	const char *text = json_string_value(item);
	struct catalog_name *name;

	HASH_FIND_STR(*table, text, name);
	if (name)
		return yaml_diag(l->document, item, l->diag, "'%s' already belongs to '%s'", text,
			name->entry->name);
	name = calloc(1, sizeof(*name));
	if (!name)
		return -ENOMEM;
	name->text = strdup(text);
	if (!name->text) {
		free(name);
		return -ENOMEM;
	}
	name->entry = entry;
	HASH_ADD_KEYPTR(hh, *table, name->text, strlen(name->text), name);
	return 0;
}

static int take_path(const struct loading *l, const json_t *item, void *entry)
{
	if (json_string_value(item)[0] != '/')
		return yaml_diag(l->document, item, l->diag, "'%s' is not a path from the root",
			json_string_value(item));
	return name_add(l, item, entry, &l->catalog->paths);
}

static int take_file(const struct loading *l, const json_t *item, void *entry)
{
	const char *text = json_string_value(item);
	struct catalog_name *pattern;

	if (strchr(text, '/'))
		return yaml_diag(
			l->document, item, l->diag, "'%s' has a '/': paths go under 'paths'", text);
	if (!strpbrk(text, "*?["))
		return name_add(l, item, entry, &l->catalog->files);
	pattern = calloc(1, sizeof(*pattern));
	if (!pattern)
		return -ENOMEM;
	pattern->entry = entry;
	pattern->text = strdup(text);
	LL_PREPEND(l->catalog->patterns, pattern);
	return pattern->text ? 0 : -ENOMEM;
}

struct applet_target {
	struct catalog_entry *entry;
	enum program_class class;
};

static int take_applet(const struct loading *l, const json_t *item, void *userdata)
{
	const struct applet_target *target = userdata;
	const char *text = json_string_value(item);
	struct catalog_applet *applet;

	HASH_FIND_STR(target->entry->applets, text, applet);
	if (applet)
		return yaml_diag(
			l->document, item, l->diag, "the applet '%s' is given twice", text);
	applet = calloc(1, sizeof(*applet));
	if (!applet)
		return -ENOMEM;
	applet->class = target->class;
	applet->name = strdup(text);
	if (!applet->name) {
		free(applet);
		return -ENOMEM;
	}
	HASH_ADD_KEYPTR(hh, target->entry->applets, applet->name, strlen(applet->name), applet);
	return 0;
}

static int load_applets(
	const struct loading *l, json_t *node, const json_t *parent, struct catalog_entry *entry)
{
	const char *class_name;
	json_t *list;

	if (!json_is_object(node))
		return yaml_diag(l->document, yaml_placed(node, parent), l->diag,
			"'applets' is %s, expected a mapping from class to names",
			yaml_describe(node));
	json_object_foreach (node, class_name, list) {
		struct applet_target target = {.entry = entry};
		json_t *word = json_string(class_name);
		int r = word ? load_class(l, word, node, &target.class) : -ENOMEM;

		json_decref(word);
		if (r < 0 && r != -ENOMEM) /* the word has no place of its own; the list has */
			yaml_place(l->document, yaml_placed(list, node), &l->diag->line,
				&l->diag->column);
		if (r == 0)
			r = load_list(l, list, node, class_name, take_applet, &target);
		if (r < 0)
			return r;
	}
	return 0;
}

static int load_entry_names(
	const struct loading *l, const json_t *node, struct catalog_entry *entry)
{
	const json_t *files = json_object_get(node, "files");
	const json_t *paths = json_object_get(node, "paths");
	int r = 0;

	if (!files && !paths)
		return yaml_diag(l->document, node, l->diag, "'%s' has neither 'files' nor 'paths'",
			entry->name);
	if (files)
		r = load_list(l, files, node, "files", take_file, entry);
	if (r == 0 && paths)
		r = load_list(l, paths, node, "paths", take_path, entry);
	return r;
}

static int take_entry(const struct loading *l, json_t *node, void *userdata)
{
	static const char *const keys[] = {"name", "class", "files", "paths", "applets"};
	struct catalog_entry *entry = &l->catalog->entries[l->catalog->count];
	const char *name = json_string_value(json_object_get(node, "name"));
	json_t *applets = json_object_get(node, "applets");
	int r = yaml_check_keys(l->document, node, keys, ARRAY_SIZE(keys), l->diag);

	(void)userdata;
	if (r < 0)
		return r;
	if (!name || !json_object_get(node, "class"))
		return yaml_diag(l->document, node, l->diag, "a program needs 'name' and 'class'");
	entry->name = strdup(name);
	if (!entry->name)
		return -ENOMEM;
	l->catalog->count++;
	r = load_class(l, json_object_get(node, "class"), node, &entry->class);
	if (r == 0 && applets && entry->class != PROGRAM_MULTICALL)
		r = yaml_diag(l->document, yaml_placed(applets, node), l->diag,
			"'applets' goes with class multicall only");
	if (r == 0)
		r = load_entry_names(l, node, entry);
	if (r == 0 && applets)
		r = load_applets(l, applets, node, entry);
	return r;
}

static int load_entries(const struct loading *l, const json_t *node, const json_t *root)
{
	l->catalog->entries = calloc(json_array_size(node) + 1, sizeof(struct catalog_entry));
	if (!l->catalog->entries)
		return -ENOMEM;
	return load_mappings(l, node, root, "programs", "a program", take_entry, NULL);
}

static int load_root(const struct loading *l)
{
	static const char *const keys[] = {"version", "programs", "signatures"};
	json_t *root = l->document->root;
	const char *version = json_string_value(json_object_get(root, "version"));
	int r;

	if (!json_is_object(root) || !version || strcmp(version, CATALOG_VERSION) != 0)
		return yaml_diag(l->document, root, l->diag,
			"expected a mapping with 'version: " CATALOG_VERSION "' and 'programs'");
	r = yaml_check_keys(l->document, root, keys, ARRAY_SIZE(keys), l->diag);
	if (r == 0)
		r = load_entries(l, json_object_get(root, "programs"), root);
	if (r == 0)
		r = signature_set_load(
			l, &l->catalog->signatures, json_object_get(root, "signatures"), root);
	return r;
}

static int load_document(const struct yaml_document *document, struct catalog **ret, struct diag *d)
{
	CLEANUP(catalog_cleanup) struct catalog *catalog = calloc(1, sizeof(*catalog));
	struct loading l = {.document = document, .catalog = catalog, .diag = d};
	int r;

	if (catalog)
		catalog->references = 1;
	r = catalog ? load_root(&l) : -ENOMEM;
	if (r == -ENOMEM)
		return diag_errno(d, document->name, r);
	if (r < 0)
		return r;
	*ret = TAKE_PTR(catalog);
	return 0;
}

int catalog_load_file(const char *path, struct catalog **ret, struct diag *d)
{
	CLEANUP_YAML struct yaml_document document = YAML_DOCUMENT_INIT;
	int r = yaml_load_file(path, &document, d);

	return r < 0 ? r : load_document(&document, ret, d);
}

int catalog_load_text(const char *name, struct slice text, struct catalog **ret, struct diag *d)
{
	CLEANUP_YAML struct yaml_document document = YAML_DOCUMENT_INIT;
	int r = yaml_load_text(name, text, &document, d);

	return r < 0 ? r : load_document(&document, ret, d);
}

void catalog_each_file(const struct catalog *catalog, enum program_class class,
	void (*visit)(const char *file, void *userdata), void *userdata)
{
	const struct catalog_name *name, *next;

	HASH_ITER (hh, catalog->files, name, next)
		if (name->entry->class == class)
			visit(name->text, userdata);
}

struct catalog_entry *catalog_find_entry(const struct catalog *catalog, const char *name)
{
	for (size_t i = 0; i < catalog->count; i++)
		if (strcmp(catalog->entries[i].name, name) == 0)
			return &catalog->entries[i];
	return NULL;
}

const struct signature_set *catalog_signatures(const struct catalog *catalog)
{
	return &catalog->signatures;
}

static const struct catalog_entry *find_pattern(const struct catalog *catalog, struct slice file)
{
	const struct catalog_name *pattern;
	char text[NAME_MAX + 1];

	if (!catalog->patterns || file.len >= sizeof(text))
		return NULL;
	memcpy(text, file.data, file.len);
	text[file.len] = '\0';
	LL_FOREACH (catalog->patterns, pattern)
		if (fnmatch(pattern->text, text, 0) == 0)
			return pattern->entry;
	return NULL;
}

const struct catalog_entry *catalog_find(const struct catalog *catalog, struct slice path)
{
	struct slice file = slice_basename(path);
	struct catalog_name *name;

	if (file.len == 0)
		return NULL;
	HASH_FIND(hh, catalog->paths, path.data, path.len, name);
	if (!name)
		HASH_FIND(hh, catalog->files, file.data, file.len, name);
	return name ? name->entry : find_pattern(catalog, file);
}

enum program_class catalog_applet_class(const struct catalog_entry *entry, struct slice applet)
{
	struct catalog_applet *found;

	HASH_FIND(hh, entry->applets, applet.data, applet.len, found);
	return found ? found->class : PROGRAM_MULTICALL;
}

enum program_class catalog_gravest_class(const struct catalog_entry *entry)
{
	enum program_class gravest = PROGRAM_MULTICALL;
	const struct catalog_applet *applet, *next;

	HASH_ITER (hh, entry->applets, applet, next)
		if (applet->class != PROGRAM_OTHER && applet->class < gravest)
			gravest = applet->class; /* the enum names the gravest first */
	return gravest;
}
