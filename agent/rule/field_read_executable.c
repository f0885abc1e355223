/* SPDX-License-Identifier: Apache-2.0 */
/* The readers of field_read.h that ask what a look at the file that ran has found. */
#include <stdio.h>

#include "rule/field_read.h"

#define READER(name)                                                         \
	struct value name(const struct field *field __attribute__((unused)), \
		const struct subject *subject __attribute__((unused)),       \
		struct field_scratch *scratch __attribute__((unused)))

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
