/* SPDX-License-Identifier: Apache-2.0 */
/* See opened.h. */
#include "opened.h"

#include <linux/magic.h>

/*
 * A file of an overlay that the overlay has written, or is about to, is in the upper layer. The kernel
 * side has the generation of that (bw_open_kind), which file systems that overlays write to draw at
 * random; it is 0 while there is only the image's.
 */
static enum program_origin origin_on_root(const struct event_open *open)
{
	const uint32_t writing = BW_OPEN_WRITE | BW_OPEN_TRUNC | BW_OPEN_CREATED;

	if (open->record->kind.use & writing)
		return PROGRAM_ORIGIN_UPPER;
	if (open->file.fs_magic != OVERLAYFS_SUPER_MAGIC)
		return PROGRAM_ORIGIN_UNKNOWN;
	return open->record->kind.generation ? PROGRAM_ORIGIN_UPPER : PROGRAM_ORIGIN_IMAGE;
}

enum program_origin opened_origin(
	const struct event *event, const struct container_root *root, bool mounts_are_outside)
{
	struct origin_clues clues = {
		.file = &event->open.file,
		.is_detached = event->open.path.detached,
		.mounts_are_outside = mounts_are_outside,
		.root_is_known = root,
		.root_major = root ? root->dev_major : 0,
		.root_minor = root ? root->dev_minor : 0,
	};
	enum program_origin origin;

	return program_origin_by_place(&clues, &origin) ? origin : origin_on_root(&event->open);
}
