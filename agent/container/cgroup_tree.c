/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The cgroups that exist: where the hierarchies are mounted and a walk over
 * them. A cgroup's id is the inode number of its directory, in version 2 and 1
 * (kernfs: 64 bits since 5.5).
 */
#include "barewatch/container.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "barewatch/event.h"
#include "base/cleanup.h"
#include "base/io.h"
#include "container/mountinfo.h"

#define PROC_FILE_MAX  (64u << 10) /* /proc/self/cgroup has a line for each hierarchy */
#define TREE_DEPTH_MAX 256 /* nested engines reach about 12; cgroup.max.depth is unlimited */

/* The root of a hierarchy; a directory further down has another inode (kernfs_create_root). */
#define ROOT_INODE 1

#define FILEID_KERNFS \
	0xfe /* type of the handles of cgroup directories (include/linux/exportfs.h) */

/*
 * Version 1 controllers that engines put every container into, best first; each
 * with its own mount on most hosts.
 */
static const char *const v1_controllers[] = {"memory", "pids", "cpuset", "devices", "freezer"};

/* True when WORD is one of the comma-separated words of LIST. */
static bool list_has(const char *list, const char *word)
{
	size_t len = strlen(word);

	for (const char *p = list; p; p = strchr(p, ',')) {
		p += *p == ',';
		if (strncmp(p, word, len) == 0 && (p[len] == ',' || p[len] == '\0'))
			return true;
	}
	return false;
}

/* Takes LINE's mount when it is a hierarchy that is better than what is there. */
static int consider_mount(const struct mount_line *m, struct cgroup_hierarchies *h, size_t *v1_rank)
{
	if (strcmp(m->root, "/") != 0) /* a part of the tree: ids below it, others not */
		return 0;
	if (strcmp(m->type, "cgroup2") == 0 && !h->v2_path) {
		h->v2_path = strdup(m->mount_point);
		return h->v2_path ? 0 : -ENOMEM;
	}
	if (strcmp(m->type, "cgroup") != 0)
		return 0;
	for (size_t i = 0; i < *v1_rank; i++) {
		if (!list_has(m->super_options, v1_controllers[i]))
			continue;
		free(h->v1_path);
		h->v1_path = strdup(m->mount_point);
		snprintf(h->v1_controller, sizeof(h->v1_controller), "%s", v1_controllers[i]);
		*v1_rank = i;
		return h->v1_path ? 0 : -ENOMEM;
	}
	return 0;
}

static int find_mounts(struct cgroup_hierarchies *h)
{
	CLEANUP_FREE char *text = NULL;
	size_t size, v1_rank = ARRAY_SIZE(v1_controllers);
	char *save;
	int r;

	r = read_file_at(AT_FDCWD, "/proc/self/mountinfo", MOUNTINFO_MAX, &text, &size);
	for (char *line = r == 0 ? strtok_r(text, "\n", &save) : NULL; r == 0 && line;
		line = strtok_r(NULL, "\n", &save)) {
		struct mount_line m;

		if (mount_line_parse(line, &m))
			r = consider_mount(&m, h, &v1_rank);
	}
	return r;
}

/* Looks up the number of the chosen version 1 hierarchy: "4:memory:/path". */
static int find_v1_number(struct cgroup_hierarchies *h)
{
	CLEANUP_FREE char *text = NULL;
	char *save;
	size_t size;
	int r;

	r = read_file_at(AT_FDCWD, "/proc/self/cgroup", PROC_FILE_MAX, &text, &size);
	for (char *line = r == 0 ? strtok_r(text, "\n", &save) : NULL; line;
		line = strtok_r(NULL, "\n", &save)) {
		char *end, *controllers;
		unsigned long number = strtoul(line, &end, 10);

		if (*end != ':')
			continue;
		controllers = end + 1;
		end = strchr(controllers, ':');
		if (!end)
			continue;
		*end = '\0';
		if (list_has(controllers, h->v1_controller)) {
			h->v1_hierarchy = number;
			return 0;
		}
	}
	return r < 0 ? r : -ENOENT;
}

/* In a cgroup namespace a part of the tree can look like the whole: 0, or -EXDEV. */
static int check_root(const char *mount_point)
{
	struct stat st;

	if (!mount_point)
		return 0;
	if (stat(mount_point, &st) < 0)
		return -errno;
	return st.st_ino == ROOT_INODE ? 0 : -EXDEV;
}

int cgroup_hierarchies_find(struct cgroup_hierarchies *ret)
{
	CLEANUP(cgroup_hierarchies_cleanup)
	struct cgroup_hierarchies h = CGROUP_HIERARCHIES_INIT;
	int r = find_mounts(&h);

	if (r == 0 && h.v1_path)
		r = find_v1_number(&h);
	if (r == 0)
		r = check_root(h.v2_path);
	if (r == 0)
		r = check_root(h.v1_path);
	if (r < 0)
		return r;
	if (!h.v2_path && !h.v1_path)
		return -ENOENT;
	*ret = h;
	h = CGROUP_HIERARCHIES_INIT;
	return 0;
}

void cgroup_hierarchies_done(struct cgroup_hierarchies *hierarchies)
{
	free(hierarchies->v2_path);
	free(hierarchies->v1_path);
	*hierarchies = CGROUP_HIERARCHIES_INIT;
}

struct walk {
	cgroup_visit_fn *visit;
	void *userdata;
	uint64_t key_bits;
	size_t unvisited;
	struct strbuf path; /* of the directory being read, from the hierarchy's root */
};

static int walk_directory(struct walk *w, int parent_fd, const char *name, unsigned depth);

/* Visits the directory FD, then those in it. Owns FD. */
static int walk_children(struct walk *w, int fd, unsigned depth)
{
	CLEANUP_DIR DIR *dir = fdopendir(fd);
	size_t len = w->path.len;
	struct dirent *entry;
	int r = 0;

	if (!dir) {
		r = -errno;
		close(fd);
		return r;
	}
	while (r == 0 && (entry = readdir(dir))) {
		if (entry->d_type != DT_DIR || strcmp(entry->d_name, ".") == 0 ||
			strcmp(entry->d_name, "..") == 0)
			continue;
		strbuf_add_char(&w->path, '/');
		strbuf_add_text(&w->path, entry->d_name);
		r = w->path.error;
		if (r == 0)
			r = walk_directory(w, dirfd(dir), entry->d_name, depth + 1);
		strbuf_truncate(&w->path, len);
	}
	return r;
}

static int walk_directory(struct walk *w, int parent_fd, const char *name, unsigned depth)
{
	CLEANUP_FD int fd = openat(
		parent_fd, name, O_RDONLY | O_DIRECTORY | O_CLOEXEC | O_NOFOLLOW);
	struct stat st;
	int r;

	if (fd < 0 || fstat(fd, &st) < 0)
		return depth > 0 && (errno == ENOENT || errno == ENODEV) ? 0 : -errno;
	if (w->path.len > 0) {
		r = w->visit(st.st_ino | w->key_bits, strbuf_slice(&w->path), w->userdata);
		if (r != 0)
			return r;
	}
	if (depth < TREE_DEPTH_MAX)
		return walk_children(w, TAKE_FD(fd), depth);
	w->unvisited++;
	return 0;
}

static int walk_hierarchy(const char *mount_point, uint64_t key_bits, cgroup_visit_fn *visit,
	void *userdata, size_t *unvisited)
{
	struct walk w = {.visit = visit, .userdata = userdata, .key_bits = key_bits};
	int r;

	if (!mount_point)
		return 0;
	r = walk_directory(&w, AT_FDCWD, mount_point, 0);
	strbuf_done(&w.path);
	*unvisited += w.unvisited;
	return r;
}

int cgroup_walk(const struct cgroup_hierarchies *hierarchies, cgroup_visit_fn *visit,
	void *userdata, size_t *ret_unvisited)
{
	size_t unvisited = 0;
	int r = walk_hierarchy(hierarchies->v2_path, 0, visit, userdata, &unvisited);

	if (r == 0)
		r = walk_hierarchy(hierarchies->v1_path, BW_CGROUP_V1, visit, userdata, &unvisited);
	*ret_unvisited = unvisited;
	return r;
}

/* Opens the directory of the cgroup ID in the hierarchy mounted at MOUNT_POINT. */
static int open_by_id(const char *mount_point, uint64_t id)
{
	CLEANUP_FD int mount_fd = open(mount_point, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	union {
		struct file_handle handle;
		char bytes[sizeof(struct file_handle) + sizeof(id)];
	} h = {.handle = {.handle_bytes = sizeof(id), .handle_type = FILEID_KERNFS}};
	int fd;

	if (mount_fd < 0)
		return -errno;
	memcpy(h.handle.f_handle, &id, sizeof(id));
	fd = open_by_handle_at(mount_fd, &h.handle, O_PATH | O_CLOEXEC);
	return fd < 0 ? -errno : fd;
}

int cgroup_path_by_key(
	const struct cgroup_hierarchies *hierarchies, uint64_t key, struct strbuf *path)
{
	const char *mount_point = key & BW_CGROUP_V1 ? hierarchies->v1_path : hierarchies->v2_path;
	CLEANUP_FD int fd = mount_point ? open_by_id(mount_point, key & ~BW_CGROUP_V1) : -ESTALE;
	char link[64], target[PATH_MAX];
	size_t skip;
	ssize_t len;

	if (fd < 0)
		return fd;
	snprintf(link, sizeof(link), "/proc/self/fd/%d", fd);
	len = readlink(link, target, sizeof(target));
	if (len < 0 || len == sizeof(target))
		return len < 0 ? -errno : -ENAMETOOLONG;
	skip = strlen(mount_point);
	if ((size_t)len < skip || memcmp(target, mount_point, skip) != 0)
		return -EXDEV;
	strbuf_add(path, target + skip, len - skip);
	return path->error;
}
