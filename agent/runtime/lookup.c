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

/* Places of one search that are looked at; usual search paths have six. */
#define PLACES_MAX 64

int root_open(int root, const char *path, int flags)
{
	struct open_how how = {.flags = flags | O_CLOEXEC, .resolve = RESOLVE_IN_ROOT};
	int fd = syscall(SYS_openat2, root, path, &how, sizeof(how));

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

/* Tries PATH. 0, or what stands against it. */
static int try_place(const struct lookup *l, const char *path)
{
	struct stat st;
	int fd, error = 0;

	strbuf_add(l->tried, path, strlen(path) + 1);
	fd = root_open(l->root, path, O_PATH);
	if (fd < 0)
		return -fd;
	if (fstat(fd, &st) < 0)
		error = errno;
	else if (S_ISDIR(st.st_mode))
		error = EISDIR;
	else if (!user_may_execute(l->user, &st))
		error = EACCES;
	close(fd);
	return error;
}

/* Tries NAME in DIRECTORY, which is relative to the working directory unless it begins with '/'. */
static int try_directory(const struct lookup *l, struct slice directory, const char *name)
{
	bool relative = directory.len == 0 || directory.data[0] != '/';
	const char *between = directory.len > 0 && directory.data[directory.len - 1] != '/' ? "/"
											    : "";
	char path[PATH_MAX];
	int len = snprintf(path, sizeof(path), "%s%s%.*s%s%s", relative ? l->cwd : "",
		relative ? "/" : "", (int)directory.len, directory.data ? directory.data : "",
		between, name);

	return len < (int)sizeof(path) ? try_place(l, path) : ENAMETOOLONG;
}

static int search(const struct lookup *l, const char *name)
{
	struct slice rest = slice_of(l->search_path);

	for (int i = 0; i < PLACES_MAX && rest.data; i++) {
		const char *colon = memchr(rest.data, ':', rest.len);
		struct slice place = {rest.data, colon ? (size_t)(colon - rest.data) : rest.len};

		if (try_directory(l, place, name) == 0)
			return 0;
		rest = colon ? (struct slice){colon + 1, rest.len - place.len - 1}
			     : (struct slice){0};
	}
	return ENOENT;
}

int lookup_program(const struct lookup *lookup, const char *name)
{
	if (!strchr(name, '/'))
		return search(lookup, name);
	return try_directory(lookup, (struct slice){"/", name[0] == '/'}, name + (name[0] == '/'));
}
