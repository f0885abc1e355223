/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What a program is. By the names it goes by, the file that runs decides; when
 * the catalog does not know it, the path by which it was invoked does, which
 * finds scripts (the file is then their interpreter) and links to renamed files. Where its bytes
 * are known they decide, and the names add what bytes cannot tell.
 */
#include <limits.h>
#include <string.h>

#include "program/loader.h"
#include "program/signature.h"

/*
 * True when WORD is a name of the multi-call binary ENTRY itself. Busybox and
 * toybox take every word that begins with their own name for it.
 */
static bool is_own_name(
	const struct catalog *catalog, const struct catalog_entry *entry, struct slice word)
{
	size_t len = strlen(entry->name);

	return (word.len >= len && memcmp(word.data, entry->name, len) == 0) ||
	       catalog_find(catalog, word) == entry;
}

/*
 * True when WORD of ARGS, which ends before OFFSET, was not kept whole. Of a failed
 * exec each argument is cut by itself, and has its NUL all the same.
 */
static bool word_is_cut(const struct event_text *args, struct slice word, size_t offset)
{
	if (args->truncated && word.len == BW_ATTEMPT_ARG)
		return true;
	return (args->truncated || args->unreadable) && offset > args->bytes.len;
}

/*
 * The applet that a multi-call binary ENTRY becomes: the name it is called by,
 * without the '-' of a login shell, or the first word after its own name that is
 * not its own name again ("busybox busybox sh"). False when that lies in a part of
 * ARGS that was not kept.
 */
static bool applet_of(const struct catalog *catalog, const struct catalog_entry *entry,
	const struct event_text *args, struct slice *ret)
{
	struct slice applet;
	size_t offset = 0;

	*ret = (struct slice){0};
	while (event_args_next(args, &offset, &applet)) {
		bool first = applet.data == args->bytes.data;

		if (word_is_cut(args, applet, offset))
			return false;
		applet = slice_basename(applet);
		if (first && applet.len > 0 && applet.data[0] == '-') {
			applet.data++;
			applet.len--;
		}
		if (!is_own_name(catalog, entry, applet)) {
			*ret = applet;
			return true;
		}
	}
	return !args->truncated && !args->unreadable;
}

/* What a multi-call binary may be at worst: what its bytes hold, else all that it can hold. */
static enum program_class gravest_class(
	const struct catalog_entry *entry, const struct program_identity *identity)
{
	if (!identity || identity->applets == 0 || !identity->is_whole)
		return catalog_gravest_class(entry);
	if (identity->has_shell)
		return PROGRAM_SHELL;
	return identity->has_package_manager ? PROGRAM_PACKAGE_MANAGER : PROGRAM_MULTICALL;
}

static struct program program_from_entry(const struct catalog *catalog,
	const struct catalog_entry *entry, const struct event_text *args,
	const struct program_identity *identity)
{
	struct program program = {.class = entry->class, .name = slice_of(entry->name)};

	if (entry->class != PROGRAM_MULTICALL)
		return program;
	if (applet_of(catalog, entry, args, &program.applet))
		program.class = catalog_applet_class(entry, program.applet);
	else /* it may be anything: what hides its name is not given the benefit of the doubt */
		program.class = gravest_class(entry, identity);
	return program;
}

/* The program known by PATH, else by OTHER_PATH, else one without a class. */
static struct program program_by_paths(const struct catalog *catalog, struct slice path,
	struct slice other_path, const struct event_text *args)
{
	const struct catalog_entry *entry = catalog_find(catalog, path);

	if (!entry)
		entry = catalog_find(catalog, other_path);
	if (entry)
		return program_from_entry(catalog, entry, args, NULL);
	return (struct program){.class = PROGRAM_OTHER, .name = slice_basename(path)};
}

/* Of what was mapped nobody knows as what it is going to be called. */
static const struct event_text *args_of(const struct event *event)
{
	static const struct event_text unknown = {.unreadable = true};

	return event->kind == BW_EVENT_EXEC ? &event->exec.args : &unknown;
}

/* The program that the bytes show, one without a class when they show none. */
static struct program program_by_bytes(const struct catalog *catalog, const struct event *event,
	const struct program_identity *identity)
{
	const struct signature *signature = identity->signature;

	if (!signature)
		return (struct program){
			.class = PROGRAM_OTHER, .name = slice_basename(event_path(event)->bytes)};
	if (signature->entry)
		return program_from_entry(catalog, signature->entry, args_of(event), identity);
	return (struct program){.class = signature->class, .name = slice_of(signature->name)};
}

/* True when IDENTITY leaves nothing to say for the name of a program that is ENTRY's. */
static bool is_refuted(const struct catalog_entry *entry, const struct program_identity *identity)
{
	return entry && entry->has_signature && identity->is_elf && identity->is_whole &&
	       !identity->is_packed;
}

/* The entry by whose name the file goes that IDENTITY is of, unless its bytes speak against it. */
static const struct catalog_entry *entry_by_names(const struct catalog *catalog,
	const struct event *event, const struct program_identity *identity)
{
	const struct catalog_entry *entry = catalog_find(catalog, event_path(event)->bytes);
	bool is_script = event->exec.record && (event_file(event)->flags & BW_FILE_SCRIPT);

	if (is_refuted(entry, identity))
		entry = NULL;
	if (entry || event->kind == BW_EVENT_MAPPING)
		return entry;
	entry = catalog_find(catalog, event->exec.invoked.bytes);
	/* what was invoked is another file then, which nobody has read */
	return !is_script && is_refuted(entry, identity) ? NULL : entry;
}

/* The enum names the gravest first, but for those without a class. */
static bool is_graver(enum program_class class, enum program_class other)
{
	return class != PROGRAM_OTHER && (other == PROGRAM_OTHER || class < other);
}

static struct program program_by_identity(const struct catalog *catalog, const struct event *event,
	const struct program_identity *identity)
{
	struct program by_bytes = program_by_bytes(catalog, event, identity), by_name;
	const struct catalog_entry *entry = entry_by_names(catalog, event, identity);

	if (!entry)
		return by_bytes;
	by_name = program_from_entry(catalog, entry, args_of(event), identity);
	return !identity->signature || is_graver(by_name.class, by_bytes.class) ? by_name
										: by_bytes;
}

/* execveat of a descriptor has no path: what the program calls itself is all there is. */
static struct slice attempt_name(const struct event *event)
{
	struct slice name = event->attempt.asked.bytes;
	size_t offset = 0;

	if (name.len == 0)
		event_args_next(&event->attempt.args, &offset, &name);
	return name;
}

static struct program program_of_exec(const struct catalog *catalog, const struct event *event,
	const struct program_identity *identity)
{
	if (identity)
		return program_by_identity(catalog, event, identity);
	return program_by_paths(
		catalog, event->exec.resolved.bytes, event->exec.invoked.bytes, &event->exec.args);
}

/* What LOADER with the arguments ARGS really runs, as far as names tell; else the loader. */
static struct program program_loaded(
	const struct catalog *catalog, struct program loader, const struct event_text *args)
{
	struct program loaded;
	struct event_text own;
	struct slice path;

	if (!loader_target(args, &path, &own))
		return loader;
	loaded = program_by_paths(catalog, path, (struct slice){0}, &own);
	if (loaded.class == PROGRAM_OTHER)
		loaded = loader;
	loaded.loads = path;
	return loaded;
}

struct program program_classify(const struct catalog *catalog, const struct event *event,
	const struct program_identity *identity)
{
	struct program program;

	switch (event->kind) {
	case BW_EVENT_EXEC:
		program = program_of_exec(catalog, event, identity);
		return program.class == PROGRAM_LOADER
			       ? program_loaded(catalog, program, &event->exec.args)
			       : program;
	case BW_EVENT_ATTEMPT:
		return program_by_paths(
			catalog, attempt_name(event), (struct slice){0}, &event->attempt.args);
	case BW_EVENT_MAPPING:
		if (identity)
			return program_by_identity(catalog, event, identity);
		return program_by_paths(
			catalog, event->mapping.file.bytes, (struct slice){0}, args_of(event));
	default:
		return (struct program){.class = PROGRAM_OTHER};
	}
}

/* A script is what it is called, unless a shell reads it: then it is that shell's. */
static bool may_be_named(const struct catalog *catalog, const struct program_identity *identity)
{
	const struct catalog_entry *reader;

	if (!identity->is_script)
		return identity->is_elf;
	reader = catalog_find(catalog, slice_of(identity->interpreter));
	return !reader || reader->class != PROGRAM_SHELL;
}

struct program program_classify_file(const struct catalog *catalog, struct slice path,
	const struct program_identity *identity, bool *ret_by_name)
{
	const struct catalog_entry *entry = catalog_find(catalog, path);
	struct program program = {.class = identity->class, .name = slice_basename(path)};

	if (identity->signature)
		program.name = slice_of(identity->signature->name);
	*ret_by_name = entry && !is_refuted(entry, identity) && may_be_named(catalog, identity) &&
		       is_graver(entry->class, program.class);
	if (*ret_by_name) {
		program.class = entry->class;
		program.name = slice_of(entry->name);
	}
	return program;
}

static const struct catalog_entry *entry_of(
	const struct catalog *catalog, const struct program *program)
{
	char name[NAME_MAX + 1];

	if (program->name.len >= sizeof(name))
		return NULL;
	memcpy(name, program->name.data, program->name.len);
	name[program->name.len] = '\0';
	return catalog_find_entry(catalog, name);
}

enum program_class program_applet_class(
	const struct catalog *catalog, const struct program *program, struct slice applet)
{
	const struct catalog_entry *entry = entry_of(catalog, program);

	return entry ? catalog_applet_class(entry, applet) : PROGRAM_OTHER;
}

bool program_has_name(
	const struct catalog *catalog, const struct program *program, struct slice path)
{
	const struct catalog_entry *entry = catalog_find(catalog, path);

	return entry && entry == entry_of(catalog, program);
}

bool program_is_suspect(const struct catalog *catalog, const struct event *event)
{
	return program_classify(catalog, event, NULL).class != PROGRAM_OTHER;
}
