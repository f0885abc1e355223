/* SPDX-License-Identifier: Apache-2.0 */
/* Tables of patterns and texts, for each kind of pattern that there is. */
#pragma once

#include "asserts.h"

struct pattern_case {
	const char *pattern, *text;
	bool matches;
};

typedef bool pattern_match_fn(const char *pattern, struct slice text);

/* MATCH says of each of the COUNT cases what is written there. */
static inline void assert_patterns(
	const struct pattern_case *cases, size_t count, pattern_match_fn *match)
{
	for (size_t i = 0; i < count; i++)
		if (match(cases[i].pattern, slice_of(cases[i].text)) != cases[i].matches)
			fail_msg("'%s' and '%s': not %d", cases[i].pattern, cases[i].text,
				cases[i].matches);
}
