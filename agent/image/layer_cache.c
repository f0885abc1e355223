/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A directory of layers. An entry is called after a digest of all that it depends on, holds what
 * layer_write() writes, and ends in its own digest, so that one that was cut by a crash is none.
 */
#include "image/layer_cache.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/io.h"
#include "image/layer_form.h"

#define ENTRY_MAX (1u << 30) /* bytes; limits of names and members end before */

struct image_cache {
	int directory;
	uint64_t bytes_max;
	unsigned char salt[SHA256_SIZE];
};

/* Ours, and for nobody else to write. */
static bool is_ours(const struct stat *st)
{
	return st->st_uid == geteuid() && (st->st_mode & 022) == 0;
}

/* A digest of DATA and SALT, each with its length, so that neither can begin within the other. */
static int make_salt(struct slice catalog_text, struct slice salt, unsigned char ret[SHA256_SIZE])
{
	CLEANUP_SHA256 struct sha256 sha256 = SHA256_INIT;
	uint64_t sizes[2] = {catalog_text.len, salt.len};
	int r = sha256_init(&sha256);

	if (r == 0)
		r = sha256_add(&sha256, sizes, sizeof(sizes));
	if (r == 0)
		r = sha256_add(&sha256, BAREWATCH_VERSION, sizeof(BAREWATCH_VERSION));
	if (r == 0)
		r = sha256_add(&sha256, catalog_text.data, catalog_text.len);
	if (r == 0)
		r = sha256_add(&sha256, salt.data, salt.len);
	return r == 0 ? sha256_end(&sha256, ret) : r;
}

int image_cache_open(const char *directory, struct slice catalog_text, struct slice salt,
	uint64_t bytes_max, struct image_cache **ret)
{
	CLEANUP_FREE struct image_cache *cache = calloc(1, sizeof(*cache));
	CLEANUP_FD int fd = -1;
	struct stat st;
	int r;

	if (!cache)
		return -ENOMEM;
	if (mkdir(directory, 0700) < 0 && errno != EEXIST)
		return -errno;
	fd = open(directory, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	if (fd < 0 || fstat(fd, &st) < 0)
		return -errno;
	if (!is_ours(&st))
		return -EPERM;
	r = make_salt(catalog_text, salt, cache->salt);
	if (r < 0)
		return r;
	cache->directory = TAKE_FD(fd);
	cache->bytes_max = bytes_max;
	*ret = TAKE_PTR(cache);
	return 0;
}

void image_cache_close(struct image_cache *cache)
{
	if (!cache)
		return;
	close(cache->directory);
	free(cache);
}

char *image_cache_usual_directory(void)
{
	const char *cache = getenv("XDG_CACHE_HOME"), *home = getenv("HOME");
	char *path;
	int n = -1;

	if (geteuid() == 0)
		return strdup("/var/cache/barewatch");
	if (cache && cache[0] == '/') /* others are to be ignored (XDG Base Directory 0.8) */
		n = asprintf(&path, "%s/barewatch", cache);
	else if (home && home[0] == '/')
		n = asprintf(&path, "%s/.cache/barewatch", home);
	return n < 0 ? NULL : path;
}

/* ---- names ---- */

/* The name of the entry for the blob DIGEST, by all that decides over what reading it gives. */
static int entry_name(const struct image_cache *cache, const struct image_limits *limits,
	const unsigned char digest[static SHA256_SIZE], char ret[static SHA256_TEXT_SIZE])
{
	CLEANUP_SHA256 struct sha256 sha256 = SHA256_INIT;
	uint64_t numbers[] = {limits->ratio_max, limits->ratio_free_bytes, limits->window_log_max,
		limits->name_max, limits->depth_max};
	unsigned char name[SHA256_SIZE];
	int r = sha256_init(&sha256);

	if (r == 0)
		r = sha256_add(&sha256, cache->salt, sizeof(cache->salt));
	if (r == 0)
		r = sha256_add(&sha256, numbers, sizeof(numbers));
	if (r == 0)
		r = sha256_add(&sha256, digest, SHA256_SIZE);
	if (r == 0)
		r = sha256_end(&sha256, name);
	if (r == 0)
		sha256_format(name, ret);
	return r;
}

/* ---- reading ---- */

static int digest_bytes(struct slice bytes, unsigned char ret[static SHA256_SIZE])
{
	CLEANUP_SHA256 struct sha256 sha256 = SHA256_INIT;
	int r = sha256_init(&sha256);

	if (r == 0)
		r = sha256_add(&sha256, bytes.data, bytes.len);
	return r == 0 ? sha256_end(&sha256, ret) : r;
}

static int open_entry(const struct image_cache *cache, const char *name)
{
	CLEANUP_FD int fd = openat(
		cache->directory, name, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC);
	struct stat st;

	if (fd < 0 || fstat(fd, &st) < 0)
		return -errno;
	if (!S_ISREG(st.st_mode) || !is_ours(&st) || st.st_nlink != 1)
		return -EPERM;
	return TAKE_FD(fd);
}

/* Loads the entry FD. 0, or a negative errno: there is none then. */
static int load_entry(int fd, const struct layer_reader *reader, struct layer **ret,
	struct layer_usage *ret_usage)
{
	CLEANUP_FREE char *text = NULL;
	unsigned char digest[SHA256_SIZE];
	struct slice body;
	size_t size;
	int r = read_fd(fd, ENTRY_MAX, &text, &size);

	if (r < 0)
		return r;
	if (size < SHA256_SIZE)
		return -EBADMSG;
	body = (struct slice){text, size - SHA256_SIZE};
	r = digest_bytes(body, digest);
	if (r == 0 && memcmp(text + body.len, digest, SHA256_SIZE) != 0)
		r = -EBADMSG;
	return r == 0 ? layer_load(body, reader->catalog, reader->limits, ret, ret_usage) : r;
}

/* Whether the blob has the digest that it is said to have. */
static bool blob_has_digest(struct layer_reader *reader, const struct blob_range *range,
	const unsigned char wanted[static SHA256_SIZE])
{
	CLEANUP_SHA256 struct sha256 sha256 = SHA256_INIT;
	unsigned char digest[SHA256_SIZE];
	uint64_t at = 0;
	int r = sha256_init(&sha256);

	while (r == 0 && at < range->size_bytes) {
		uint64_t rest = range->size_bytes - at;
		ssize_t n = pread_up_to(range->fd, range->offset + at, reader->chunk->bytes,
			rest < PROGRAM_BUFFER_BYTES ? rest : PROGRAM_BUFFER_BYTES);

		if (n <= 0)
			return false;
		r = sha256_add(&sha256, reader->chunk->bytes, n);
		at += n;
	}
	return r == 0 && sha256_end(&sha256, digest) == 0 &&
	       memcmp(digest, wanted, SHA256_SIZE) == 0;
}

/* 1 when it was there, 0 when it was not, or an error of the limits. */
static int read_entry(const struct image_cache *cache, const char *name,
	struct layer_reader *reader, const struct blob_range *range,
	const unsigned char digest[static SHA256_SIZE], struct layer **ret)
{
	CLEANUP_FD int fd = open_entry(cache, name);
	CLEANUP_LAYER struct layer *layer = NULL;
	struct layer_usage usage;
	int r;

	if (fd < 0 || load_entry(fd, reader, &layer, &usage) < 0)
		return 0;
	if (memcmp(layer->digest, digest, SHA256_SIZE) != 0 ||
		!blob_has_digest(reader, range, digest))
		return 0;
	r = layer_reader_charge(reader, &usage);
	if (r < 0)
		return r;
	(void)futimens(fd, NULL); /* it is not old: see make_room() */
	*ret = TAKE_PTR(layer);
	return 1;
}

/* ---- writing ---- */

struct old_entry {
	char name[SHA256_TEXT_SIZE + 32];
	struct timespec time;
	uint64_t bytes;
};

static bool is_older(const struct timespec *a, const struct timespec *b)
{
	return a->tv_sec != b->tv_sec ? a->tv_sec < b->tv_sec : a->tv_nsec < b->tv_nsec;
}

/* Finds the oldest, and adds up all. False when there is none. */
static bool find_oldest(int directory, struct old_entry *ret, uint64_t *ret_bytes)
{
	int fd = openat(directory, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	CLEANUP_DIR DIR *dir = fd < 0 ? NULL : fdopendir(fd);
	const struct dirent *d;
	bool has_one = false;

	*ret_bytes = 0;
	if (!dir && fd >= 0)
		close(fd);
	while (dir && (d = readdir(dir))) {
		struct stat st;

		if (strlen(d->d_name) >= sizeof(ret->name) ||
			fstatat(fd, d->d_name, &st, AT_SYMLINK_NOFOLLOW) < 0 ||
			!S_ISREG(st.st_mode))
			continue;
		*ret_bytes += st.st_size;
		if (has_one && !is_older(&st.st_mtim, &ret->time))
			continue;
		has_one = true;
		ret->time = st.st_mtim;
		ret->bytes = st.st_size;
		memcpy(ret->name, d->d_name, strlen(d->d_name) + 1);
	}
	return has_one;
}

/* Removes the oldest until SIZE bytes more have room, or one cannot be removed. */
static void make_room(const struct image_cache *cache, uint64_t size)
{
	struct old_entry oldest;
	uint64_t bytes;

	while (find_oldest(cache->directory, &oldest, &bytes) && bytes + size > cache->bytes_max)
		if (unlinkat(cache->directory, oldest.name, 0) < 0)
			return;
}

/* Under another name first: nobody meets half of it. */
static int write_file(const struct image_cache *cache, const char *name, struct slice bytes)
{
	char temporary[SHA256_TEXT_SIZE + 32];
	CLEANUP_FD int fd = -1;
	int r;

	snprintf(temporary, sizeof(temporary), ".%s.%d", name, (int)gettid());
	(void)unlinkat(cache->directory, temporary, 0); /* of one that crashed */
	fd = openat(cache->directory, temporary, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
	if (fd < 0)
		return -errno;
	r = write_all(fd, bytes.data, bytes.len);
	if (r == 0 && renameat(cache->directory, temporary, cache->directory, name) < 0)
		r = -errno;
	if (r < 0)
		(void)unlinkat(cache->directory, temporary, 0);
	return r;
}

/* What cannot be written is read again the next time. */
static void write_entry(const struct image_cache *cache, const char *name,
	const struct layer_reader *reader, const struct layer *layer,
	const struct layer_usage *usage)
{
	CLEANUP_STRBUF struct strbuf out = STRBUF_INIT;
	unsigned char digest[SHA256_SIZE];

	layer_write(&out, reader->catalog, layer, usage);
	if (out.error || digest_bytes(strbuf_slice(&out), digest) < 0)
		return;
	strbuf_add(&out, digest, sizeof(digest));
	if (out.error || out.len > ENTRY_MAX || out.len > cache->bytes_max)
		return;
	make_room(cache, out.len);
	(void)write_file(cache, name, strbuf_slice(&out));
}

int layer_cache_read(struct image_cache *cache, struct layer_reader *reader,
	const struct blob_range *range, const unsigned char digest[static SHA256_SIZE],
	struct layer **ret)
{
	struct layer_reader before = *reader;
	struct layer_usage usage;
	char name[SHA256_TEXT_SIZE];
	int r;

	if (!cache || entry_name(cache, reader->limits, digest, name) < 0)
		return layer_read_tar(reader, range, true, ret);
	r = read_entry(cache, name, reader, range, digest, ret);
	if (r != 0)
		return r < 0 ? r : 0;
	r = layer_read_tar(reader, range, true, ret);
	if (r < 0 || memcmp((*ret)->digest, digest, SHA256_SIZE) != 0)
		return r;
	usage = layer_reader_usage(reader, &before);
	write_entry(cache, name, reader, *ret, &usage);
	return 0;
}
