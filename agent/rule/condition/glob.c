/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The matcher of glob.h. Only the last `*` is ever gone back to: what an earlier
 * one took cannot make a difference, so there is no exponential case.
 */
#include "rule/condition/glob.h"

#include <ctype.h>

/* Length of the element of PATTERN that starts at AT; 0 when it is not whole. */
static size_t element_len(struct slice pattern, size_t at)
{
	size_t end = at + 1;

	if (pattern.data[at] == '\\')
		return end < pattern.len ? 2 : 0;
	if (pattern.data[at] != '[')
		return 1;
	if (end < pattern.len && (pattern.data[end] == '!' || pattern.data[end] == '^'))
		end++;
	if (end < pattern.len && pattern.data[end] == ']') /* the first one is a member */
		end++;
	while (end < pattern.len && pattern.data[end] != ']')
		end++;
	return end < pattern.len ? end + 1 - at : 0;
}

bool glob_valid(struct slice pattern)
{
	for (size_t at = 0, len; at < pattern.len; at += len) {
		len = element_len(pattern, at);
		if (len == 0)
			return false;
	}
	return true;
}

/* SET is what stands between the brackets. */
static bool set_has(struct slice set, unsigned char c)
{
	bool negated = set.data[0] == '!' || set.data[0] == '^';

	for (size_t i = negated; i < set.len; i++) {
		unsigned char first = set.data[i], last = first;

		if (i + 2 < set.len && set.data[i + 1] == '-') {
			last = set.data[i + 2];
			i += 2;
		}
		if (c >= first && c <= last)
			return !negated;
	}
	return negated;
}

/* True when ELEMENT, which is not `*`, matches C. */
static bool element_matches(struct slice element, char c)
{
	switch (element.data[0]) {
	case '?':
		return true;
	case '\\':
		return element.data[1] == c;
	case '[':
		return set_has((struct slice){element.data + 1, element.len - 2}, c);
	default:
		return element.data[0] == c;
	}
}

/* The same, or when FOLDS the other case of the letter C does. */
static bool element_matches_case(struct slice element, char c, bool folds)
{
	if (element_matches(element, c))
		return true;
	return folds && isalpha((unsigned char)c) && element_matches(element, c ^ ('a' ^ 'A'));
}

static bool match(struct slice pattern, struct slice text, bool folds)
{
	size_t at = 0, i = 0, star = pattern.len, star_text = 0;

	while (i < text.len || at < pattern.len) {
		size_t len = at < pattern.len ? element_len(pattern, at) : 0;

		if (len > 0 && pattern.data[at] == '*') {
			star = at++;
			star_text = i;
		} else if (len > 0 && i < text.len &&
			   element_matches_case(
				   (struct slice){pattern.data + at, len}, text.data[i], folds)) {
			at += len;
			i++;
		} else if (star < pattern.len && star_text < text.len) {
			at = star + 1;
			i = ++star_text;
		} else {
			return false;
		}
	}
	return true;
}

bool glob_match(struct slice pattern, struct slice text)
{
	return match(pattern, text, false);
}

bool glob_match_folded(struct slice pattern, struct slice text)
{
	return match(pattern, text, true);
}
