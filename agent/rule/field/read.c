/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What the readers of read.h share. They trust the decoder for lengths and nothing for
 * content.
 */
#include "rule/field/read.h"

#include <string.h>

struct slice slice_of_array(const char *array, size_t size)
{
	return (struct slice){array, strnlen(array, size)};
}

struct value scratch_text(const struct field_scratch *scratch)
{
	return value_text(slice_of(scratch->text));
}

struct value text_or_unknown(struct slice text)
{
	return text.len > 0 ? value_text(text) : VALUE_UNKNOWN_INIT;
}

struct value text_or_none(struct slice text)
{
	return text.len > 0 ? value_text(text) : VALUE_NONE_INIT;
}

bool text_is_unknown(const struct event_text *text)
{
	return text->unreadable && text->bytes.len == 0;
}

const struct event_text *event_text_at(const struct field_ref *ref, const struct subject *subject)
{
	return &MEMBER_AT(struct event_text, subject->event, place_of(ref, subject));
}

const struct bw_file *subject_file(const struct subject *subject)
{
	return subject->kind == SUBJECT_OPEN ? &subject->event->open.file
					     : event_file(subject->event);
}

size_t scratch_add(struct field_scratch *scratch, size_t len, struct slice text)
{
	size_t room = sizeof(scratch->text) - len;
	size_t taken = text.len < room ? text.len : room;

	if (taken > 0)
		memcpy(scratch->text + len, text.data, taken);
	return len + taken;
}

const struct event_text *own_args(const struct subject *subject)
{
	const struct event_text *args = NULL;

	if (subject->kind == SUBJECT_EXEC)
		args = &subject->event->exec.args;
	else if (subject->process)
		args = &subject->process->args;
	return args && !text_is_unknown(args) ? args : NULL;
}

struct value args_first(const struct event_text *args)
{
	struct slice first;
	size_t offset = 0;

	if (!args || text_is_unknown(args))
		return VALUE_UNKNOWN_INIT;
	return event_args_next(args, &offset, &first) ? value_text(first) : VALUE_NONE_INIT;
}

struct value args_joined(
	const struct event_text *args, struct slice name, struct field_scratch *scratch)
{
	size_t len = scratch_add(scratch, 0, name), offset = 0;
	bool follows = name.len > 0;
	struct slice arg;

	if (!args || text_is_unknown(args))
		return VALUE_UNKNOWN_INIT;
	event_args_next(args, &offset, &arg);
	while (event_args_next(args, &offset, &arg)) {
		if (follows)
			len = scratch_add(scratch, len, slice_of(" "));
		len = scratch_add(scratch, len, arg);
		follows = true;
	}
	return value_text((struct slice){scratch->text, len});
}

READER(read_text_at)
{
	const struct event_text *text = event_text_at(ref, subject);

	return text_is_unknown(text) ? VALUE_UNKNOWN_INIT : value_text(text->bytes);
}

READER(read_args_at)
{
	const struct event_text *args = event_text_at(ref, subject);

	if (text_is_unknown(args))
		return VALUE_UNKNOWN_INIT;
	return (struct value){.type = VALUE_ARGS, .args = args};
}

READER(read_number)
{
	return value_integer(place_of(ref, subject));
}

READER(read_never)
{
	return value_bool(false);
}
