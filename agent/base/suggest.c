/* SPDX-License-Identifier: Apache-2.0 */
/* Edit distance over short words, for suggest.h. */
#include "base/suggest.h"

#include <string.h>

/* Words longer than this are not typing errors; also the bound of the tables below. */
#define WORD_MAX 48

static unsigned min3(unsigned a, unsigned b, unsigned c)
{
	unsigned m = a < b ? a : b;

	return m < c ? m : c;
}

static unsigned edit_distance(const char *a, size_t a_len, const char *b, size_t b_len)
{
	unsigned rows[3][WORD_MAX + 1];

	for (size_t j = 0; j <= b_len; j++)
		rows[0][j] = j;
	for (size_t i = 1; i <= a_len; i++) {
		unsigned *row = rows[i % 3];
		const unsigned *above = rows[(i + 2) % 3];
		const unsigned *above2 = rows[(i + 1) % 3];

		row[0] = i;
		for (size_t j = 1; j <= b_len; j++) {
			unsigned cost = a[i - 1] != b[j - 1];

			row[j] = min3(above[j] + 1, row[j - 1] + 1, above[j - 1] + cost);
			if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1] &&
				above2[j - 2] + 1 < row[j])
				row[j] = above2[j - 2] + 1;
		}
	}
	return rows[a_len % 3][b_len];
}

const char *suggest_closest(const char *word, const char *const *candidates, size_t count)
{
	size_t word_len = strlen(word);
	const char *best = NULL;
	unsigned best_distance = 0;

	if (word_len == 0 || word_len > WORD_MAX)
		return NULL;
	for (size_t i = 0; i < count; i++) {
		size_t len = candidates[i] ? strlen(candidates[i]) : 0;
		unsigned distance;

		if (len == 0 || len > WORD_MAX)
			continue;
		distance = edit_distance(word, word_len, candidates[i], len);
		/* a third of the word may differ, at least one letter, never all of it */
		if (distance > 1 + word_len / 3 || distance >= word_len)
			continue;
		if (!best || distance < best_distance) {
			best = candidates[i];
			best_distance = distance;
		}
	}
	return best;
}
