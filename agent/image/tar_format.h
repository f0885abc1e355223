/* SPDX-License-Identifier: Apache-2.0 */
/* The parts of tar.c: header blocks, pax records, maps of sparse files. Pure. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "base/slice.h"
#include "base/strbuf.h"

#define TAR_BLOCK 512

/*
 * Data of an extended header, or a sparse map in one, as Go's reader allows (archive/tar,
 * maxSpecialFileSize).
 */
#define TAR_SPECIAL_MAX (1u << 20)

/* Where the fields of a header block are (POSIX.1-2017, pax; the last ones GNU tar's). */
#define TAR_NAME_AT     0
#define TAR_NAME_SIZE   100
#define TAR_MODE_AT     100
#define TAR_UID_AT      108
#define TAR_GID_AT      116
#define TAR_ID_SIZE     8
#define TAR_SIZE_AT     124
#define TAR_NUMBER_SIZE 12
#define TAR_TYPE_AT     156
#define TAR_LINK_AT     157
#define TAR_LINK_SIZE   100
#define TAR_MAGIC_AT    257
#define TAR_PREFIX_AT   345
#define TAR_PREFIX_SIZE 155
#define TAR_SPARSE_AT   386 /* four entries of two numbers */
#define TAR_EXTENDED_AT 482
#define TAR_REAL_AT     483

struct tar_extent {
	uint64_t offset, size_bytes; /* of data, in the file; holes are between them */
};

/* The data of a sparse file. */
struct tar_map {
	struct tar_extent *extents;
	size_t count, capacity;
};

void tar_map_done(struct tar_map *map);

/* Adds an extent. 0, -ENOMEM, or -EFBIG beyond what TAR_SPECIAL_MAX allows. */
int tar_map_add(struct tar_map *map, uint64_t offset, uint64_t size_bytes);

/*
 * True when the extents come in order, within a file of REAL_SIZE, and are STORED bytes together.
 */
bool tar_map_is_valid(const struct tar_map *map, uint64_t real_size, uint64_t stored);

/*
 * A number in octal, or in base 256 (GNU tar manual, "Extensions"). False when it is none, or
 * negative.
 */
bool tar_number(struct slice field, uint64_t *ret);

/* A whole number in decimal, without anything else. */
bool tar_decimal(struct slice text, uint64_t *ret);

/* A field up to its NUL. */
struct slice tar_text(const unsigned char *block, size_t at, size_t size);

/* True when its checksum, of bytes as signed or unsigned, is right. */
bool tar_checksum_fits(const unsigned char *block);

/* A number of a record that may be absent. */
struct tar_optional {
	bool is_set;
	uint64_t value;
};

/* What pax records say. Texts are kept in TEXT; offsets there, since it moves. */
struct tar_pax {
	struct strbuf path, link, capability, sparse_name;
	bool has_path, has_link, has_capability, has_sparse_name;
	struct tar_optional size, uid, gid, sparse_size, sparse_real_size, sparse_major,
		sparse_minor;
	bool has_map; /* of GNU.sparse 0.0 or 0.1 */
	bool has_offset; /* and waits for its size */
	uint64_t offset;
	struct tar_map map;
};

void tar_pax_reset(struct tar_pax *pax);
void tar_pax_done(struct tar_pax *pax);

/* Takes the records in DATA. 0, or a negative errno with *RET_WHY saying what is wrong. */
int tar_pax_parse(struct tar_pax *pax, struct slice data, const char **ret_why);
