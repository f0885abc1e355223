/* SPDX-License-Identifier: Apache-2.0 */
/* Growing arrays: doubling, overflow-checked. */
#pragma once

#include <stdbool.h>
#include <stdlib.h>

#define ARRAY_FIRST_CAPACITY 8

/*
 * Makes room for EXTRA more elements of ELEMENT bytes behind COUNT. Returns the
 * array, which may have moved, or NULL, and then the old one is still there.
 */
static inline void *array_reserve(
	void *array, size_t *capacity, size_t count, size_t extra, size_t element)
{
	size_t wanted = *capacity ? *capacity : ARRAY_FIRST_CAPACITY;

	if (array && extra <= *capacity - count)
		return array;
	while (wanted - count < extra)
		if (__builtin_mul_overflow(wanted, 2, &wanted))
			return NULL;
	array = reallocarray(array, wanted, element);
	if (array)
		*capacity = wanted;
	return array;
}

/* True when ARRAY, a pointer variable, has room for EXTRA more elements. */
#define ARRAY_RESERVE(array, capacity, count, extra)                               \
	({                                                                         \
		void *room_ = array_reserve(                                       \
			(array), &(capacity), (count), (extra), sizeof(*(array))); \
		if (room_)                                                         \
			(array) = room_;                                           \
		room_ != NULL;                                                     \
	})
