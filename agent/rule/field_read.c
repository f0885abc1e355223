/* SPDX-License-Identifier: Apache-2.0 */
/* The readers of field_read.h. They trust the decoder for lengths and nothing for content. */
#include "rule/field_read.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "base/cleanup.h"

/* A member of a struct whose place is in the table. */
#define MEMBER_AT(type, base, offset) (*(const type *)((const char *)(base) + (offset)))

/* A text of the kernel's that fills its array when it is long. */
static struct slice slice_of_array(const char *array, size_t size)
{
	return (struct slice){array, strnlen(array, size)};
}

/* The value that snprintf left in SCRATCH. */
static struct value scratch_text(const struct field_scratch *scratch)
{
	return value_text(slice_of(scratch->text));
}

static struct value text_or_unknown(struct slice text)
{
	return text.len > 0 ? value_text(text) : VALUE_UNKNOWN_INIT;
}

static bool text_is_unknown(const struct event_text *text)
{
	return text->unreadable && text->bytes.len == 0;
}

struct value read_process_u32_at(const struct field *field, const struct subject *subject,
	struct field_scratch *scratch __attribute__((unused)))
{
	return value_integer(
		MEMBER_AT(__u32, subject->event->process, field->place[subject->kind]));
}

#define READER(name)                                                         \
	struct value name(const struct field *field __attribute__((unused)), \
		const struct subject *subject __attribute__((unused)),       \
		struct field_scratch *scratch __attribute__((unused)))

READER(read_process_tty)
{
	struct slice tty = slice_of_array(subject->event->process->tty, BW_TTY_SIZE);

	return tty.len > 0 ? value_text(tty) : VALUE_NONE_INIT;
}

READER(read_process_comm)
{
	return value_text(slice_of_array(subject->event->process->comm, BW_COMM_SIZE));
}

READER(read_process_parent_comm)
{
	return value_text(slice_of_array(subject->event->process->parent_comm, BW_COMM_SIZE));
}

READER(read_login_uid)
{
	uint32_t uid = subject->event->process->loginuid;

	return value_integer(uid == BW_ID_UNSET ? -1 : (value_number)uid);
}

static const struct event_text *event_text_at(
	const struct field *field, const struct subject *subject)
{
	return &MEMBER_AT(struct event_text, subject->event, field->place[subject->kind]);
}

READER(read_text_at)
{
	const struct event_text *text = event_text_at(field, subject);

	return text_is_unknown(text) ? VALUE_UNKNOWN_INIT : value_text(text->bytes);
}

READER(read_args_at)
{
	const struct event_text *args = event_text_at(field, subject);

	if (text_is_unknown(args))
		return VALUE_UNKNOWN_INIT;
	return (struct value){.type = VALUE_ARGS, .args = args};
}

READER(read_args_first)
{
	const struct event_text *args = event_text_at(field, subject);
	struct slice first;
	size_t offset = 0;

	if (text_is_unknown(args))
		return VALUE_UNKNOWN_INIT;
	return event_args_next(args, &offset, &first) ? value_text(first) : VALUE_NONE_INIT;
}

/* Appends as much of TEXT as there is room for. Returns the new length. */
static size_t scratch_add(struct field_scratch *scratch, size_t len, struct slice text)
{
	size_t room = sizeof(scratch->text) - len;
	size_t taken = text.len < room ? text.len : room;

	if (taken > 0)
		memcpy(scratch->text + len, text.data, taken);
	return len + taken;
}

/* Appends the arguments behind the first one, a space before each that FOLLOWS something. */
static struct value args_joined(
	const struct event_text *args, struct field_scratch *scratch, size_t len, bool follows)
{
	struct slice arg;
	size_t offset = 0;

	if (text_is_unknown(args))
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

READER(read_args_rest)
{
	return args_joined(event_text_at(field, subject), scratch, 0, false);
}

READER(read_command_line)
{
	struct slice comm = slice_of_array(subject->event->process->comm, BW_COMM_SIZE);
	size_t len = scratch_add(scratch, 0, comm);

	return args_joined(event_text_at(field, subject), scratch, len, true);
}

static bool exec_truncated(const struct event *event)
{
	const struct event_text *texts[] = {&event->exec.invoked, &event->exec.resolved,
		&event->exec.cwd, &event->exec.parent, &event->exec.args};
	bool truncated = false;

	for (size_t i = 0; i < ARRAY_SIZE(texts); i++)
		truncated |= texts[i]->truncated;
	return truncated;
}

static bool attempt_truncated(const struct event *event)
{
	const struct event_text *texts[] = {&event->attempt.asked, &event->attempt.exe,
		&event->attempt.cwd, &event->attempt.parent, &event->attempt.args};
	bool truncated = false;

	for (size_t i = 0; i < ARRAY_SIZE(texts); i++)
		truncated |= texts[i]->truncated;
	return truncated;
}

static bool mapping_truncated(const struct event *event)
{
	return event->mapping.file.truncated || event->mapping.exe.truncated ||
	       event->mapping.parent.truncated;
}

READER(read_any_truncated)
{
	switch (subject->kind) {
	case SUBJECT_EXEC:
		return value_bool(exec_truncated(subject->event));
	case SUBJECT_ATTEMPT:
		return value_bool(attempt_truncated(subject->event));
	case SUBJECT_MAPPING:
		return value_bool(mapping_truncated(subject->event));
	default:
		return VALUE_UNKNOWN_INIT;
	}
}

static const struct bw_file *subject_file(const struct subject *subject)
{
	return event_file(subject->event);
}

READER(read_mapping_flag_at)
{
	return value_bool(subject->event->mapping.record->flags & field->place[subject->kind]);
}

READER(read_repeats)
{
	return value_integer(subject->repeats);
}

READER(read_file_u32_at)
{
	return value_integer(MEMBER_AT(__u32, subject_file(subject), field->place[subject->kind]));
}

READER(read_file_u64_at)
{
	return value_integer(MEMBER_AT(__u64, subject_file(subject), field->place[subject->kind]));
}

READER(read_file_flag_at)
{
	return value_bool(subject_file(subject)->flags & field->place[subject->kind]);
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

/* The kinds that rules judge. */
static const struct {
	enum subject_kind kind;
	const char *word;
} subject_kinds[] = {
	{SUBJECT_EXEC, "exec"},
	{SUBJECT_ATTEMPT, "attempt"},
	{SUBJECT_MAPPING, "mapping"},
	{SUBJECT_MOVE, "move"},
};

const char *subject_kind_word(unsigned index)
{
	return index < ARRAY_SIZE(subject_kinds) ? subject_kinds[index].word : NULL;
}

READER(read_subject_kind)
{
	for (size_t i = 0; i < ARRAY_SIZE(subject_kinds); i++)
		if (subject_kinds[i].kind == subject->kind)
			return value_text(slice_of(subject_kinds[i].word));
	return VALUE_UNKNOWN_INIT;
}

/* An exec that succeeded does not tell by which call: execve is the common one. */
READER(read_call)
{
	static const char *const names[] = {
		[BW_CALL_EXECVE] = "execve", [BW_CALL_EXECVEAT] = "execveat"};
	unsigned call = subject->kind == SUBJECT_ATTEMPT ? subject->event->attempt.record->call
							 : BW_CALL_EXECVE;

	if (subject->kind == SUBJECT_MAPPING)
		return value_text(slice_of(subject->event->mapping.record->call == BW_CALL_MMAP
						   ? "mmap"
						   : "mprotect"));
	return call < ARRAY_SIZE(names) ? value_text(slice_of(names[call])) : VALUE_NONE_INIT;
}

enum attempt_cause {
	CAUSE_EXEC,
	CAUSE_RUNTIME_LOOKUP,
	CAUSE_LATE_FAILURE,
};

static enum attempt_cause attempt_cause(const struct bw_attempt *record)
{
	if (record->call == BW_CALL_NONE)
		return CAUSE_RUNTIME_LOOKUP;
	return record->flags & BW_ATTEMPT_LATE ? CAUSE_LATE_FAILURE : CAUSE_EXEC;
}

const char *attempt_cause_word(unsigned index)
{
	static const char *const words[] = {
		[CAUSE_EXEC] = "exec",
		[CAUSE_RUNTIME_LOOKUP] = "runtime_lookup",
		[CAUSE_LATE_FAILURE] = "late_failure",
	};

	return index < ARRAY_SIZE(words) ? words[index] : NULL;
}

READER(read_attempt_cause)
{
	return value_text(
		slice_of(attempt_cause_word(attempt_cause(subject->event->attempt.record))));
}

READER(read_result)
{
	const char *name = "SUCCESS";

	if (subject->kind == SUBJECT_ATTEMPT) {
		if (subject->event->attempt.record->error == 0)
			return VALUE_UNKNOWN_INIT;
		name = strerrorname_np(subject->event->attempt.record->error);
	}
	if (name)
		return value_text(slice_of(name));
	/* an errno of a kernel newer than the C library */
	snprintf(scratch->text, sizeof(scratch->text), "E%" PRId32,
		subject->event->attempt.record->error);
	return scratch_text(scratch);
}

READER(read_raw_result)
{
	if (subject->kind != SUBJECT_ATTEMPT)
		return value_integer(0);
	if (subject->event->attempt.record->error == 0)
		return VALUE_UNKNOWN_INIT;
	return value_integer(-(value_number)subject->event->attempt.record->error);
}

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

const char *move_how_word(unsigned index)
{
	static const char *const words[] = {[BW_MOVE_ATTACH] = "attach", [BW_MOVE_FORK] = "fork"};

	return index < ARRAY_SIZE(words) ? words[index] : NULL;
}

READER(read_move_how)
{
	const char *word = move_how_word(subject->event->move.record->how);

	return word ? value_text(slice_of(word)) : VALUE_UNKNOWN_INIT;
}

READER(read_move_by_pid)
{
	return value_integer(subject->event->move.record->mover);
}

READER(read_move_by_name)
{
	return value_text(slice_of_array(subject->event->move.record->mover_comm, BW_COMM_SIZE));
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
	struct slice applet = subject->program.applet;

	return applet.len > 0 ? value_text(applet) : VALUE_NONE_INIT;
}

READER(read_loads)
{
	struct slice loads = subject->program.loads;

	return loads.len > 0 ? value_text(loads) : VALUE_NONE_INIT;
}

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

READER(read_entry)
{
	if (!subject->container ||
		(subject->kind == SUBJECT_ATTEMPT &&
			attempt_cause(subject->event->attempt.record) != CAUSE_RUNTIME_LOOKUP))
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
