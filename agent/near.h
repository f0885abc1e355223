/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Opening files of containers without asking a file system that somebody else answers for. A
 * container may mount FUSE over the place of a file that ran, and already to look for a name there,
 * or to ask fstat or statfs, waits for its daemon, for ever if that likes. What kind of file
 * system it is can be told by its handles, which the kernel makes by itself.
 */
#pragma once

#include <linux/types.h>
#include <stdbool.h>

#include "barewatch/event.h"

/*
 * True when what FD stands for, opened O_PATH, may be asked: it is on the overlay that FILE is on, which
 * must be mounted, or on a local file system that is no overlay. Asks it nothing.
 */
bool near_is(int fd, const struct bw_file *file);

/* True when FD is on the mount that ROOT, which is near_is(), is on. False before Linux 5.8. */
bool near_is_beside(int fd, int root);

/*
 * PATH in the tree at ROOT, O_PATH, where that and all mounts on the way are near_is(). Nothing is
 * followed. -EXDEV when something else is mounted there, or another negative errno.
 */
int near_open(int root, const char *path, const struct bw_file *file);
