/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The files of a tree that can be executed, found by inode. The tree is an image's layer: what
 * is in it was made by whoever built the image, so names and depths are bounded and no link is
 * followed.
 */
#include "barewatch/origin.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/array.h"
#include "base/cleanup.h"
#include "base/clock.h"
#include "base/strbuf.h"

struct inventory_file {
	struct file_key key;
	size_t path; /* where it is in `paths` */
};

struct inventory {
	struct inventory_file *files; /* by inode, once the walk is over */
	size_t count, capacity;
	struct strbuf paths; /* each with its NUL */
	bool is_incomplete;
};

/* A walk that is under way. */
struct walk {
	struct inventory *inventory;
	const struct inventory_limits *limits;
	dev_t dev;
	size_t visited;
	uint64_t end_ns;
	struct strbuf path; /* of the directory that is read, with a '/' behind it */
};

void inventory_free(struct inventory *inventory)
{
	if (!inventory)
		return;
	strbuf_done(&inventory->paths);
	free(inventory->files);
	free(inventory);
}
DEFINE_CLEANUP(struct inventory, inventory, inventory_free);

/* "libc.so", "libc.so.6", "plugin.so": what is mapped though it need not be executable. */
static bool is_shared_object(const char *name)
{
	const char *so = strstr(name, ".so");

	for (; so; so = strstr(so + 1, ".so"))
		if (so[3] == '\0' || so[3] == '.')
			return true;
	return false;
}

static bool is_wanted(const char *name, const struct stat *st)
{
	return S_ISREG(st->st_mode) && ((st->st_mode & 0111) || is_shared_object(name));
}

static int keep(struct walk *w, const char *name, const struct stat *st)
{
	struct inventory *in = w->inventory;

	if (in->count == w->limits->files_max) {
		in->is_incomplete = true;
		return 0;
	}
	if (!ARRAY_RESERVE(in->files, in->capacity, in->count, 1))
		return -ENOMEM;
	in->files[in->count++] = (struct inventory_file){file_key_of_stat(st), in->paths.len};
	strbuf_add_slice(&in->paths, strbuf_slice(&w->path));
	strbuf_add(&in->paths, name, strlen(name) + 1);
	return in->paths.error;
}

/* True when the walk has to end here. Says so. */
static bool is_over_limit(struct walk *w)
{
	if (w->inventory->is_incomplete)
		return true;
	w->visited++;
	w->inventory->is_incomplete = w->visited > w->limits->visited_max ||
				      (w->visited % 1024 == 0 && clock_boot_ns() > w->end_ns);
	return w->inventory->is_incomplete;
}

static int walk_directory(struct walk *w, int fd, unsigned depth);

static int walk_below(struct walk *w, int parent_fd, const char *name, unsigned depth)
{
	size_t len = w->path.len;
	int fd, r;

	fd = depth < w->limits->depth_max
		     ? openat(parent_fd, name,
			       O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC | O_NONBLOCK)
		     : -1;
	if (fd < 0) {
		w->inventory->is_incomplete = true;
		return 0;
	}
	strbuf_addf(&w->path, "%s/", name);
	r = w->path.error ?: walk_directory(w, fd, depth + 1);
	strbuf_truncate(&w->path, len);
	return r;
}

static int walk_entry(struct walk *w, int fd, const struct dirent *entry, unsigned depth)
{
	struct stat st;

	if (strcmp(entry->d_name, ".") == 0 || strcmp(entry->d_name, "..") == 0)
		return 0;
	if (entry->d_type != DT_UNKNOWN && entry->d_type != DT_REG && entry->d_type != DT_DIR)
		return 0;
	if (fstatat(fd, entry->d_name, &st, AT_SYMLINK_NOFOLLOW) < 0 || st.st_dev != w->dev)
		return 0;
	if (S_ISDIR(st.st_mode))
		return walk_below(w, fd, entry->d_name, depth);
	return is_wanted(entry->d_name, &st) ? keep(w, entry->d_name, &st) : 0;
}

/* Takes FD over. */
static int walk_directory(struct walk *w, int fd, unsigned depth)
{
	CLEANUP_DIR DIR *dir = fdopendir(fd);
	struct dirent *entry;
	int r = 0;

	if (!dir) {
		close(fd);
		return -ENOMEM;
	}
	while (r == 0 && !is_over_limit(w) && (entry = readdir(dir)))
		r = walk_entry(w, dirfd(dir), entry, depth);
	return r;
}

static int compare_inodes(const void *a, const void *b)
{
	uint64_t one = ((const struct inventory_file *)a)->key.inode;
	uint64_t two = ((const struct inventory_file *)b)->key.inode;

	return (one > two) - (one < two);
}

int inventory_scan(int fd, const struct inventory_limits *limits, struct inventory **ret)
{
	CLEANUP(inventory_cleanup) struct inventory *in = calloc(1, sizeof(*in));
	CLEANUP_STRBUF struct strbuf path = STRBUF_INIT;
	struct walk walk = {.inventory = in, .limits = limits};
	struct stat st;
	int top, r;

	if (!in)
		return -ENOMEM;
	top = openat(fd, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (top < 0)
		return -errno;
	if (fstat(top, &st) < 0) {
		r = -errno;
		close(top);
		return r;
	}
	walk.dev = st.st_dev;
	walk.end_ns = clock_boot_ns() + limits->time_ns;
	r = walk_directory(&walk, top, 0);
	path = walk.path;
	if (r < 0)
		return r;
	if (in->count > 0)
		qsort(in->files, in->count, sizeof(*in->files), compare_inodes);
	*ret = TAKE_PTR(in);
	return 0;
}

bool inventory_is_complete(const struct inventory *inventory)
{
	return !inventory->is_incomplete;
}

size_t inventory_count(const struct inventory *inventory)
{
	return inventory->count;
}

/* The first of those with INODE, which hard links make several; count when there is none. */
static size_t find_first(const struct inventory *in, uint64_t inode)
{
	size_t low = 0, high = in->count;

	while (low < high) {
		size_t middle = low + (high - low) / 2;

		if (in->files[middle].key.inode < inode)
			low = middle + 1;
		else
			high = middle;
	}
	return low;
}

const char *inventory_find(
	const struct inventory *inventory, const struct file_key *key, bool any_state)
{
	for (size_t i = find_first(inventory, key->inode);
		i < inventory->count && inventory->files[i].key.inode == key->inode; i++)
		if (any_state || file_key_equal(&inventory->files[i].key, key))
			return inventory->paths.data + inventory->files[i].path;
	return NULL;
}
