/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A look at what ran. Its file is opened where it is still the one that ran: inode, size and
 * change time are those that the kernel side saw. /proc/PID/exe leads to it without a name,
 * but PID may be gone, or run something else by now; then the names are tried.
 */
#include "executable.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <linux/magic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/statfs.h>
#include <sys/statvfs.h>
#include <sys/sysmacros.h>
#include <unistd.h>

#include "base/below.h"
#include "base/cleanup.h"
#include "base/clock.h"
#include "image_origin.h"
#include "near.h"

void executable_query_done(struct executable_query *query)
{
	free(query->path);
	free(query->script);
	container_root_free(query->root);
}

int executable_store_new(struct executable_store **ret)
{
	static const struct inventory_limits limits = INVENTORY_LIMITS_DEFAULT;
	struct executable_store *store = aligned_alloc(64, sizeof(*store));
	int r;

	if (!store)
		return -ENOMEM;
	r = inventory_cache_new(&limits, &store->inventories);
	if (r < 0)
		free(store);
	else
		*ret = store;
	return r;
}

void executable_store_free(struct executable_store *store)
{
	if (!store)
		return;
	inventory_cache_free(store->inventories);
	free(store);
}

/* ---- opening ---- */

/* A file that ran, as it was then. */
struct state {
	struct file_key key;
	/* it may have fewer names by now, which changes its ctime, too; 0: it may not */
	uint32_t nlink;
};

static bool is_in_state(int fd, const struct state *state)
{
	struct file_key key = state->key;
	struct stat st;

	if (fstat(fd, &st) < 0 || !S_ISREG(st.st_mode))
		return false;
	if (st.st_nlink < state->nlink) {
		key.ctime_s = st.st_ctim.tv_sec;
		key.ctime_ns = st.st_ctim.tv_nsec;
	}
	return file_key_is_of(&key, &st);
}

static int open_of_process(const struct executable_query *q, const char *name, int flags)
{
	char path[96];
	int fd;

	snprintf(path, sizeof(path), "/proc/%d/%s", (int)q->tgid, name);
	fd = open(path, flags | O_NONBLOCK | O_NOCTTY | O_CLOEXEC);
	return fd < 0 ? -errno : fd;
}

/* The root directory as the container sees it, O_PATH: kept, or that of the process. */
static int open_root(const struct executable_query *q)
{
	int fd = q->root ? __atomic_load_n(&q->root->fd, __ATOMIC_ACQUIRE) : -1;

	if (fd < 0)
		return open_of_process(q, "root", O_PATH | O_DIRECTORY);
	fd = fcntl(fd, F_DUPFD_CLOEXEC, 0);
	return fd < 0 ? -errno : fd;
}

/* PATH below the container's root, with its mounts, for reading. */
static int open_in_root(const struct executable_query *q, const char *path, bool follow)
{
	CLEANUP_FD int root = open_root(q), fd = -1;
	struct stat st;

	if (root >= 0)
		fd = q->may_wait ? below_open(root, path, follow) : near_open(root, path, &q->file);
	return fd < 0 ? -ENOENT : below_reopen(fd, &st);
}

static bool may_be_asked(const struct executable_query *q, int fd)
{
	return near_is(fd, &q->file) ||
	       (q->root && near_is_beside(fd, __atomic_load_n(&q->root->fd, __ATOMIC_ACQUIRE)));
}

/*
 * What the process runs, or what it has mapped where the kernel side saw it; by now that may be
 * another file, anywhere. It may be a device, which does whatever it does when it is opened.
 */
static int open_by_process(const struct executable_query *q)
{
	char name[64] = "exe";
	struct stat st;

	if (q->map_end != 0)
		snprintf(name, sizeof(name), "map_files/%" PRIx64 "-%" PRIx64, q->map_start,
			q->map_end);
	CLEANUP_FD int fd = open_of_process(q, name, O_PATH);

	if (fd >= 0 && !q->may_wait && !may_be_asked(q, fd))
		return -EXDEV;
	return fd < 0 ? fd : below_reopen(fd, &st);
}

/*
 * The file that ran. -ENOENT when it cannot be found in the state in which it ran, which is
 * STATE. A file that is being executed cannot be written to (Linux, but for 6.11 and 6.12), so that
 * only what was taken away of its names may have changed it.
 */
static int open_file(const struct executable_query *q, struct state *state)
{
	CLEANUP_FD int exe = open_by_process(q), named = -1;

	*state = (struct state){file_key_of(&q->file), q->map_end == 0 ? q->file.nlink : 0};
	if (exe >= 0 && is_in_state(exe, state))
		return TAKE_FD(exe);
	state->nlink = 0;
	if (!q->path)
		return -ENOENT;
	named = open_in_root(q, q->path, false);
	if (named >= 0 && is_in_state(named, state))
		return TAKE_FD(named);
	return q->root ? image_origin_open(q->root, q->path, &state->key) : -ENOENT;
}

/* ---- origin ---- */

static enum program_origin origin_of(const struct executable_query *q, const struct bw_file *file,
	const char *path, int fd, struct executable_store *store, unsigned *ret_layer)
{
	struct origin_clues clues = {
		.file = file,
		.is_detached = q->is_detached,
		.mounts_are_outside = q->mounts_are_outside,
		.root_is_known = q->root,
	};
	struct image_origin_file image = {
		.key = file_key_of(file),
		.path = path,
		.content_fd = fd,
		.is_deleted = file->flags & BW_FILE_DELETED,
		.started_ns = q->started_ns,
	};
	enum program_origin origin;

	if (q->root) {
		clues.root_major = q->root->dev_major;
		clues.root_minor = q->root->dev_minor;
	}
	if (program_origin_by_place(&clues, &origin))
		return origin;
	return image_origin(q->root, store->inventories, &image, ret_layer);
}

bool executable_is_init_path(struct slice path)
{
	/* moby, daemon/oci_linux.go (inContainerInitPath); podman, libpod (v4: /run, v3: /dev) */
	static const char *const paths[] = {"/sbin/docker-init", "/run/podman-init", "/dev/init"};

	for (size_t i = 0; i < ARRAY_SIZE(paths); i++)
		if (slice_equal_text(path, paths[i]))
			return true;
	return false;
}

/*
 * True when the file FD was put where engines have their init, from outside: as the first
 * program, bound read-only, and root's. Nothing in the container ran before.
 */
static bool is_engines_init(const struct executable_query *q, enum program_origin origin, int fd)
{
	struct statvfs fs;
	struct stat st;

	return origin == PROGRAM_ORIGIN_VOLUME && q->is_entrypoint && fd >= 0 && q->path &&
	       executable_is_init_path(slice_of(q->path)) && fstatvfs(fd, &fs) == 0 &&
	       (fs.f_flag & ST_RDONLY) && fstat(fd, &st) == 0 && st.st_uid == 0;
}

/* ---- scripts ---- */

/* What of "/dev/fd/N/REST", by which a script is given that was executed by a descriptor, is behind N. */
static const char *parse_descriptor(const char *script, int *ret_number)
{
	int end = 0;

	return sscanf(script, "/dev/fd/%d%n", ret_number, &end) == 1 &&
			       (!script[end] || script[end] == '/')
		       ? script + end
		       : NULL;
}

/* Descriptor NUMBER of the process, O_PATH: whatever that is by now. */
static int open_descriptor(const struct executable_query *q, int number)
{
	char name[32];

	snprintf(name, sizeof(name), "fd/%d", number);
	return open_of_process(q, name, O_PATH);
}

/* The script if its descriptor is still what the kernel side saw. */
static int open_script_file(const struct executable_query *q, int number)
{
	struct state state = {file_key_of(&q->script_file), 0};
	CLEANUP_FD int fd = open_descriptor(q, number), opened = -1;
	struct stat st;

	opened = fd < 0 ? -1 : below_reopen(fd, &st);
	return opened >= 0 && is_in_state(opened, &state) ? TAKE_FD(opened) : -ENOENT;
}

/* What is below a directory that was given by a descriptor. */
static int open_below_descriptor(const struct executable_query *q, int number, const char *path)
{
	CLEANUP_FD int top = open_descriptor(q, number), fd = -1;
	struct stat st;

	fd = top < 0 ? -1 : below_open(top, path, true);
	return fd < 0 ? -ENOENT : below_reopen(fd, &st);
}

/* What the kernel side would have said of the file FD. False when it cannot be told. */
static bool describe(int fd, const struct container_root *root, struct bw_file *ret)
{
	struct statfs fs;
	struct stat st;

	if (fstat(fd, &st) < 0 || fstatfs(fd, &fs) < 0)
		return false;
	*ret = (struct bw_file){
		.inode = st.st_ino,
		.size_bytes = st.st_size,
		.ctime_s = st.st_ctim.tv_sec,
		.ctime_ns = st.st_ctim.tv_nsec,
		.dev_major = major(st.st_dev),
		.dev_minor = minor(st.st_dev),
		.nlink = st.st_nlink,
		.fs_magic = fs.f_type,
	};
	if (st.st_nlink == 0)
		ret->flags = BW_FILE_DELETED | (fs.f_type == TMPFS_MAGIC ? BW_FILE_MEMFD : 0);
	/* files of an overlay over several file systems have a device of their own for stat */
	if (root && root->kind == CONTAINER_ROOT_OVERLAY && fs.f_type == OVERLAYFS_SUPER_MAGIC) {
		ret->dev_major = root->dev_major;
		ret->dev_minor = root->dev_minor;
	}
	return true;
}

/*
 * The script in the directories of the image, when the container cannot be looked into any more.
 * It ran, so if none of them has anything at its path it was on another mount.
 */
static enum program_origin find_script(
	const struct executable_query *q, struct executable_store *store)
{
	struct image_origin_file file = {.path = q->script, .started_ns = q->started_ns};
	CLEANUP_FD int fd = -1;
	unsigned layer;

	fd = q->root ? image_origin_open_path(q->root, q->script, &file.key) : -ESTALE;
	if (fd == -ENOENT)
		return PROGRAM_ORIGIN_VOLUME;
	if (fd < 0)
		return PROGRAM_ORIGIN_UNKNOWN;
	file.content_fd = fd;
	return image_origin(q->root, store->inventories, &file, &layer);
}

/* A descriptor may be another file's since, so what the kernel side saw there counts. */
static enum program_origin script_origin_by_descriptor(
	const struct executable_query *q, int number, struct executable_store *store)
{
	CLEANUP_FD int fd = -1;
	unsigned layer = 0;

	if (q->script_file.inode == 0)
		return PROGRAM_ORIGIN_UNKNOWN;
	fd = open_script_file(q, number);
	return origin_of(q, &q->script_file, NULL, fd, store, &layer);
}

static enum program_origin script_origin(
	const struct executable_query *q, struct executable_store *store)
{
	int number = -1;
	const char *rest = parse_descriptor(q->script, &number);
	CLEANUP_FD int fd = -1;
	struct bw_file file;
	unsigned layer = 0;

	if (rest && !*rest)
		return script_origin_by_descriptor(q, number, store);
	fd = rest ? open_below_descriptor(q, number, rest) : open_in_root(q, q->script, true);
	if (fd < 0)
		return rest ? PROGRAM_ORIGIN_UNKNOWN : find_script(q, store);
	if (!describe(fd, q->root, &file))
		return PROGRAM_ORIGIN_UNKNOWN;
	return origin_of(q, &file, rest ? NULL : q->script, fd, store, &layer);
}

/* ---- all of it ---- */

/* What FD holds, unless it changed while it was read. */
static void read_content(const struct executable_query *q, int fd, const struct state *state,
	const struct catalog *catalog, struct executable_store *store, struct executable *ret)
{
	bool wanted;

	ret->has_identity = program_identify(catalog, fd, EXECUTABLE_BYTES_MAX, &store->buffer,
				    &ret->identity) == 0 &&
			    is_in_state(fd, state);
	wanted = q->is_suspect || executable_is_foreign(ret) ||
		 (ret->has_identity && ret->identity.class != PROGRAM_OTHER);
	ret->has_digest = wanted && digest_file(fd, ret->digest) == 0 && is_in_state(fd, state);
}

/* Whose the file is, which like its time changes with ctime only. */
static void read_owner(int fd, struct executable *ret)
{
	struct stat st;

	ret->has_owner = fstat(fd, &st) == 0 && st.st_mtim.tv_sec >= 0;
	if (!ret->has_owner)
		return;
	ret->uid = st.st_uid;
	ret->gid = st.st_gid;
	ret->mtime_ns = st.st_mtim.tv_sec * NS_PER_S + st.st_mtim.tv_nsec;
}

static void look_at_file(const struct executable_query *q, const struct catalog *catalog,
	struct executable_store *store, struct executable *ret)
{
	CLEANUP_FD int fd = -1;
	struct state state;

	fd = open_file(q, &state);
	ret->origin = origin_of(q, &q->file, q->path, fd, store, &ret->layer);
	ret->is_engines = is_engines_init(q, ret->origin, fd);
	if (fd < 0)
		return;
	read_owner(fd, ret);
	read_content(q, fd, &state, catalog, store, ret);
}

void executable_look(const struct executable_query *query, const struct catalog *catalog,
	struct executable_store *store, struct executable *ret)
{
	if (!query->is_known)
		look_at_file(query, catalog, store, ret);
	if (query->script)
		ret->script_origin = script_origin(query, store);
}
