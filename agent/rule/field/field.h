/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The fields that conditions and outputs can name: one table for each class, one row for each
 * field. A field that the subject's kind does not have is unknown.
 *
 * Some fields take an argument in brackets. proc.aname[2] is a field of its own, called so, beside
 * proc.aname, which has several values: a comparison with it is true when it is of one of them.
 * k8s.pod.label[app], which Falco writes as k8s.pod.label.app as well, is the field k8s.pod.label
 * with the key "app", without which it is none.
 */
#pragma once

#include <stddef.h>

#include "barewatch/rule.h"
#include "base/diag.h"
#include "rule/condition/value.h"

/* Room for values that are put together: labels, or comm, a space and all arguments. */
#define FIELD_SCRATCH_SIZE CONTAINER_MAP_BYTES_MAX

struct field_scratch {
	char text[FIELD_SCRATCH_SIZE];
	struct value items[BW_ANCESTORS_MAX]; /* of fields with several values */
};

enum field_argument {
	FIELD_ARGUMENT_NONE,
	FIELD_ARGUMENT_INDEX, /* a number or none: proc.aname[2], proc.aname */
	FIELD_ARGUMENT_KEY, /* a text, always: k8s.pod.label[app] */
};

/* Where the value comes from. */
enum field_source {
	FIELD_FROM_KERNEL, /* the record of the event */
	FIELD_FROM_AGENT, /* put together, counted or remembered by the agent */
	FIELD_FROM_ENGINE, /* files of the container's engine */
	FIELD_FROM_IMAGE, /* the layers of its image */
	FIELD_FROM_BYTES, /* the bytes of the file that ran or was mapped */
	FIELD_SOURCES,
};

/* "kernel record", "agent", "engine's files"... */
const char *field_source_name(enum field_source source);

struct field;
struct field_ref;

/* Reads the field of REF, whose kinds include that of SUBJECT. The value may point into SCRATCH. */
typedef struct value field_read_fn(
	const struct field_ref *ref, const struct subject *subject, struct field_scratch *scratch);

/* Word INDEX of those that a field can have as its value, NULL behind the last. */
typedef const char *field_word_fn(unsigned index);

struct field {
	const char *name;
	enum value_type type; /* TEXT, NUMBER, BOOL or ARGS; of each, where there are several */
	unsigned kinds; /* mask of 1 << enum subject_kind */
	field_read_fn *read;
	size_t place[SUBJECT_KINDS]; /* for `read`: what it reads, for each kind of subject */
	field_word_fn *word; /* NULL when any value is possible */
	bool words_joined; /* a text of several words: spaces in it are no surprise */
	bool quoted; /* a text that is quoted and escaped already, as a command line */
	bool is_element; /* its index is part of its name: proc.aname[2] */
	bool is_of_open_kind; /* the same for all opens of one kind (struct bw_open_kind), where known */
	bool is_extra; /* said by other fields already, or long: not in every alert's JSON */
	enum field_argument argument;
	enum field_source source;
	const char
		*unknown; /* when it has no value, where the subject has it; NULL: it always has */
	const char *description;
};

/* A field as it is written in a rule. */
struct field_ref {
	const struct field *field;
	struct slice key; /* of FIELD_ARGUMENT_KEY; empty for others */
};

/* The field NAME, which is written without a key. NULL when there is none. */
const struct field *field_find(struct slice name);

/*
 * Same for a name that may have a key. RET's key points into NAME. 0; -ENOENT when there is no
 * such field, -EINVAL when its argument is missing, not closed, of the wrong kind or out of range.
 */
int field_find_with(struct slice name, struct field_ref *ret);

/* Field INDEX in the order of the tables, NULL behind the last. */
const struct field *field_at(size_t index);

/* The place of FIELD in that order; field_count() is behind the last. */
size_t field_index(const struct field *field);
size_t field_count(void);

/* True for a field with several values, each of which is a field of its own: proc.aname. */
static inline bool field_is_list(const struct field *field)
{
	return field->argument == FIELD_ARGUMENT_INDEX && !field->is_element;
}

/*
 * Key INDEX of those that FIELD has a value for in SUBJECT. False when there are no more, or it takes
 * none.
 */
bool field_key_at(
	const struct field *field, const struct subject *subject, size_t index, struct slice *ret);

/*
 * Without which texts of its record an open may not have FIELD's value: mask of 1 << enum bw_open_text,
 * of those that a record can do without (probe_opens_carry).
 */
unsigned field_open_texts(const struct field *field);

/* Whether FIELD is read from a process's capabilities, which records have while they are asked for. */
bool field_is_of_capabilities(const struct field *field);

/* Adds the field nearest to WORD to the message in D. */
void field_suggest(struct diag *d, const char *word);

/* "text", "a number"... for messages. */
const char *field_type_name(enum value_type type);

/* The value of FIELD in SUBJECT. Pure; allocates nothing. May point into SCRATCH. */
struct value field_value(
	const struct field *field, const struct subject *subject, struct field_scratch *scratch);

/* Same for a field that may have a key. */
struct value field_ref_value(
	const struct field_ref *ref, const struct subject *subject, struct field_scratch *scratch);
