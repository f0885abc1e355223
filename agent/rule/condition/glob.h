/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Shell patterns over whole texts: `*` any bytes, '/' among them, `?` one byte,
 * `[a-z]` and `[!a-z]` one byte of a set, a backslash before what is meant as
 * itself. Unlike fnmatch(3) it takes no locale, no terminator and no memory.
 */
#pragma once

#include <stdbool.h>

#include "base/slice.h"

/* False when a set of PATTERN is not closed, or it ends in a single backslash. */
bool glob_valid(struct slice pattern);

/* True when the valid PATTERN matches all of TEXT. At most pattern times text steps. */
bool glob_match(struct slice pattern, struct slice text);

/* The same, whatever the case of the letters of ASCII. */
bool glob_match_folded(struct slice pattern, struct slice text);
