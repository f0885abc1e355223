/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What a program is, by the names it goes by. The file that runs decides; when
 * the catalog does not know it, the path by which it was invoked does, which
 * finds scripts (the file is then their interpreter) and links to renamed files.
 */
#include "program/catalog.h"

/* The two words that can name an applet: "busybox sh" and "sh". */
struct argv_head {
	struct slice first, second;
};

static struct argv_head argv_head(const struct event_text *args)
{
	struct argv_head head = {0};
	size_t offset = 0;

	if (event_args_next(args, &offset, &head.first))
		event_args_next(args, &offset, &head.second);
	return head;
}

/*
 * The applet that a multi-call binary ENTRY becomes: the name it is called by,
 * without the '-' of a login shell, or the word after its own name.
 */
static struct slice applet_of(
	const struct catalog *catalog, const struct catalog_entry *entry, struct argv_head argv)
{
	struct slice applet = slice_basename(argv.first);

	if (applet.len > 0 && applet.data[0] == '-') {
		applet.data++;
		applet.len--;
	}
	if (catalog_find(catalog, applet) == entry)
		return slice_basename(argv.second);
	return applet;
}

static struct program program_from_entry(const struct catalog *catalog,
	const struct catalog_entry *entry, const struct event_text *args)
{
	struct program program = {.class = entry->class, .name = slice_of(entry->name)};

	if (entry->class != PROGRAM_MULTICALL)
		return program;
	program.applet = applet_of(catalog, entry, argv_head(args));
	program.class = catalog_applet_class(entry, program.applet);
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
		return program_from_entry(catalog, entry, args);
	return (struct program){.class = PROGRAM_OTHER, .name = slice_basename(path)};
}

/* execveat of a descriptor has no path: what the program calls itself is all there is. */
static struct slice attempt_name(const struct event *event)
{
	struct slice asked = event->attempt.asked.bytes;

	return asked.len > 0 ? asked : argv_head(&event->attempt.args).first;
}

struct program program_classify(const struct catalog *catalog, const struct event *event)
{
	switch (event->kind) {
	case BW_EVENT_EXEC:
		return program_by_paths(catalog, event->exec.resolved.bytes,
			event->exec.invoked.bytes, &event->exec.args);
	case BW_EVENT_ATTEMPT:
		return program_by_paths(
			catalog, attempt_name(event), (struct slice){0}, &event->attempt.args);
	default:
		return (struct program){.class = PROGRAM_OTHER};
	}
}
