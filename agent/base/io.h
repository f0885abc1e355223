/* SPDX-License-Identifier: Apache-2.0 */
/* Reading small files whole, without trusting their size. */
#pragma once

#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

/*
 * Reads the regular file or pseudo file PATH, relative to DIRFD, whole. The
 * result has SIZE bytes and a terminating NUL behind them, and is the caller's
 * to free. -EFBIG when there are more than LIMIT bytes, -EISDIR for a directory,
 * -EINVAL for what is neither, else the error of openat or read.
 */
int read_file_at(int dirfd, const char *path, size_t limit, char **ret, size_t *ret_size);

/* Same for the file that FD is open for, without O_PATH and with O_NONBLOCK. */
int read_file_fd(int fd, size_t limit, char **ret, size_t *ret_size);

/* Same for what can still be read from FD, of whatever kind it is. May wait for a writer. */
int read_fd(int fd, size_t limit, char **ret, size_t *ret_size);

/* The SIZE bytes of FD from OFFSET on, fewer at the end of the file. Their number, or an errno. */
ssize_t pread_up_to(int fd, uint64_t offset, void *data, size_t size);

/* Writes all of DATA to FD, also over short writes and EINTR. */
int write_all(int fd, const void *data, size_t size);
