/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The fields that conditions and outputs can name: one table, one row each. A
 * field that the subject's kind does not have is unknown.
 */
#pragma once

#include <stddef.h>

#include "barewatch/rule.h"
#include "base/diag.h"
#include "rule/value.h"

/* Room for values that are put together: labels, or comm, a space and all arguments. */
#define FIELD_SCRATCH_SIZE CONTAINER_MAP_BYTES_MAX

struct field_scratch {
	char text[FIELD_SCRATCH_SIZE];
};

struct field;

/* Reads FIELD, whose kinds include that of SUBJECT. The value may point into SCRATCH. */
typedef struct value field_read_fn(
	const struct field *field, const struct subject *subject, struct field_scratch *scratch);

/* Word INDEX of those that a field can have as its value, NULL behind the last. */
typedef const char *field_word_fn(unsigned index);

struct field {
	const char *name;
	enum value_type type; /* TEXT, NUMBER, BOOL or ARGS */
	unsigned kinds; /* mask of 1 << enum subject_kind */
	field_read_fn *read;
	size_t place[SUBJECT_KINDS]; /* for `read`: what it reads, for each kind of subject */
	field_word_fn *word; /* NULL when any value is possible */
	bool words_joined; /* a text of several words: spaces in it are no surprise */
	bool quoted; /* a text that is quoted and escaped already, as a command line */
	const char *description;
};

/* NULL when there is no field NAME. */
const struct field *field_find(struct slice name);

/* Field INDEX in the order of the table, NULL behind the last. */
const struct field *field_at(size_t index);

/* Adds the field nearest to WORD to the message in D. */
void field_suggest(struct diag *d, const char *word);

/* "text", "a number"... for messages. */
const char *field_type_name(enum value_type type);

/* The value of FIELD in SUBJECT. Pure; allocates nothing. May point into SCRATCH. */
struct value field_value(
	const struct field *field, const struct subject *subject, struct field_scratch *scratch);
