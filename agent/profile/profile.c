/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Files by container. An entry is told by its path, the program and the use: a file that is made
 * again and again is one, though the kernel side has another kind for each. So an entry has the
 * kind that it was last seen as, whose repeats the kernel side counts, and the sum of those before.
 */
#include "barewatch/profile.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <uthash.h>

#include "base/cleanup.h"

/* What malloc() and the hash table take besides. */
#define ENTRY_OVERHEAD 32

#define CUT "..." /* in place of the beginning of a path that was too long */

/* USE, PATH, a NUL and PROGRAM, one behind the other. */
#define KEY_MAX (sizeof(uint32_t) + 2 * (sizeof(CUT) + BW_PATH_MAX + BW_NAME_MAX))

struct entry {
	UT_hash_handle hh; /* by the key */
	struct entry *newer, *older;
	struct bw_open_kind kind; /* of the last record, of an open */
	uint64_t first_ns, last_ns;
	uint64_t before; /* uses of other kinds, or before the kernel side forgot this one */
	uint64_t sent; /* records since then */
	uint64_t counted; /* by the kernel side, when it was last asked */
	uint8_t origin;
	bool has_kind;
	uint16_t path_len;
	uint32_t key_len;
	char key[];
};

struct files {
	uint64_t container;
	UT_hash_handle hh;
	struct entry *entries;
	struct entry *oldest, *newest;
	size_t bytes;
	uint64_t omitted;
};

struct profile {
	struct profile_config config;
	struct files *containers;
	struct files *largest; /* as far as is known; NULL: to be looked for */
	size_t bytes;
	uint32_t key_len; /* of what was put together last */
	uint16_t path_len;
	char key[KEY_MAX];
};

/* ---- containers ---- */

static struct files *find(const struct profile *p, uint64_t container)
{
	struct files *files;

	HASH_FIND(hh, p->containers, &container, sizeof(container), files);
	return files;
}

/* NULL when out of memory, or when containers alone take all of it. */
static struct files *find_or_add(struct profile *p, uint64_t container)
{
	struct files *files = find(p, container);

	if (files)
		return files;
	if (p->bytes + sizeof(*files) > p->config.bytes_max)
		return NULL;
	files = calloc(1, sizeof(*files));
	if (!files)
		return NULL;
	files->container = container;
	files->bytes = sizeof(*files);
	p->bytes += files->bytes;
	HASH_ADD(hh, p->containers, container, sizeof(files->container), files);
	return files;
}

static struct files *find_largest(struct profile *p)
{
	struct files *files, *next;

	if (p->largest)
		return p->largest;
	HASH_ITER (hh, p->containers, files, next)
		if (!p->largest || files->bytes > p->largest->bytes)
			p->largest = files;
	return p->largest;
}

/* ---- entries ---- */

static size_t entry_bytes(size_t key_len)
{
	return sizeof(struct entry) + key_len + ENTRY_OVERHEAD;
}

static void put_key(struct profile *p, const void *data, size_t size)
{
	memcpy(p->key + p->key_len, data, size);
	p->key_len += size;
}

static bool put_path(struct profile *p, const struct event_text *path)
{
	if (path->bytes.len > BW_PATH_MAX + BW_NAME_MAX)
		return false;
	if (path->truncated)
		put_key(p, CUT, strlen(CUT));
	put_key(p, path->bytes.data, path->bytes.len);
	return true;
}

/* False when PATH is not known. */
static bool make_key(struct profile *p, uint32_t use, const struct event_text *path,
	const struct event_text *program)
{
	p->key_len = 0;
	put_key(p, &use, sizeof(use));
	if (path->unreadable || path->bytes.len == 0 || !put_path(p, path))
		return false;
	p->path_len = p->key_len - sizeof(use);
	put_key(p, "", 1);
	return program->unreadable || put_path(p, program);
}

static struct entry *find_entry(const struct profile *p, const struct files *files)
{
	struct entry *entry;

	HASH_FIND(hh, files->entries, p->key, p->key_len, entry);
	return entry;
}

static void entry_free(struct profile *p, struct files *files, struct entry *entry)
{
	size_t bytes = entry_bytes(entry->key_len);

	HASH_DELETE(hh, files->entries, entry);
	if (entry->older)
		entry->older->newer = entry->newer;
	else
		files->oldest = entry->newer;
	if (entry->newer)
		entry->newer->older = entry->older;
	else
		files->newest = entry->older;
	files->bytes -= bytes;
	p->bytes -= bytes;
	free(entry);
}

/*
 * Makes BYTES of room for FILES: what a container, which is not there for long or makes names up,
 * adds to what is there for long is what the largest one loses first. False when that is FILES.
 */
static bool make_room(struct profile *p, const struct files *files, size_t bytes)
{
	while (p->bytes + bytes > p->config.bytes_max) {
		struct files *largest = find_largest(p);

		if (files->bytes + bytes >= largest->bytes || !largest->newest)
			return false;
		largest->omitted += largest->newest->before + largest->newest->sent;
		entry_free(p, largest, largest->newest);
		p->largest = NULL;
	}
	return true;
}

/* NULL when there is no room. */
static struct entry *add_entry(struct profile *p, struct files *files)
{
	size_t bytes = entry_bytes(p->key_len);
	struct entry *entry;

	if (!make_room(p, files, bytes))
		return NULL;
	entry = calloc(1, sizeof(*entry) + p->key_len);
	if (!entry)
		return NULL;
	entry->key_len = p->key_len;
	entry->path_len = p->path_len;
	memcpy(entry->key, p->key, p->key_len);
	HASH_ADD_KEYPTR(hh, files->entries, entry->key, entry->key_len, entry);
	entry->older = files->newest;
	if (files->newest)
		files->newest->newer = entry;
	else
		files->oldest = entry;
	files->newest = entry;
	files->bytes += bytes;
	p->bytes += bytes;
	if (p->largest && files->bytes > p->largest->bytes)
		p->largest = files;
	return entry;
}

/* What happened at TIME_NS, after make_key() has told what it was. NULL when it finds no room. */
static struct entry *meet(
	struct profile *p, struct files *files, uint64_t time_ns, enum program_origin origin)
{
	struct entry *entry = find_entry(p, files);

	if (!entry) {
		entry = add_entry(p, files);
		if (!entry)
			return NULL;
		entry->first_ns = time_ns;
		entry->origin = origin;
	}
	if (entry->origin == PROGRAM_ORIGIN_UNKNOWN)
		entry->origin = origin;
	if (time_ns > entry->last_ns)
		entry->last_ns = time_ns;
	return entry;
}

/* ---- counts ---- */

/* Uses of the kind that ENTRY has, as far as is known. */
static uint64_t count_of_kind(const struct entry *entry)
{
	return entry->sent > entry->counted ? entry->sent : entry->counted;
}

static void ask(const struct profile *p, struct entry *entry)
{
	struct bw_open_seen seen;

	if (!entry->has_kind || !p->config.count ||
		!p->config.count(&entry->kind, &seen, p->config.userdata))
		return;
	if (seen.count > entry->counted)
		entry->counted = seen.count;
	if (seen.first_ns && seen.first_ns < entry->first_ns)
		entry->first_ns = seen.first_ns;
	if (seen.last_ns > entry->last_ns)
		entry->last_ns = seen.last_ns;
}

static void close_kind(struct entry *entry)
{
	entry->before += count_of_kind(entry);
	entry->sent = entry->counted = 0;
}

/*
 * One more record, of KIND. Of one that is new to the kernel side counts begin anew. One that is not,
 * and not the last one here, may have been counted before: then only the record is.
 */
static void count_open(
	const struct profile *p, struct entry *entry, const struct bw_open_kind *kind, bool again)
{
	bool is_same = entry->has_kind && memcmp(&entry->kind, kind, sizeof(*kind)) == 0;

	if (entry->has_kind && again && !is_same) {
		entry->before++;
		return;
	}
	if (entry->has_kind && !again) {
		if (!is_same)
			ask(p, entry);
		close_kind(entry);
	}
	entry->kind = *kind;
	entry->has_kind = true;
	entry->sent++;
}

/* ---- */

void profile_opened(struct profile *profile, uint64_t container, const struct event *event,
	enum program_origin origin)
{
	const struct bw_open *record = event->open.record;
	struct files *files;
	struct entry *entry;

	if (!profile || !record || event->open.result < 0)
		return;
	files = find_or_add(profile, container);
	if (!files)
		return;
	entry = make_key(profile, record->kind.use, &event->open.path, &event->open.exe)
			? meet(profile, files, event->time_ns, origin)
			: NULL;
	if (entry)
		count_open(profile, entry, &record->kind, record->flags & BW_OPEN_AGAIN);
	else
		files->omitted++;
}

static bool make_exec_key(struct profile *p, const struct event *event)
{
	return make_key(p, PROFILE_EXECUTED, &event->exec.resolved, &event->exec.parent);
}

void profile_executed(struct profile *profile, uint64_t container, const struct event *event,
	enum program_origin origin)
{
	struct files *files = profile ? find_or_add(profile, container) : NULL;
	struct entry *entry;

	if (!files)
		return;
	entry = make_exec_key(profile, event) ? meet(profile, files, event->time_ns, origin) : NULL;
	if (entry)
		entry->sent++;
	else
		files->omitted++;
}

void profile_learned(struct profile *profile, uint64_t container, const struct event *event,
	enum program_origin origin)
{
	struct files *files = profile ? find(profile, container) : NULL;
	struct entry *entry = NULL;

	if (files && event->kind == BW_EVENT_EXEC && make_exec_key(profile, event))
		entry = find_entry(profile, files);
	if (entry)
		entry->origin = origin;
}

static void files_free(struct profile *p, struct files *files)
{
	while (files->newest)
		entry_free(p, files, files->newest);
	p->bytes -= files->bytes;
	if (p->largest == files)
		p->largest = NULL;
	HASH_DEL(p->containers, files);
	free(files);
}

void profile_forget(struct profile *profile, uint64_t container)
{
	struct files *files = profile ? find(profile, container) : NULL;

	if (files)
		files_free(profile, files);
}

void profile_each(struct profile *profile, uint64_t container,
	bool (*visit)(const struct profile_entry *entry, void *userdata), void *userdata)
{
	const struct files *files = find(profile, container);
	bool goes_on = true;

	for (struct entry *e = files ? files->oldest : NULL; e && goes_on; e = e->newer) {
		const char *path = e->key + sizeof(uint32_t), *program = path + e->path_len + 1;
		struct profile_entry entry = {
			.path = {path, e->path_len},
			.program = {program, e->key + e->key_len - program},
			.origin = e->origin,
		};

		ask(profile, e);
		memcpy(&entry.use, e->key, sizeof(entry.use));
		entry.first_ns = e->first_ns;
		entry.last_ns = e->last_ns;
		entry.count = e->before + count_of_kind(e);
		goes_on = visit(&entry, userdata);
	}
}

struct profile_totals profile_totals(const struct profile *profile, uint64_t container)
{
	const struct files *files = find(profile, container);

	if (!files)
		return (struct profile_totals){0};
	return (struct profile_totals){HASH_COUNT(files->entries), files->omitted};
}

size_t profile_bytes(const struct profile *profile)
{
	return profile->bytes;
}

int profile_new(const struct profile_config *config, struct profile **ret)
{
	struct profile *profile = calloc(1, sizeof(*profile));

	if (!profile)
		return -ENOMEM;
	profile->config = *config;
	*ret = profile;
	return 0;
}

void profile_free(struct profile *profile)
{
	struct files *files, *next;

	if (!profile)
		return;
	HASH_ITER (hh, profile->containers, files, next)
		files_free(profile, files);
	free(profile);
}
