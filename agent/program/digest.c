/* SPDX-License-Identifier: Apache-2.0 */
/* SHA-256 of files, by libcrypto, which knows the instructions that processors have for it. */
#include <errno.h>
#include <openssl/evp.h>
#include <stdlib.h>
#include <unistd.h>

#include "barewatch/origin.h"
#include "base/cleanup.h"

#define CHUNK 65536

DEFINE_CLEANUP(EVP_MD_CTX, digest_context, EVP_MD_CTX_free);

/* Feeds CONTEXT all of FD, through BUFFER. A file may grow while it is read. */
static int feed(EVP_MD_CTX *context, int fd, unsigned char *buffer)
{
	off_t offset = 0;
	ssize_t n;

	for (;;) {
		n = pread(fd, buffer, CHUNK, offset);
		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0)
			return n < 0 ? -errno : 0;
		offset += n;
		if (offset > (off_t)DIGEST_BYTES_MAX)
			return -EFBIG;
		if (EVP_DigestUpdate(context, buffer, n) != 1)
			return -EIO;
	}
}

int digest_file(int fd, unsigned char ret[static DIGEST_SIZE])
{
	CLEANUP(digest_context_cleanup) EVP_MD_CTX *context = EVP_MD_CTX_new();
	CLEANUP_FREE unsigned char *buffer = malloc(CHUNK);
	struct stat st;
	int r;

	if (!context || !buffer)
		return -ENOMEM;
	if (fstat(fd, &st) < 0)
		return -errno;
	if (st.st_size > (off_t)DIGEST_BYTES_MAX)
		return -EFBIG;
	if (EVP_DigestInit_ex(context, EVP_sha256(), NULL) != 1)
		return -EIO;
	r = feed(context, fd, buffer);
	if (r < 0)
		return r;
	return EVP_DigestFinal_ex(context, ret, NULL) == 1 ? 0 : -EIO;
}
