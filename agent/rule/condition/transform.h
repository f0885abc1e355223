/* SPDX-License-Identifier: Apache-2.0 */
/* What a comparison does to the value of a field first: tolower(proc.name) = sh. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "rule/field/field.h"

enum transform {
	TRANSFORM_TOLOWER,
	TRANSFORM_TOUPPER,
	TRANSFORM_BASENAME, /* what follows the last '/' */
	TRANSFORM_LEN, /* bytes of a text, items of a list */
	TRANSFORM_B64, /* a text that is base64, decoded; none if it is not */
	TRANSFORM_VAL, /* the value as it is */
};

/* Within each other. */
#define TRANSFORMS_MAX 4

struct transforms {
	uint8_t count;
	uint8_t kinds[TRANSFORMS_MAX]; /* of enum transform, the outermost first */
};

/* False when NAME is none. */
bool transform_find(struct slice name, enum transform *ret);

const char *transform_name(enum transform transform);

/* The type that a value of TYPE has after TRANSFORM; VALUE_NONE when it cannot be done. */
enum value_type transform_type(enum transform transform, enum value_type type);

/* True when they make a number of items of a list. */
static inline bool transforms_count(const struct transforms *transforms)
{
	return transforms->count > 0 && transforms->kinds[transforms->count - 1] == TRANSFORM_LEN;
}

/*
 * VALUE after all of TRANSFORMS. Allocates nothing; may change and point into
 * SCRATCH, which VALUE may, too. A text that does not fit there is unknown.
 */
struct value transforms_apply(
	const struct transforms *transforms, struct value value, struct field_scratch *scratch);
