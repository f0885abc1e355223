/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Records of the kernel side made usable: every length is checked against the
 * record before it is used, and walked paths are turned round. The kernel side
 * is ours, but what it copies is not, and a record may come from a file.
 */
#include "barewatch/decode.h"

#include <errno.h>

#include "base/cleanup.h"

/* Where the texts of a record are while they are taken one by one. */
struct texts {
	const char *data;
	size_t left;
	struct event *event;
	bool broken;
};

/* The next text, as it stands in the record. */
static struct event_text texts_next(struct texts *t, const struct bw_text *text)
{
	struct event_text ret = {
		.bytes = {.data = t->data, .len = text->len},
		.truncated = text->flags & BW_TEXT_TRUNCATED,
		.unreadable = text->flags & BW_TEXT_UNREADABLE,
		.detached = text->flags & BW_TEXT_DETACHED,
	};

	if (text->len > t->left) {
		t->broken = true;
		ret.bytes.len = t->left;
	}
	t->data += ret.bytes.len;
	t->left -= ret.bytes.len;
	return ret;
}

/* The next text, a string as a process gave it: no NUL in it. */
static struct event_text texts_next_string(struct texts *t, const struct bw_text *text)
{
	struct event_text ret = texts_next(t, text);

	if (ret.bytes.len > 0 && memchr(ret.bytes.data, '\0', ret.bytes.len))
		t->broken = true;
	return ret;
}

/* Copies the components of LEAF_FIRST to OUT in order, each with a '/' before it. */
static size_t path_reverse(struct slice leaf_first, char *out)
{
	size_t end = leaf_first.len, len = 0;

	while (end > 0) {
		size_t start = end - 1;

		while (start > 0 && leaf_first.data[start - 1] != '\0')
			start--;
		out[len++] = '/';
		memcpy(out + len, leaf_first.data + start, end - 1 - start);
		len += end - 1 - start;
		end = start;
	}
	return len;
}

/*
 * The next text, a walked path: "sh\0bin\0usr\0" becomes "/usr/bin/sh". One that
 * has no place in its mount namespace has no leading '/', one whose beginning is
 * missing begins with "...".
 */
static struct event_text texts_next_path(struct texts *t, const struct bw_text *text, size_t limit)
{
	struct event_text ret = texts_next(t, text);
	struct event *event = t->event;
	char *out = event->paths + event->paths_used;
	size_t len = 0;

	if (ret.bytes.len > limit + BW_NAME_MAX ||
		(ret.bytes.len > 0 && ret.bytes.data[ret.bytes.len - 1] != '\0') ||
		!range_valid(event->paths_used, ret.bytes.len + 4, sizeof(event->paths)))
		t->broken = true;
	if (t->broken)
		return ret;
	if (ret.truncated) {
		memcpy(out, "...", 3);
		len = 3;
	}
	len += path_reverse(ret.bytes, out + len);
	if (len == 0 && !ret.unreadable && !ret.detached)
		out[len++] = '/';
	event->paths_used += len;
	ret.bytes = (struct slice){.data = out, .len = len};
	if (ret.detached && !ret.truncated && len > 0) {
		ret.bytes.data++;
		ret.bytes.len--;
	}
	return ret;
}

/* The next text, a lineage or nothing. It can stand anywhere in the record, so it is copied. */
static void texts_next_lineage(struct texts *t, const struct bw_text *text)
{
	struct event_lineage *ret = &t->event->lineage;
	struct slice bytes = texts_next(t, text).bytes;
	size_t count = bytes.len / sizeof(ret->relatives[0]);

	if (bytes.len == 0)
		return;
	if (bytes.len % sizeof(ret->relatives[0]) != 0 || count < BW_LINEAGE_ANCESTORS ||
		count > BW_LINEAGE_MAX) {
		t->broken = true;
		return;
	}
	memcpy(ret->relatives, bytes.data, bytes.len);
	ret->ancestors = count - BW_LINEAGE_ANCESTORS;
	ret->known = true;
	for (size_t i = 0; i < count; i++)
		if (!memchr(ret->relatives[i].comm, '\0', sizeof(ret->relatives[i].comm)))
			t->broken = true;
}

static void decode_exec(struct event *ret, struct texts *t)
{
	const struct bw_exec *record = ret->exec.record;
	const struct bw_text *text = record->text;

	ret->process = &record->process;
	ret->exec.invoked = texts_next_string(t, &text[BW_EXEC_INVOKED]);
	ret->exec.resolved = texts_next_path(t, &text[BW_EXEC_RESOLVED], BW_PATH_MAX);
	ret->exec.cwd = texts_next_path(t, &text[BW_EXEC_CWD], BW_SIDE_PATH_MAX);
	ret->exec.parent = texts_next_path(t, &text[BW_EXEC_PARENT], BW_SIDE_PATH_MAX);
	ret->exec.args = texts_next(t, &text[BW_EXEC_ARGS]);
	texts_next_lineage(t, &text[BW_EXEC_LINEAGE]);
}

static void decode_attempt(struct event *ret, struct texts *t)
{
	const struct bw_attempt *record = ret->attempt.record;
	const struct bw_text *text = record->text;

	ret->process = &record->process;
	ret->attempt.asked = texts_next_string(t, &text[BW_ATTEMPT_ASKED]);
	ret->attempt.args = texts_next(t, &text[BW_ATTEMPT_ARGV]);
	ret->attempt.exe = texts_next_path(t, &text[BW_ATTEMPT_EXE], BW_PATH_MAX);
	ret->attempt.cwd = texts_next_path(t, &text[BW_ATTEMPT_CWD], BW_SIDE_PATH_MAX);
	ret->attempt.parent = texts_next_path(t, &text[BW_ATTEMPT_PARENT], BW_SIDE_PATH_MAX);
	texts_next_lineage(t, &text[BW_ATTEMPT_LINEAGE]);
	ret->attempt.tried = (struct event_text){.unreadable = true};
}

static void decode_cgroup(struct event *ret, struct texts *t)
{
	ret->cgroup_change.path = texts_next_string(
		t, &ret->cgroup_change.record->text[BW_CGROUP_PATH]);
}

static void decode_runtime(struct event *ret, struct texts *t)
{
	const struct bw_runtime *record = ret->runtime.record;

	ret->process = &record->process;
	ret->runtime.cwd = texts_next_path(t, &record->text[BW_RUNTIME_CWD], BW_SIDE_PATH_MAX);
	ret->runtime.args = texts_next(t, &record->text[BW_RUNTIME_ARGS]);
}

static void decode_failed_start(struct event *ret, struct texts *t __attribute__((unused)))
{
	ret->process = &ret->failed_start.record->process;
}

static void decode_move(struct event *ret, struct texts *t)
{
	const struct bw_move *record = ret->move.record;
	const struct bw_text *text = record->text;

	ret->process = &record->process;
	ret->move.to = texts_next_string(t, &text[BW_MOVE_TO]);
	ret->move.exe = texts_next_path(t, &text[BW_MOVE_EXE], BW_PATH_MAX);
	ret->move.parent = texts_next_path(t, &text[BW_MOVE_PARENT], BW_SIDE_PATH_MAX);
	texts_next_lineage(t, &text[BW_MOVE_LINEAGE]);
	if (!memchr(record->mover_comm, '\0', sizeof(record->mover_comm)))
		t->broken = true;
}

static void decode_mapping(struct event *ret, struct texts *t)
{
	const struct bw_mapping *record = ret->mapping.record;
	const struct bw_text *text = record->text;

	ret->process = &record->process;
	ret->mapping.file = texts_next_path(t, &text[BW_MAPPING_FILE], BW_PATH_MAX);
	ret->mapping.exe = texts_next_path(t, &text[BW_MAPPING_EXE], BW_PATH_MAX);
	ret->mapping.parent = texts_next_path(t, &text[BW_MAPPING_PARENT], BW_SIDE_PATH_MAX);
}

/* Appends the components of PATH to the LEN bytes of the path in OUT: as if nothing were a link. */
static size_t path_append(char *out, size_t len, struct slice path)
{
	for (size_t at = 0; at < path.len;) {
		const char *name = path.data + at, *slash = memchr(name, '/', path.len - at);
		size_t size = slash ? (size_t)(slash - name) : path.len - at;

		at += size + 1;
		if (size == 0 || (size == 1 && name[0] == '.'))
			continue;
		if (size == 2 && name[0] == '.' && name[1] == '.') {
			const char *parent = len > 0 ? memrchr(out, '/', len) : NULL;

			len = parent ? (size_t)(parent - out) : 0;
			continue;
		}
		out[len++] = '/';
		memcpy(out + len, name, size);
		len += size;
	}
	return len;
}

/* Whether the kernel began to look for OPEN's path at its root, or at what TOP tells. */
static bool asked_from(const struct event_open *open, bool *ret_top)
{
	bool at_directory = open->record->flags & BW_OPEN_AT_DIRECTORY;

	if (open->asked.bytes.len == 0 || open->asked.truncated)
		return false;
	*ret_top = open->asked.bytes.data[0] == '/';
	if (*ret_top) /* which openat2 may be told to take for that directory */
		return !(at_directory && open->record->call == BW_OPEN_BY_OPENAT2);
	return !at_directory && open->cwd.bytes.len > 0 && open->cwd.bytes.data[0] == '/';
}

/*
 * The path of a call that failed, made absolute and without dots: nothing was found there, so whether
 * it led through links is not known. Unreadable when it is not known where it begins.
 */
static struct event_text open_path_asked(struct event *event)
{
	const struct event_open *open = &event->open;
	char *out = event->paths + event->paths_used;
	bool is_absolute;
	size_t len = 0;

	if (!asked_from(open, &is_absolute) ||
		!range_valid(event->paths_used, open->asked.bytes.len + open->cwd.bytes.len + 2,
			sizeof(event->paths)))
		return (struct event_text){.unreadable = true};
	if (!is_absolute)
		len = path_append(out, len, open->cwd.bytes);
	len = path_append(out, len, open->asked.bytes);
	if (len == 0)
		out[len++] = '/';
	event->paths_used += len;
	return (struct event_text){.bytes = {.data = out, .len = len}};
}

static void decode_open(struct event *ret, struct texts *t)
{
	const struct bw_open *record = ret->open.record;
	const struct bw_text *text = record->text;
	struct event_open *open = &ret->open;

	ret->process = &record->process;
	open->path = texts_next_path(t, &text[BW_OPEN_FILE], BW_PATH_MAX);
	open->asked = texts_next_string(t, &text[BW_OPEN_ASKED]);
	open->exe = texts_next_path(t, &text[BW_OPEN_EXE], BW_PATH_MAX);
	open->cwd = texts_next_path(t, &text[BW_OPEN_CWD], BW_SIDE_PATH_MAX);
	open->parent = texts_next_path(t, &text[BW_OPEN_PARENT], BW_SIDE_PATH_MAX);
	texts_next_lineage(t, &text[BW_OPEN_LINEAGE]);
	open->file = record->file;
	open->flags = record->open_flags;
	open->mode = record->mode;
	open->call = record->flags & BW_OPEN_NO_CALL ? BW_OPEN_CALLS : record->call;
	open->is_created = record->kind.use & BW_OPEN_CREATED;
	open->has_no_fd = record->flags & BW_OPEN_NO_FD;
	open->result = record->result;
	if (open->result < 0)
		open->path = open_path_asked(ret);
}

static void decode_canary(
	struct event *ret __attribute__((unused)), struct texts *t __attribute__((unused)))
{
}

/* The kinds of record: how long the fixed part is and how to read what is behind it. */
static const struct {
	size_t fixed_size;
	void (*decode)(struct event *ret, struct texts *t);
} kinds[BW_EVENT_KINDS] = {
	[BW_EVENT_EXEC] = {sizeof(struct bw_exec), decode_exec},
	[BW_EVENT_ATTEMPT] = {sizeof(struct bw_attempt), decode_attempt},
	[BW_EVENT_CGROUP_MKDIR] = {sizeof(struct bw_cgroup), decode_cgroup},
	[BW_EVENT_CGROUP_RMDIR] = {sizeof(struct bw_cgroup), decode_cgroup},
	[BW_EVENT_RUNTIME] = {sizeof(struct bw_runtime), decode_runtime},
	[BW_EVENT_FAILED_START] = {sizeof(struct bw_failed_start), decode_failed_start},
	[BW_EVENT_MOVE] = {sizeof(struct bw_move), decode_move},
	[BW_EVENT_MAPPING] = {sizeof(struct bw_mapping), decode_mapping},
	[BW_EVENT_CANARY] = {sizeof(struct bw_canary), decode_canary},
	[BW_EVENT_OPEN] = {sizeof(struct bw_open), decode_open},
};

/* The names in a process must end within their arrays. */
static bool process_valid(const struct bw_process *process)
{
	return memchr(process->comm, '\0', sizeof(process->comm)) &&
	       memchr(process->parent_comm, '\0', sizeof(process->parent_comm)) &&
	       memchr(process->tty, '\0', sizeof(process->tty));
}

static bool header_valid(const struct bw_event *header, size_t size)
{
	/* size and version before anything that depends on them */
	return size >= sizeof(*header) && header->size <= size &&
	       header->version == BW_ABI_VERSION && header->kind < BW_EVENT_KINDS &&
	       header->size >= kinds[header->kind].fixed_size;
}

int event_decode(const void *record, size_t size, struct event *ret)
{
	const struct bw_event *header = record;
	struct texts t = {.event = ret};
	size_t fixed_size;

	if (!header_valid(header, size))
		return -EBADMSG;
	fixed_size = kinds[header->kind].fixed_size;
	ret->kind = header->kind;
	ret->time_ns = header->time_ns;
	ret->sequence = header->sequence;
	ret->cpu = header->cpu;
	ret->cgroup = header->cgroup;
	ret->container = header->container;
	ret->process = NULL;
	ret->lineage.ancestors = 0;
	ret->lineage.known = false;
	ret->paths_used = 0;
	/* the record pointers share their place */
	ret->exec.record = record;
	t.data = (const char *)record + fixed_size;
	t.left = header->size - fixed_size;
	kinds[header->kind].decode(ret, &t);
	if (t.broken || (ret->process && !process_valid(ret->process)))
		return -EBADMSG;
	return 0;
}

const struct bw_file *event_file(const struct event *event)
{
	if (event->kind == BW_EVENT_OPEN)
		return &event->open.file;
	return event->kind == BW_EVENT_MAPPING ? &event->mapping.record->file
					       : &event->exec.record->file;
}

const struct event_text *event_path(const struct event *event)
{
	if (event->kind == BW_EVENT_OPEN)
		return &event->open.path;
	return event->kind == BW_EVENT_MAPPING ? &event->mapping.file : &event->exec.resolved;
}
