/* SPDX-License-Identifier: Apache-2.0 */
/* The readers of field_read.h that ask of whom a process comes. */
#include "rule/field_reader.h"

/* The relative at the field's place. NULL when there is none. */
static const struct relative *relative_at(const struct field *field, const struct subject *subject)
{
	size_t place = field->place[subject->kind];
	const struct lineage *lineage = subject->lineage;

	return lineage && place < BW_LINEAGE_ANCESTORS + lineage->ancestors
		       ? &lineage->relatives[place]
		       : NULL;
}

READER(read_relative_name)
{
	const struct relative *relative = relative_at(field, subject);

	return relative ? text_or_unknown(relative->name) : VALUE_UNKNOWN_INIT;
}

READER(read_relative_exepath)
{
	const struct relative *relative = relative_at(field, subject);

	return relative ? text_or_unknown(relative->exepath) : VALUE_UNKNOWN_INIT;
}

READER(read_relative_pid)
{
	const struct relative *relative = relative_at(field, subject);

	return relative ? value_integer(relative->pid) : VALUE_UNKNOWN_INIT;
}

READER(read_relative_ns_pid)
{
	const struct relative *relative = relative_at(field, subject);

	return relative ? value_integer(relative->ns_pid) : VALUE_UNKNOWN_INIT;
}

READER(read_ancestors)
{
	const struct lineage *lineage = subject->lineage;
	size_t len = 0;

	if (!lineage)
		return VALUE_UNKNOWN_INIT;
	if (lineage->ancestors == 0)
		return VALUE_NONE_INIT;
	for (size_t i = 0; i < lineage->ancestors; i++) {
		struct slice name = lineage->relatives[BW_LINEAGE_ANCESTORS + i].name;

		if (i > 0)
			len = scratch_add(scratch, len, slice_of("<"));
		len = scratch_add(scratch, len, name.len > 0 ? name : slice_of("?"));
	}
	return value_text((struct slice){scratch->text, len});
}
