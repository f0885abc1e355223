/* SPDX-License-Identifier: Apache-2.0 */
/* Files as the kernel side tells of them, and mounts of a test's own. */
#pragma once

#include <fcntl.h>
#include <sched.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/statfs.h>
#include <sys/sysmacros.h>
#include <unistd.h>

#include "asserts.h"
#include "barewatch/event.h"

/* The record of the file that FD is open for. */
static inline struct bw_file file_record(int fd)
{
	struct statfs fs;
	struct stat st;

	assert_int_equal(fstat(fd, &st), 0);
	assert_int_equal(fstatfs(fd, &fs), 0);
	return (struct bw_file){
		.inode = st.st_ino,
		.size_bytes = st.st_size,
		.ctime_s = st.st_ctim.tv_sec,
		.ctime_ns = st.st_ctim.tv_nsec,
		.dev_major = major(st.st_dev),
		.dev_minor = minor(st.st_dev),
		.nlink = 1,
		.fs_magic = fs.f_type,
	};
}

static inline struct bw_file file_record_at(const char *path)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	struct bw_file file;

	assert_true(fd >= 0);
	file = file_record(fd);
	close(fd);
	return file;
}

/* A group's setup: mounts that end with the test. Without the right to it, they cannot be made. */
static inline int enter_namespace(void **state)
{
	(void)state;
	if (unshare(CLONE_NEWNS) == 0)
		mount("none", "/", NULL, MS_REC | MS_PRIVATE, NULL);
	return 0;
}
