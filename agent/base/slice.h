/* SPDX-License-Identifier: Apache-2.0 */
/* A view of bytes that somebody else owns. Not terminated; any byte may be in it. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <string.h>

struct slice {
	const char *data;
	size_t len;
};

static inline struct slice slice_of(const char *text)
{
	return (struct slice){.data = text, .len = text ? strlen(text) : 0};
}

static inline bool slice_equal(struct slice a, struct slice b)
{
	return a.len == b.len && (a.len == 0 || memcmp(a.data, b.data, a.len) == 0);
}

static inline bool slice_equal_text(struct slice a, const char *text)
{
	return slice_equal(a, slice_of(text));
}

/* What follows the last '/', or all of it. */
static inline struct slice slice_basename(struct slice path)
{
	size_t i = path.len;

	while (i > 0 && path.data[i - 1] != '/')
		i--;
	if (i == 0) /* all of it, which may be nothing at no address */
		return path;
	return (struct slice){.data = path.data + i, .len = path.len - i};
}

/* True when SIZE bytes at OFFSET lie within LIMIT bytes. Cannot overflow. */
static inline bool range_valid(size_t offset, size_t size, size_t limit)
{
	return offset <= limit && size <= limit - offset;
}
