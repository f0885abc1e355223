/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Tar archives: whatever the bytes, reading comes to an end, files have the size that they are said
 * to have, and what is skipped and what is read leads to the same next header. The first byte
 * says whether checksums are made right.
 */
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "base/hash.h"
#include "image/tar.h"

static struct image_limits limits;

/* Reads the file. False when that fails. */
static bool read_data(struct tar *tar, const struct tar_member *m)
{
	char data[1000];
	uint64_t size = 0;
	ssize_t n;

	while ((n = tar_read(tar, data, sizeof(data))) > 0)
		size += n;
	if (n == 0 && size != m->size_bytes)
		abort();
	return n == 0;
}

/* A hash of all names up to the end or an error, which is stored in *RET. */
static uint64_t read_all(int fd, size_t size, bool with_data, int *ret)
{
	struct blob_range range = {fd, 0, size};
	struct blob_budget budget = {limits.bytes_max};
	struct image_error e = {0};
	CLEANUP_BLOB struct blob *blob = NULL;
	CLEANUP_TAR struct tar *tar = NULL;
	struct tar_member m;
	uint64_t hash = HASH_INIT;

	*ret = blob_open(&range, &limits, &budget, &e, &blob);
	if (*ret == 0 && !with_data)
		blob_give_up_digests(blob);
	if (*ret == 0)
		*ret = tar_open(blob, &limits, &e, &tar);
	while (*ret == 0 && (*ret = tar_next(tar, &m)) > 0) {
		if (m.type > TAR_FIFO || m.name.len > limits.name_max ||
			m.link.len > limits.name_max)
			abort();
		hash = hash_add(hash, m.name.data, m.name.len);
		*ret = with_data && m.type == TAR_FILE && !read_data(tar, &m) ? -1 : 0;
	}
	if ((*ret < 0) != (e.kind != IMAGE_NO_ERROR) || (*ret < 0 && !e.message[0]))
		abort();
	return hash;
}

/* Makes right the checksums of all blocks that are not empty, which no mutation would. */
static void seal(uint8_t *blocks, size_t size)
{
	for (uint8_t *block = blocks; size >= 512; block += 512, size -= 512) {
		unsigned sum = 0;

		if (block[0] == 0)
			continue;
		memset(block + 148, ' ', 8);
		for (size_t i = 0; i < 512; i++)
			sum += block[i];
		snprintf((char *)block + 148, 8, "%06o", sum);
	}
}

static void write_input(int fd, const uint8_t *data, size_t size, bool sealed)
{
	CLEANUP_FREE uint8_t *copy = malloc(size + 1);

	if (fd < 0 || !copy)
		abort();
	memcpy(copy, data, size);
	if (sealed)
		seal(copy, size);
	if (ftruncate(fd, 0) < 0 || pwrite(fd, copy, size, 0) != (ssize_t)size)
		abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static int fd = -1;
	uint64_t with_data, without;
	int r, r2;

	limits = IMAGE_LIMITS_DEFAULT;
	limits.bytes_max = limits.ratio_free_bytes = 1 << 20;
	if (fd < 0)
		fd = memfd_create("tar", MFD_CLOEXEC);
	if (size < 1)
		return 0;
	write_input(fd, data + 1, --size, data[0] & 1);
	with_data = read_all(fd, size, true, &r);
	without = read_all(fd, size, false, &r2);
	/* holes are charged only when they are read */
	if (r == 0 && (r2 != 0 || with_data != without))
		abort();
	return 0;
}
