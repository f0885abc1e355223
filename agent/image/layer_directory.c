/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A directory as if it were a layer. Nothing in it is followed, and only what is a regular file
 * is opened. What is mounted in it is counted and left out.
 */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/xattr.h>
#include <unistd.h>

#include <uthash.h>

#include "image/failure.h"
#include "image/layer.h"

#define MODE_MASK 07777

/* A file that has more names than one, and the first that was met. */
struct inode {
	uint64_t number;
	struct layer_text path;
	UT_hash_handle hh;
};

struct scan {
	struct layer_reader *reader;
	struct layer *layer;
	dev_t device;
	struct inode *inodes;
	unsigned skipped;
	struct strbuf
		path; /* of the directory that is read, with a '/' behind it unless it is the top */
	unsigned depth;
};

static void free_inodes(struct scan *s)
{
	struct inode *inode, *next;

	HASH_ITER (hh, s->inodes, inode, next) {
		HASH_DEL(s->inodes, inode);
		free(inode);
	}
}

static int fail_at(struct scan *s, int error, const char *name)
{
	return image_fail_errno(s->reader->e, error, "%.*s%.*s", SHOWN(strbuf_slice(&s->path)),
		SHOWN(slice_of(name)));
}

static uint8_t kind_of(mode_t mode)
{
	switch (mode & S_IFMT) {
	case S_IFDIR:
		return TAR_DIRECTORY;
	case S_IFLNK:
		return TAR_SYMLINK;
	case S_IFCHR:
		return TAR_CHARACTER_DEVICE;
	case S_IFBLK:
		return TAR_BLOCK_DEVICE;
	case S_IFREG:
		return TAR_FILE;
	default: /* sockets, too: neither has bytes of its own */
		return TAR_FIFO;
	}
}

/* A file that is open. */
struct opened {
	struct scan *scan;
	const char *name;
	int fd;
};

static ssize_t read_file(void *source, void *data, size_t size)
{
	const struct opened *file = source;
	ssize_t n;

	do
		n = read(file->fd, data, size);
	while (n < 0 && errno == EINTR);
	return n < 0 ? fail_at(file->scan, -errno, file->name) : n;
}

static int read_target(struct scan *s, int dir, const char *name, struct layer_entry *entry)
{
	char target[4097];
	ssize_t n = readlinkat(dir, name, target, sizeof(target));

	if (n < 0)
		return fail_at(s, -errno, name);
	return layer_add_text(s->reader, s->layer, (struct slice){target, n}, &entry->link);
}

/* Remembers the file, or makes ENTRY a link to its first name. */
static int note_link(struct scan *s, const struct stat *st, struct layer_entry *entry)
{
	uint64_t number = st->st_ino;
	struct inode *inode;

	if (st->st_nlink < 2)
		return 0;
	HASH_FIND(hh, s->inodes, &number, sizeof(number), inode);
	if (inode) {
		entry->kind = TAR_HARD_LINK;
		entry->link = inode->path;
		return 0;
	}
	inode = calloc(1, sizeof(*inode));
	if (!inode)
		return image_fail_errno(s->reader->e, -ENOMEM, "a directory");
	inode->number = number;
	inode->path = entry->path;
	HASH_ADD(hh, s->inodes, number, sizeof(inode->number), inode);
	return 0;
}

static int read_capability(struct scan *s, int fd, struct layer_entry *entry)
{
	char value[64]; /* the kernel's struct vfs_ns_cap_data has 24 bytes */
	ssize_t n = fgetxattr(fd, "security.capability", value, sizeof(value));

	return n > 0 ? layer_add_capability(s->reader, s->layer, (struct slice){value, n}, entry)
		     : 0;
}

static int read_regular(struct scan *s, int dir, const char *name, struct layer_entry *entry)
{
	CLEANUP_FD int fd = openat(dir, name, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC);
	struct opened file = {s, name, -1};
	struct stat st;
	int r;

	if (fd < 0 || fstat(fd, &st) < 0)
		return fail_at(s, -errno, name);
	if (!S_ISREG(st.st_mode))
		return fail_at(s, -ESTALE, name);
	file.fd = fd;
	r = read_capability(s, fd, entry);
	if (r == 0)
		r = layer_read_content(s->reader, s->layer, entry, read_file, &file);
	if (r == 0 && entry->size_bytes > s->reader->budget.bytes_left)
		return image_fail(s->reader->e, IMAGE_UNREADABLE,
			"more than %llu bytes, the limit bytes_max",
			(unsigned long long)s->reader->limits->bytes_max);
	s->reader->budget.bytes_left -= r == 0 ? entry->size_bytes : 0;
	return r;
}

static int scan_directory(struct scan *s, int fd);

/* Goes into the directory NAME, whose '/' the path gets for that time. */
static int descend(struct scan *s, int dir, const char *name)
{
	size_t len = s->path.len;
	int fd = openat(dir, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	int r;

	if (fd < 0)
		return fail_at(s, -errno, name);
	if (s->depth == s->reader->limits->depth_max) {
		close(fd);
		return image_fail(s->reader->e, IMAGE_UNREADABLE,
			"more than %u directories deep, the limit depth_max",
			s->reader->limits->depth_max);
	}
	strbuf_addf(&s->path, "%s/", name);
	s->depth++;
	r = s->path.error ? image_fail_errno(s->reader->e, s->path.error, "a directory")
			  : scan_directory(s, fd);
	s->depth--;
	strbuf_truncate(&s->path, len);
	return r;
}

static int add_file(struct scan *s, int dir, const char *name, const struct stat *st)
{
	struct layer_entry entry = {.kind = kind_of(st->st_mode),
		.mode = st->st_mode & MODE_MASK,
		.uid = st->st_uid,
		.gid = st->st_gid,
		.size_bytes = S_ISREG(st->st_mode) ? st->st_size : 0};
	size_t len = s->path.len;
	int r;

	strbuf_add_text(&s->path, name);
	if (s->path.error)
		return image_fail_errno(s->reader->e, s->path.error, "a directory");
	r = layer_add_text(s->reader, s->layer, strbuf_slice(&s->path), &entry.path);
	strbuf_truncate(&s->path, len);
	if (r == 0 && entry.kind == TAR_SYMLINK)
		r = read_target(s, dir, name, &entry);
	if (r == 0 && entry.kind == TAR_FILE)
		r = note_link(s, st, &entry);
	if (r == 0 && entry.kind == TAR_FILE)
		r = read_regular(s, dir, name, &entry);
	return r < 0 ? r : layer_add_entry(s->reader, s->layer, &entry);
}

static int scan_name(struct scan *s, int dir, const char *name)
{
	struct stat st;
	int r;

	if (fstatat(dir, name, &st, AT_SYMLINK_NOFOLLOW) < 0)
		return fail_at(s, -errno, name);
	if (st.st_dev != s->device) {
		s->skipped++;
		return 0;
	}
	r = add_file(s, dir, name, &st);
	return r == 0 && S_ISDIR(st.st_mode) ? descend(s, dir, name) : r;
}

/* Takes FD over. The limit of depth bounds how many are open. */
static int scan_directory(struct scan *s, int fd)
{
	CLEANUP_DIR DIR *dir = fdopendir(fd);
	const struct dirent *d;
	int r = 0;

	if (!dir) {
		close(fd);
		return fail_at(s, -ENOMEM, "");
	}
	while (r == 0 && (errno = 0, d = readdir(dir)) != NULL)
		if (strcmp(d->d_name, ".") != 0 && strcmp(d->d_name, "..") != 0)
			r = scan_name(s, dirfd(dir), d->d_name);
	return r == 0 && errno != 0 ? fail_at(s, -errno, "") : r;
}

static int scan_top(struct scan *s, int fd)
{
	struct stat st;
	struct layer_entry entry = {.kind = TAR_DIRECTORY};
	int r, top;

	if (fstat(fd, &st) < 0)
		return fail_at(s, -errno, "");
	s->device = st.st_dev;
	entry.mode = st.st_mode & MODE_MASK;
	entry.uid = st.st_uid;
	entry.gid = st.st_gid;
	r = layer_add_entry(s->reader, s->layer, &entry);
	top = r < 0 ? -1 : openat(fd, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (r == 0 && top < 0)
		return fail_at(s, -errno, "");
	return r < 0 ? r : scan_directory(s, top);
}

int layer_read_directory(
	struct layer_reader *reader, int fd, unsigned *ret_skipped, struct layer **ret)
{
	CLEANUP_LAYER struct layer *layer = calloc(1, sizeof(*layer));
	struct scan scan = {.reader = reader, .layer = layer};
	int r;

	if (!layer)
		return image_fail_errno(reader->e, -ENOMEM, "a layer");
	layer->users = 1;
	r = scan_top(&scan, fd);
	free_inodes(&scan);
	strbuf_done(&scan.path);
	if (r < 0)
		return r;
	*ret_skipped = scan.skipped;
	*ret = TAKE_PTR(layer);
	return 0;
}
