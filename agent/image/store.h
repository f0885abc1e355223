/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Where the files of an image are: in a directory, or in a tar archive, in which they are found
 * by their names and are read in place. Links are followed, never out of it.
 */
#pragma once

#include "image/blob.h"

struct store;

/* A file that was looked up. */
struct store_file {
	struct blob_range range;
	int owned_fd; /* -1: the store's */
};

#define STORE_FILE_INIT ((struct store_file){.owned_fd = -1})

void store_file_done(struct store_file *file);
#define CLEANUP_STORE_FILE CLEANUP(store_file_done)

/* Takes the directory FD over. 0 or -ENOMEM. */
int store_new_directory(int fd, struct store **ret);

/*
 * Lists the archive in FD, which stays the caller's and has to outlive the store. What is
 * compressed is decompressed into SPOOL, which the store takes over, or where that is -1 into a
 * file without a name of its own.
 */
int store_new_archive(int fd, int spool, const struct image_limits *limits, struct image_error *e,
	struct store **ret);
void store_free(struct store *store);

/* Looks up NAME: 0, -ENOENT, or another errno, all without a message. */
int store_open(const struct store *store, const char *name, struct store_file *ret);

/* What an archive, or a directory, has at its top. */
struct store_marks {
	bool has_layout, has_index; /* oci-layout, index.json */
	bool has_manifest, has_version; /* manifest.json, version */
};

/* Looks for them in the archive in FD without listing it. */
int store_marks_of_archive(
	int fd, const struct image_limits *limits, struct image_error *e, struct store_marks *ret);
struct store_marks store_marks_of(const struct store *store);

DEFINE_CLEANUP(struct store, store, store_free);
#define CLEANUP_STORE CLEANUP(store_cleanup)
