/* SPDX-License-Identifier: Apache-2.0 */
/* The directory of pins, see pin.h. */
#include "probe/pin.h"

#include <bpf/bpf.h>
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <libgen.h>
#include <limits.h>
#include <linux/magic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <sys/vfs.h>
#include <unistd.h>

#include "base/cleanup.h"

struct probe_pins {
	char *dir;
	int fd; /* of the directory; locked */
};

DEFINE_CLEANUP(struct probe_pins, probe_pins, probe_pins_free);

void probe_pins_free(struct probe_pins *pins)
{
	if (!pins)
		return;
	if (pins->fd >= 0)
		(void)rmdir(pins->dir); /* when it is empty: nothing came to be pinned */
	fd_cleanup(&pins->fd);
	free(pins->dir);
	free(pins);
}

const char *probe_pins_dir(const struct probe_pins *pins)
{
	return pins->dir;
}

/* ---- the directory ---- */

/* bpffs can be mounted anywhere; the directory itself may not be there yet. */
static int check_file_system(const char *dir, struct diag *d)
{
	CLEANUP_FREE char *copy = strdup(dir);
	struct statfs fs;
	const char *parent;

	if (!copy)
		return diag_errno(d, dir, -ENOMEM);
	parent = dirname(copy);
	if (statfs(parent, &fs) == 0 && fs.f_type == BPF_FS_MAGIC)
		return 0;
	diag_at(d, NULL, 0, 0, "no bpf file system is mounted at %s", parent);
	return -ENODEV;
}

/* What is in there is believed, so nobody else may write it. */
static int check_owner(int fd, const char *dir, struct diag *d)
{
	struct stat st;

	if (fstat(fd, &st) < 0)
		return diag_errno(d, dir, -errno);
	if (st.st_uid == 0 && (st.st_mode & 077) == 0)
		return 0;
	diag_at(d, NULL, 0, 0, "%s is not root's alone", dir);
	return -EPERM;
}

/* False when the directory that FD is open for was removed before it was locked. */
static bool is_there(int fd, const char *dir)
{
	struct stat mine, there;

	return fstat(fd, &mine) == 0 && stat(dir, &there) == 0 && mine.st_ino == there.st_ino &&
	       mine.st_dev == there.st_dev;
}

static int open_dir(const char *dir, bool make, struct diag *d)
{
	int fd;

	if (make && mkdir(dir, 0700) < 0 && errno != EEXIST)
		return diag_errno(d, dir, -errno);
	fd = open(dir, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	return fd < 0 ? diag_errno(d, dir, -errno) : fd;
}

static int lock_dir(const char *dir, bool make, struct diag *d)
{
	CLEANUP_FD int fd = -1;
	int r;

	do {
		fd_cleanup(&fd);
		fd = open_dir(dir, make, d);
		if (fd < 0)
			return fd;
		r = check_owner(fd, dir, d);
		if (r < 0)
			return r;
		if (flock(fd, LOCK_EX | LOCK_NB) < 0) {
			diag_at(d, NULL, 0, 0, "another agent uses %s", dir);
			return -EBUSY;
		}
	} while (!is_there(fd, dir));
	return TAKE_FD(fd);
}

int probe_pins_open(const char *dir, bool make, struct probe_pins **ret, struct diag *d)
{
	CLEANUP(probe_pins_cleanup) struct probe_pins *pins = calloc(1, sizeof(*pins));
	int r;

	if (!pins)
		return diag_errno(d, dir, -ENOMEM);
	pins->fd = -1;
	pins->dir = strdup(dir);
	if (!pins->dir)
		return diag_errno(d, dir, -ENOMEM);
	r = check_file_system(dir, d);
	if (r < 0)
		return r;
	pins->fd = lock_dir(dir, make, d);
	if (pins->fd < 0)
		return pins->fd;
	*ret = TAKE_PTR(pins);
	return 0;
}

/* ---- generations ---- */

void pin_generation(char name[static PIN_NAME_MAX], uint64_t identity)
{
	snprintf(name, PIN_NAME_MAX, "%u_%016" PRIx64, BW_ABI_VERSION, identity);
}

bool pin_generation_parse(const char *name, unsigned *ret_version)
{
	uint64_t identity;
	int len = 0;

	return strlen(name) < PIN_NAME_MAX &&
	       sscanf(name, "%5u_%16" SCNx64 "%n", ret_version, &identity, &len) == 2 &&
	       name[len] == '\0';
}

bool pin_has(const struct probe_pins *pins, const char *generation)
{
	return faccessat(pins->fd, generation, F_OK, 0) == 0;
}

/* The next entry of DIR that is not "." or "..". NULL at the end. */
static const char *next_name(DIR *dir)
{
	struct dirent *entry;

	do
		entry = readdir(dir);
	while (entry && entry->d_name[0] == '.');
	return entry ? entry->d_name : NULL;
}

static DIR *list(const struct probe_pins *pins, const char *name)
{
	CLEANUP_FD int fd = openat(pins->fd, name, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	DIR *dir = fd < 0 ? NULL : fdopendir(fd);

	if (dir)
		TAKE_FD(fd);
	return dir;
}

bool pin_find_other(const struct probe_pins *pins, const char *own, const char *except,
	char ret[static PIN_NAME_MAX])
{
	CLEANUP_DIR DIR *dir = list(pins, ".");
	const char *name;
	unsigned version;

	while (dir && (name = next_name(dir))) {
		if (strcmp(name, own) == 0 || strcmp(name, except) == 0 ||
			!pin_generation_parse(name, &version))
			continue;
		memcpy(ret, name, strlen(name) + 1); /* of which the length was checked */
		return true;
	}
	return false;
}

static int pin_path(const struct probe_pins *pins, const char *generation, const char *kind,
	const char *name, char ret[static PATH_MAX])
{
	int len = snprintf(ret, PATH_MAX, "%s/%s/%s_%s", pins->dir, generation, kind, name);

	if (len < 0 || len >= PATH_MAX)
		return -ENAMETOOLONG;
	for (char *p = ret + len - strlen(name); *p; p++)
		if (*p == '.')
			*p = '_';
	return 0;
}

int pin_get(
	const struct probe_pins *pins, const char *generation, const char *kind, const char *name)
{
	char path[PATH_MAX];
	int fd, r = pin_path(pins, generation, kind, name, path);

	if (r < 0)
		return r;
	fd = bpf_obj_get(path);
	return fd < 0 ? -errno : fd;
}

int pin_put(const struct probe_pins *pins, const char *generation, const char *kind,
	const char *name, int fd)
{
	char path[PATH_MAX];
	int r = pin_path(pins, generation, kind, name, path);

	if (r < 0)
		return r;
	return bpf_obj_pin(fd, path) < 0 ? -errno : 0;
}

int pin_drop(
	const struct probe_pins *pins, const char *generation, const char *kind, const char *name)
{
	char path[PATH_MAX];
	int r = pin_path(pins, generation, kind, name, path);

	if (r < 0)
		return r;
	return unlink(path) < 0 && errno != ENOENT ? -errno : 0;
}

int pin_begin(const struct probe_pins *pins)
{
	int r = pin_remove(pins, PIN_UNFINISHED, NULL);

	if (r < 0)
		return r;
	return mkdirat(pins->fd, PIN_UNFINISHED, 0700) < 0 ? -errno : 0;
}

int pin_finish(const struct probe_pins *pins, const char *generation)
{
	return renameat(pins->fd, PIN_UNFINISHED, pins->fd, generation) < 0 ? -errno : 0;
}

/* Removes the entries of DIR that begin with KIND, unless that is NULL. Their number, or an errno. */
static int remove_entries(DIR *dir, const char *kind)
{
	const char *name;
	int count = 0;

	while ((name = next_name(dir))) {
		if (kind && strncmp(name, kind, strlen(kind)) != 0)
			continue;
		if (unlinkat(dirfd(dir), name, 0) < 0)
			return -errno;
		count++;
	}
	return count;
}

int pin_remove(const struct probe_pins *pins, const char *generation, const char *kind)
{
	CLEANUP_DIR DIR *dir = list(pins, generation);
	int r;

	if (!dir)
		return errno == ENOENT ? 0 : -errno;
	r = remove_entries(dir, kind);
	if (r >= 0 && !kind && unlinkat(pins->fd, generation, AT_REMOVEDIR) < 0)
		return -errno;
	return r;
}

/* Links first, and of all generations: from then on nothing is recorded any more. */
static int remove_kind(const struct probe_pins *pins, const char *kind, size_t *count)
{
	CLEANUP_DIR DIR *dir = list(pins, ".");
	const char *name;
	int r = dir ? 0 : -errno;

	while (r >= 0 && dir && (name = next_name(dir))) {
		r = pin_remove(pins, name, kind);
		*count += r > 0 ? r : 0;
	}
	return r < 0 ? r : 0;
}

int probe_pins_remove(struct probe_pins *pins, struct probe_pins_removed *ret)
{
	size_t rest = 0;
	int r;

	*ret = (struct probe_pins_removed){0};
	r = remove_kind(pins, "link_", &ret->links);
	if (r == 0)
		r = remove_kind(pins, "prog_", &ret->programs);
	if (r == 0)
		r = remove_kind(pins, "map_", &ret->maps);
	if (r == 0)
		r = remove_kind(pins, NULL, &rest);
	return r == 0 && rmdir(pins->dir) < 0 ? -errno : r;
}
