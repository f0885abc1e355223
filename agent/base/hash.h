/* SPDX-License-Identifier: Apache-2.0 */
/* FNV-1a, 64 bits: tells apart what nobody has a reason to forge; it protects from nobody. */
#pragma once

#include <stddef.h>
#include <stdint.h>

#define HASH_INIT 0xcbf29ce484222325ULL

/* HASH, which begins as HASH_INIT, with the SIZE bytes of DATA added. */
static inline uint64_t hash_add(uint64_t hash, const void *data, size_t size)
{
	const unsigned char *bytes = data;

	for (size_t i = 0; i < size; i++)
		hash = (hash ^ bytes[i]) * 0x100000001b3ULL;
	return hash;
}
