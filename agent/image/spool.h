/* SPDX-License-Identifier: Apache-2.0 */
/* Files without a name, on disk: for what has to be read more than once. */
#pragma once

#include "barewatch/image.h"

/*
 * Empties the file that *FD is open for, or makes one when that is -1: in $TMPDIR, else /var/tmp,
 * which is meant to be a disk. 0 or a negative errno.
 */
int spool_begin(int *fd);

/* Of the spools that were given, which is for what. The readers of layers have a number each. */
enum spool_use { SPOOL_INPUT, SPOOL_ARCHIVE, SPOOL_LAYERS };

/* One of SPOOLS, which may be NULL, for the caller to close; -1 when there is none. */
int spool_given(const struct image_spools *spools, unsigned number);
