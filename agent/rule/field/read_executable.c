/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The readers of read.h that ask about the file that ran or was mapped: what the kernel side
 * saw of it, what the program is, and what a look at the file has found.
 */
#include <stdio.h>
#include <sys/stat.h>

#include "base/clock.h"
#include "rule/field/read.h"

READER(read_file_u32_at)
{
	return value_integer(MEMBER_AT(__u32, subject_file(subject), place_of(ref, subject)));
}

READER(read_file_u64_at)
{
	return value_integer(MEMBER_AT(__u64, subject_file(subject), place_of(ref, subject)));
}

READER(read_file_flag_at)
{
	return value_bool(subject_file(subject)->flags & place_of(ref, subject));
}

READER(read_file_device)
{
	const struct bw_file *file = subject_file(subject);

	snprintf(scratch->text, sizeof(scratch->text), "%u:%u", file->dev_major, file->dev_minor);
	return scratch_text(scratch);
}

/* The bits that chmod sets, as it takes them. */
READER(read_file_mode)
{
	snprintf(scratch->text, sizeof(scratch->text), "%04o", subject_file(subject)->mode & 07777);
	return scratch_text(scratch);
}

READER(read_file_ctime)
{
	const struct bw_file *file = subject_file(subject);

	return value_integer((value_number)file->ctime_s * NS_PER_S + file->ctime_ns);
}

READER(read_file_mtime)
{
	if (!subject->executable || !subject->executable->has_owner)
		return VALUE_UNKNOWN_INIT;
	return value_integer(subject->executable->mtime_ns);
}

/*
 * Whose the file is a look at it tells; what supplementary groups and capabilities the process has,
 * nobody does. So root may write, or may not, to what is another's or has no such bit.
 */
READER(read_exe_writable)
{
	const struct bw_process *process = subject->event->process;
	const struct executable *executable = subject->executable;
	bool has_owner = executable && executable->has_owner;
	uint32_t mode = subject_file(subject)->mode;

	if (mode & S_IWOTH || (has_owner && executable->uid == process->euid && mode & S_IWUSR) ||
		(has_owner && executable->gid == process->egid && mode & S_IWGRP))
		return value_bool(true);
	if (process->euid == 0 || mode & S_IWGRP || (!has_owner && mode & S_IWUSR))
		return VALUE_UNKNOWN_INIT;
	return value_bool(false);
}

READER(read_program_class)
{
	return value_text(slice_of(program_class_name(subject->program.class)));
}

READER(read_program_name)
{
	return text_or_unknown(subject->program.name);
}

READER(read_program_applet)
{
	return text_or_none(subject->program.applet);
}

READER(read_loads)
{
	return text_or_none(subject->program.loads);
}

READER(read_class_source)
{
	bool read = subject->executable && subject->executable->has_identity;

	return value_text(slice_of(read ? "content" : "name"));
}

static struct value origin_value(enum program_origin origin)
{
	if (origin == PROGRAM_ORIGIN_UNKNOWN)
		return VALUE_UNKNOWN_INIT;
	return value_text(slice_of(program_origin_name(origin)));
}

READER(read_origin)
{
	return subject->executable ? origin_value(subject->executable->origin) : VALUE_UNKNOWN_INIT;
}

/* Only of scripts is there one to be known. */
READER(read_script_origin)
{
	const struct bw_file *file = &subject->event->exec.record->file;

	if (!(file->flags & BW_FILE_SCRIPT))
		return VALUE_NONE_INIT;
	return subject->executable ? origin_value(subject->executable->script_origin)
				   : VALUE_UNKNOWN_INIT;
}

/* One foreign part is enough; to be native, all have to be known. */
READER(read_foreign)
{
	const struct executable *executable = subject->executable;
	const struct bw_file *file = &subject->event->exec.record->file;

	if (!executable)
		return VALUE_UNKNOWN_INIT;
	if (executable_is_foreign(executable))
		return value_bool(true);
	if (executable->origin == PROGRAM_ORIGIN_UNKNOWN ||
		((file->flags & BW_FILE_SCRIPT) &&
			executable->script_origin == PROGRAM_ORIGIN_UNKNOWN))
		return VALUE_UNKNOWN_INIT;
	return value_bool(false);
}

READER(read_layer)
{
	const struct executable *executable = subject->executable;

	if (!executable || executable->origin == PROGRAM_ORIGIN_UNKNOWN)
		return VALUE_UNKNOWN_INIT;
	return executable->layer ? value_integer(executable->layer) : VALUE_NONE_INIT;
}

static struct value hex_value(
	const unsigned char *bytes, size_t size, struct field_scratch *scratch)
{
	static const char digits[] = "0123456789abcdef";

	for (size_t i = 0; i < size; i++) {
		scratch->text[2 * i] = digits[bytes[i] >> 4];
		scratch->text[2 * i + 1] = digits[bytes[i] & 15];
	}
	return value_text((struct slice){scratch->text, 2 * size});
}

READER(read_digest)
{
	const struct executable *executable = subject->executable;

	if (!executable || !executable->has_digest)
		return VALUE_UNKNOWN_INIT;
	return hex_value(executable->digest, DIGEST_SIZE, scratch);
}

READER(read_build_id)
{
	const struct executable *executable = subject->executable;

	if (!executable || !executable->has_identity)
		return VALUE_UNKNOWN_INIT;
	if (executable->identity.build_id_bytes == 0)
		return VALUE_NONE_INIT;
	return hex_value(
		executable->identity.build_id, executable->identity.build_id_bytes, scratch);
}

/* Where the file is in the overlay of the container's root. False when that is not known. */
static bool layer_of(const struct subject *subject, bool *ret_upper, bool *ret_lower)
{
	enum program_origin origin = subject->executable ? subject->executable->origin
							 : PROGRAM_ORIGIN_UNKNOWN;

	*ret_upper = origin == PROGRAM_ORIGIN_UPPER || origin == PROGRAM_ORIGIN_COPYUP;
	*ret_lower = origin == PROGRAM_ORIGIN_IMAGE;
	return origin != PROGRAM_ORIGIN_UNKNOWN && origin != PROGRAM_ORIGIN_DELETED;
}

READER(read_in_upper_layer)
{
	bool upper, lower;

	return layer_of(subject, &upper, &lower) ? value_bool(upper) : VALUE_UNKNOWN_INIT;
}

READER(read_in_lower_layer)
{
	bool upper, lower;

	return layer_of(subject, &upper, &lower) ? value_bool(lower) : VALUE_UNKNOWN_INIT;
}
