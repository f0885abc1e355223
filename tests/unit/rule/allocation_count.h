/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Counts the allocations of a test program, to be included in its one source
 * file: by hooks where a sanitizer has its own allocator, else by standing before
 * that of the C library.
 */
#pragma once

#include <stddef.h>

static size_t allocation_count;

#if defined(__SANITIZE_ADDRESS__)
#define ALLOCATOR_IS_SANITIZED 1
#elif defined(__has_feature)
#if __has_feature(address_sanitizer)
#define ALLOCATOR_IS_SANITIZED 1
#endif
#endif

#ifdef ALLOCATOR_IS_SANITIZED

int __sanitizer_install_malloc_and_free_hooks(
	void (*on_malloc)(const volatile void *, size_t), void (*on_free)(const volatile void *));

static void allocation_seen(const volatile void *pointer, size_t size)
{
	(void)pointer;
	(void)size;
	allocation_count++;
}

static void release_seen(const volatile void *pointer)
{
	(void)pointer;
}

static inline void allocation_count_start(void)
{
	__sanitizer_install_malloc_and_free_hooks(allocation_seen, release_seen);
}

#else

void *__libc_malloc(size_t size);
void *__libc_calloc(size_t count, size_t size);
void *__libc_realloc(void *pointer, size_t size);

void *malloc(size_t size)
{
	allocation_count++;
	return __libc_malloc(size);
}

void *calloc(size_t count, size_t size)
{
	allocation_count++;
	return __libc_calloc(count, size);
}

void *realloc(void *pointer, size_t size)
{
	allocation_count++;
	return __libc_realloc(pointer, size);
}

static inline void allocation_count_start(void)
{
}

#endif
