/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A layer: what its archive, or a directory, holds, in the order of its members. Kept compact: 80
 * bytes a member, 120 more for a program, and texts in one piece; what grows is doubled, so that up
 * to three times that is taken while it does. Limits bound both over all layers of an image.
 */
#pragma once

#include "image/blob.h"
#include "image/tar.h"

/* Bytes in the layer's text. */
struct layer_text {
	uint32_t at, len;
};

enum layer_kind { /* after those of tar_type */
	LAYER_WHITEOUT = TAR_FIFO + 1, /* PATH is what it hides */
	LAYER_OPAQUE, /* PATH is the directory whose content it hides */
};

struct layer_entry {
	uint64_t size_bytes;
	struct layer_text
		path; /* without '/' before or behind it, "." or ".." in it; "" is the top */
	struct layer_text link; /* of a hard link like a path; else as it is */
	uint32_t mode, uid, gid;
	uint32_t program; /* number in PROGRAMS, from 1; 0: none */
	uint32_t extra; /* number in EXTRAS, from 1; 0: none */
	uint8_t kind; /* enum tar_type or layer_kind */
	unsigned char digest[SHA256_SIZE];
};

/* struct program_identity without the room that most do not need. */
struct layer_program {
	const struct signature *signature;
	uint64_t fits[PROGRAM_SIGNATURES / 64];
	uint64_t size_bytes;
	struct layer_text interpreter, argument, module;
	unsigned applets;
	uint16_t flags;
	uint8_t class, build_id_bytes;
	unsigned char build_id[PROGRAM_BUILD_ID_MAX];
};

struct layer_extra {
	struct layer_text capability, kept;
};

struct layer {
	unsigned users; /* manifests that have it */
	struct layer_entry *entries;
	size_t count, capacity;
	struct layer_program *programs;
	size_t program_count, program_capacity;
	struct layer_extra *extras;
	size_t extra_count, extra_capacity;
	struct strbuf text;
	enum blob_compression compression;
	uint64_t blob_bytes, bytes; /* as it is, and decompressed */
	unsigned char digest[SHA256_SIZE], diff_id[SHA256_SIZE]; /* of the two */
	bool has_more; /* something other than zeros follows the end of the archive */
	bool has_end; /* the archive says where it ends */
};

/* What layers have taken of limits that hold for all of them. */
struct layer_usage {
	uint64_t bytes, text_bytes;
	uint32_t members;
};

/* What reading layers takes, and how much of it is left. One thread uses it at a time. */
struct layer_reader {
	const struct catalog *catalog;
	const struct image_limits *limits;
	struct image_error *e;
	struct blob_budget budget;
	uint64_t text_left;
	uint32_t members_left;
	int spool_fd; /* a file without a name for what is identified; -1: made when it is needed */
	const struct image_spools *spools; /* where such files come from; NULL: they are made */
	bool (*keeps)(struct slice path, uint64_t size_bytes, void *userdata); /* may be NULL */
	void *userdata;
	struct program_buffer *buffer, *chunk;
	unsigned char *held; /* LAYER_HELD_BYTES of a program; NULL: not needed yet */
	bool uses_threads; /* for each layer some of its own */
};

#define LAYER_HELD_BYTES \
	(4u << 20) /* 98 of 100 programs and libraries of a Debian host are smaller */

/* 0, or -ENOMEM with E filled in. CATALOG, LIMITS and E have to outlive the reader. */
int layer_reader_init(struct layer_reader *reader, const struct catalog *catalog,
	const struct image_limits *limits, struct image_error *e);
void layer_reader_done(struct layer_reader *reader);

/*
 * Another one for the same image, which has nothing in common with MODEL that changes. NUMBER, from
 * 1 on, tells which of the spools that MODEL was given is its.
 */
int layer_reader_init_like(struct layer_reader *reader, const struct layer_reader *model,
	unsigned number, struct image_error *e);

/* Lets READER have as much of the limits as MODEL has left, */
void layer_reader_refill(struct layer_reader *reader, const struct layer_reader *model);
/* tells how much of it is gone, */
struct layer_usage layer_reader_usage(
	const struct layer_reader *reader, const struct layer_reader *model);
/*
 * and takes USAGE off READER, as if the layer had been read by it. Fails with the limit that is
 * passed, and then nothing is left of that.
 */
int layer_reader_charge(struct layer_reader *reader, const struct layer_usage *usage);
#define CLEANUP_LAYER_READER CLEANUP(layer_reader_done)

/* Reads a tar archive. WITH_WHITEOUTS: it is a layer, and no root file system of its own. */
int layer_read_tar(struct layer_reader *reader, const struct blob_range *range, bool with_whiteouts,
	struct layer **ret);

/*
 * Reads the directory that FD is open for, on its file system alone. RET_SKIPPED counts mount
 * points.
 */
int layer_read_directory(
	struct layer_reader *reader, int fd, unsigned *ret_skipped, struct layer **ret);

/* Gives back what layer_read_*() returned, once for each user. */
void layer_unref(struct layer *layer);

static inline struct slice layer_slice(const struct layer *layer, struct layer_text text)
{
	return (struct slice){strbuf_text(&layer->text) + text.at, text.len};
}

/* Expands a program of LAYER. */
void layer_program_expand(const struct layer *layer, const struct layer_program *program,
	struct program_identity *ret);

/* ---- for those that read layers ---- */

/* Appends TEXT. Fails with the limit text_bytes_max. */
int layer_add_text(struct layer_reader *reader, struct layer *layer, struct slice text,
	struct layer_text *ret);

/* Appends NAME without what is empty, ".", or leads above the top. */
int layer_add_path(struct layer_reader *reader, struct layer *layer, struct slice name,
	struct layer_text *ret);

/* Adds ENTRY. Fails with the limit members_max. */
int layer_add_entry(
	struct layer_reader *reader, struct layer *layer, const struct layer_entry *entry);

/* Keeps VALUE, which may be "", as ENTRY's capability. */
int layer_add_capability(struct layer_reader *reader, struct layer *layer, struct slice value,
	struct layer_entry *entry);

/* The next bytes of a file: as tar_read(). */
typedef ssize_t layer_read_fn(void *source, void *data, size_t size);

/*
 * Reads all of a file into ENTRY: digest, program, bytes to keep. PATH and size are there already.
 */
int layer_read_content(struct layer_reader *reader, struct layer *layer, struct layer_entry *entry,
	layer_read_fn *read, void *source);

DEFINE_CLEANUP(struct layer, layer, layer_unref);
#define CLEANUP_LAYER CLEANUP(layer_cleanup)
