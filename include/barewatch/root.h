/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The container module, too: the root file system of a container, and how its files and
 * those of its image are reached. Once found it does not change, so what the container
 * mounts later over its root is not taken for its image.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#include "barewatch/container.h"

enum container_root_kind {
	CONTAINER_ROOT_OVERLAY,
	CONTAINER_ROOT_DIRECTORY, /* it is the image and what was written to it in one */
};

struct container_root {
	unsigned references;
	enum container_root_kind kind;
	uint32_t dev_major, dev_minor; /* of the file system, as the kernel numbers it */
	/*
	 * Same for roots that are put together of the same layers: with a file's inode number,
	 * what to keep things about image files by. 0 for a directory.
	 */
	uint64_t layer_set;
	int view_fd; /* root directory of whoever mounted it, in which the paths below are */
	char *rootfs; /* NULL where it is not known; a directory is always known */
	char *upper; /* NULL without one */
	char **layers; /* lower directories, topmost first; none of a directory */
	size_t layer_count;
	int fd; /* its root as its processes see it, with all mounts; -1 until that was seen */
};

/* Whoever may know the root of a container. Numbers are 0 where there is nobody. */
struct container_root_witnesses {
	pid_t runtime; /* that makes the container, or its engine: believed if it is root's, outside */
	pid_t inside; /* a process that whoever made the container has just put there */
};

/*
 * Finds the root of CONTAINER: by its engine's files and what is mounted on this host
 * or where WITNESSES say. 0; -ENOENT when it cannot be told now; -ENOMEM. Never that of a
 * nested container, whose layers only the outer one can name.
 */
int container_root_find(const struct container *container, const struct container_roots *roots,
	const struct container_root_witnesses *witnesses, struct container_root **ret);

/* One more who uses ROOT; each calls container_root_free. In any thread. */
struct container_root *container_root_share(struct container_root *root);
void container_root_free(struct container_root *root);

/*
 * Keeps the root directory of process PID, if that is in CONTAINER and has the root that was
 * found, so that its mounts can be looked into when PID is gone. Does nothing when one is kept.
 */
void container_root_see(struct container_root *root, const struct container *container, pid_t pid);

/* Opens layer INDEX (0 is the topmost), the upper directory, the whole root. O_PATH, or -errno. */
int container_root_open_layer(const struct container_root *root, size_t index);
int container_root_open_upper(const struct container_root *root);
int container_root_open_directory(const struct container_root *root);
