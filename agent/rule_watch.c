/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Changes of rule files, see rule_watch.h. Watched are directories: of a path the one that it is in,
 * the one that it leads to, and itself, if it is a folder. All of them are looked up anew after
 * each change, since a name may lead elsewhere by then.
 */
#include "rule_watch.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <sys/inotify.h>
#include <sys/stat.h>

#include "base/array.h"
#include "base/cleanup.h"
#include "base/hash.h"
#include "base/log.h"

#define EVENTS                                                                              \
	(IN_CLOSE_WRITE | IN_CREATE | IN_DELETE | IN_MOVED_FROM | IN_MOVED_TO | IN_ATTRIB | \
		IN_DELETE_SELF | IN_MOVE_SELF | IN_ONLYDIR)

struct directory {
	int wd;
	bool is_wanted;
};

struct rule_watch {
	int fd;
	const char *const *paths;
	size_t path_count;
	struct directory *directories;
	size_t count, capacity;
	uint64_t state; /* hash of what the files were when they were marked */
	uint64_t first_ns, last_ns; /* of the events that wait; 0: there are none */
	int error; /* that was said last */
};

/* ---- what is there ---- */

/* STATUS of a file tells each version of it from the others: the kernel sets the change time. */
static uint64_t add_status(uint64_t hash, const char *name, const struct stat *status)
{
	const uint64_t numbers[] = {status->st_dev, status->st_ino, status->st_size,
		status->st_mtim.tv_sec, status->st_mtim.tv_nsec, status->st_ctim.tv_sec,
		status->st_ctim.tv_nsec};

	hash = hash_add(hash, name, strlen(name) + 1);
	return hash_add(hash, numbers, sizeof(numbers));
}

/* A sum, since the order of names in a directory is nobody's. */
static uint64_t hash_folder(int fd)
{
	CLEANUP_DIR DIR *dir = fdopendir(fd);
	const struct dirent *entry;
	uint64_t sum = 0;

	if (!dir) {
		close(fd);
		return 0;
	}
	for (int i = 0; i < RULE_WATCH_NAMES_MAX && (entry = readdir(dir)); i++) {
		struct stat status;

		if (entry->d_name[0] != '.' && fstatat(dirfd(dir), entry->d_name, &status, 0) == 0)
			sum += add_status(HASH_INIT, entry->d_name, &status);
	}
	return sum;
}

static uint64_t hash_path(uint64_t hash, const char *path)
{
	int fd = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	struct stat status;
	uint64_t sum;

	if (fd >= 0) {
		sum = hash_folder(fd);
		return hash_add(hash, &sum, sizeof(sum));
	}
	if (stat(path, &status) < 0) /* it may be on its way */
		status = (struct stat){0};
	return add_status(hash, path, &status);
}

/* ---- what is watched ---- */

static void complain(struct rule_watch *w, const char *path, int error)
{
	if (w->error != error)
		log_warning("changes in '%s' will not be noticed: %s", path, strerror(error));
	w->error = error;
}

static void want(struct rule_watch *w, const char *path)
{
	int wd;

	if (w->count >= RULE_WATCH_DIRECTORIES_MAX ||
		!ARRAY_RESERVE(w->directories, w->capacity, w->count, 1)) {
		complain(w, path, ENOSPC);
		return;
	}
	wd = inotify_add_watch(w->fd, path, EVENTS);
	if (wd < 0) {
		if (errno != ENOTDIR && errno != ENOENT) /* no folder, or not any more */
			complain(w, path, errno);
		return;
	}
	for (size_t i = 0; i < w->count; i++) {
		if (w->directories[i].wd == wd) {
			w->directories[i].is_wanted = true;
			return;
		}
	}
	w->directories[w->count++] = (struct directory){.wd = wd, .is_wanted = true};
}

/* The directory that PATH is in. */
static void want_parent(struct rule_watch *w, const char *path)
{
	CLEANUP_FREE char *parent = strdup(path);
	size_t len = parent ? strlen(parent) : 0;

	while (len > 1 && parent[len - 1] == '/')
		len--;
	while (len > 0 && parent[len - 1] != '/')
		len--;
	if (len > 0)
		parent[len] = '\0';
	want(w, len > 0 ? parent : ".");
}

static void want_path(struct rule_watch *w, const char *path)
{
	char real[PATH_MAX];

	want_parent(w, path);
	want(w, path);
	if (realpath(path, real))
		want_parent(w, real);
}

static void forget_unwanted(struct rule_watch *w)
{
	size_t kept = 0;

	for (size_t i = 0; i < w->count; i++) {
		if (w->directories[i].is_wanted)
			w->directories[kept++] = w->directories[i];
		else /* it may be gone by itself */
			(void)inotify_rm_watch(w->fd, w->directories[i].wd);
	}
	w->count = kept;
}

static void watch_all(struct rule_watch *w)
{
	for (size_t i = 0; i < w->count; i++)
		w->directories[i].is_wanted = false;
	for (size_t i = 0; i < w->path_count; i++)
		want_path(w, w->paths[i]);
	forget_unwanted(w);
}

/* ---- the module ---- */

int rule_watch_new(const char *const *paths, size_t count, struct rule_watch **ret)
{
	struct rule_watch *watch = calloc(1, sizeof(*watch));

	if (!watch)
		return -ENOMEM;
	watch->paths = paths;
	watch->path_count = count;
	watch->fd = inotify_init1(IN_CLOEXEC | IN_NONBLOCK);
	if (watch->fd < 0) {
		int r = -errno;

		free(watch);
		return r;
	}
	rule_watch_mark(watch);
	*ret = watch;
	return 0;
}

void rule_watch_free(struct rule_watch *watch)
{
	if (!watch)
		return;
	close(watch->fd);
	free(watch->directories);
	free(watch);
}

int rule_watch_fd(const struct rule_watch *watch)
{
	return watch ? watch->fd : -1;
}

/* Watched first: what changes while it is looked at is an event. */
void rule_watch_mark(struct rule_watch *watch)
{
	uint64_t hash = HASH_INIT;

	if (!watch)
		return;
	watch_all(watch);
	for (size_t i = 0; i < watch->path_count; i++)
		hash = hash_path(hash, watch->paths[i]);
	watch->state = hash;
}

/* Whatever they are: that there were some is all that counts. */
static bool take_events(struct rule_watch *w)
{
	char events[4096] __attribute__((aligned(__alignof__(struct inotify_event))));
	bool any = false;

	for (int i = 0; i < 64 && read(w->fd, events, sizeof(events)) > 0; i++)
		any = true;
	return any;
}

bool rule_watch_tick(struct rule_watch *watch, uint64_t now_ns)
{
	uint64_t before;

	if (!watch)
		return false;
	if (take_events(watch)) {
		watch->last_ns = now_ns;
		watch->first_ns = watch->first_ns ?: now_ns;
	}
	if (!watch->first_ns || (now_ns - watch->last_ns < RULE_WATCH_QUIET_NS &&
					now_ns - watch->first_ns < RULE_WATCH_AT_MOST_NS))
		return false;
	watch->first_ns = watch->last_ns = 0;
	before = watch->state;
	rule_watch_mark(watch);
	return watch->state != before;
}
