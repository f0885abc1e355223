/* SPDX-License-Identifier: Apache-2.0 */
/* The readers of read.h that ask what happened, and how it ended. */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "base/cleanup.h"
#include "base/clock.h"
#include "rule/field/read.h"

/* ---- what ---- */

/* The kinds that rules judge. */
static const struct {
	enum subject_kind kind;
	const char *word;
} subject_kinds[] = {
	{SUBJECT_EXEC, "exec"},
	{SUBJECT_ATTEMPT, "attempt"},
	{SUBJECT_MAPPING, "mapping"},
	{SUBJECT_OPEN, "open"},
	{SUBJECT_MOVE, "move"},
	{SUBJECT_PRESENT, "present"},
};

const char *subject_kind_word(unsigned index)
{
	return index < ARRAY_SIZE(subject_kinds) ? subject_kinds[index].word : NULL;
}

const char *subject_kind_name(enum subject_kind kind, unsigned index)
{
	for (size_t i = 0; index == 0 && i < ARRAY_SIZE(subject_kinds); i++)
		if (subject_kinds[i].kind == kind)
			return subject_kinds[i].word;
	return NULL;
}

const char *subject_kind_text(enum subject_kind kind)
{
	return subject_kind_name(kind, 0);
}

READER(read_subject_kind)
{
	return text_or_unknown(slice_of(subject_kind_name(subject->kind, 0)));
}

/* Calls by their numbers in the records. An exec that succeeded does not tell by which call. */
static const char *const exec_calls[] = {[BW_CALL_EXECVE] = "execve", NULL};
static const char *const attempt_calls[] = {
	[BW_CALL_EXECVE] = "execve", [BW_CALL_EXECVEAT] = "execveat", NULL};
static const char *const mapping_calls[] = {
	[BW_CALL_MMAP] = "mmap", [BW_CALL_MPROTECT] = "mprotect", NULL};
static const char *const open_calls[] = {
	[BW_OPEN_BY_OPEN] = "open",
	[BW_OPEN_BY_OPENAT] = "openat",
	[BW_OPEN_BY_OPENAT2] = "openat2",
	[BW_OPEN_BY_CREAT] = "creat",
	[BW_OPEN_BY_HANDLE] = "open_by_handle_at",
	[BW_OPEN_BY_IO_URING] = "io_uring_enter",
	NULL,
};

static const struct {
	const char *const *names;
	unsigned count;
} calls[SUBJECT_KINDS] = {
	[SUBJECT_EXEC] = {exec_calls, ARRAY_SIZE(exec_calls)},
	[SUBJECT_ATTEMPT] = {attempt_calls, ARRAY_SIZE(attempt_calls)},
	[SUBJECT_MAPPING] = {mapping_calls, ARRAY_SIZE(mapping_calls)},
	[SUBJECT_OPEN] = {open_calls, ARRAY_SIZE(open_calls)},
};

const char *call_name(enum subject_kind kind, unsigned index)
{
	return index < calls[kind].count ? calls[kind].names[index] : NULL;
}

static uint32_t call_number(const struct subject *subject)
{
	const struct event *event = subject->event;

	switch (subject->kind) {
	case SUBJECT_ATTEMPT:
		return event->attempt.record->call;
	case SUBJECT_MAPPING:
		return event->mapping.record->call;
	case SUBJECT_OPEN:
		return event->open.call;
	default:
		return BW_CALL_EXECVE;
	}
}

/* None for a runtime's search, and for what this version does not know. */
READER(read_call)
{
	return text_or_none(slice_of(call_name(subject->kind, call_number(subject))));
}

READER(read_direction)
{
	return value_text(slice_of("<"));
}

/* libsinsp, sinsp_filtercheck_event.cpp: TYPE_CATEGORY. */
static const char *const categories[] = {"process", "memory", "file"};

const char *category_word(unsigned index)
{
	return index < ARRAY_SIZE(categories) ? categories[index] : NULL;
}

READER(read_category)
{
	if (subject->kind == SUBJECT_MAPPING)
		return value_text(slice_of(categories[1]));
	return value_text(slice_of(categories[subject->kind == SUBJECT_OPEN ? 2 : 0]));
}

READER(read_event_number)
{
	uint64_t sequence = subject->event->sequence;

	return sequence ? value_integer(sequence) : VALUE_UNKNOWN_INIT;
}

READER(read_event_cpu)
{
	return value_integer(subject->event->cpu);
}

READER(read_event_source)
{
	return value_text(slice_of("syscall"));
}

READER(read_hostname)
{
	return text_or_unknown(slice_of(subject->hostname));
}

READER(read_repeats)
{
	return value_integer(subject->repeats);
}

READER(read_mapping_flag_at)
{
	return value_bool(subject->event->mapping.record->flags & place_of(ref, subject));
}

/* ---- when ---- */

READER(read_time)
{
	size_t form = place_of(ref, subject), size = sizeof(scratch->text), len = 0;
	time_t seconds = subject->wall_ns / NS_PER_S;
	unsigned fraction = subject->wall_ns % NS_PER_S;
	struct tm tm;

	if (!subject->wall_ns || !gmtime_r(&seconds, &tm))
		return VALUE_UNKNOWN_INIT;
	if (form & TIME_DATE)
		len = strftime(scratch->text, size, form & TIME_ISO ? "%FT" : "%F ", &tm);
	len += strftime(scratch->text + len, size - len, "%T", &tm);
	if (form & TIME_FRACTION)
		len += snprintf(scratch->text + len, size - len, ".%09u", fraction);
	if (form & TIME_ISO)
		snprintf(scratch->text + len, size - len, "+0000");
	return scratch_text(scratch);
}

READER(read_raw_time)
{
	if (!subject->wall_ns)
		return VALUE_UNKNOWN_INIT;
	switch (place_of(ref, subject)) {
	case TIME_SECONDS:
		return value_integer(subject->wall_ns / NS_PER_S);
	case TIME_BELOW_SECOND:
		return value_integer(subject->wall_ns % NS_PER_S);
	default:
		return value_integer(subject->wall_ns);
	}
}

/* ---- how it ended ---- */

/* The error of the call as a positive number, 0 when it succeeded. False when it is not known. */
static bool error_of(const struct subject *subject, int *ret)
{
	*ret = 0;
	if (subject->kind == SUBJECT_ATTEMPT)
		*ret = subject->event->attempt.record->error;
	else if (subject->kind == SUBJECT_OPEN && subject->event->open.result < 0)
		*ret = -subject->event->open.result;
	return subject->kind != SUBJECT_ATTEMPT || *ret != 0;
}

static struct value error_value(int error, struct field_scratch *scratch)
{
	const char *name = strerrorname_np(error);

	if (name)
		return value_text(slice_of(name));
	/* an errno of a kernel newer than the C library */
	snprintf(scratch->text, sizeof(scratch->text), "E%d", error);
	return scratch_text(scratch);
}

READER(read_result)
{
	int error;

	if (!error_of(subject, &error))
		return VALUE_UNKNOWN_INIT;
	return error ? error_value(error, scratch) : value_text(slice_of("SUCCESS"));
}

READER(read_result_argument)
{
	int error;

	if (!error_of(subject, &error))
		return VALUE_UNKNOWN_INIT;
	return error ? error_value(error, scratch) : value_text(slice_of("0"));
}

READER(read_raw_result)
{
	int error;

	if (subject->kind == SUBJECT_OPEN && subject->event->open.has_no_fd)
		return VALUE_NATURAL_INIT;
	if (subject->kind == SUBJECT_OPEN)
		return value_integer(subject->event->open.result);
	return error_of(subject, &error) ? value_integer(-(value_number)error) : VALUE_UNKNOWN_INIT;
}

static bool has_failed(const struct subject *subject)
{
	return subject->kind == SUBJECT_ATTEMPT ||
	       (subject->kind == SUBJECT_OPEN && subject->event->open.result < 0);
}

READER(read_failed)
{
	return value_bool(has_failed(subject));
}

READER(read_error_count)
{
	return value_integer(has_failed(subject));
}

static bool any_truncated(const struct event_text *const *texts, size_t count)
{
	bool truncated = false;

	for (size_t i = 0; i < count; i++)
		truncated |= texts[i]->truncated;
	return truncated;
}

#define ANY_TRUNCATED(...)                                             \
	any_truncated((const struct event_text *const[]){__VA_ARGS__}, \
		sizeof((const struct event_text *const[]){__VA_ARGS__}) / sizeof(void *))

READER(read_any_truncated)
{
	const struct event *e = subject->event;

	switch (subject->kind) {
	case SUBJECT_EXEC:
		return value_bool(ANY_TRUNCATED(&e->exec.invoked, &e->exec.resolved, &e->exec.cwd,
			&e->exec.parent, &e->exec.args));
	case SUBJECT_ATTEMPT:
		return value_bool(ANY_TRUNCATED(&e->attempt.asked, &e->attempt.exe, &e->attempt.cwd,
			&e->attempt.parent, &e->attempt.args));
	case SUBJECT_MAPPING:
		return value_bool(
			ANY_TRUNCATED(&e->mapping.file, &e->mapping.exe, &e->mapping.parent));
	case SUBJECT_OPEN:
		return value_bool(ANY_TRUNCATED(&e->open.path, &e->open.asked, &e->open.exe,
			&e->open.cwd, &e->open.parent));
	default:
		return VALUE_UNKNOWN_INIT;
	}
}

/* ---- flags ---- */

/* Falco's names of what an executable is like (libs, driver/flags_table.c: execve_flags). */
static struct value exec_flags_value(
	const struct field_ref *ref, const struct subject *subject, struct field_scratch *scratch)
{
	struct value upper = read_in_upper_layer(ref, subject, scratch);
	struct value lower = read_in_lower_layer(ref, subject, scratch);
	struct value writable = read_exe_writable(ref, subject, scratch);
	const struct {
		bool is_so;
		const char *name;
	} flags[] = {
		{writable.type == VALUE_BOOL && writable.truth, "EXE_WRITABLE"},
		{upper.truth, "EXE_UPPER_LAYER"},
		{subject_file(subject)->flags & BW_FILE_MEMFD, "EXE_FROM_MEMFD"},
		{lower.truth, "EXE_LOWER_LAYER"},
	};
	size_t len = 0;

	if (upper.type == VALUE_UNKNOWN)
		return VALUE_UNKNOWN_INIT;
	for (size_t i = 0; i < ARRAY_SIZE(flags); i++) {
		if (!flags[i].is_so)
			continue;
		len = scratch_add(scratch, len, slice_of(len ? "|" : ""));
		len = scratch_add(scratch, len, slice_of(flags[i].name));
	}
	return len ? value_text((struct slice){scratch->text, len}) : value_text(slice_of("0"));
}

READER(read_flags)
{
	if (subject->kind == SUBJECT_OPEN)
		return open_flags_value(subject->event->open.flags, scratch);
	return exec_flags_value(ref, subject, scratch);
}

/* ---- attempts ---- */

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

bool subject_entry_is_known(const struct subject *subject)
{
	return subject->container &&
	       (subject->kind != SUBJECT_ATTEMPT ||
		       attempt_cause(subject->event->attempt.record) == CAUSE_RUNTIME_LOOKUP);
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

READER(read_attempt_args)
{
	return args_joined(&subject->event->attempt.args, (struct slice){0}, scratch);
}

/* ---- moves ---- */

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
