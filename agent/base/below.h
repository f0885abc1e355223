/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Opening files in a tree that somebody else made, without leaving it and without waking
 * anything: no device, no FIFO, no magic link.
 */
#pragma once

#include <stdbool.h>
#include <sys/stat.h>

/*
 * The file or directory PATH in the tree at DIRFD, opened O_PATH. A leading '/', "..", and
 * links, which are followed when FOLLOW is set, end at DIRFD. Without openat2() neither links nor
 * ".." are followed. A negative errno on failure.
 */
int below_open(int dirfd, const char *path, bool follow);

/* Opens the regular file that FD, O_PATH or not, stands for, for reading. -EINVAL for others. */
int below_reopen(int fd, struct stat *ret);
