/* SPDX-License-Identifier: Apache-2.0 */
/* See sha256.h. */
#include "base/sha256.h"

#include <errno.h>
#include <openssl/evp.h>

int sha256_init(struct sha256 *sha256)
{
	if (!sha256->context)
		sha256->context = EVP_MD_CTX_new();
	if (!sha256->context)
		return -ENOMEM;
	return EVP_DigestInit_ex(sha256->context, EVP_sha256(), NULL) == 1 ? 0 : -EIO;
}

void sha256_done(struct sha256 *sha256)
{
	EVP_MD_CTX_free(sha256->context);
	sha256->context = NULL;
}

int sha256_add(struct sha256 *sha256, const void *data, size_t size)
{
	return EVP_DigestUpdate(sha256->context, data, size) == 1 ? 0 : -EIO;
}

int sha256_end(struct sha256 *sha256, unsigned char ret[static SHA256_SIZE])
{
	return EVP_DigestFinal_ex(sha256->context, ret, NULL) == 1 ? 0 : -EIO;
}

void sha256_format(
	const unsigned char digest[static SHA256_SIZE], char ret[static SHA256_TEXT_SIZE])
{
	static const char digits[] = "0123456789abcdef";

	for (size_t i = 0; i < SHA256_SIZE; i++) {
		ret[2 * i] = digits[digest[i] >> 4];
		ret[2 * i + 1] = digits[digest[i] & 15];
	}
	ret[2 * SHA256_SIZE] = '\0';
}

static int digit_value(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

bool sha256_parse(struct slice text, unsigned char ret[static SHA256_SIZE])
{
	if (text.len != 2 * SHA256_SIZE)
		return false;
	for (size_t i = 0; i < SHA256_SIZE; i++) {
		int high = digit_value(text.data[2 * i]), low = digit_value(text.data[2 * i + 1]);

		if (high < 0 || low < 0)
			return false;
		ret[i] = high << 4 | low;
	}
	return true;
}
