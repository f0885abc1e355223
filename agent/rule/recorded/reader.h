/* SPDX-License-Identifier: Apache-2.0 */
/*
 * How a recorded subject is read from an object of fields, and what it is then. For the
 * files that read one only.
 */
#pragma once

#include "barewatch/decode.h"
#include "rule/recorded/recorded.h"

struct recorded_field {
	struct value value;
	struct event_text args; /* of a list, which the value points to */
	bool escaped;
};

/* A field that takes a key, with one. */
struct recorded_key {
	struct field_ref ref;
	struct recorded_field value;
};

struct recorded {
	enum subject_kind kind;
	struct recorded_key *keys;
	size_t key_count;
	struct strbuf texts; /* as large as it will be, before anything points to it */
	struct recorded_field fields[]; /* in the order of the table */
};

/* What is read: OBJECT, from SOURCE, into OUT. */
struct fields_reader {
	json_t *object;
	const struct fields_source *source;
	struct recorded *out;
	struct diag *diag;
};

/* A message about the member KEY of the object, at its place. Returns -EINVAL. */
int fields_fail(const struct fields_reader *r, const char *key, const char *format, ...)
	__attribute__((format(printf, 3, 4)));

/* The type of VALUE, for messages. */
const char *fields_describe(const json_t *value);

/*
 * FOUND as the value of FIELD, which takes one, in RET. Its texts go behind those that there are,
 * for which there must be room. 0, -ENOMEM, or -EINVAL after what is wrong was said.
 */
int fields_read_value(const struct fields_reader *r, const struct field *field, const json_t *found,
	struct recorded_field *ret);

/* Notes which fields are escaped. 0, or -EINVAL after what is wrong was said. */
int fields_read_escaped(const struct fields_reader *r);

/* The field, or the fields, that VALUE is told of under NAME. As fields_read_value(). */
int fields_read_member(const struct fields_reader *r, const char *name, const json_t *value);
