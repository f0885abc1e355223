/* SPDX-License-Identifier: Apache-2.0 */
/* The bytes of a file that is identified: read from a descriptor, or there already. */
#pragma once

#include <errno.h>
#include <sys/types.h>
#include <unistd.h>

#include "base/slice.h"

struct source {
	int fd; /* -1: BYTES */
	struct slice bytes;
};

/* Reads up to SIZE bytes at OFFSET. Returns how many there were, or a negative errno. */
static inline ssize_t source_read(
	const struct source *source, uint64_t offset, void *buffer, size_t size)
{
	ssize_t n;

	if (source->fd < 0) {
		if (offset >= source->bytes.len)
			return 0;
		if (size > source->bytes.len - offset)
			size = source->bytes.len - offset;
		memcpy(buffer, source->bytes.data + offset, size);
		return size;
	}
	if (offset > INT64_MAX)
		return 0;
	do
		n = pread(source->fd, buffer, size, offset);
	while (n < 0 && errno == EINTR);
	return n < 0 ? -errno : n;
}

/* True when all SIZE bytes at OFFSET are there, in BUFFER then. */
static inline bool source_read_all(
	const struct source *source, uint64_t offset, void *buffer, size_t size)
{
	return source_read(source, offset, buffer, size) == (ssize_t)size;
}
