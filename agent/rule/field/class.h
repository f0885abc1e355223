/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What the tables of fields are made of. Names and meanings are Falco's where Falco has the field
 * (falcosecurity/libs, userspace/libsinsp/sinsp_filtercheck_*.cpp; its plugin "container").
 */
#pragma once

#include "base/cleanup.h"
#include "rule/field/field.h"
#include "rule/field/read.h"

/* The fields whose names have the same first word. */
struct field_class {
	const char *name; /* that word */
	const char *about;
	const struct field *fields;
	size_t count;
};

extern const struct field_class field_class_evt, field_class_syscall, field_class_attempt,
	field_class_mapping, field_class_move, field_class_proc, field_class_thread,
	field_class_user, field_class_group, field_class_container, field_class_k8s,
	field_class_exe, field_class_fd, field_class_fs, field_class_file;

/* Class INDEX in the order of the tables, NULL behind the last. */
const struct field_class *field_class_at(size_t index);

#define FIELD_CLASS(word, text, table)                  \
	const struct field_class field_class_##word = { \
		.name = #word, .about = (text), .fields = (table), .count = ARRAY_SIZE(table)}

#define EXEC    (1u << SUBJECT_EXEC)
#define ATTEMPT (1u << SUBJECT_ATTEMPT)
#define MOVE    (1u << SUBJECT_MOVE)
#define MAPPING (1u << SUBJECT_MAPPING)
#define OPEN    (1u << SUBJECT_OPEN)
#define PRESENT (1u << SUBJECT_PRESENT)
#define REPEATS (1u << SUBJECT_REPEATS)
#define BOTH    (EXEC | ATTEMPT)
#define CALLS   (BOTH | MAPPING | OPEN)
#define EVENTS  (CALLS | MOVE)
#define FILES   (EXEC | MAPPING)
#define TARGETS (OPEN | MAPPING)
#define PROGRAM (1u << SUBJECT_PROGRAM)
#define ALL     (EVENTS | 1u << SUBJECT_CONTAINER | PROGRAM | REPEATS)

/* What the readers that take a place are to read. */
#define SAME_PLACE(of_all)    .place = {[0 ... SUBJECT_KINDS - 1] = (of_all)}
#define OF_PROCESS(member)    SAME_PLACE(offsetof(struct bw_process, member))
#define OF_CONTAINER(member)  SAME_PLACE(offsetof(struct container, member))
#define OF_NUMBER(number)     SAME_PLACE(number)
#define OF_RELATIVE(index)    OF_NUMBER(index)
#define OF_ANCESTOR(distance) OF_NUMBER(BW_LINEAGE_ANCESTORS + (distance)-1)
#define OF_FILE(member)       SAME_PLACE(offsetof(struct bw_file, member))
#define FILE_FLAG(flag)       SAME_PLACE(flag)
#define PLACE(member)         offsetof(struct event, member)
#define TEXT_OF_EXEC(text)    .place[SUBJECT_EXEC] = PLACE(exec.text)
#define TEXT_OF_ATTEMPT(text) .place[SUBJECT_ATTEMPT] = PLACE(attempt.text)
#define TEXT_OF_OPEN(text)    .place[SUBJECT_OPEN] = PLACE(open.text)
#define TEXT_OF_MOVE(text)    .place[SUBJECT_MOVE] = PLACE(move.text)
#define TEXT_OF_BOTH(of_exec, of_attempt)               \
	.place = {[SUBJECT_EXEC] = PLACE(exec.of_exec), \
		[SUBJECT_ATTEMPT] = PLACE(attempt.of_attempt)}
#define TEXT_OF_FILES(of_exec, of_mapping)              \
	.place = {[SUBJECT_EXEC] = PLACE(exec.of_exec), \
		[SUBJECT_MAPPING] = PLACE(mapping.of_mapping)}
#define TEXT_OF_TARGETS(of_open, of_mapping)            \
	.place = {[SUBJECT_OPEN] = PLACE(open.of_open), \
		[SUBJECT_MAPPING] = PLACE(mapping.of_mapping)}
#define TEXT_OF_EVENTS(of_exec, of_others)                    \
	.place = {[SUBJECT_EXEC] = PLACE(exec.of_exec),       \
		[SUBJECT_ATTEMPT] = PLACE(attempt.of_others), \
		[SUBJECT_MAPPING] = PLACE(mapping.of_others), \
		[SUBJECT_OPEN] = PLACE(open.of_others),       \
		[SUBJECT_MOVE] = PLACE(move.of_others)}

/* One field; what only some have follows as designated members. */
#define ROW(field_name, field_type, field_kinds, from, reader, when_unknown, text, ...)   \
	{                                                                                 \
		.name = (field_name), .type = VALUE_##field_type, .kinds = (field_kinds), \
		.source = FIELD_FROM_##from, .read = (reader), .unknown = (when_unknown), \
		.description = (text), __VA_ARGS__                                        \
	}

#define UNREADABLE "the kernel side could not read it"
#define NOT_TOLD   "the engine's files do not tell, or were not found yet"
#define NOT_SEEN   "the agent has not seen it execute anything, and /proc did not tell"
