/* SPDX-License-Identifier: Apache-2.0 */
/* Files of images, see image_origin.h. */
#include "image_origin.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/xattr.h>
#include <unistd.h>

#include "base/below.h"
#include "base/cleanup.h"
#include "base/clock.h"
#include "base/io.h"

/* What is compared byte for byte; larger files are taken to differ. */
#define COMPARE_BYTES_MAX (256u << 20)
#define COMPARE_CHUNK     65536

/*
 * Where an overlay's directories are on several file systems, the inode numbers that it shows may have
 * the number of that of the file in their upper bits: from bit 33 on, or in the topmost ones, as many
 * as there are file systems for, at most ten with one that is kept free (Linux: fs/overlayfs,
 * ovl_map_ino and xino_mode). The upper directory's number is 0.
 */
static const uint64_t inode_masks[] = {UINT64_MAX, UINT64_MAX >> 10, UINT64_MAX >> 31};

/* A search that is under way. */
struct lookup {
	const struct container_root *root;
	const struct image_origin_file *file;
	struct inventory_cache *cache; /* of the layers' files */
	unsigned layer; /* of what was found */
	int original_fd; /* what FILE may be a copy of; -1: nothing */
	bool is_incomplete; /* not all layers could be looked through */
};

static unsigned layer_number(const struct container_root *root, size_t index)
{
	return root->layer_count - index;
}

/* ---- comparing ---- */

static bool bytes_are_equal(int a, int b)
{
	CLEANUP_FREE char *buffer = malloc(2 * COMPARE_CHUNK);
	ssize_t n = 1, m;

	for (off_t offset = 0; buffer && n > 0 && offset <= (off_t)COMPARE_BYTES_MAX; offset += n) {
		n = pread_up_to(a, offset, buffer, COMPARE_CHUNK);
		m = pread_up_to(b, offset, buffer + COMPARE_CHUNK, COMPARE_CHUNK);
		if (n < 0 || n != m || memcmp(buffer, buffer + COMPARE_CHUNK, n) != 0)
			return false;
	}
	return n == 0;
}

/* True when FILE has the bytes of what it may be a copy of. */
static bool is_unchanged(const struct lookup *l)
{
	CLEANUP_FD int fd = -1;
	struct stat st;

	if (l->original_fd < 0 || l->file->content_fd < 0)
		return false;
	fd = below_reopen(l->original_fd, &st);
	return fd >= 0 && (uint64_t)st.st_size == l->file->key.size_bytes &&
	       bytes_are_equal(fd, l->file->content_fd);
}

/* Takes FD over as what the file is compared with. */
static void keep_original(struct lookup *l, int fd, size_t index)
{
	if (l->original_fd >= 0)
		close(l->original_fd);
	l->original_fd = fd;
	l->layer = layer_number(l->root, index);
}

/* ---- one directory ---- */

/* The regular file PATH in the tree DIRECTORY, O_PATH; with its state. */
static int open_in(int directory, const char *path, struct stat *st)
{
	CLEANUP_FD int fd = path ? below_open(directory, path, false) : -ENOENT;

	if (fd < 0)
		return fd;
	if (fstat(fd, st) < 0 || !S_ISREG(st->st_mode))
		return -EINVAL;
	return TAKE_FD(fd);
}

/* True when the overlay shows the file of a layer that is in the state ST as KEY. */
static bool is_shown_as(const struct stat *st, const struct file_key *key)
{
	struct file_key shown = *key;
	bool is_shown = false;

	for (size_t i = 0; i < ARRAY_SIZE(inode_masks) && !is_shown; i++) {
		shown.inode = key->inode & inode_masks[i];
		is_shown = file_key_is_of(&shown, st);
	}
	return is_shown;
}

/*
 * With the mount option metacopy, what was copied of a file may be no more than its
 * attributes (Linux: Documentation/filesystems/overlayfs.rst, "Metadata only copy up").
 */
static bool is_metacopy(int fd)
{
	char link[64];

	snprintf(link, sizeof(link), "/proc/self/fd/%d", fd);
	return getxattr(link, "trusted.overlay.metacopy", NULL, 0) >= 0;
}

/*
 * The file in the upper directory that the root file system shows as FILE, O_PATH. Its inode
 * is not compared: of a copy the root shows that of the original.
 */
static int open_in_upper(const struct container_root *root, const char *path,
	const struct file_key *key, struct stat *st)
{
	CLEANUP_FD int upper = container_root_open_upper(root), fd = -1;
	struct file_key found;

	fd = upper < 0 ? -1 : open_in(upper, path, st);
	if (fd < 0)
		return -ENOENT;
	found = file_key_of_stat(st);
	return file_key_is_copy(&found, key) ? TAKE_FD(fd) : -ENOENT;
}

/* ---- layers ---- */

/* Looks at the path in layer INDEX. True when FILE is there. */
static bool is_at_path(struct lookup *l, size_t index, int layer)
{
	CLEANUP_FD int fd = -1;
	struct stat st;

	fd = open_in(layer, l->file->path, &st);
	if (fd < 0)
		return false;
	if (is_shown_as(&st, &l->file->key)) {
		l->layer = layer_number(l->root, index);
		return true;
	}
	if (l->original_fd < 0)
		keep_original(l, TAKE_FD(fd), index);
	return false;
}

/* As inventory_find() for what the overlay shows as KEY. */
static const char *find_shown(
	const struct inventory *in, const struct file_key *key, bool any_state)
{
	struct file_key below = *key;
	const char *path = NULL;

	for (size_t i = 0; i < ARRAY_SIZE(inode_masks) && !path; i++) {
		below.inode = key->inode & inode_masks[i];
		path = inventory_find(in, &below, any_state);
	}
	return path;
}

/* Looks for the inode in layer INDEX. True when FILE is there. */
static bool is_in_inventory(struct lookup *l, size_t index, int layer)
{
	const struct inventory *in = inventory_cache_get(l->cache, layer);
	const char *path;
	struct stat st;
	int fd;

	if (!in || !inventory_is_complete(in))
		l->is_incomplete = true;
	if (!in)
		return false;
	if (find_shown(in, &l->file->key, false)) {
		l->layer = layer_number(l->root, index);
		return true;
	}
	path = find_shown(in, &l->file->key, true);
	fd = path ? open_in(layer, path, &st) : -ENOENT;
	if (fd >= 0)
		keep_original(l, fd, index);
	return false;
}

/* True when IS_THERE says so of some layer, asked from the topmost on. */
static bool find_layer(
	struct lookup *l, bool (*is_there)(struct lookup *l, size_t index, int layer))
{
	bool found = false;

	for (size_t i = 0; i < l->root->layer_count && !found; i++) {
		CLEANUP_FD int layer = container_root_open_layer(l->root, i);

		if (layer < 0)
			l->is_incomplete = true;
		else
			found = is_there(l, i, layer);
	}
	return found;
}

/*
 * What was looked up and is no image file as it is. A new file of the upper directory has an
 * inode there that is shown as it is, and needs no walk through the layers.
 */
static enum program_origin origin_of_changed(struct lookup *l)
{
	CLEANUP_FD int upper = -1;
	struct stat st;

	upper = open_in_upper(l->root, l->file->path, &l->file->key, &st);
	if ((upper < 0 || st.st_ino != l->file->key.inode) && find_layer(l, is_in_inventory))
		return PROGRAM_ORIGIN_IMAGE;
	if (is_unchanged(l) || (upper >= 0 && l->original_fd >= 0 && is_metacopy(upper)))
		return PROGRAM_ORIGIN_COPYUP;
	l->layer = 0;
	if (upper >= 0)
		return PROGRAM_ORIGIN_UPPER;
	if (l->is_incomplete)
		return PROGRAM_ORIGIN_UNKNOWN;
	return l->file->is_deleted ? PROGRAM_ORIGIN_DELETED : PROGRAM_ORIGIN_UPPER;
}

static enum program_origin origin_in_overlay(struct lookup *l)
{
	return find_layer(l, is_at_path) ? PROGRAM_ORIGIN_IMAGE : origin_of_changed(l);
}

/* ---- roots that are one directory ---- */

static bool is_older(const struct image_origin_file *file)
{
	return file->key.ctime_s * NS_PER_S + file->key.ctime_ns < file->started_ns;
}

/* What is on the same device and in no part of the directory is a volume. */
static enum program_origin origin_in_directory(struct lookup *l)
{
	CLEANUP_FD int top = container_root_open_directory(l->root), fd = -1;
	const struct inventory *in = NULL;
	bool found = false;
	struct stat st;

	if (top < 0 || l->file->started_ns == 0)
		return PROGRAM_ORIGIN_UNKNOWN;
	fd = open_in(top, l->file->path, &st);
	found = fd >= 0 && file_key_is_of(&l->file->key, &st);
	if (!found) {
		in = inventory_cache_get(l->cache, top);
		found = in && inventory_find(in, &l->file->key, false);
	}
	if (found)
		return is_older(l->file) ? PROGRAM_ORIGIN_IMAGE : PROGRAM_ORIGIN_UPPER;
	if (!in || !inventory_is_complete(in))
		return PROGRAM_ORIGIN_UNKNOWN;
	return l->file->is_deleted ? PROGRAM_ORIGIN_DELETED : PROGRAM_ORIGIN_VOLUME;
}

enum program_origin image_origin(const struct container_root *root, struct inventory_cache *cache,
	const struct image_origin_file *file, unsigned *ret_layer)
{
	struct lookup lookup = {.root = root, .file = file, .cache = cache, .original_fd = -1};
	enum program_origin origin = root->kind == CONTAINER_ROOT_OVERLAY
					     ? origin_in_overlay(&lookup)
					     : origin_in_directory(&lookup);

	if (lookup.original_fd >= 0)
		close(lookup.original_fd);
	*ret_layer = lookup.layer;
	return origin;
}

/* ---- reading ---- */

static int open_state(int directory, const char *path, const struct file_key *key)
{
	CLEANUP_FD int fd = directory < 0 ? -1 : below_open(directory, path, false);
	struct stat st;
	int opened;

	if (fd < 0)
		return -ENOENT;
	opened = below_reopen(fd, &st);
	if (opened >= 0 && !is_shown_as(&st, key)) {
		close(opened);
		return -ENOENT;
	}
	return opened;
}

static int reopen_in_upper(
	const struct container_root *root, const char *path, const struct file_key *key)
{
	CLEANUP_FD int fd = -1;
	struct stat st;

	fd = open_in_upper(root, path, key, &st);
	return fd < 0 || is_metacopy(fd) ? -ENOENT : below_reopen(fd, &st);
}

int image_origin_open(
	const struct container_root *root, const char *path, const struct file_key *key)
{
	int r = -ENOENT;

	if (root->kind == CONTAINER_ROOT_DIRECTORY) {
		CLEANUP_FD int top = container_root_open_directory(root);

		return open_state(top, path, key);
	}
	for (size_t i = 0; i < root->layer_count && r < 0; i++) {
		CLEANUP_FD int layer = container_root_open_layer(root, i);

		r = open_state(layer, path, key);
	}
	return r < 0 ? reopen_in_upper(root, path, key) : r;
}

/* The regular file that is at PATH in the tree DIRECTORY. -ENOENT when nothing is. */
static int open_any(int directory, const char *path, struct stat *ret)
{
	CLEANUP_FD int fd = below_open(directory, path, false);

	return fd < 0 ? fd : below_reopen(fd, ret);
}

/* Opens directory NUMBER of those that ROOT is put together of, topmost first; -ERANGE behind them. */
static int open_directory(const struct container_root *root, size_t number)
{
	bool is_overlay = root->kind == CONTAINER_ROOT_OVERLAY;

	if (number > 0)
		return number <= root->layer_count ? container_root_open_layer(root, number - 1)
						   : -ERANGE;
	if (!is_overlay)
		return container_root_open_directory(root);
	return root->upper ? container_root_open_upper(root) : container_root_open_layer(root, 0);
}

int image_origin_open_path(
	const struct container_root *root, const char *path, struct file_key *ret)
{
	struct stat st;
	int r = -ENOENT;

	for (size_t i = 0; r == -ENOENT; i++) {
		CLEANUP_FD int directory = open_directory(root, i);

		if (directory == -ERANGE)
			break;
		r = directory < 0 ? -ESTALE : open_any(directory, path, &st);
	}
	if (r >= 0)
		*ret = file_key_of_stat(&st);
	return r;
}
