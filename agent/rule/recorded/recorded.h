/* SPDX-License-Identifier: Apache-2.0 */
/* What conditions and outputs ask of a recorded subject. The facade has the rest. */
#pragma once

#include "base/cleanup.h"
#include "rule/field/field.h"

/* The key under which the names of the fields stand whose text had to be escaped. */
#define FIELDS_ESCAPED "evt.escaped"

DEFINE_CLEANUP(struct recorded, recorded, recorded_free);
#define CLEANUP_RECORDED CLEANUP(recorded_cleanup)

/* The value of REF, whose field has one value only. Borrowed from RECORDED. */
struct value recorded_value(const struct recorded *recorded, const struct field_ref *ref);

/* Key INDEX of those that FIELD has a value for. False when there are no more. */
bool recorded_key_at(const struct recorded *recorded, const struct field *field, size_t index,
	struct slice *ret);

/*
 * Gives FIELDS, of an event that somebody wrote down, a number when it has none: all but files have
 * one, and Falco's rules ask for it where they mean always or never (evt.num>=0, evt.num=0). 0 or
 * -ENOMEM.
 */
int recorded_number(json_t *fields);
