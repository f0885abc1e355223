/* SPDX-License-Identifier: Apache-2.0 */
/* Fields by name, read out of subjects made by hand. */
#pragma once

#include "rules_fixture.h"

#include "rule/field.h"
#include "rule/field_read.h"
#include "subject_fixture.h"

static struct field_scratch scratch;

static inline struct value value_of(const char *name, const struct subject *subject)
{
	return field_value(field_find(slice_of(name)), subject, &scratch);
}

static inline void assert_text(
	const char *name, const struct subject *subject, const char *expected)
{
	struct value value = value_of(name, subject);
	char found[256];

	assert_int_equal(value.type, VALUE_TEXT);
	snprintf(found, sizeof(found), "%.*s", (int)value.text.len, value.text.data);
	assert_string_equal(found, expected);
}
