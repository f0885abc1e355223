/* SPDX-License-Identifier: Apache-2.0 */
/* See tree_node.h. */
#include "image/tree_node.h"

#include <errno.h>

#include "base/array.h"
#include "base/hash.h"
#include "image/failure.h"

#define BUCKETS_FIRST 1024

/* The seed is for images whose names were chosen to fall into one bucket. */
static size_t bucket_of(const struct image_tree *tree, uint32_t parent, struct slice name)
{
	uint64_t hash = hash_add(
		hash_add(tree->seed, &parent, sizeof(parent)), name.data, name.len);

	hash = (hash ^ hash >> 33) * 0xff51afd7ed558ccdULL; /* MurmurHash3, fmix64 */
	return (hash ^ hash >> 33) & (tree->bucket_count - 1);
}

uint32_t node_find(const struct image_tree *tree, uint32_t parent, struct slice name)
{
	uint32_t i = tree->bucket_count ? tree->buckets[bucket_of(tree, parent, name)] : NODE_NONE;

	while (i != NODE_NONE &&
		(tree->nodes[i].parent != parent || !slice_equal(node_name(&tree->nodes[i]), name)))
		i = tree->nodes[i].hash_next;
	return i;
}

static void enter(struct image_tree *tree, uint32_t number)
{
	struct node *node = &tree->nodes[number];
	uint32_t *bucket = &tree->buckets[bucket_of(tree, node->parent, node_name(node))];

	node->hash_next = *bucket;
	*bucket = number;
}

static void leave(struct image_tree *tree, uint32_t number)
{
	const struct node *node = &tree->nodes[number];
	uint32_t *at = &tree->buckets[bucket_of(tree, node->parent, node_name(node))];

	while (*at != number)
		at = &tree->nodes[*at].hash_next;
	*at = node->hash_next;
}

static bool grow(struct image_tree *tree)
{
	size_t count = tree->bucket_count ? 2 * tree->bucket_count : BUCKETS_FIRST;
	uint32_t *buckets = malloc(count * sizeof(*buckets));

	if (!buckets)
		return false;
	free(tree->buckets);
	tree->buckets = buckets;
	tree->bucket_count = count;
	for (size_t i = 0; i < count; i++)
		buckets[i] = NODE_NONE;
	for (size_t i = 0; i < tree->count; i++)
		if (tree->nodes[i].is_used && i != IMAGE_TREE_TOP)
			enter(tree, i);
	return true;
}

static int take_free(struct image_tree *tree, uint32_t *ret)
{
	if (tree->first_free != NODE_NONE) {
		*ret = tree->first_free;
		tree->first_free = tree->nodes[*ret].next;
		return 0;
	}
	if (tree->count > tree->limits->members_max)
		return image_fail(tree->e, IMAGE_UNREADABLE,
			"more than %u files and directories, the limit members_max",
			tree->limits->members_max);
	if (!ARRAY_RESERVE(tree->nodes, tree->capacity, tree->count, 1) ||
		(tree->count >= tree->bucket_count && !grow(tree)))
		return image_fail_errno(tree->e, -ENOMEM, "a tree of files");
	*ret = tree->count++;
	tree->nodes[*ret].is_used = false;
	return 0;
}

int node_add(struct image_tree *tree, uint32_t parent, struct slice name, uint32_t *ret)
{
	unsigned depth = tree->count ? tree->nodes[parent].depth + 1U : 0;
	uint32_t number = 0, first;
	int r;

	if (depth > tree->limits->depth_max)
		return image_fail(tree->e, IMAGE_UNREADABLE,
			"more than %u directories deep, the limit depth_max",
			tree->limits->depth_max);
	r = take_free(tree, &number);
	if (r < 0)
		return r;
	first = number == IMAGE_TREE_TOP ? NODE_NONE : tree->nodes[parent].first_child;
	tree->nodes[number] = (struct node){.name = name.data,
		.name_len = name.len,
		.parent = parent,
		.first_child = NODE_NONE,
		.next = first,
		.previous = NODE_NONE,
		.entry = NODE_NONE,
		.depth = depth,
		.kind = TAR_DIRECTORY,
		.is_used = true};
	*ret = number;
	if (number == IMAGE_TREE_TOP)
		return 0;
	if (first != NODE_NONE)
		tree->nodes[first].previous = number;
	tree->nodes[parent].first_child = number;
	enter(tree, number);
	return 0;
}

/* Takes a name without children out. */
static void drop(struct image_tree *tree, uint32_t number)
{
	struct node *node = &tree->nodes[number];

	leave(tree, number);
	if (node->previous != NODE_NONE)
		tree->nodes[node->previous].next = node->next;
	else
		tree->nodes[node->parent].first_child = node->next;
	if (node->next != NODE_NONE)
		tree->nodes[node->next].previous = node->previous;
	node->is_used = false;
	node->next = tree->first_free;
	tree->first_free = number;
}

/* Leaf by leaf, so that no stack is needed. */
void node_remove_children(struct image_tree *tree, uint32_t number)
{
	uint32_t i = number;

	while (tree->nodes[number].first_child != NODE_NONE) {
		uint32_t parent;

		while (tree->nodes[i].first_child != NODE_NONE)
			i = tree->nodes[i].first_child;
		parent = tree->nodes[i].parent;
		drop(tree, i);
		i = parent;
	}
}

void node_remove(struct image_tree *tree, uint32_t number)
{
	node_remove_children(tree, number);
	drop(tree, number);
}

struct slice path_next(struct slice *path)
{
	struct slice component;
	const char *slash;

	while (path->len > 0 && *path->data == '/')
		*path = (struct slice){path->data + 1, path->len - 1};
	slash = path->len ? memchr(path->data, '/', path->len) : NULL;
	component = (struct slice){path->data, slash ? (size_t)(slash - path->data) : path->len};
	if (component.len > 0)
		*path = (struct slice){path->data + component.len, path->len - component.len};
	return component;
}

static bool has_more(const struct walk *walk)
{
	for (unsigned i = 0; i <= walk->depth; i++)
		for (size_t k = 0; k < walk->rest[i].len; k++)
			if (walk->rest[i].data[k] != '/')
				return true;
	return false;
}

struct slice walk_next(struct walk *walk, bool *ret_is_last)
{
	struct slice component = path_next(&walk->rest[walk->depth]);

	while (component.len == 0 && walk->depth > 0)
		component = path_next(&walk->rest[--walk->depth]);
	*ret_is_last = !has_more(walk);
	return component;
}

bool walk_follow(struct walk *walk, struct slice target)
{
	if (++walk->links > WALK_LINKS_MAX)
		return false;
	walk->rest[++walk->depth] = target;
	return true;
}
