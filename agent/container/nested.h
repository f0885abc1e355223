/* SPDX-License-Identifier: Apache-2.0 */
/* Parts of container_read_nested(), which can be had one by one. */
#pragma once

#include "barewatch/container.h"

/*
 * Opens the root directory of the process PID, which must be in the cgroup at PATH or below,
 * and must not see the host's files. Returns a descriptor for paths only, or a negative errno:
 * -EXDEV when it is the host's, -EREMOTE when some place of an engine's files is on a file system
 * that may never answer.
 */
int nested_root_open(pid_t pid, const char *path);

/* Learns about CONTAINER from engines' files below the directory ROOT, see container_read_nested(). */
bool nested_read_below(struct container *container, const char *root);

/*
 * True when a file system of this TYPE, mounted at MOUNT_POINT, could make who reads an engine's
 * files there wait for some other process or host.
 */
bool nested_mount_may_block(const char *type, const char *mount_point);
