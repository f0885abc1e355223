/* SPDX-License-Identifier: Apache-2.0 */
/* A program looked for by name in a root directory, see lookup.h. */
#include "runtime/lookup.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <linux/openat2.h>
#include <stdio.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "barewatch/runtime.h"

int root_open(int root, const char *path, int flags)
{
	struct open_how how = {.flags = flags | O_CLOEXEC, .resolve = RESOLVE_IN_ROOT};
	int fd = syscall(SYS_openat2, root, path, &how, sizeof(how));

	return fd < 0 ? -errno : fd;
}

int root_open_file(int root, const char *path, size_t limit)
{
	CLEANUP_FD int place = root_open(root, path, O_PATH);
	char link[64];
	struct stat st;
	int fd;

	if (place < 0)
		return place;
	if (fstat(place, &st) < 0)
		return -errno;
	if (!S_ISREG(st.st_mode) || st.st_size <= 0)
		return -EINVAL;
	if ((size_t)st.st_size > limit)
		return -EFBIG;
	snprintf(link, sizeof(link), "/proc/self/fd/%d", place);
	fd = open(link, O_RDONLY | O_NONBLOCK | O_CLOEXEC);
	return fd < 0 ? -errno : fd;
}

static bool user_has_group(const json_t *user, gid_t group)
{
	const json_t *gid;
	size_t i;

	if (json_integer_value(json_object_get(user, "gid")) == group)
		return true;
	json_array_foreach (json_object_get(user, "additionalGids"), i, gid)
		if (json_integer_value(gid) == group)
			return true;
	return false;
}

/* By the mode alone, as for access(2); lists of rights are not looked at. */
static bool user_may_execute(const json_t *user, const struct stat *st)
{
	json_int_t uid = json_integer_value(json_object_get(user, "uid"));

	if (uid == 0)
		return st->st_mode & (S_IXUSR | S_IXGRP | S_IXOTH);
	if (uid == st->st_uid)
		return st->st_mode & S_IXUSR;
	return st->st_mode & (user_has_group(user, st->st_gid) ? S_IXGRP : S_IXOTH);
}

static void note_place(const struct lookup *l, const char *path)
{
	size_t size = strlen(path) + 1;

	if (l->tried->len + size > BW_ARGS_MAX)
		*l->tried_cut = true;
	if (!*l->tried_cut)
		strbuf_add(l->tried, path, size);
}

/* Tries PATH. 0, or what stands against it. */
static int try_place(const struct lookup *l, const char *path)
{
	CLEANUP_FD int fd = root_open(l->root, path, O_PATH);
	struct stat st;

	note_place(l, path);
	if (fd < 0)
		return -fd;
	if (fstat(fd, &st) < 0)
		return errno;
	if (S_ISDIR(st.st_mode))
		return EISDIR;
	return user_may_execute(l->user, &st) ? 0 : EACCES;
}

/* "/" between two parts of a path, unless PART is empty or has it. */
static const char *slash_behind(struct slice part)
{
	return part.len > 0 && part.data[part.len - 1] != '/' ? "/" : "";
}

/* Tries NAME in DIRECTORY, which is relative to the working directory unless it begins with '/'. */
static int try_directory(const struct lookup *l, struct slice directory, const char *name)
{
	bool relative = directory.len == 0 || directory.data[0] != '/';
	struct slice cwd = slice_of(relative ? l->cwd : "");
	char path[PATH_MAX];
	int len = snprintf(path, sizeof(path), "%s%s%.*s%s%s", cwd.data, slash_behind(cwd),
		(int)directory.len, directory.data ?: "", slash_behind(directory), name);

	return len < (int)sizeof(path) ? try_place(l, path) : ENAMETOOLONG;
}

/* As Go does: an empty search path is none, an empty place in one is the working directory. */
static int search(const struct lookup *l, const char *name)
{
	struct slice rest = slice_of(l->search_path);

	if (rest.len == 0)
		return ENOENT;
	for (int i = 0; i < LOOKUP_PLACES_MAX; i++) {
		const char *colon = memchr(rest.data, ':', rest.len);
		struct slice place = {rest.data, colon ? (size_t)(colon - rest.data) : rest.len};

		if (try_directory(l, place, name) == 0)
			return 0;
		if (!colon)
			return ENOENT;
		rest = (struct slice){colon + 1, rest.len - place.len - 1};
	}
	return RUNTIME_LOOKUP_UNKNOWN;
}

int lookup_program(const struct lookup *lookup, const char *name)
{
	if (!strchr(name, '/'))
		return search(lookup, name);
	return try_directory(lookup, (struct slice){"/", name[0] == '/'}, name + (name[0] == '/'));
}
