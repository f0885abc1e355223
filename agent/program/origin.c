/* SPDX-License-Identifier: Apache-2.0 */
/* Where the bytes of a program came from, as far as the place of its file tells. */
#include "barewatch/origin.h"

#include <linux/magic.h>

const char *program_origin_name(enum program_origin origin)
{
	static const char *const names[PROGRAM_ORIGINS] = {
		[PROGRAM_ORIGIN_UNKNOWN] = "unknown",
		[PROGRAM_ORIGIN_IMAGE] = "image",
		[PROGRAM_ORIGIN_COPYUP] = "copyup",
		[PROGRAM_ORIGIN_UPPER] = "upper",
		[PROGRAM_ORIGIN_VOLUME] = "volume",
		[PROGRAM_ORIGIN_MEMFD] = "memfd",
		[PROGRAM_ORIGIN_TMPFS] = "tmpfs",
		[PROGRAM_ORIGIN_HOST] = "host",
		[PROGRAM_ORIGIN_DELETED] = "deleted",
	};

	return names[origin];
}

bool program_origin_is_foreign(enum program_origin origin)
{
	return origin != PROGRAM_ORIGIN_UNKNOWN && origin != PROGRAM_ORIGIN_IMAGE &&
	       origin != PROGRAM_ORIGIN_COPYUP;
}

static bool is_on_root(const struct origin_clues *clues)
{
	return clues->file->dev_major == clues->root_major &&
	       clues->file->dev_minor == clues->root_minor;
}

/*
 * A memfd is no image's, so of it nothing else need be known. That a file of the image has
 * no name any more does not make it another's: a look tells.
 */
bool program_origin_by_place(const struct origin_clues *clues, enum program_origin *ret)
{
	if (clues->file->flags & BW_FILE_MEMFD)
		*ret = PROGRAM_ORIGIN_MEMFD;
	else if (!clues->root_is_known)
		*ret = PROGRAM_ORIGIN_UNKNOWN;
	else if (clues->mounts_are_outside)
		*ret = PROGRAM_ORIGIN_HOST;
	else if (is_on_root(clues))
		return false;
	else if (clues->file->flags & BW_FILE_DELETED)
		*ret = PROGRAM_ORIGIN_DELETED;
	else if (clues->is_detached)
		*ret = PROGRAM_ORIGIN_HOST;
	else if (clues->file->fs_magic == TMPFS_MAGIC)
		*ret = PROGRAM_ORIGIN_TMPFS;
	else
		*ret = PROGRAM_ORIGIN_VOLUME;
	return true;
}
