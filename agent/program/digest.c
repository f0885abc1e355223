/* SPDX-License-Identifier: Apache-2.0 */
/* SHA-256 of files. */
#include <errno.h>
#include <stdlib.h>
#include <unistd.h>

#include "barewatch/origin.h"
#include "base/cleanup.h"
#include "base/sha256.h"

#define CHUNK 65536

/* Feeds SHA256 all of FD, through BUFFER. A file may grow while it is read. */
static int feed(struct sha256 *sha256, int fd, unsigned char *buffer)
{
	off_t offset = 0;
	ssize_t n;
	int r;

	for (;;) {
		n = pread(fd, buffer, CHUNK, offset);
		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0)
			return n < 0 ? -errno : 0;
		offset += n;
		if (offset > (off_t)DIGEST_BYTES_MAX)
			return -EFBIG;
		r = sha256_add(sha256, buffer, n);
		if (r < 0)
			return r;
	}
}

int digest_file(int fd, unsigned char ret[static DIGEST_SIZE])
{
	CLEANUP_SHA256 struct sha256 sha256 = SHA256_INIT;
	CLEANUP_FREE unsigned char *buffer = malloc(CHUNK);
	struct stat st;
	int r;

	if (!buffer)
		return -ENOMEM;
	if (fstat(fd, &st) < 0)
		return -errno;
	if (st.st_size > (off_t)DIGEST_BYTES_MAX)
		return -EFBIG;
	r = sha256_init(&sha256);
	if (r == 0)
		r = feed(&sha256, fd, buffer);
	return r < 0 ? r : sha256_end(&sha256, ret);
}
