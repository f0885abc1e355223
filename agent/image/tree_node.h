/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The names of a tree, each with its directory, found by a hash of both. A name takes 60 bytes;
 * its text is that of a layer.
 */
#pragma once

#include "image/tree.h"

#define NODE_NONE UINT32_MAX

struct node {
	const char *name; /* in the text of some layer */
	uint32_t name_len;
	uint32_t parent, first_child, next, previous; /* siblings; free ones use NEXT alone */
	uint32_t hash_next;
	uint32_t entry; /* in the layer of its file; NODE_NONE: a directory that no layer names */
	uint16_t file_layer; /* index of the layer that has the file, */
	uint16_t name_layer; /* and of that which gave it this name */
	uint16_t depth;
	uint8_t kind; /* enum tar_type, never TAR_HARD_LINK */
	bool is_used;
};

struct image_tree {
	struct image_error *e;
	const struct image_limits *limits;
	struct layer **layers;
	size_t layer_count, layer_capacity;
	struct node *nodes;
	size_t count, capacity;
	uint32_t first_free;
	uint32_t *buckets;
	size_t bucket_count; /* a power of two */
	uint64_t seed;
	unsigned char **seen; /* of each layer, a bit for each entry that has a name in the tree */
};

static inline struct slice node_name(const struct node *node)
{
	return (struct slice){node->name, node->name_len};
}

/* The name NAME in the directory PARENT, or NODE_NONE. */
uint32_t node_find(const struct image_tree *tree, uint32_t parent, struct slice name);

/* Adds a name that is not there. 0, or a negative errno with the error filled in. */
int node_add(struct image_tree *tree, uint32_t parent, struct slice name, uint32_t *ret);

/* Removes the name NUMBER with all that is below it. */
void node_remove(struct image_tree *tree, uint32_t number);

/* Removes all that is below the name NUMBER. */
void node_remove_children(struct image_tree *tree, uint32_t number);

/* Takes the next component off PATH, leaving out what is empty; "" behind the last. */
struct slice path_next(struct slice *path);

/* A walk along a path, through links. */
#define WALK_LINKS_MAX 40 /* as Linux has it (MAXSYMLINKS) */

struct walk {
	struct slice
		rest[WALK_LINKS_MAX + 1]; /* what is to be walked, that of the last link first */
	unsigned depth, links;
};

/* The next component; "" at the end. RET_IS_LAST: nothing follows. */
struct slice walk_next(struct walk *walk, bool *ret_is_last);

/* Goes on along TARGET. False after too many links. */
bool walk_follow(struct walk *walk, struct slice target);
