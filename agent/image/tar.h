/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Tar archives, member by member, out of a stream: ustar and pax (POSIX.1-2017, pax, "ustar
 * Interchange Format" and "pax Header Block"), and GNU tar's long names and sparse files (GNU tar
 * manual 1.34, "Tar Internals").
 *
 * Where readers disagree it reads as Go's archive/tar (1.19), by which engines do; what would be
 * another file for other readers is refused: a global path, names given twice, a zero block in the
 * middle.
 */
#pragma once

#include "image/blob.h"

enum tar_type {
	TAR_FILE, /* and what is not known here, as POSIX wants */
	TAR_HARD_LINK,
	TAR_SYMLINK,
	TAR_CHARACTER_DEVICE,
	TAR_BLOCK_DEVICE,
	TAR_DIRECTORY,
	TAR_FIFO,
};

/* Slices are valid until the next member. Any byte but NUL may be in a name. */
struct tar_member {
	enum tar_type type;
	struct slice name, link; /* as they are written there */
	struct slice capability; /* the extended attribute security.capability, "" without it */
	uint32_t mode; /* permissions, with setuid, setgid and sticky */
	uint32_t uid, gid;
	uint64_t size_bytes; /* of a file, holes included; else 0 */
	bool is_sparse;
	uint64_t data_position; /* in the stream, of what is stored of the file */
};

struct tar;

/* Reads members out of BLOB, which has to outlive the archive. Fails as functions of BLOB do. */
int tar_open(struct blob *blob, const struct image_limits *limits, struct image_error *e,
	struct tar **ret);
void tar_free(struct tar *tar);

/* The next member: 1, 0 behind the last one, or a negative errno. */
int tar_next(struct tar *tar, struct tar_member *ret);

/* The next up to SIZE bytes of the member's file, holes as zeros. 0 at its end. */
ssize_t tar_read(struct tar *tar, void *data, size_t size);

/* False when the stream ended without the two zero blocks that are an archive's end. */
bool tar_has_end(const struct tar *tar);

DEFINE_CLEANUP(struct tar, tar, tar_free);
#define CLEANUP_TAR CLEANUP(tar_cleanup)
