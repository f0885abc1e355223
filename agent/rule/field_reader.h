/* SPDX-License-Identifier: Apache-2.0 */
/* What a reader of field_read.h is written with. */
#pragma once

#include <string.h>

#include "rule/field_read.h"

/* The head of the reader NAME, which may do without any of its arguments. */
#define READER(name)                                                         \
	struct value name(const struct field *field __attribute__((unused)), \
		const struct subject *subject __attribute__((unused)),       \
		struct field_scratch *scratch __attribute__((unused)))

/* A member of a struct whose place is in the table. */
#define MEMBER_AT(type, base, offset) (*(const type *)((const char *)(base) + (offset)))

static inline struct value text_or_unknown(struct slice text)
{
	return text.len > 0 ? value_text(text) : VALUE_UNKNOWN_INIT;
}

/* Appends as much of TEXT as there is room for. Returns the new length. */
static inline size_t scratch_add(struct field_scratch *scratch, size_t len, struct slice text)
{
	size_t room = sizeof(scratch->text) - len;
	size_t taken = text.len < room ? text.len : room;

	if (taken > 0)
		memcpy(scratch->text + len, text.data, taken);
	return len + taken;
}
