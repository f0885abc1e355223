/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What a field of a subject is worth, as conditions, outputs and JSON see it.
 * "Unknown" and "none" are values of their own: a file whose name could not be
 * read is not a file named "", and a process without a terminal is known not to
 * have one.
 */
#pragma once

#include <stdbool.h>

#include "barewatch/decode.h"
#include "base/slice.h"

enum value_type {
	VALUE_UNKNOWN, /* no comparison with it is true, none is false */
	VALUE_NONE, /* known not to be there: equal to nothing */
	VALUE_TEXT,
	VALUE_NUMBER,
	VALUE_NATURAL, /* a number that is not negative, and which one is not known */
	VALUE_BOOL,
	VALUE_ARGS, /* a list of texts; in outputs and JSON only */
	VALUE_LIST, /* several values of one type: a comparison is true when it is of one of them */
};

/* For masks of types. */
#define VALUE_BIT(type) (1u << (type))

/* Wide enough for inode numbers (64 bits, unsigned) and for -errno. */
typedef __int128 value_number;

struct value {
	enum value_type type;
	union {
		struct slice text;
		value_number number;
		bool truth;
		const struct event_text *args;
		struct {
			const struct value *items; /* none is a list; some may be unknown */
			size_t count;
		} list;
	};
};

#define VALUE_UNKNOWN_INIT ((struct value){.type = VALUE_UNKNOWN})
#define VALUE_NONE_INIT    ((struct value){.type = VALUE_NONE})
#define VALUE_NATURAL_INIT ((struct value){.type = VALUE_NATURAL})

static inline struct value value_text(struct slice text)
{
	return (struct value){.type = VALUE_TEXT, .text = text};
}

static inline struct value value_integer(value_number number)
{
	return (struct value){.type = VALUE_NUMBER, .number = number};
}

static inline struct value value_bool(bool truth)
{
	return (struct value){.type = VALUE_BOOL, .truth = truth};
}
