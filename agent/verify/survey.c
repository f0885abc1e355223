/* SPDX-License-Identifier: Apache-2.0 */
/*
 * See survey.h. First all files are looked at by their own names and by the links to them, then the
 * names of those are collected that are worth it: most files are not.
 */
#include "verify/survey.h"

#include <errno.h>
#include <sys/stat.h>

#include "base/array.h"
#include "base/strbuf.h"
#include "verify/records.h"

/* ---- items ---- */

void item_free(struct item *item)
{
	if (!item)
		return;
	for (size_t i = 0; i < item->name_count; i++)
		free((char *)item->names[i].path.data);
	free(item->names);
	free(item);
}

static struct item *item_new(const struct image_file *file)
{
	struct item *item = calloc(1, sizeof(*item));

	if (item) {
		item->key = file_key(file);
		item->file = *file;
	}
	return item;
}

static struct item *item_find(const struct survey *survey, const struct image_file *file)
{
	uint64_t key = file_key(file);
	struct item *item;

	HASH_FIND(hh, survey->items, &key, sizeof(key), item);
	return item;
}

struct item *survey_item(struct survey *survey, const struct image_file *file)
{
	struct item *item = item_find(survey, file);

	if (item)
		return item;
	item = item_new(file);
	if (item)
		HASH_ADD(hh, survey->items, key, sizeof(item->key), item);
	else
		survey->error = -ENOMEM;
	return item;
}

void survey_done(struct survey *survey)
{
	struct item *item, *next;

	HASH_ITER (hh, survey->items, item, next) {
		HASH_DEL(survey->items, item);
		item_free(item);
	}
	for (size_t i = 0; i < survey->leak_count; i++)
		item_free(survey->leaks[i]);
	free(survey->leaks);
	*survey = (struct survey){0};
}

bool tree_find(const struct image_tree *tree, struct slice path, struct image_file *ret)
{
	uint32_t number;

	return image_tree_resolve(tree, IMAGE_TREE_TOP, path, true, &number) == 0 &&
	       image_tree_get(tree, number, ret);
}

bool tree_has(const struct image_tree *tree, const char *path)
{
	struct image_file file;

	return tree_find(tree, slice_of(path), &file);
}

/* ---- what a file is ---- */

static unsigned mode_classes(const struct image_file *file)
{
	return (file->mode & S_ISUID ? 1u << PRESENT_SETUID : 0) |
	       (file->mode & S_ISGID ? 1u << PRESENT_SETGID : 0) |
	       (file->capability.len > 0 ? 1u << PRESENT_CAPABILITIES : 0);
}

static bool is_graver(enum program_class class, enum program_class other)
{
	return class != PROGRAM_OTHER && (other == PROGRAM_OTHER || class < other);
}

/* True when PROGRAM is worth a word: every image with a libc has a loader. */
static bool is_told(const struct program *program, const struct program_identity *identity)
{
	return (program->class != PROGRAM_OTHER && program->class != PROGRAM_LOADER) ||
	       (program->class == PROGRAM_OTHER && identity->is_packed);
}

static void take_identity(
	const struct survey *survey, struct item *item, const struct program_identity *identity)
{
	item->applets = identity->applets;
	item->has_shell = identity->has_shell;
	item->has_package_manager = identity->has_package_manager;
	item->is_packed = identity->is_packed;
	item->fits_shell = program_identity_fits(survey->catalog, identity, PROGRAM_SHELL);
}

/*
 * Makes ITEM the PROGRAM that it is by its bytes or a name, when that is graver than what it was.
 */
static void item_take(const struct survey *survey, struct item *item, const struct program *program,
	bool by_name, const struct program_identity *identity)
{
	bool is_first = !item->program.name.data;

	if (is_first)
		take_identity(survey, item, identity);
	if (!is_first && !is_graver(program->class, item->program.class))
		return;
	item->program = *program;
	item->by_name = by_name;
}

/* FILE, which is reached by PATH. */
static void look_at(struct survey *survey, const struct image_file *file, struct slice path)
{
	struct program_identity identity;
	struct program program;
	struct item *item;
	bool by_name;

	if (mode_classes(file) && !survey_item(survey, file))
		return;
	if (!image_tree_identity(survey->tree, file, &identity))
		return;
	program = program_classify_file(survey->catalog, path, &identity, &by_name);
	if (!is_told(&program, &identity))
		return;
	item = survey_item(survey, file);
	if (item)
		item_take(survey, item, &program, by_name, &identity);
}

static void look_at_all(struct survey *survey)
{
	uint32_t count = image_tree_count(survey->tree), target;
	CLEANUP_STRBUF struct strbuf path = STRBUF_INIT;
	struct image_file file;

	for (uint32_t i = 0; i < count && survey->error == 0; i++) {
		if (!image_tree_get(survey->tree, i, &file))
			continue;
		survey->files += file.type != IMAGE_DIRECTORY;
		survey->bytes += file.type == IMAGE_FILE ? file.size_bytes : 0;
		if (file.type != IMAGE_FILE && file.type != IMAGE_SYMLINK)
			continue;
		strbuf_reset(&path);
		image_tree_path(survey->tree, i, &path);
		if (file.type == IMAGE_SYMLINK &&
			(image_tree_resolve(survey->tree, image_tree_parent(survey->tree, i),
				 file.target, true, &target) < 0 ||
				!image_tree_get(survey->tree, target, &file)))
			continue;
		if (file.type == IMAGE_FILE)
			look_at(survey, &file, strbuf_slice(&path));
		if (path.error)
			survey->error = path.error;
	}
}

/* ---- what is nowhere to be seen ---- */

static void take_leak(const struct image_file *file, void *userdata)
{
	struct survey *survey = userdata;
	struct program_identity identity;
	struct program program;
	struct item *item;
	bool by_name;

	survey->leaked_files++;
	survey->leaked_bytes += file->size_bytes;
	if (survey->error < 0 || !image_tree_identity(survey->tree, file, &identity))
		return;
	program = program_classify_file(survey->catalog, file->path, &identity, &by_name);
	if (!is_told(&program, &identity))
		return;
	item = item_new(file);
	if (!item || !ARRAY_RESERVE(survey->leaks, survey->leak_capacity, survey->leak_count, 1)) {
		free(item);
		survey->error = -ENOMEM;
		return;
	}
	survey->leaks[survey->leak_count++] = item;
	item->is_leaked = true;
	item_take(survey, item, &program, by_name, &identity);
}

/* Paths in layers have no '/' before them. */
static void name_leaks(struct survey *survey)
{
	for (size_t i = 0; i < survey->leak_count && survey->error == 0; i++) {
		CLEANUP_STRBUF struct strbuf path = STRBUF_INIT;

		strbuf_add_char(&path, '/');
		strbuf_add_slice(&path, survey->leaks[i]->file.path);
		if (path.error || !item_add_name(survey->leaks[i], strbuf_slice(&path), NAME_OWN))
			survey->error = -ENOMEM;
	}
}

/* ---- places ---- */

/* Where package managers keep what is installed. Debian's status.d is read by scanners alone. */
static const char *const databases[] = {
	"/var/lib/dpkg/status",
	"/lib/apk/db/installed",
	"/usr/lib/apk/db/installed",
	"/var/lib/rpm/Packages",
	"/var/lib/rpm/Packages.db",
	"/var/lib/rpm/rpmdb.sqlite",
	"/usr/lib/sysimage/rpm/Packages",
	"/usr/lib/sysimage/rpm/Packages.db",
	"/usr/lib/sysimage/rpm/rpmdb.sqlite",
	"/usr/share/rpm/rpmdb.sqlite",
	"/var/lib/pacman/local/ALPM_DB_VERSION",
	"/var/lib/opkg/status",
	"/usr/lib/opkg/status",
	"/nix/var/nix/db/db.sqlite",
};

static void find_databases(struct survey *survey)
{
	struct image_file file;

	for (size_t i = 0; i < ARRAY_SIZE(databases); i++) {
		struct item *item;

		if (!tree_find(survey->tree, slice_of(databases[i]), &file) ||
			file.type != IMAGE_FILE || file.size_bytes == 0)
			continue;
		item = survey_item(survey, &file);
		if (item)
			item->is_database = true;
	}
}

static struct slice path_variable(const struct image_config *config)
{
	for (size_t i = 0; i < config->environment.count; i++) {
		struct slice entry = slice_of(config->environment.items[i]);

		if (slice_begins(entry, "PATH="))
			return slice_value(entry, strlen("PATH="));
	}
	return slice_of(SURVEY_DEFAULT_PATH);
}

static void find_writable_directories(struct survey *survey)
{
	struct slice rest = survey->path_variable;
	struct image_file file;

	while (rest.len > 0) {
		const char *colon = memchr(rest.data, ':', rest.len);
		struct slice path = {rest.data, colon ? (size_t)(colon - rest.data) : rest.len};

		rest = slice_value(rest, path.len + (colon != NULL));
		if (path.len > 0 && tree_find(survey->tree, path, &file) &&
			file.type == IMAGE_DIRECTORY && file.mode & S_IWOTH)
			survey_item(survey, &file);
	}
}

/* ---- classes ---- */

static unsigned multicall_class(const struct survey *survey, const struct item *item)
{
	bool has_shell = item->has_shell, has_manager = item->has_package_manager;

	if (item->applets == 0 || item->by_name) { /* no table to be seen: the names tell */
		has_shell |= item->fits_shell;
		for (size_t i = 0; i < item->name_count; i++) {
			enum program_class class = program_applet_class(survey->catalog,
				&item->program, slice_basename(item->names[i].path));

			has_shell |= class == PROGRAM_SHELL;
			has_manager |= class == PROGRAM_PACKAGE_MANAGER;
		}
	}
	if (has_shell)
		return 1u << PRESENT_MULTICALL_SHELL;
	return 1u << (has_manager ? PRESENT_PACKAGE_MANAGER : PRESENT_MULTICALL);
}

static unsigned program_classes(const struct survey *survey, const struct item *item)
{
	static const enum present_class classes[PROGRAM_CLASSES] = {
		[PROGRAM_SHELL] = PRESENT_SHELL,
		[PROGRAM_PACKAGE_MANAGER] = PRESENT_PACKAGE_MANAGER,
		[PROGRAM_RUNTIME] = PRESENT_RUNTIME,
		[PROGRAM_INTERPRETER] = PRESENT_INTERPRETER,
		[PROGRAM_DOWNLOADER] = PRESENT_DOWNLOADER,
		[PROGRAM_DEBUGGER] = PRESENT_DEBUGGER,
	};

	switch (item->program.class) {
	case PROGRAM_OTHER:
		return item->is_packed ? 1u << PRESENT_PACKED : 0;
	case PROGRAM_LOADER:
		return 0;
	case PROGRAM_MULTICALL:
		return multicall_class(survey, item);
	default:
		return 1u << classes[item->program.class];
	}
}

static void find_classes(struct survey *survey, struct item *item)
{
	item->classes = program_classes(survey, item);
	if (item->is_leaked)
		return;
	if (item->file.type == IMAGE_DIRECTORY)
		item->classes |= 1u << PRESENT_WORLD_WRITABLE;
	else
		item->classes |= mode_classes(&item->file);
	item->classes |= item->is_database ? 1u << PRESENT_PACKAGE_DATABASE : 0;
	survey->has_package_manager |= item->classes & 1u << PRESENT_PACKAGE_MANAGER ||
				       item->has_package_manager;
}

/* A file is told by a name of its own, best by one that its program usually has. */
static int name_rank(const struct survey *survey, const struct item *item, size_t number)
{
	const struct item_name *name = &item->names[number];

	return 2 * (name->kind == NAME_OWN) +
	       (item->program.name.data &&
		       program_has_name(survey->catalog, &item->program, name->path));
}

static void choose_name(const struct survey *survey, struct item *item)
{
	int best = -1;

	for (size_t i = 0; i < item->name_count; i++) {
		int rank = name_rank(survey, item, i);

		if (rank > best)
			item->main_name = i;
		best = rank > best ? rank : best;
	}
}

int survey_make(
	const struct image_manifest *manifest, const struct catalog *catalog, struct survey *ret)
{
	struct item *item, *next;

	*ret = (struct survey){.tree = manifest->tree,
		.catalog = catalog,
		.path_variable = path_variable(&manifest->config)};
	look_at_all(ret);
	find_databases(ret);
	find_writable_directories(ret);
	image_tree_each_leak(ret->tree, take_leak, ret);
	name_leaks(ret);
	if (ret->error == 0)
		ret->error = survey_name_all(ret);
	if (ret->error < 0)
		return ret->error;
	HASH_ITER (hh, ret->items, item, next) {
		choose_name(ret, item);
		find_classes(ret, item);
	}
	for (size_t i = 0; i < ret->leak_count; i++)
		find_classes(ret, ret->leaks[i]);
	return 0;
}
