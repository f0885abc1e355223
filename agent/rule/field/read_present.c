/* SPDX-License-Identifier: Apache-2.0 */
/* The readers of read.h that ask about a file of an image, and the words of its classes. */
#include <stdio.h>
#include <sys/stat.h>

#include "base/cleanup.h"
#include "rule/field/read.h"

const char *present_class_name(unsigned class)
{
	static const char *const names[PRESENT_CLASSES] = {
		[PRESENT_SHELL] = "shell",
		[PRESENT_PACKAGE_MANAGER] = "package_manager",
		[PRESENT_MULTICALL_SHELL] = "multicall_shell",
		[PRESENT_PACKAGE_DATABASE] = "package_database",
		[PRESENT_PACKED] = "packed",
		[PRESENT_MULTICALL] = "multicall",
		[PRESENT_RUNTIME] = "runtime",
		[PRESENT_INTERPRETER] = "interpreter",
		[PRESENT_DOWNLOADER] = "downloader",
		[PRESENT_DEBUGGER] = "debugger",
		[PRESENT_SETUID] = "setuid",
		[PRESENT_SETGID] = "setgid",
		[PRESENT_CAPABILITIES] = "capabilities",
		[PRESENT_WORLD_WRITABLE] = "world_writable",
	};

	return class < PRESENT_CLASSES ? names[class] : NULL;
}

const char *present_evidence_name(unsigned evidence)
{
	static const char *const names[PRESENT_EVIDENCES] = {
		[PRESENT_BY_CONTENT] = "content",
		[PRESENT_BY_NAME] = "name",
		[PRESENT_BY_PATH] = "path",
		[PRESENT_BY_MODE] = "mode",
	};

	return evidence < PRESENT_EVIDENCES ? names[evidence] : NULL;
}

READER(read_present_path)
{
	return value_text(subject->present->path);
}

READER(read_present_name)
{
	return value_text(slice_basename(subject->present->path));
}

READER(read_present_class)
{
	return value_text(slice_of(present_class_name(subject->present->class)));
}

READER(read_present_evidence)
{
	return value_text(slice_of(present_evidence_name(subject->present->evidence)));
}

READER(read_present_text_at)
{
	return text_or_none(MEMBER_AT(struct slice, subject->present, place_of(ref, subject)));
}

READER(read_present_u32_at)
{
	return value_integer(MEMBER_AT(uint32_t, subject->present, place_of(ref, subject)));
}

READER(read_present_bool_at)
{
	return value_bool(MEMBER_AT(bool, subject->present, place_of(ref, subject)));
}

READER(read_present_layer)
{
	return subject->present->layer ? value_integer(subject->present->layer) : VALUE_NONE_INIT;
}

READER(read_present_size)
{
	return value_integer(subject->present->size_bytes);
}

READER(read_present_mode)
{
	snprintf(scratch->text, sizeof(scratch->text), "%04o", subject->present->mode & 07777);
	return scratch_text(scratch);
}

READER(read_present_digest)
{
	if (!subject->present->digest)
		return VALUE_NONE_INIT;
	sha256_format(subject->present->digest, scratch->text);
	return scratch_text(scratch);
}
