/* SPDX-License-Identifier: Apache-2.0 */
/* The word somebody probably meant. */
#pragma once

#include <stddef.h>

/*
 * The one of COUNT candidates nearest to WORD (Damerau-Levenshtein, adjacent
 * swaps count as one), or NULL when none is near enough to be a help. Points
 * into CANDIDATES. Entries may be NULL.
 */
const char *suggest_closest(const char *word, const char *const *candidates, size_t count);
