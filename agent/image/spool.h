/* SPDX-License-Identifier: Apache-2.0 */
/* Files without a name, on disk: for what has to be read more than once. */
#pragma once

/*
 * Empties the file that *FD is open for, or makes one when that is -1: in $TMPDIR, else /var/tmp,
 * which is meant to be a disk. 0 or a negative errno.
 */
int spool_begin(int *fd);
