/* SPDX-License-Identifier: Apache-2.0 */
/* Which packages an image says that it holds, and which of them its files are of: survey.h. */
#include <errno.h>

#include "base/array.h"
#include "base/strbuf.h"
#include "verify/keeps.h"
#include "verify/records.h"
#include "verify/survey.h"

/* A name of an item, to find the item by. Borrowed. */
struct owned {
	struct slice path; /* without the '/' before it */
	struct item *item;
	UT_hash_handle hh;
};

struct owning {
	struct survey *survey;
	struct packages *packages;
	struct owned *owned; /* a table by path */
	int error;
};

const char *package_form_name(enum package_form form)
{
	static const char *const names[PACKAGE_FORMS] = {
		[PACKAGES_DPKG] = "dpkg",
		[PACKAGES_DPKG_SPLIT] = "dpkg status.d",
		[PACKAGES_APK] = "apk",
		[PACKAGES_RPM] = "rpm",
	};

	return names[form];
}

void packages_done(struct packages *packages)
{
	free(packages->items);
	*packages = (struct packages){0};
}

static void add_package(
	struct owning *o, const struct package_record *record, struct slice key, int form)
{
	struct packages *to = o->packages;

	if (!ARRAY_RESERVE(to->items, to->capacity, to->count, 1)) {
		o->error = -ENOMEM;
		return;
	}
	to->items[to->count++] = (struct package){record->name, record->version, key};
	to->forms |= 1u << form;
}

/* ---- whose a file is ---- */

static void note_names(struct owning *o)
{
	struct item *item, *next;

	HASH_ITER (hh, o->survey->items, item, next)
		for (size_t i = 0; i < item->name_count; i++) {
			struct owned *owned = calloc(1, sizeof(*owned));

			if (!owned) {
				o->error = -ENOMEM;
				return;
			}
			owned->path = item->names[i].path;
			owned->path.data++;
			owned->path.len--;
			owned->item = item;
			HASH_ADD_KEYPTR(hh, o->owned, owned->path.data, owned->path.len, owned);
		}
}

static void owned_free(struct owning *o)
{
	struct owned *owned, *next;

	HASH_ITER (hh, o->owned, owned, next) {
		HASH_DEL(o->owned, owned);
		free(owned);
	}
}

/* Of several packages with one file the first by name has it, whatever the order of the records. */
static void own(struct owning *o, struct slice path, struct slice name, struct slice version)
{
	struct owned *owned;

	HASH_FIND(hh, o->owned, path.data, path.len, owned);
	if (!owned || (owned->item->package.data && slice_compare(name, owned->item->package) >= 0))
		return;
	owned->item->package = name;
	owned->item->version = version;
}

/* ---- apk ---- */

static void own_by_apk(struct owning *o, const struct package_record *record)
{
	CLEANUP_STRBUF struct strbuf path = STRBUF_INIT;
	struct slice files = record->files, directory = {0}, name;

	while (apk_next_file(&files, &directory, &name) && !path.error) {
		strbuf_reset(&path);
		strbuf_add_slice(&path, directory);
		if (directory.len > 0)
			strbuf_add_char(&path, '/');
		strbuf_add_slice(&path, name);
		own(o, strbuf_slice(&path), record->name, record->version);
	}
	if (path.error)
		o->error = path.error;
}

static void read_apk(struct owning *o, const char *path)
{
	struct package_record record;
	struct image_file file;
	struct slice rest;

	if (o->packages->forms & 1u << PACKAGES_APK ||
		!tree_find(o->survey->tree, slice_of(path), &file))
		return;
	rest = file.kept;
	while (o->error == 0 && apk_next(&rest, &record)) {
		add_package(o, &record, record.name, PACKAGES_APK);
		own_by_apk(o, &record);
	}
}

/* ---- dpkg ---- */

static int compare_keys(const void *a, const void *b)
{
	const struct package *x = a, *y = b;

	return slice_compare(x->key, y->key);
}

/* Among packages that are in order. */
static const struct package *package_by_key(const struct packages *packages, struct slice key)
{
	struct package wanted = {.key = key};

	return packages->count ? bsearch(&wanted, packages->items, packages->count, sizeof(wanted),
					 compare_keys)
			       : NULL;
}

/* NAME.list, NAME:ARCHITECTURE.list and NAME.md5sums belong to the package with the key NAME. */
static void read_list(struct owning *o, const struct image_file *file)
{
	struct slice key = slice_basename(file->path), rest = file->kept, path;
	const struct package *package;
	size_t i = key.len;
	const char *colon;

	while (i > 0 && key.data[i - 1] != '.')
		i--;
	key.len = i > 0 ? i - 1 : 0;
	colon = key.len ? memchr(key.data, ':', key.len) : NULL;
	key.len = colon ? (size_t)(colon - key.data) : key.len;
	package = package_by_key(o->packages, key);
	while (package && dpkg_next_file(&rest, &path))
		own(o, path, package->name, package->version);
}

static void read_status(struct owning *o)
{
	struct package_record record;
	struct image_file file;
	struct slice rest;

	if (!tree_find(o->survey->tree, slice_of("/var/lib/dpkg/status"), &file))
		return;
	rest = file.kept;
	while (o->error == 0 && dpkg_next(&rest, &record))
		add_package(o, &record, record.name, PACKAGES_DPKG);
}

/* Calls TAKE for each file whose bytes were kept and whose place is PLACE. */
static void each_kept(struct owning *o, enum kept_place place,
	void (*take)(struct owning *o, const struct image_file *file))
{
	uint32_t count = image_tree_count(o->survey->tree);
	struct image_file file;

	for (uint32_t i = 0; i < count && o->error == 0; i++)
		if (image_tree_get(o->survey->tree, i, &file) && file.kept.len > 0 &&
			kept_place(file.path) == place)
			take(o, &file);
}

static void read_split(struct owning *o, const struct image_file *file)
{
	struct package_record record;
	struct slice rest = file->kept;

	if (dpkg_next(&rest, &record))
		add_package(o, &record, slice_basename(file->path), PACKAGES_DPKG_SPLIT);
}

/* ---- all ---- */

static void find_rpm(struct owning *o)
{
	static const char *const places[] = {
		"/var/lib/rpm", "/usr/lib/sysimage/rpm", "/usr/share/rpm"};
	static const char *const files[] = {"Packages", "Packages.db", "rpmdb.sqlite"};

	for (size_t i = 0; i < ARRAY_SIZE(places); i++)
		for (size_t k = 0; k < ARRAY_SIZE(files); k++) {
			char path[64];

			snprintf(path, sizeof(path), "%s/%s", places[i], files[k]);
			if (tree_has(o->survey->tree, path))
				o->packages->forms |= 1u << PACKAGES_RPM;
		}
}

int packages_read(struct survey *survey, struct packages *ret)
{
	struct owning o = {.survey = survey, .packages = ret};

	*ret = (struct packages){0};
	note_names(&o);
	read_status(&o);
	each_kept(&o, KEPT_DPKG_SPLIT, read_split);
	if (ret->count > 0)
		qsort(ret->items, ret->count, sizeof(*ret->items), compare_keys);
	each_kept(&o, KEPT_DPKG_LIST, read_list);
	read_apk(&o, "/lib/apk/db/installed");
	read_apk(&o, "/usr/lib/apk/db/installed");
	find_rpm(&o);
	owned_free(&o);
	return o.error;
}

const struct package *packages_find(const struct packages *packages, const char *prefix)
{
	for (size_t i = 0; i < packages->count; i++)
		if (slice_begins(packages->items[i].name, prefix))
			return &packages->items[i];
	return NULL;
}
