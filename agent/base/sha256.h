/* SPDX-License-Identifier: Apache-2.0 */
/*
 * SHA-256 of bytes as they come, by libcrypto, which knows the instructions that processors
 * have for it. The only home of libcrypto.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>

#include "base/cleanup.h"
#include "base/slice.h"

#define SHA256_SIZE      32
#define SHA256_TEXT_SIZE (2 * SHA256_SIZE + 1) /* in hexadecimal, with its NUL */

struct sha256 {
	void *context; /* libcrypto's; NULL before sha256_init() */
};

#define SHA256_INIT ((struct sha256){0})

/* Begins anew; what was begun before is forgotten. 0, -ENOMEM or -EIO. */
int sha256_init(struct sha256 *sha256);
void sha256_done(struct sha256 *sha256);
#define CLEANUP_SHA256 CLEANUP(sha256_done)

/* 0 or -EIO. */
int sha256_add(struct sha256 *sha256, const void *data, size_t size);

/* Ends what was begun. 0 or -EIO. */
int sha256_end(struct sha256 *sha256, unsigned char ret[static SHA256_SIZE]);

/* In hexadecimal, lower case. */
void sha256_format(
	const unsigned char digest[static SHA256_SIZE], char ret[static SHA256_TEXT_SIZE]);

/* False when TEXT is not 64 hexadecimal digits in lower case, as image specifications want them. */
bool sha256_parse(struct slice text, unsigned char ret[static SHA256_SIZE]);
