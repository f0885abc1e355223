/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The program module, too: where the bytes of a program came from. An image is an allow-list
 * of its own files, by inode, not by name: a name can be given to anything.
 */
#pragma once

#include <linux/types.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/stat.h>

#include "barewatch/event.h"
#include "barewatch/program.h"

enum program_origin {
	PROGRAM_ORIGIN_UNKNOWN, /* of the image nothing is known, or the file was gone too soon */
	PROGRAM_ORIGIN_IMAGE,
	PROGRAM_ORIGIN_COPYUP, /* the image's bytes, copied because something else of it changed */
	PROGRAM_ORIGIN_UPPER, /* written since the container was started */
	PROGRAM_ORIGIN_VOLUME, /* on a mount that is not the image's */
	PROGRAM_ORIGIN_MEMFD, /* in memory only, never had a name */
	PROGRAM_ORIGIN_TMPFS, /* in memory only, with a name */
	PROGRAM_ORIGIN_HOST, /* the host's: of its mounts, or of none that the container has */
	PROGRAM_ORIGIN_DELETED, /* a file outside of the image that had no name any more */
	PROGRAM_ORIGINS,
};

/* "unknown", "image", "copyup"...: the words of rules and the output. */
const char *program_origin_name(enum program_origin origin);

/* True when the image does not hold these bytes. What is not known is not foreign. */
bool program_origin_is_foreign(enum program_origin origin);

/*
 * What tells one state of a file from every other on a file system: nobody can set an inode
 * number or a change time. An overlay shows those of the file that is below it (Linux:
 * ovl_fill_inode and ovl_copyattr in fs/overlayfs; with xino the number has bits above).
 */
struct file_key {
	uint64_t inode, size_bytes;
	int64_t ctime_s;
	uint32_t ctime_ns;
};

static inline struct file_key file_key_of(const struct bw_file *file)
{
	return (struct file_key){file->inode, file->size_bytes, file->ctime_s, file->ctime_ns};
}

static inline struct file_key file_key_of_stat(const struct stat *st)
{
	return (struct file_key){
		st->st_ino, (uint64_t)st->st_size, st->st_ctim.tv_sec, st->st_ctim.tv_nsec};
}

/* True when both have the same size and change time, whatever their inodes. */
static inline bool file_key_is_copy(const struct file_key *a, const struct file_key *b)
{
	return a->size_bytes == b->size_bytes && a->ctime_s == b->ctime_s &&
	       a->ctime_ns == b->ctime_ns;
}

static inline bool file_key_equal(const struct file_key *a, const struct file_key *b)
{
	return a->inode == b->inode && file_key_is_copy(a, b);
}

static inline bool file_key_is_of(const struct file_key *key, const struct stat *st)
{
	struct file_key found = file_key_of_stat(st);

	return file_key_equal(&found, key);
}

/* What is known of an executed file before any file system is asked. */
struct origin_clues {
	const struct bw_file *file;
	bool is_detached; /* its process cannot reach it by any name */
	bool mounts_are_outside; /* its process sees the files of the host, or of a container around its own */
	bool root_is_known; /* that of its container, and so is what follows */
	uint32_t root_major, root_minor; /* device */
};

/*
 * True when the place of a file alone tells its origin, *RET. Else it is on the root file
 * system of its container, and it has to be looked up whose it is there. Pure.
 */
bool program_origin_by_place(const struct origin_clues *clues, enum program_origin *ret);

/*
 * The files of a directory tree that can be executed, or mapped to be: those with an execute bit, and
 * those that are called as shared objects are. On one file system only.
 */
struct inventory;

struct inventory_limits {
	size_t visited_max, files_max; /* directory entries looked at, and kept */
	unsigned depth_max;
	uint64_t time_ns; /* all of it may take so long */
};

/* The largest image known has 600,000 files; a disk that is not cached reads 10,000 a second. */
#define INVENTORY_LIMITS_DEFAULT           \
	((struct inventory_limits){        \
		.visited_max = 2000000,    \
		.files_max = 200000,       \
		.depth_max = 64,           \
		.time_ns = 60000000000ULL, \
	})

/* Lists the tree at the directory FD, which stays the caller's. 0, or a negative errno. */
int inventory_scan(int fd, const struct inventory_limits *limits, struct inventory **ret);
void inventory_free(struct inventory *inventory);

/* False when a limit ended the walk, or a directory could not be read. */
bool inventory_is_complete(const struct inventory *inventory);
size_t inventory_count(const struct inventory *inventory);

/*
 * The path of the file KEY from the top of the tree, without a '/' before it; NULL when it
 * is not there. With ANY_STATE, that of the file with its inode, whatever has changed.
 */
const char *inventory_find(
	const struct inventory *inventory, const struct file_key *key, bool any_state);

/*
 * Inventories by directory: of each is remembered what was found, so that a layer is walked
 * once, in however many containers it is. Those not asked for longest make room.
 */
struct inventory_cache;

#define INVENTORY_CACHE_LAYERS_MAX 512
#define INVENTORY_CACHE_FILES_MAX  1000000

int inventory_cache_new(const struct inventory_limits *limits, struct inventory_cache **ret);
void inventory_cache_free(struct inventory_cache *cache);

/* The inventory of the directory FD; valid until the next call. NULL when it cannot be had. */
const struct inventory *inventory_cache_get(struct inventory_cache *cache, int fd);

/* Walks made so far. */
uint64_t inventory_cache_walks(const struct inventory_cache *cache);

#define DIGEST_SIZE      32 /* SHA-256 */
#define DIGEST_BYTES_MAX (64u << 20) /* of larger files none is made: up to 0.2 s */

/*
 * The digest of the file that FD is open for, from its beginning. -EFBIG when it has more
 * than DIGEST_BYTES_MAX bytes, else the error of reading. FD's position stays.
 */
int digest_file(int fd, unsigned char ret[static DIGEST_SIZE]);

/* What is known of a file that was executed. */
struct executable {
	enum program_origin origin;
	unsigned layer; /* of an image's file, counted from the bottom, 1 first; else 0 */
	/* of the script that was invoked, by its path in its state a little later; UNKNOWN without one */
	enum program_origin script_origin;
	bool is_engines; /* the first process that the engine puts before the image's own */
	bool has_identity, has_digest, has_owner;
	struct program_identity identity;
	uint32_t uid, gid; /* owner, as this host counts */
	uint64_t
		mtime_ns; /* nanoseconds since 1970, when its bytes were last written; can be set */
	unsigned char digest[DIGEST_SIZE];
};

/* True when the image has not got what ran, and the engine did not bring it. */
static inline bool executable_is_foreign(const struct executable *executable)
{
	return (program_origin_is_foreign(executable->origin) && !executable->is_engines) ||
	       program_origin_is_foreign(executable->script_origin);
}
