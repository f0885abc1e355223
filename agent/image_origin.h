/* SPDX-License-Identifier: Apache-2.0 */
/* Whether a file on a container's root file system is one of its image's. Reads disks. */
#pragma once

#include "barewatch/origin.h"
#include "barewatch/root.h"

struct image_origin_file {
	struct file_key key; /* as the root file system shows it */
	const char *path; /* there, links followed; NULL when it is not known whole */
	int content_fd; /* open for reading; -1 when it cannot be read */
	bool is_deleted;
	uint64_t started_ns; /* CLOCK_REALTIME, when the container was; 0: not known */
};

/*
 * The origin of FILE on ROOT, and of an image's the number of its layer, counted from the
 * bottom, 1 first; else 0. PROGRAM_ORIGIN_UNKNOWN where not all of the image could be seen.
 *
 * By path first; what was bound, renamed or linked to another name is found by inode in
 * the inventories of the layers. A copy is compared byte for byte with what it was made of.
 * On a root that is one directory everything older than the container is taken for its image.
 */
enum program_origin image_origin(const struct container_root *root, struct inventory_cache *cache,
	const struct image_origin_file *file, unsigned *ret_layer);

/*
 * Opens the file KEY of ROOT at PATH for reading, in the directories that it is put together of, not
 * through it. -ENOENT when none of them has it, in that state, there.
 */
int image_origin_open(
	const struct container_root *root, const char *path, const struct file_key *key);

/*
 * Same for the file that is at PATH now, whatever its state is, which goes to RET. Not followed
 * are links, nor directories that were renamed. -ENOENT only when all directories were asked and
 * none has anything there.
 */
int image_origin_open_path(
	const struct container_root *root, const char *path, struct file_key *ret);
