/* SPDX-License-Identifier: Apache-2.0 */
/* See store.h. */
#include "image/store.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/array.h"
#include "base/below.h"
#include "base/io.h"
#include "image/failure.h"
#include "image/spool.h"
#include "image/tar.h"

#define LINKS_MAX 8 /* docker-archives of Podman have one */

struct member {
	char *name; /* without "./" or '/' before it */
	char *target; /* of a link, from the top; NULL for a file */
	size_t order; /* in the archive: the last of a name wins */
	struct blob_range range;
};

struct store {
	int directory; /* -1: an archive */
	int spool; /* what was decompressed; -1: nothing */
	struct member *members; /* by name */
	size_t count, capacity;
};

void store_file_done(struct store_file *file)
{
	fd_cleanup(&file->owned_fd);
	*file = STORE_FILE_INIT;
}

int store_new_directory(int fd, struct store **ret)
{
	struct store *store = calloc(1, sizeof(*store));

	if (!store)
		return -ENOMEM;
	store->directory = fd;
	store->spool = -1;
	*ret = store;
	return 0;
}

void store_free(struct store *store)
{
	if (!store)
		return;
	fd_cleanup(&store->directory);
	fd_cleanup(&store->spool);
	for (size_t i = 0; i < store->count; i++) {
		free(store->members[i].name);
		free(store->members[i].target);
	}
	free(store->members);
	free(store);
}

/* ---- archives ---- */

/* Appends the components of PATH to OUT; ".." takes one back. */
static void add_components(struct strbuf *out, struct slice path)
{
	while (path.len > 0) {
		const char *slash = memchr(path.data, '/', path.len);
		struct slice part = {path.data, slash ? (size_t)(slash - path.data) : path.len};

		path = (struct slice){path.data + part.len + (slash != NULL),
			path.len - part.len - (slash != NULL)};
		if (slice_equal_text(part, "..")) {
			while (out->len > 0 && out->data[out->len - 1] != '/')
				strbuf_truncate(out, out->len - 1);
			strbuf_truncate(out, out->len ? out->len - 1 : 0);
		} else if (part.len > 0 && !slice_equal_text(part, ".")) {
			if (out->len > 0)
				strbuf_add_char(out, '/');
			strbuf_add_slice(out, part);
		}
	}
}

/* PATH from the top of the archive, as seen from the file NAME. NULL without memory. */
static char *path_from(struct slice name, struct slice path)
{
	CLEANUP_STRBUF struct strbuf out = STRBUF_INIT;

	if (path.len > 0 && path.data[0] != '/')
		add_components(
			&out, (struct slice){name.data, name.len - slice_basename(name).len});
	add_components(&out, path);
	return out.error ? NULL : strdup(strbuf_text(&out));
}

static int add_member(struct store *store, const struct tar_member *m, int fd)
{
	struct member member = {.order = store->count};

	if (!ARRAY_RESERVE(store->members, store->capacity, store->count, 1))
		return -ENOMEM;
	member.name = path_from(slice_of(""), m->name);
	if (m->type == TAR_SYMLINK)
		member.target = path_from(m->name, m->link);
	else if (m->type == TAR_HARD_LINK)
		member.target = path_from(slice_of(""), m->link);
	else
		member.range = (struct blob_range){fd, m->data_position, m->size_bytes};
	if (!member.name ||
		((m->type == TAR_SYMLINK || m->type == TAR_HARD_LINK) && !member.target)) {
		free(member.name);
		free(member.target);
		return -ENOMEM;
	}
	store->members[store->count++] = member;
	return 0;
}

/* What holds an image are files, links and directories. */
static bool is_wanted(const struct tar_member *m)
{
	return m->type == TAR_FILE || m->type == TAR_SYMLINK || m->type == TAR_HARD_LINK;
}

/* Calls VISIT with each member of the archive in RANGE. 0, or what went wrong or VISIT returned. */
static int each_member(const struct blob_range *range, const struct image_limits *limits,
	struct image_error *e, int (*visit)(const struct tar_member *m, void *userdata),
	void *userdata)
{
	struct blob_budget budget = {limits->bytes_max};
	CLEANUP_BLOB struct blob *blob = NULL;
	CLEANUP_TAR struct tar *tar = NULL;
	struct tar_member m;
	int r = blob_open(range, limits, &budget, e, &blob);

	if (r == 0) {
		blob_give_up_digests(blob);
		r = tar_open(blob, limits, e, &tar);
	}
	while (r == 0 && (r = tar_next(tar, &m)) > 0)
		r = is_wanted(&m) ? visit(&m, userdata) : 0;
	if (r == 0 && !tar_has_end(tar))
		return image_fail(e, IMAGE_UNREADABLE, "tar: it ends without the mark of its end");
	return r;
}

struct listing {
	struct store *store;
	struct image_error *e;
	int fd;
};

static int list_member(const struct tar_member *m, void *userdata)
{
	struct listing *l = userdata;
	int r;

	if (m->is_sparse)
		return image_fail(l->e, IMAGE_UNREADABLE, "a sparse file in an image archive: %.*s",
			SHOWN(m->name));
	r = add_member(l->store, m, l->fd);
	return r < 0 ? image_fail_errno(l->e, r, "an archive") : 0;
}

static int compare_members(const void *a, const void *b)
{
	const struct member *x = a, *y = b;
	int order = strcmp(x->name, y->name);

	if (order != 0)
		return order;
	return x->order < y->order ? -1 : x->order > y->order;
}

static int range_of_file(int fd, struct blob_range *ret, struct image_error *e)
{
	struct stat st;

	if (fstat(fd, &st) < 0)
		return image_fail_errno(e, -errno, "an archive");
	*ret = (struct blob_range){fd, 0, st.st_size};
	return 0;
}

static int decompress(struct blob *blob, int *spool, struct image_error *e)
{
	char data[65536];
	ssize_t n;
	int r = spool_begin(spool);

	while (r == 0 && (n = blob_read(blob, data, sizeof(data))) != 0) {
		if (n < 0)
			return n;
		r = write_all(*spool, data, n);
	}
	return r < 0 ? image_fail_errno(e, r, "a temporary file") : 0;
}

/* The archive in FD as it is, or decompressed in *SPOOL. */
static int plain_archive(int fd, const struct image_limits *limits, struct image_error *e,
	int *spool, struct blob_range *ret)
{
	struct blob_budget budget = {limits->bytes_max};
	CLEANUP_BLOB struct blob *blob = NULL;
	int r = range_of_file(fd, ret, e);

	if (r == 0)
		r = blob_open(ret, limits, &budget, e, &blob);
	if (r < 0 || blob_compression(blob) == BLOB_RAW)
		return r;
	r = decompress(blob, spool, e);
	return r < 0 ? r : range_of_file(*spool, ret, e);
}

int store_new_archive(int fd, int spool, const struct image_limits *limits, struct image_error *e,
	struct store **ret)
{
	CLEANUP_STORE struct store *store = NULL;
	struct blob_range range;
	struct listing listing;
	int r = store_new_directory(-1, &store);

	if (r < 0) {
		fd_cleanup(&spool);
		return image_fail_errno(e, r, "an archive");
	}
	store->spool = spool;
	r = plain_archive(fd, limits, e, &store->spool, &range);
	if (r < 0)
		return r;
	listing = (struct listing){store, e, range.fd};
	r = each_member(&range, limits, e, list_member, &listing);
	if (r < 0)
		return r;
	if (store->count > 0)
		qsort(store->members, store->count, sizeof(*store->members), compare_members);
	*ret = TAKE_PTR(store);
	return 0;
}

/* ---- looking up ---- */

/* The last member called NAME, or NULL. */
static const struct member *find_member(const struct store *store, const char *name)
{
	size_t low = 0, high = store->count;

	while (low < high) { /* the first that is greater */
		size_t middle = low + (high - low) / 2;

		if (strcmp(store->members[middle].name, name) <= 0)
			low = middle + 1;
		else
			high = middle;
	}
	if (low == 0 || strcmp(store->members[low - 1].name, name) != 0)
		return NULL;
	return &store->members[low - 1];
}

static int open_member(const struct store *store, const char *name, struct store_file *ret)
{
	const struct member *member = find_member(store, name);

	for (unsigned i = 0; member && member->target; i++) {
		if (i == LINKS_MAX)
			return -ELOOP;
		member = find_member(store, member->target);
	}
	if (!member)
		return -ENOENT;
	*ret = (struct store_file){.range = member->range, .owned_fd = -1};
	return 0;
}

static int open_below(int directory, const char *name, struct store_file *ret)
{
	CLEANUP_FD int fd = below_open(directory, name, true);
	struct stat st;
	int opened;

	if (fd < 0)
		return fd;
	opened = below_reopen(fd, &st);
	if (opened < 0)
		return opened;
	*ret = (struct store_file){.range = {opened, 0, st.st_size}, .owned_fd = opened};
	return 0;
}

int store_open(const struct store *store, const char *name, struct store_file *ret)
{
	return store->directory >= 0 ? open_below(store->directory, name, ret)
				     : open_member(store, name, ret);
}

/* ---- recognising ---- */

static const struct {
	const char *name;
	size_t at; /* in struct store_marks */
} marks[] = {
	{"oci-layout", offsetof(struct store_marks, has_layout)},
	{"index.json", offsetof(struct store_marks, has_index)},
	{"manifest.json", offsetof(struct store_marks, has_manifest)},
	{"version", offsetof(struct store_marks, has_version)},
};

static int mark_member(const struct tar_member *m, void *userdata)
{
	struct slice name = m->name;

	while (name.len > 1 &&
		(name.data[0] == '/' || (name.data[0] == '.' && name.data[1] == '/')))
		name = (struct slice){name.data + 1, name.len - 1};
	for (size_t i = 0; i < ARRAY_SIZE(marks); i++)
		if (slice_equal_text(name, marks[i].name))
			*(bool *)((char *)userdata + marks[i].at) = true;
	return 0;
}

int store_marks_of_archive(
	int fd, const struct image_limits *limits, struct image_error *e, struct store_marks *ret)
{
	struct store_marks found = {0};
	struct blob_range range;
	int r = range_of_file(fd, &range, e);

	if (r == 0)
		r = each_member(&range, limits, e, mark_member, &found);
	if (r == 0)
		*ret = found;
	return r;
}

struct store_marks store_marks_of(const struct store *store)
{
	struct store_marks found = {0};

	for (size_t i = 0; i < ARRAY_SIZE(marks); i++) {
		CLEANUP_STORE_FILE struct store_file file = STORE_FILE_INIT;

		*(bool *)((char *)&found + marks[i].at) = store_open(store, marks[i].name, &file) ==
							  0;
	}
	return found;
}
