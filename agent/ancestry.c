/* SPDX-License-Identifier: Apache-2.0 */
/* Executables of processes, see ancestry.h. */
#include "ancestry.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <uthash.h>

#include "base/cleanup.h"
#include "base/proc.h"

/* Without padding: it is hashed as it lies in memory. */
struct process_key {
	uint64_t start_ns, tgid;
};

struct ancestry_entry {
	struct process_key key;
	uint64_t inode; /* of the executable; 0 when it is not known */
	char *path; /* its end; NULL when it is not known */
	char *args; /* each with its NUL, and their length; NULL when they are not known */
	size_t args_len;
	uint32_t mnt_ns; /* that it saw when it executed; 0 when that was not seen */
	bool args_cut;
	char comm[BW_COMM_SIZE];
	UT_hash_handle hh;
};

static void entry_drop(struct ancestry *a, struct ancestry_entry *entry)
{
	HASH_DEL(a->entries, entry);
	free(entry->path);
	free(entry->args);
	free(entry);
}

void ancestry_done(struct ancestry *ancestry)
{
	struct ancestry_entry *entry, *next;

	HASH_ITER (hh, ancestry->entries, entry, next)
		entry_drop(ancestry, entry);
}

/* The entry of KEY, which is now the last one to go. NULL when there is none. */
static struct ancestry_entry *entry_find(struct ancestry *a, const struct process_key *key)
{
	struct ancestry_entry *entry;

	HASH_FIND(hh, a->entries, key, sizeof(*key), entry);
	if (entry) {
		HASH_DEL(a->entries, entry);
		HASH_ADD(hh, a->entries, key, sizeof(entry->key), entry);
	}
	return entry;
}

/* The entry of KEY, made when there is none. NULL when out of memory. */
static struct ancestry_entry *entry_make(struct ancestry *a, const struct process_key *key)
{
	struct ancestry_entry *entry = entry_find(a, key);

	if (entry)
		return entry;
	if (HASH_COUNT(a->entries) >= ANCESTRY_MAX)
		entry_drop(a, a->entries);
	entry = calloc(1, sizeof(*entry));
	if (!entry)
		return NULL;
	entry->key = *key;
	HASH_ADD(hh, a->entries, key, sizeof(entry->key), entry);
	return entry;
}

/* Keeps the end of PATH, with "..." before it when that is not all. */
static void entry_set_path(struct ancestry_entry *entry, struct slice path)
{
	size_t skipped = path.len > ANCESTRY_PATH_MAX ? path.len - ANCESTRY_PATH_MAX : 0;

	free(entry->path);
	entry->path = NULL;
	if (path.len > 0 && asprintf(&entry->path, "%s%.*s", skipped ? "..." : "",
				    (int)(path.len - skipped), path.data + skipped) < 0)
		entry->path = NULL;
}

/* Keeps the beginning of ARGS; nothing of what could not be read, or when out of memory. */
static void entry_set_args(struct ancestry_entry *entry, const struct event_text *args)
{
	size_t len = args->bytes.len < ANCESTRY_ARGS_MAX ? args->bytes.len : ANCESTRY_ARGS_MAX;

	free(entry->args);
	entry->args = args->unreadable ? NULL : malloc(len + 1);
	if (!entry->args)
		return;
	if (len > 0)
		memcpy(entry->args, args->bytes.data, len);
	entry->args_len = len;
	entry->args_cut = args->truncated || len < args->bytes.len;
}

void ancestry_exec(struct ancestry *ancestry, const struct event *event)
{
	const struct bw_process *process = event->process;
	struct process_key key = {process->start_ns, process->tgid};
	struct ancestry_entry *entry = entry_make(ancestry, &key);
	bool is_exec = event->kind == BW_EVENT_EXEC;

	if (!entry)
		return;
	memcpy(entry->comm, process->comm, sizeof(entry->comm));
	entry->inode = is_exec ? event->exec.record->file.inode : 0;
	entry->mnt_ns = is_exec ? process->mnt_ns : 0;
	entry_set_path(entry, is_exec ? event->exec.resolved.bytes : (struct slice){0});
	entry_set_args(entry, is_exec ? &event->exec.args : &event->runtime.args);
}

static bool process_is(pid_t pid, uint64_t start_ns)
{
	uint64_t ticks;
	pid_t parent;

	return process_stat(pid, &ticks, &parent) && ticks == process_ticks(start_ns);
}

/* The arguments of process PID as /proc has them, which it can change. */
static struct event_text read_args(pid_t pid, char *buffer, size_t size)
{
	char path[64];
	ssize_t len;

	snprintf(path, sizeof(path), "/proc/%d/cmdline", (int)pid);
	CLEANUP_FD int fd = open(path, O_RDONLY | O_CLOEXEC);

	len = fd < 0 ? -1 : read(fd, buffer, size);
	return (struct event_text){
		.bytes = {buffer, len > 0 ? (size_t)len : 0},
		.truncated = len == (ssize_t)size,
		.unreadable = len <= 0, /* without arguments is who has no memory, too */
	};
}

/* Asks /proc, which tells of whoever has the number now: believed when that stays the same. */
static void entry_look(struct ancestry_entry *entry, const struct bw_relative *relative)
{
	char link[64], path[PATH_MAX], buffer[ANCESTRY_ARGS_MAX];
	struct event_text args = {.unreadable = true};
	ssize_t len = -1;

	entry->inode = relative->inode;
	entry->mnt_ns = 0;
	snprintf(link, sizeof(link), "/proc/%u/exe", relative->tgid);
	if (process_is(relative->tgid, relative->start_ns)) {
		len = readlink(link, path, sizeof(path));
		args = read_args(relative->tgid, buffer, sizeof(buffer));
		if (!process_is(relative->tgid, relative->start_ns)) {
			len = -1;
			args = (struct event_text){.unreadable = true};
		}
	}
	entry_set_path(entry, (struct slice){path, len > 0 ? (size_t)len : 0});
	entry_set_args(entry, &args);
}

/* What RELATIVE runs, or ran last. NULL when out of memory. */
static const struct ancestry_entry *entry_of(struct ancestry *a, const struct bw_relative *relative)
{
	struct process_key key = {relative->start_ns, relative->tgid};
	struct ancestry_entry *entry = entry_find(a, &key);

	if (entry && (!relative->inode || entry->inode == relative->inode))
		return entry;
	/* never seen, or it has executed something since, where nobody looks */
	entry = entry_make(a, &key);
	if (!entry)
		return NULL;
	memcpy(entry->comm, relative->comm, sizeof(entry->comm));
	entry_look(entry, relative);
	return entry;
}

static struct event_text entry_args(const struct ancestry_entry *entry)
{
	return (struct event_text){
		.bytes = {entry->args, entry->args ? entry->args_len : 0},
		.truncated = entry->args_cut,
		.unreadable = !entry->args,
	};
}

static void name_relative(
	struct ancestry *a, const struct bw_relative *relative, struct relative *ret)
{
	const struct ancestry_entry *entry = relative->start_ns ? entry_of(a, relative) : NULL;

	*ret = (struct relative){
		.pid = relative->tgid, .ns_pid = relative->ns_tgid, .args = {.unreadable = true}};
	ret->name = slice_of(relative->comm);
	if (!entry)
		return;
	if (ret->name.len == 0)
		ret->name = slice_of(entry->comm);
	if (entry->path)
		ret->exepath = slice_of(entry->path);
	ret->args = entry_args(entry);
}

/* Who had executed nothing ran what ABOVE, its parent, did. */
static void name_like_parent(struct relative *relative, const struct relative *above)
{
	if (relative->name.len == 0)
		relative->name = above->name;
	if (relative->exepath.len == 0)
		relative->exepath = above->exepath;
	if (relative->args.unreadable)
		relative->args = above->args;
}

const struct lineage *ancestry_find(struct ancestry *ancestry, const struct event *event)
{
	struct lineage *ret = &ancestry->found;
	const struct event_lineage *lineage = &event->lineage;
	size_t count = BW_LINEAGE_ANCESTORS + lineage->ancestors;

	if (!lineage->known)
		return NULL;
	ret->ancestors = lineage->ancestors;
	for (size_t i = count; i-- > 0;) {
		name_relative(ancestry, &lineage->relatives[i], &ret->relatives[i]);
		if (i >= BW_LINEAGE_ANCESTORS && i + 1 < count &&
			(lineage->relatives[i].flags & BW_RELATIVE_FORKED))
			name_like_parent(&ret->relatives[i], &ret->relatives[i + 1]);
	}
	return ret;
}

/* What the process of EVENT, none that has just executed it, runs. */
static struct slice event_exe(const struct event *event)
{
	if (event->kind == BW_EVENT_ATTEMPT)
		return event->attempt.exe.bytes;
	if (event->kind == BW_EVENT_MAPPING)
		return event->mapping.exe.bytes;
	if (event->kind == BW_EVENT_OPEN)
		return event->open.exe.bytes;
	return event->kind == BW_EVENT_MOVE ? event->move.exe.bytes : (struct slice){0};
}

/* The parent of EVENT's process, where that runs the same and was not seen to execute it. */
static const struct relative *forker_of(const struct ancestry *a, const struct event *event)
{
	const struct relative *parent = &a->found.relatives[BW_LINEAGE_ANCESTORS];
	struct slice exe = event_exe(event);

	if (!event->lineage.known || a->found.ancestors == 0 || exe.len == 0 ||
		!slice_equal(parent->exepath, exe))
		return NULL;
	return parent;
}

const struct relative *ancestry_process(struct ancestry *ancestry, const struct event *event)
{
	struct process_key key = {event->process->start_ns, event->process->tgid};
	const struct ancestry_entry *entry = entry_find(ancestry, &key);

	if (!entry)
		return forker_of(ancestry, event);
	ancestry->process = (struct relative){.pid = event->process->tgid,
		.ns_pid = event->process->ns_tgid,
		.exepath = slice_of(entry->path),
		.args = entry_args(entry)};
	return &ancestry->process;
}

bool ancestry_executed_here(struct ancestry *ancestry, const struct event *event)
{
	struct process_key key = {event->process->start_ns, event->process->tgid};
	const struct ancestry_entry *entry = entry_find(ancestry, &key);

	return entry && entry->mnt_ns == event->process->mnt_ns;
}
