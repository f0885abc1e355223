/* SPDX-License-Identifier: Apache-2.0 */
/* The readers of field_read.h that ask what the container module knows. */
#include "rule/field_reader.h"

READER(read_container_id)
{
	if (!subject->container)
		return value_text(slice_of("host"));
	return text_or_unknown(container_id_short(subject->container));
}

READER(read_container_full_id)
{
	if (!subject->container)
		return VALUE_UNKNOWN_INIT;
	return text_or_unknown(slice_of(subject->container->id));
}

READER(read_container_text_at)
{
	if (!subject->container)
		return VALUE_UNKNOWN_INIT;
	return text_or_unknown(
		slice_of(MEMBER_AT(char *, subject->container, field->place[subject->kind])));
}

READER(read_container_flag)
{
	size_t number = field->place[subject->kind];

	if (!subject->container || !container_knows(subject->container, number))
		return VALUE_UNKNOWN_INIT;
	return value_bool(subject->container->numbers[number]);
}

READER(read_container_number)
{
	size_t number = field->place[subject->kind];

	if (!subject->container || !container_knows(subject->container, number))
		return VALUE_UNKNOWN_INIT;
	return value_integer(subject->container->numbers[number]);
}

_Static_assert(FIELD_SCRATCH_SIZE >= CONTAINER_MAP_BYTES_MAX &&
		       FIELD_SCRATCH_SIZE >= BW_COMM_SIZE + 1 + BW_ARGS_MAX,
	"a value that is put together has room");

READER(read_container_map_at)
{
	const struct container_map *map;

	if (!subject->container)
		return VALUE_UNKNOWN_INIT;
	map = &MEMBER_AT(struct container_map, subject->container, field->place[subject->kind]);
	if (!map->source)
		return VALUE_UNKNOWN_INIT;
	if (map->count == 0)
		return VALUE_NONE_INIT;
	return value_text(container_map_text(map, scratch->text));
}

READER(read_container_runtime)
{
	if (!subject->container || subject->container->runtime == CONTAINER_RUNTIME_UNKNOWN)
		return VALUE_UNKNOWN_INIT;
	return value_text(slice_of(container_runtime_name(subject->container->runtime)));
}

/* Of those who call exec and fail it is not told, only of what a runtime does not find. */
READER(read_entry)
{
	if (!subject->container || (subject->kind == SUBJECT_ATTEMPT &&
					   subject->event->attempt.record->call != BW_CALL_NONE))
		return VALUE_UNKNOWN_INIT;
	return value_text(slice_of(container_entry_name(subject->entry)));
}

READER(read_container_bare)
{
	return value_bool(subject->container && subject->container->bare != BARE_NO);
}

READER(read_container_bare_source)
{
	if (!subject->container)
		return VALUE_UNKNOWN_INIT;
	return value_text(slice_of(bare_source_name(subject->container->bare)));
}
