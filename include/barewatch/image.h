/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The image module: what a container image holds, read from files, without an engine and
 * without unpacking. It says what is there; what to think of it is somebody else's.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "barewatch/program.h"
#include "base/sha256.h"
#include "base/slice.h"
#include "base/strbuf.h"

enum image_error_kind {
	IMAGE_NO_ERROR,
	IMAGE_UNREADABLE, /* malformed, not what its digest says, beyond a limit, or the disk's fault */
	IMAGE_INCOMPLETE, /* a part is not there, or in a form that is not read here */
};

struct image_error {
	enum image_error_kind kind;
	char message[512]; /* one line, safe to show */
};

/*
 * What a reference may cost. What lies beyond a limit makes it unreadable, with a message that
 * names the limit by the member's name.
 */
struct image_limits {
	uint64_t bytes_max; /* decompressed, and with the holes of sparse files, of all blobs */
	unsigned ratio_max; /* of decompressed bytes, and of holes, to those of a blob */
	uint64_t ratio_free_bytes; /* up to which ratio_max does not count */
	unsigned window_log_max; /* of zstd: two to this power bytes of memory */
	unsigned layers_max; /* of a manifest */
	unsigned manifests_max;
	uint32_t members_max; /* of an archive, of all layers, and of a tree */
	uint64_t text_bytes_max; /* names, links and what else is kept of files, in all layers */
	unsigned name_max; /* bytes in a path or a link */
	unsigned depth_max; /* components of a path */
	uint64_t json_bytes_max; /* of one document */
	unsigned json_depth_max;
};

/*
 * The largest images known have 600,000 files and 30 GB. Registries cut manifests off at 4 MiB (OCI
 * distribution specification 1.1, "Pushing manifests"). Deflate reaches 1,032 to 1, with what is no
 * more than zeros; RFC 8878 asks for a window of 8 MiB, and zstd takes up to 32 at level 20.
 *
 * Memory goes by members_max, text_bytes_max and window_log_max: an image of 10,000 files takes 10
 * MB, what reaches every limit about 1 GB.
 */
#define IMAGE_LIMITS_DEFAULT                     \
	((struct image_limits){                  \
		.bytes_max = 64ULL << 30,        \
		.ratio_max = 200,                \
		.ratio_free_bytes = 64ULL << 20, \
		.window_log_max = 25,            \
		.layers_max = 512,               \
		.manifests_max = 256,            \
		.members_max = 1000000,          \
		.text_bytes_max = 128ULL << 20,  \
		.name_max = 4096,                \
		.depth_max = 256,                \
		.json_bytes_max = 4ULL << 20,    \
		.json_depth_max = 64,            \
	})

enum image_file_type {
	IMAGE_FILE,
	IMAGE_DIRECTORY,
	IMAGE_SYMLINK,
	IMAGE_CHARACTER_DEVICE,
	IMAGE_BLOCK_DEVICE,
	IMAGE_FIFO,
};

/* A file of an image. Slices belong to the image. Names are hostile. */
struct image_file {
	enum image_file_type type;
	struct slice path; /* in its layer's archive, from the top, without a '/' before it */
	struct slice target; /* of a symbolic link */
	struct slice capability; /* its attribute security.capability, "" without it */
	struct slice kept; /* its bytes, when image_options.keeps asked for them */
	unsigned layer; /* that it came with, counted from the bottom, 1 first; 0: of none */
	uint32_t number; /* in the layer: with it the same for all hard links to one file */
	uint32_t mode; /* permissions, with setuid, setgid and sticky */
	uint32_t uid, gid;
	uint64_t size_bytes;
	bool has_identity; /* begins as an ELF file or a script does: see image_tree_identity() */
	unsigned char digest[SHA256_SIZE]; /* of an IMAGE_FILE's bytes */
};

/*
 * The files that a container would see: the layers merged as overlayfs would, unpacked
 * each by itself. Where engines differ, more is there: a link of a lower layer is replaced by a
 * directory rather than followed, and devices, which rootless engines leave out, hide nothing.
 *
 * Names have numbers from 0, the top, to image_tree_count(), of which some may be free.
 */
struct image_tree;

#define IMAGE_TREE_TOP 0

uint32_t image_tree_count(const struct image_tree *tree);

/* The file with the name NUMBER. False when that is free. */
bool image_tree_get(const struct image_tree *tree, uint32_t number, struct image_file *ret);

/* Appends the path of the name NUMBER, from "/" on. OUT keeps the error. */
void image_tree_path(const struct image_tree *tree, uint32_t number, struct strbuf *out);

/*
 * Looks up PATH, from the directory FROM unless it begins with '/', within the tree. Links in it
 * are followed, the last component's when FOLLOW is set. 0, -ENOENT, -ENOTDIR, or -ELOOP.
 */
int image_tree_resolve(const struct image_tree *tree, uint32_t from, struct slice path, bool follow,
	uint32_t *ret);

/* The directory that the name NUMBER is in; the top's is the top. */
uint32_t image_tree_parent(const struct image_tree *tree, uint32_t number);

/* What the bytes of FILE tell. False when it has no identity. */
bool image_tree_identity(
	const struct image_tree *tree, const struct image_file *file, struct program_identity *ret);

/* Calls VISIT with each file that some layer has and the container would not see. */
void image_tree_each_leak(const struct image_tree *tree,
	void (*visit)(const struct image_file *file, void *userdata), void *userdata);

/* Words as a configuration has them; each is text, hostile, without a NUL. */
struct image_words {
	char **items;
	size_t count;
};

/* What starts in a container of an image, and as whom. Texts are "" when it does not say. */
struct image_config {
	char *os, *architecture, *variant;
	char *user, *directory;
	struct image_words entrypoint, command, environment; /* "NAME=VALUE" */
	struct image_words healthcheck; /* from "CMD", "CMD-SHELL" or "NONE" on */
	struct image_words shell; /* for commands in shell form */
};

struct image_layer {
	uint64_t blob_bytes, bytes; /* as it is, and decompressed */
	unsigned char digest[SHA256_SIZE],
		diff_id[SHA256_SIZE]; /* of both; zeros for directories */
	bool has_more; /* something is behind the end of its archive, which nobody unpacks */
};

struct image_manifest {
	struct image_error
		error; /* why it could not be read; then only what is above TREE may be there */
	char *name; /* tag, "" without one */
	bool has_digest; /* of Docker archives and root file systems there is none */
	unsigned char digest[SHA256_SIZE];
	bool has_config;
	unsigned char id[SHA256_SIZE]; /* digest of the configuration */
	struct image_config config;
	struct image_layer *layers; /* the lowest first */
	size_t layer_count;
	struct image_tree *tree;
};

enum image_form {
	IMAGE_FORM_OCI,
	IMAGE_FORM_DOCKER,
	IMAGE_FORM_DIRECTORY, /* skopeo's dir: */
	IMAGE_FORM_ROOTFS, /* files alone */
};

/* What a reference names: at least one manifest. */
struct image {
	enum image_form form;
	struct image_manifest *manifests;
	size_t count;
	struct image_words notes; /* what was left out, one line each, safe to show */
};

/*
 * Files without a name that an image is read with: for standard input, a compressed archive, and
 * large programs in layers. They are on disk, in $TMPDIR or else /var/tmp. Where none can be made
 * any more, in a sandbox, they have to be given, open for reading and writing.
 */
#define IMAGE_SPOOLS 6

struct image_spools {
	int fds[IMAGE_SPOOLS];
};

/* 0 or a negative errno. */
int image_spools_make(struct image_spools *ret);
void image_spools_close(struct image_spools *spools);

/*
 * What layers hold, in files named after the digest of their blobs: a layer whose blob still has
 * its digest need not be decompressed again. Anything in there may be removed at any time. An entry
 * counts only for the same catalog, limits and SALT, which has to tell whatever else
 * image_options.keeps depends on.
 *
 * Whoever can write there decides what images hold: the directory has to be this user's, and for
 * nobody else to write; so has each entry. For the same reason a sandbox must not be able to write
 * there, since its code may be that of an image that it has read. It may read.
 */
struct image_cache;

/*
 * Opens the cache in DIRECTORY, which is made when it is not there but those above it are. Of the
 * entries the oldest go when there are more than BYTES_MAX of them. CATALOG_TEXT is what the catalog
 * was loaded from. 0; or a negative errno, -EPERM when somebody else can write there.
 */
int image_cache_open(const char *directory, struct slice catalog_text, struct slice salt,
	uint64_t bytes_max, struct image_cache **ret);
void image_cache_close(struct image_cache *cache);

#define IMAGE_CACHE_BYTES_DEFAULT (512ULL << 20) /* about 3,000 layers of 1,000 files */

/*
 * Where a cache usually is: /var/cache/barewatch for root, else $XDG_CACHE_HOME/barewatch or
 * ~/.cache/barewatch. To be freed; NULL when there is no such place, or no memory.
 */
char *image_cache_usual_directory(void);

struct image_options {
	const struct catalog *catalog;
	const struct image_limits *limits; /* NULL: IMAGE_LIMITS_DEFAULT */
	const char *platform; /* "os/architecture[/variant]"; NULL: all */
	int input_fd; /* what "-" stands for */
	struct image_cache *cache; /* NULL: none */
	const struct image_spools *spools; /* NULL: made when they are needed */
	/* Whether the bytes of the file PATH are to be kept. NULL: none. Called by several threads. */
	bool (*keeps)(struct slice path, uint64_t size_bytes, void *userdata);
	void *userdata;
};

/*
 * Reads what REFERENCE names:
 *   oci:DIR[:TAG], oci-archive:FILE[:TAG]   an OCI image layout
 *   docker-archive:FILE[:TAG]               of docker save, podman save, kaniko
 *   dir:DIR                                 skopeo's, else as rootfs:
 *   rootfs:DIR, rootfs:FILE                 a root file system, in a directory or a tar archive
 *   -                                       a tar archive of any of these, from INPUT_FD
 *   PATH                                    any of these, told by what is in it
 * Archives may be compressed. All manifests are read, of several platforms and tags, unless
 * REFERENCE or OPTIONS say which. Every digest is checked. Several threads are used where there are
 * processors for them, which changes nothing in the result, nor in the error. 0; or a negative errno with E filled in, when
 * there is nothing that could be read. One manifest of several that cannot be read has its own error.
 */
int image_read(const char *reference, const struct image_options *options, struct image **ret,
	struct image_error *e);
void image_free(struct image *image);

/*
 * The paths below which image_read() opens files for REFERENCE, for a sandbox: what it names with
 * and, when that may be a tag, without what is behind its first ':'. NULL where there is none. To
 * be freed. 0 or -ENOMEM.
 */
#define IMAGE_REFERENCE_PATHS 2

int image_reference_paths(const char *reference, char *ret[static IMAGE_REFERENCE_PATHS]);
