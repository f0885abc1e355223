/* SPDX-License-Identifier: Apache-2.0 */
/* A temporary directory with files in it, gone at the end of its scope. */
#pragma once

#include <fcntl.h>
#include <ftw.h>
#include <limits.h>
#include <sys/stat.h>

#include "asserts.h"
#include "base/io.h"

#define SCRATCH_PATH_MAX (PATH_MAX / 2)

struct scratch {
	char root[32];
	char path[SCRATCH_PATH_MAX]; /* what scratch_path() returned last */
};

static inline void scratch_init(struct scratch *s)
{
	snprintf(s->root, sizeof(s->root), "/tmp/barewatch-test.XXXXXX");
	assert_non_null(mkdtemp(s->root));
}

static inline int scratch_remove(
	const char *path, const struct stat *st, int type, struct FTW *where)
{
	(void)st;
	(void)type;
	(void)where;
	return remove(path);
}

static inline void scratch_done(struct scratch *s)
{
	nftw(s->root, scratch_remove, 16, FTW_DEPTH | FTW_PHYS);
}
#define CLEANUP_SCRATCH CLEANUP(scratch_done)

/* NAME below the directory; valid until the next call. */
static inline const char *scratch_path(struct scratch *s, const char *name)
{
	snprintf(s->path, sizeof(s->path), "%s/%s", s->root, name);
	return s->path;
}

/* Makes the directory NAME and those above it. */
static inline void scratch_mkdir(struct scratch *s, const char *name)
{
	char *path = (char *)scratch_path(s, name);

	for (char *p = path + strlen(s->root) + 1; *p; p++) {
		if (*p != '/')
			continue;
		*p = '\0';
		mkdir(path, 0700);
		*p = '/';
	}
	mkdir(path, 0700);
}

static inline void scratch_write(struct scratch *s, const char *name, const void *data, size_t size)
{
	char directory[NAME_MAX];
	CLEANUP_FD int fd = -1;

	snprintf(directory, sizeof(directory), "%.*s",
		(int)(strlen(name) - slice_basename(slice_of(name)).len), name);
	scratch_mkdir(s, directory);
	fd = open(scratch_path(s, name), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
	assert_true(fd >= 0);
	assert_int_equal(write_all(fd, data, size), 0);
}

static inline void scratch_write_text(struct scratch *s, const char *name, const char *text)
{
	scratch_write(s, name, text, strlen(text));
}
