/* SPDX-License-Identifier: Apache-2.0 */
/* The readers of read.h that ask about a process, and those that it comes from. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "rule/field/read.h"

/* ---- itself ---- */

READER(read_process_u32_at)
{
	return value_integer(MEMBER_AT(__u32, subject->event->process, place_of(ref, subject)));
}

READER(read_process_tty)
{
	return text_or_none(slice_of_array(subject->event->process->tty, BW_TTY_SIZE));
}

/*
 * Names and numbers of terminals: Linux, Documentation/admin-guide/devices.txt. A number is
 * put together as new_encode_dev() in include/linux/kdev_t.h does.
 */
READER(read_process_tty_number)
{
	static const struct {
		const char *name;
		unsigned major, minor;
	} kinds[] = {{"ttyS", 4, 64}, {"tty", 4, 0}, {"pts", 136, 0}};
	char tty[BW_TTY_SIZE + 1] = "", *end;

	memcpy(tty, subject->event->process->tty, BW_TTY_SIZE);
	if (!tty[0])
		return value_integer(0);
	for (size_t i = 0; i < ARRAY_SIZE(kinds); i++) {
		size_t len = strlen(kinds[i].name);
		unsigned long minor;

		if (strncmp(tty, kinds[i].name, len) != 0 || tty[len] < '0' || tty[len] > '9')
			continue;
		minor = kinds[i].minor + strtoul(tty + len, &end, 10);
		if (*end || minor >= 1 << 20)
			break;
		return value_integer(
			(minor & 0xff) | kinds[i].major << 8 | (minor & ~0xffUL) << 12);
	}
	return VALUE_UNKNOWN_INIT;
}

static struct slice own_comm(const struct subject *subject)
{
	return slice_of_array(subject->event->process->comm, BW_COMM_SIZE);
}

READER(read_process_comm)
{
	return value_text(own_comm(subject));
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

/* Of all names only this one is the same everywhere. */
static struct value name_of_id(uint32_t id)
{
	return id == 0 ? value_text(slice_of("root")) : VALUE_UNKNOWN_INIT;
}

READER(read_login_name)
{
	uint32_t uid = subject->event->process->loginuid;

	return uid == BW_ID_UNSET ? VALUE_NONE_INIT : name_of_id(uid);
}

READER(read_root_name)
{
	return name_of_id(MEMBER_AT(__u32, subject->event->process, place_of(ref, subject)));
}

READER(read_virtual_thread)
{
	const struct bw_process *process = subject->event->process;

	return process->tid == process->tgid ? value_integer(process->ns_tgid) : VALUE_UNKNOWN_INIT;
}

READER(read_is_main_thread)
{
	return value_bool(subject->event->process->tid == subject->event->process->tgid);
}

READER(read_own_pid)
{
	return value_integer(subject->event->process->tgid);
}

READER(read_own_exepath)
{
	const struct event *event = subject->event;
	const struct event_text *const texts[SUBJECT_KINDS] = {
		[SUBJECT_EXEC] = &event->exec.resolved,
		[SUBJECT_ATTEMPT] = &event->attempt.exe,
		[SUBJECT_MAPPING] = &event->mapping.exe,
		[SUBJECT_MOVE] = &event->move.exe,
		[SUBJECT_OPEN] = &event->open.exe,
	};
	const struct event_text *text = texts[subject->kind];

	return !text || text_is_unknown(text) ? VALUE_UNKNOWN_INIT : value_text(text->bytes);
}

/* ---- its arguments ---- */

READER(read_own_exe)
{
	return args_first(own_args(subject));
}

READER(read_own_args)
{
	return args_joined(own_args(subject), (struct slice){0}, scratch);
}

READER(read_own_command_line)
{
	return args_joined(own_args(subject), own_comm(subject), scratch);
}

READER(read_own_exe_line)
{
	struct value first = args_first(own_args(subject));

	if (first.type != VALUE_TEXT)
		return first;
	return args_joined(own_args(subject), first.text, scratch);
}

/* Of an exec the kernel side has counted them, kept or not. */
READER(read_own_args_count)
{
	const struct event_text *args = own_args(subject);
	size_t count = 0, offset = 0;
	struct slice arg;

	if (subject->kind == SUBJECT_EXEC && subject->event->exec.record->argc > 0)
		return value_integer(subject->event->exec.record->argc - 1);
	if (!args || args->truncated)
		return VALUE_UNKNOWN_INIT;
	while (event_args_next(args, &offset, &arg))
		count++;
	return value_integer(count > 0 ? count - 1 : 0);
}

READER(read_own_args_length)
{
	const struct event_text *args = own_args(subject);
	size_t length = 0, offset = 0;
	struct slice arg;

	if (!args || args->truncated)
		return VALUE_UNKNOWN_INIT;
	event_args_next(args, &offset, &arg);
	while (event_args_next(args, &offset, &arg))
		length += arg.len;
	return value_integer(length);
}

/* ---- times ---- */

/* Nanoseconds from START_NS, as of the kernel's records, to the event; unknown without a start. */
static struct value since(const struct subject *subject, uint64_t start_ns)
{
	uint64_t now_ns = subject->event->time_ns;

	if (start_ns == 0 || start_ns > now_ns)
		return VALUE_UNKNOWN_INIT;
	return value_integer(now_ns - start_ns);
}

/* That start in nanoseconds since 1970. */
static struct value wall_time(const struct subject *subject, uint64_t start_ns)
{
	struct value age = since(subject, start_ns);

	if (age.type == VALUE_UNKNOWN || !subject->wall_ns)
		return VALUE_UNKNOWN_INIT;
	return value_integer(subject->wall_ns - age.number);
}

static uint64_t parent_start_ns(const struct subject *subject)
{
	const struct event_lineage *lineage = &subject->event->lineage;

	return lineage->known && lineage->ancestors > 0
		       ? lineage->relatives[BW_LINEAGE_ANCESTORS].start_ns
		       : 0;
}

READER(read_duration)
{
	return since(subject, subject->event->process->start_ns);
}

READER(read_start)
{
	return wall_time(subject, subject->event->process->start_ns);
}

READER(read_parent_duration)
{
	return since(subject, parent_start_ns(subject));
}

READER(read_parent_start)
{
	return wall_time(subject, parent_start_ns(subject));
}

/* A file that changed after the fork, as one that was just written, has none. */
READER(read_ctime_to_start)
{
	struct value start = read_start(ref, subject, scratch);
	struct value ctime = read_file_ctime(ref, subject, scratch);

	if (start.type == VALUE_UNKNOWN)
		return VALUE_UNKNOWN_INIT;
	return start.number >= ctime.number ? value_integer(start.number - ctime.number)
					    : VALUE_NONE_INIT;
}

/* ---- how it came into its container ---- */

READER(read_entry)
{
	if (!subject_entry_is_known(subject))
		return VALUE_UNKNOWN_INIT;
	return value_text(slice_of(container_entry_name(subject->entry)));
}

static bool is_in_pod(const struct container *container)
{
	return container->pod_uid || container->sandbox_id || container->pod_name;
}

/* Kubernetes runs none of the health checks that an image declares. */
READER(read_is_health_check)
{
	if (!subject_entry_is_known(subject))
		return VALUE_UNKNOWN_INIT;
	return value_bool(
		subject->entry == CONTAINER_ENTRY_PROBE && !is_in_pod(subject->container));
}

READER(read_is_pod_probe)
{
	bool is_probe = subject->entry == CONTAINER_ENTRY_PROBE;

	if (!subject_entry_is_known(subject) || (is_probe && is_in_pod(subject->container)))
		return VALUE_UNKNOWN_INIT;
	return value_bool(false);
}

/* ---- whom it comes from ---- */

/*
 * The relative at PLACE. NULL when there is none, with *RET_NONE set when that is certain: a
 * lineage that is not full goes up to the first process.
 */
static const struct relative *relative_find(
	const struct subject *subject, size_t place, bool *ret_none)
{
	const struct lineage *lineage = subject->lineage;
	size_t count = lineage ? BW_LINEAGE_ANCESTORS + lineage->ancestors : 0;

	*ret_none = lineage && place >= count && place < BW_LINEAGE_MAX;
	return place < count ? &lineage->relatives[place] : NULL;
}

/* What READ makes of the relative at the field's place. */
static struct value relative_value(const struct field_ref *ref, const struct subject *subject,
	struct field_scratch *scratch,
	struct value (*read)(const struct relative *, struct field_scratch *))
{
	const struct relative *relative;
	bool is_none;

	relative = relative_find(subject, place_of(ref, subject), &is_none);
	if (relative)
		return read(relative, scratch);
	return is_none ? VALUE_NONE_INIT : VALUE_UNKNOWN_INIT;
}

#define RELATIVE_READER(reader, expression)                                \
	static struct value reader##_of(const struct relative *relative,   \
		struct field_scratch *scratch __attribute__((unused)))     \
	{                                                                  \
		return expression;                                         \
	}                                                                  \
	READER(reader)                                                     \
	{                                                                  \
		return relative_value(ref, subject, scratch, reader##_of); \
	}

RELATIVE_READER(read_relative_name, text_or_unknown(relative->name))
RELATIVE_READER(read_relative_exepath, text_or_unknown(relative->exepath))
RELATIVE_READER(read_relative_pid, value_integer(relative->pid))
RELATIVE_READER(read_relative_ns_pid, value_integer(relative->ns_pid))
RELATIVE_READER(read_relative_exe, args_first(&relative->args))
RELATIVE_READER(read_relative_command_line, args_joined(&relative->args, relative->name, scratch))

READER(read_leads)
{
	const struct relative *relative;
	bool is_none;

	relative = relative_find(subject, place_of(ref, subject), &is_none);
	if (!relative)
		return VALUE_UNKNOWN_INIT;
	return value_bool(relative->pid == subject->event->process->tgid);
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

static bool is_shell_name(struct slice name)
{
	return name.len >= 2 && memcmp(name.data + name.len - 2, "sh", 2) == 0;
}

READER(read_login_shell)
{
	const struct lineage *lineage = subject->lineage;

	if (!lineage)
		return VALUE_UNKNOWN_INIT;
	for (size_t i = lineage->ancestors; i-- > 0;) {
		const struct relative *relative = &lineage->relatives[BW_LINEAGE_ANCESTORS + i];

		if (is_shell_name(relative->name))
			return value_integer(relative->pid);
	}
	return is_shell_name(own_comm(subject)) ? read_own_pid(ref, subject, scratch)
						: VALUE_NONE_INIT;
}

/* VALUE, which may be a text in ELEMENT, kept in part I of SCRATCH. */
static struct value value_keep(struct value value, const struct field_scratch *element, size_t i,
	struct field_scratch *scratch)
{
	size_t size = sizeof(scratch->text) / BW_ANCESTORS_MAX;

	if (value.type != VALUE_TEXT || value.text.data != element->text)
		return value;
	if (value.text.len > size)
		value.text.len = size;
	memcpy(scratch->text + i * size, value.text.data, value.text.len);
	value.text.data = scratch->text + i * size;
	return value;
}

/* The rows of the elements follow that of the field, the process's own first. */
READER(read_any_ancestor)
{
	const struct field *elements = ref->field + 1;
	struct field_scratch element;
	size_t count = 0, known = 0;

	for (size_t i = 0; i < BW_ANCESTORS_MAX; i++) {
		struct value value = field_value(&elements[1 + i], subject, &element);

		if (value.type == VALUE_NONE)
			break;
		known += value.type != VALUE_UNKNOWN;
		scratch->items[count++] = value_keep(value, &element, i, scratch);
	}
	if (count == 0)
		return VALUE_NONE_INIT;
	if (known == 0)
		return VALUE_UNKNOWN_INIT;
	return (struct value){
		.type = VALUE_LIST, .list = {.items = scratch->items, .count = count}};
}
