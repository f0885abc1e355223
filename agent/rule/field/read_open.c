/* SPDX-License-Identifier: Apache-2.0 */
/* The readers of read.h that ask which file was opened, or mapped, and what for. */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#include "base/cleanup.h"
#include "rule/field/read.h"

static bool is_tmpfile(uint32_t flags)
{
	return (flags & O_TMPFILE) == O_TMPFILE;
}

/* Whether a file could have been made with OPEN's mode, which by a handle none can. */
static bool may_create(const struct event_open *open)
{
	return (open->flags & O_CREAT || is_tmpfile(open->flags)) &&
	       open->call != BW_OPEN_BY_HANDLE;
}

static bool opened_for(const struct event_open *open, enum opened_for what)
{
	uint32_t access = open->flags & O_ACCMODE;

	switch (what) {
	case OPENED_READ:
		return access == O_RDONLY || access == O_RDWR;
	case OPENED_WRITE:
		return access == O_WRONLY || access == O_RDWR;
	case OPENED_EXEC:
		return may_create(open) && (open->mode & (S_IXUSR | S_IXGRP | S_IXOTH));
	case OPENED_CREATE:
		return open->is_created || (is_tmpfile(open->flags) && open->result >= 0);
	}
	return false;
}

READER(read_opened_for)
{
	if (subject->kind != SUBJECT_OPEN)
		return value_bool(false);
	return value_bool(opened_for(&subject->event->open, place_of(ref, subject)));
}

READER(read_open_mode)
{
	const struct event_open *open = &subject->event->open;

	snprintf(scratch->text, sizeof(scratch->text), "%o", may_create(open) ? open->mode : 0);
	return scratch_text(scratch);
}

/*
 * In the order in which Falco has them (libs, driver/flags_table.c: file_flags). What was named
 * is not named again: O_RDWR is not O_WRONLY, and O_SYNC has the bit of O_DSYNC.
 */
struct value open_flags_value(uint32_t flags, struct field_scratch *scratch)
{
	static const struct {
		uint32_t bits;
		const char *name;
	} names[] = {
		{O_TMPFILE, "O_TMPFILE"},
		{O_DIRECTORY, "O_DIRECTORY"},
		{O_DIRECT, "O_DIRECT"},
		{O_TRUNC, "O_TRUNC"},
		{O_SYNC, "O_SYNC"},
		{O_NONBLOCK, "O_NONBLOCK"},
		{O_EXCL, "O_EXCL"},
		{O_DSYNC, "O_DSYNC"},
		{O_APPEND, "O_APPEND"},
		{O_CREAT, "O_CREAT"},
		{O_RDWR, "O_RDWR"},
		{O_WRONLY, "O_WRONLY"},
		{O_CLOEXEC, "O_CLOEXEC"},
		{O_NOFOLLOW, "O_NOFOLLOW"},
		{O_PATH, "O_PATH"},
	};
	bool reads_only = (flags & O_ACCMODE) == O_RDONLY;
	size_t len = reads_only ? scratch_add(scratch, 0, slice_of("O_RDONLY")) : 0;

	for (size_t i = 0; i < ARRAY_SIZE(names); i++) {
		if ((flags & names[i].bits) != names[i].bits)
			continue;
		flags &= ~names[i].bits;
		len = scratch_add(scratch, len, slice_of(len ? "|" : ""));
		len = scratch_add(scratch, len, slice_of(names[i].name));
	}
	return len ? value_text((struct slice){scratch->text, len}) : value_text(slice_of("0"));
}

/* ---- the descriptor ---- */

READER(read_fd_number)
{
	int32_t result = subject->event->open.result;

	if (subject->event->open.has_no_fd)
		return VALUE_NATURAL_INIT;
	return value_integer(result < 0 ? -1 : result);
}

READER(read_fd_uid)
{
	const struct event *event = subject->event;

	if (event->open.result < 0)
		return VALUE_NONE_INIT;
	if (event->open.has_no_fd)
		return VALUE_UNKNOWN_INIT;
	snprintf(scratch->text, sizeof(scratch->text), "%u%d", event->process->tid,
		event->open.result);
	return scratch_text(scratch);
}

/* Only of an open that failed there is no file. */
static bool has_file(const struct subject *subject)
{
	return subject->kind != SUBJECT_OPEN || subject->event->open.result >= 0;
}

static bool is_directory(const struct subject *subject)
{
	return has_file(subject) && S_ISDIR(subject_file(subject)->mode);
}

const char *fd_type_word(unsigned index)
{
	static const char *const words[] = {"file", "directory"};

	return index < ARRAY_SIZE(words) ? words[index] : NULL;
}

const char *fd_type_letter(unsigned index)
{
	static const char *const letters[] = {"f", "d"};

	return index < ARRAY_SIZE(letters) ? letters[index] : NULL;
}

READER(read_fd_type)
{
	if (!has_file(subject))
		return VALUE_NONE_INIT;
	return value_text(slice_of(fd_type_word(is_directory(subject))));
}

/* Of a call that failed Falco says f, too. */
READER(read_fd_type_letter)
{
	return value_text(slice_of(fd_type_letter(is_directory(subject))));
}

READER(read_descriptor)
{
	const struct event_open *open = &subject->event->open;
	size_t len = scratch_add(scratch, 0, slice_of(is_directory(subject) ? "<d>" : "<f>"));

	if (open->result < 0)
		return text_or_unknown(slice_of(strerrorname_np(-open->result)));
	if (text_is_unknown(&open->path))
		return VALUE_UNKNOWN_INIT;
	len = scratch_add(scratch, len, open->path.bytes);
	return value_text((struct slice){scratch->text, len});
}

/* ---- its file ---- */

/* As libsinsp has it: of "/x" and of "x" it is "/", and a '/' at the end is part of the name. */
static struct slice directory_of(struct slice path)
{
	const char *slash = path.len ? memrchr(path.data, '/', path.len) : NULL;
	size_t len = slash ? (size_t)(slash - path.data) : 0;

	if (len == 0)
		return slice_of("/");
	return len + 1 == path.len ? path : (struct slice){path.data, len};
}

READER(read_directory)
{
	const struct event_text *path = event_text_at(ref, subject);

	return text_is_unknown(path) ? VALUE_UNKNOWN_INIT : value_text(directory_of(path->bytes));
}

READER(read_file_name)
{
	const struct event_text *path = event_text_at(ref, subject);

	return text_is_unknown(path) ? VALUE_UNKNOWN_INIT : value_text(slice_basename(path->bytes));
}

/* VALUE, which is a text, behind the container's id. */
static struct value in_container(const struct field_ref *ref, const struct subject *subject,
	struct field_scratch *scratch, struct value value)
{
	struct value id = read_container_id(ref, subject, scratch);
	size_t len;

	if (value.type != VALUE_TEXT || id.type != VALUE_TEXT)
		return VALUE_UNKNOWN_INIT;
	len = scratch_add(scratch, 0, id.text);
	len = scratch_add(scratch, len, slice_of(":"));
	len = scratch_add(scratch, len, value.text);
	return value_text((struct slice){scratch->text, len});
}

READER(read_fd_in_container)
{
	return in_container(ref, subject, scratch, read_text_at(ref, subject, scratch));
}

READER(read_fd_directory_in_container)
{
	return in_container(ref, subject, scratch, read_directory(ref, subject, scratch));
}

READER(read_target_inode)
{
	return has_file(subject) ? value_integer(subject_file(subject)->inode) : VALUE_NONE_INIT;
}

/* Both in one, as new_encode_dev() in Linux' include/linux/kdev_t.h. */
static uint32_t device_number(const struct bw_file *file)
{
	return (file->dev_minor & 0xff) | file->dev_major << 8 | (file->dev_minor & ~0xffU) << 12;
}

READER(read_target_device)
{
	const struct bw_file *file = subject_file(subject);

	if (!has_file(subject))
		return VALUE_NONE_INIT;
	switch (place_of(ref, subject)) {
	case DEVICE_MAJOR:
		return value_integer(file->dev_major);
	case DEVICE_MINOR:
		return value_integer(file->dev_minor);
	default:
		return value_integer(device_number(file));
	}
}

READER(read_opened_text_at)
{
	return has_file(subject) ? read_text_at(ref, subject, scratch) : VALUE_NONE_INIT;
}
