/* SPDX-License-Identifier: Apache-2.0 */
/* Tar archives made in memory. */
#pragma once

#include "image/bytes_fixture.h"

#include "image/tar.h"

#define BLOCK 512

static inline void tar_pad(struct strbuf *out)
{
	static const char zeros[BLOCK];

	strbuf_add(out, zeros, (BLOCK - out->len % BLOCK) % BLOCK);
}

/* Makes the checksum of the header at AT right. */
static inline void tar_seal(struct strbuf *out, size_t at)
{
	unsigned sum = 0;

	memset(out->data + at + 148, ' ', 8);
	for (size_t i = 0; i < BLOCK; i++)
		sum += (unsigned char)out->data[at + i];
	snprintf(out->data + at + 148, 8, "%06o", sum);
}

/* Appends a ustar header. Returns where it is. */
static inline size_t tar_add_header(
	struct strbuf *out, char type, const char *name, const char *link, uint64_t size)
{
	size_t at = out->len;
	char block[BLOCK] = {0};

	memcpy(block, name, strlen(name) < 100 ? strlen(name) : 100);
	snprintf(block + 100, 8, "%07o", type == '5' ? 0755 : 0644);
	snprintf(block + 108, 8, "%07o", 0);
	snprintf(block + 116, 8, "%07o", 0);
	for (int i = 11; i >= 0; i--, size >>= 3)
		block[124 + i] = '0' + (size & 7);
	block[156] = type;
	memcpy(block + 157, link, strlen(link) < 100 ? strlen(link) : 100);
	memcpy(block + 257, "ustar\00000", 8);
	strbuf_add(out, block, BLOCK);
	tar_seal(out, at);
	return at;
}

/* Appends a header and the data that it announces. */
static inline size_t tar_add_data(
	struct strbuf *out, char type, const char *name, struct slice data)
{
	size_t at = tar_add_header(out, type, name, "", data.len);

	strbuf_add_slice(out, data);
	tar_pad(out);
	return at;
}

static inline size_t tar_add_file(struct strbuf *out, const char *name, const char *data)
{
	return tar_add_data(out, '0', name, slice_of(data));
}

static inline void tar_add_link(struct strbuf *out, char type, const char *name, const char *link)
{
	tar_add_header(out, type, name, link, 0);
}

static inline void tar_add_directory(struct strbuf *out, const char *name)
{
	tar_add_header(out, '5', name, "", 0);
}

/* Appends a pax record: its length counts the digits of the length. */
static inline void pax_add(struct strbuf *out, const char *key, const char *value)
{
	size_t len = strlen(key) + strlen(value) + 3, total = len + 1;

	while (total != len + snprintf(NULL, 0, "%zu", total))
		total++;
	strbuf_addf(out, "%zu %s=%s\n", total, key, value);
}

/* Appends a pax header of one record. */
static inline void tar_add_pax(struct strbuf *out, char type, const char *key, const char *value)
{
	CLEANUP_STRBUF struct strbuf records = STRBUF_INIT;

	pax_add(&records, key, value);
	tar_add_data(out, type, "pax", strbuf_slice(&records));
}

static inline void tar_add_end(struct strbuf *out)
{
	static const char zeros[2 * BLOCK];

	strbuf_add(out, zeros, sizeof(zeros));
}
