/* SPDX-License-Identifier: Apache-2.0 */
/* Header blocks and maps, see tar_format.h. */
#include "image/tar_format.h"

#include <errno.h>
#include <stdlib.h>

#include "base/array.h"

#define EXTENTS_MAX (TAR_SPECIAL_MAX / 4) /* "0\n0\n" is the shortest */

void tar_map_done(struct tar_map *map)
{
	free(map->extents);
	*map = (struct tar_map){0};
}

int tar_map_add(struct tar_map *map, uint64_t offset, uint64_t size_bytes)
{
	if (map->count == EXTENTS_MAX)
		return -EFBIG;
	if (!ARRAY_RESERVE(map->extents, map->capacity, map->count, 1))
		return -ENOMEM;
	map->extents[map->count++] = (struct tar_extent){offset, size_bytes};
	return 0;
}

bool tar_map_is_valid(const struct tar_map *map, uint64_t real_size, uint64_t stored)
{
	uint64_t end = 0, sum = 0;

	for (size_t i = 0; i < map->count; i++) {
		const struct tar_extent *extent = &map->extents[i];

		if (extent->offset < end || extent->offset > real_size ||
			extent->size_bytes > real_size - extent->offset)
			return false;
		end = extent->offset + extent->size_bytes;
		sum += extent->size_bytes; /* at most REAL_SIZE, since they do not overlap */
	}
	return sum == stored;
}

static bool base256(struct slice field, uint64_t *ret)
{
	uint64_t value = (unsigned char)field.data[0] & 0x3f;

	if (field.data[0] & 0x40) /* negative */
		return false;
	for (size_t i = 1; i < field.len; i++) {
		if (value >> 56)
			return false;
		value = value << 8 | (unsigned char)field.data[i];
	}
	*ret = value;
	return value <= INT64_MAX;
}

bool tar_number(struct slice field, uint64_t *ret)
{
	uint64_t value = 0;

	if (field.len > 0 && (unsigned char)field.data[0] & 0x80)
		return base256(field, ret);
	/* writers fill up with spaces and NULs on both sides */
	while (field.len > 0 && (*field.data == ' ' || *field.data == '\0'))
		field = (struct slice){field.data + 1, field.len - 1};
	while (field.len > 0 &&
		(field.data[field.len - 1] == ' ' || field.data[field.len - 1] == '\0'))
		field.len--;
	for (size_t i = 0; i < field.len && field.data[i] != '\0'; i++) {
		if (field.data[i] < '0' || field.data[i] > '7' || value >> 60)
			return false;
		value = value << 3 | (field.data[i] - '0');
	}
	*ret = value;
	return true;
}

bool tar_decimal(struct slice text, uint64_t *ret)
{
	uint64_t value = 0;

	for (size_t i = 0; i < text.len; i++) {
		if (text.data[i] < '0' || text.data[i] > '9' ||
			__builtin_mul_overflow(value, 10, &value) ||
			__builtin_add_overflow(value, text.data[i] - '0', &value))
			return false;
	}
	*ret = value;
	return text.len > 0 && value <= INT64_MAX;
}

struct slice tar_text(const unsigned char *block, size_t at, size_t size)
{
	const char *text = (const char *)block + at;

	return (struct slice){text, strnlen(text, size)};
}

bool tar_checksum_fits(const unsigned char *block)
{
	const size_t at = 148, size = 8; /* counted as if it were spaces */
	int32_t plain = 0, with_sign = 0;
	uint64_t wanted;

	for (size_t i = 0; i < TAR_BLOCK; i++) {
		unsigned char c = i >= at && i < at + size ? ' ' : block[i];

		plain += c;
		with_sign += (signed char)c;
	}
	return tar_number((struct slice){(const char *)block + at, size}, &wanted) &&
	       ((int64_t)wanted == plain || (int64_t)wanted == with_sign);
}
