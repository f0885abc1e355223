/* SPDX-License-Identifier: Apache-2.0 */
/* A reference that is being read: what its forms share. */
#pragma once

#include "image/document.h"
#include "image/layer.h"
#include "image/store.h"

struct reading {
	const struct image_options *options;
	const struct image_limits *limits;
	struct image_error *e;
	struct image *image;
	struct layer_reader layers;
	struct store *store;
	const char *tag; /* only manifests that are called so; "": all */
	struct shared_layer *shared; /* layers that were read, by their names in the store */
	unsigned filtered; /* manifests that are of another platform or tag */
	unsigned visited; /* manifests and indexes that were met */
	uint64_t json_bytes; /* of all documents that were loaded */
	uint64_t names; /* in all trees */
};

void reading_done(struct reading *reading);

/* A layer, or configuration, as a manifest has it. */
struct manifest_part {
	char *name; /* in the store */
	bool has_digest, has_size;
	unsigned char digest[SHA256_SIZE];
	uint64_t size_bytes;
	const char *unread; /* why it cannot be read; NULL: it can */
};

struct manifest_parts {
	struct manifest_part config;
	struct manifest_part *layers;
	size_t count;
};

void manifest_parts_done(struct manifest_parts *parts);
#define CLEANUP_MANIFEST_PARTS CLEANUP(manifest_parts_done)

/* Opens PART in the store, if it can be read and has its size. From any thread. */
int manifest_open_part(const struct reading *reading, const struct manifest_part *part,
	struct image_error *e, struct store_file *ret);

/*
 * Reads those layers of PARTS that no manifest before has had, several at once. 0, also when one
 * could not be read, which shared_layer_get() tells; or -ENOMEM.
 */
int shared_layers_read(struct reading *reading, const struct manifest_parts *parts);

/*
 * The layer PART, of those that were read, in the order of their manifest. It is the reading's. What
 * is wrong with it is told to each manifest that has it, even if only its limits are.
 */
int shared_layer_get(struct reading *reading, const struct manifest_part *part, struct layer **ret);
void shared_layers_done(struct reading *reading);

/*
 * Reads what PARTS name, and adds it to the image as NAME. What cannot be read goes into the
 * manifest's own error. 0 also when it is of another platform; a negative errno when memory is out.
 */
int manifest_read(struct reading *reading, struct slice name, const unsigned char *digest,
	const struct manifest_parts *parts);

/* Adds a manifest that could not be read, for which E has the reason. */
int manifest_add_failed(struct reading *reading, struct slice name, const unsigned char *digest);

/* Adds the manifest of LAYER alone, which has no configuration. */
int manifest_add_rootfs(struct reading *reading, struct layer *layer);

/* As document_load(), within what all documents together may have. */
int reading_load(struct reading *reading, const struct blob_range *range, const char *what,
	unsigned char ret_digest[static SHA256_SIZE], json_t **ret);

/* A line about what was left out. */
int reading_note(struct reading *reading, const char *format, ...)
	__attribute__((format(printf, 2, 3)));

/* True when OBJECT, with texts "os", "architecture" and "variant", is what OPTIONS want. */
bool platform_fits(const struct reading *reading, struct slice os, struct slice architecture,
	struct slice variant);

/* Reads the configuration ROOT. False when it is malformed. *RET is to be released either way. */
bool config_read(const json_t *root, struct image_config *ret, struct image_words *ret_diff_ids,
	int *ret_error);
void config_done(struct image_config *config);

/* The forms, each all of its manifests. */
int image_read_oci(struct reading *reading);
int image_read_docker(struct reading *reading);
int image_read_directory(struct reading *reading);
