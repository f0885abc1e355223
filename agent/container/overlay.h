/* SPDX-License-Identifier: Apache-2.0 */
/* The directories that an overlay file system is put together of. */
#pragma once

#include "base/slice.h"
#include "base/strbuf.h"

struct overlay {
	struct strbuf upper; /* empty when nothing can be written */
	struct strbuf lower; /* as CONTAINER_OVERLAY_LOWER */
	unsigned dev_major, dev_minor;
};

void overlay_done(struct overlay *overlay);

/*
 * Takes the overlay that is mounted at MOUNT_POINT, the topmost if there are several, out of
 * MOUNTINFO, the text of a /proc/PID/mountinfo, which is changed. A directory that is
 * given relative to where its engine stood is taken as one beside ROOTFS, or beside the
 * upper one. False when none is mounted there, or one of its directories cannot be told.
 */
bool overlay_parse(
	char *mountinfo, const char *mount_point, const char *rootfs, struct overlay *ret);
