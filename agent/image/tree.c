/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Merging. Of a layer its whiteouts come first, since they hide what lower layers have alone (OCI
 * image specification 1.1, layer.md, "Whiteouts"); then its members in their order, the last of a
 * name winning. Links are followed as where an engine unpacks a layer by itself: those of the layer
 * are, those of lower ones are not there and directories take their place.
 */
#include "image/tree.h"

#include <errno.h>
#include <stdlib.h>
#include <sys/random.h>

#include "base/array.h"
#include "image/failure.h"
#include "image/tree_node.h"

int image_tree_new(
	const struct image_limits *limits, struct image_error *e, struct image_tree **ret)
{
	CLEANUP_IMAGE_TREE struct image_tree *tree = calloc(1, sizeof(*tree));
	uint32_t top;
	int r;

	if (!tree)
		return image_fail_errno(e, -ENOMEM, "a tree of files");
	tree->e = e;
	tree->limits = limits;
	tree->first_free = NODE_NONE;
	if (getrandom(&tree->seed, sizeof(tree->seed), GRND_NONBLOCK) < 0)
		tree->seed = (uintptr_t)tree; /* early at boot; better than none */
	r = node_add(tree, IMAGE_TREE_TOP, slice_of(""), &top);
	if (r == 0)
		*ret = TAKE_PTR(tree);
	return r;
}

void image_tree_free(struct image_tree *tree)
{
	if (!tree)
		return;
	for (size_t i = 0; i < tree->layer_count; i++) {
		layer_unref(tree->layers[i]);
		if (tree->seen)
			free(tree->seen[i]);
	}
	free(tree->seen);
	free(tree->layers);
	free(tree->nodes);
	free(tree->buckets);
	free(tree);
}

/* A layer that is being put over the others. */
struct merge {
	struct image_tree *tree;
	const struct layer *layer;
	uint16_t index;
};

static struct slice text(const struct merge *m, struct layer_text text)
{
	return layer_slice(m->layer, text);
}

/* The name at PATH, no link followed, or NODE_NONE. */
static uint32_t find_plain(const struct image_tree *tree, struct slice path)
{
	uint32_t at = IMAGE_TREE_TOP;
	struct slice name;

	while (at != NODE_NONE && (name = path_next(&path)).len > 0)
		at = node_find(tree, at, name);
	return at;
}

static void hide(struct merge *m, const struct layer_entry *entry)
{
	uint32_t number = find_plain(m->tree, text(m, entry->path));

	if (number == NODE_NONE)
		return;
	if (entry->kind == LAYER_OPAQUE)
		node_remove_children(m->tree, number);
	else if (number != IMAGE_TREE_TOP)
		node_remove(m->tree, number);
}

/* ---- where a member goes ---- */

static struct slice target_of(const struct image_tree *tree, const struct node *link)
{
	const struct layer *layer = tree->layers[link->file_layer];

	return layer_slice(layer, layer->entries[link->entry].link);
}

/* What has no other use is a directory from here on. */
static void become_directory(struct merge *m, uint32_t number)
{
	struct node *node = &m->tree->nodes[number];

	node->kind = TAR_DIRECTORY;
	node->entry = NODE_NONE;
	node->file_layer = node->name_layer = m->index;
}

/* One step of the way to a member's directory: into NAME, which is made when it is not there. */
static int enter_directory(struct merge *m, struct walk *walk, struct slice name, uint32_t *at)
{
	uint32_t next = node_find(m->tree, *at, name);
	struct node *node;
	int r;

	if (next == NODE_NONE) {
		r = node_add(m->tree, *at, name, &next);
		if (r < 0)
			return r;
		become_directory(m, next);
	}
	node = &m->tree->nodes[next];
	if (node->kind == TAR_SYMLINK && node->name_layer == m->index) {
		struct slice target = target_of(m->tree, node);

		if (!walk_follow(walk, target))
			return image_fail(m->tree->e, IMAGE_UNREADABLE,
				"a path through a loop of links: %.*s", SHOWN(node_name(node)));
		if (target.len > 0 && target.data[0] == '/')
			*at = IMAGE_TREE_TOP;
		return 0;
	}
	if (node->kind != TAR_DIRECTORY)
		become_directory(m, next);
	*at = next;
	return 0;
}

/* The directory that a member at PATH goes into, made when it is not there, and its name in it. */
static int find_place(
	struct merge *m, struct slice path, uint32_t *ret_directory, struct slice *ret_name)
{
	struct slice name = slice_basename(path), component;
	struct walk walk = {.rest = {{path.data, path.len - name.len}}};
	uint32_t at = IMAGE_TREE_TOP;
	bool is_last;
	int r = 0;

	while (r == 0 && (component = walk_next(&walk, &is_last)).len > 0) {
		if (slice_equal_text(component, ".."))
			at = m->tree->nodes[at].parent;
		else if (!slice_equal_text(component, "."))
			r = enter_directory(m, &walk, component, &at);
	}
	*ret_directory = at;
	*ret_name = name;
	return r;
}

/* ---- members ---- */

static bool is_device(unsigned kind)
{
	return kind == TAR_CHARACTER_DEVICE || kind == TAR_BLOCK_DEVICE || kind == TAR_FIFO;
}

/*
 * True when a member of KIND leaves what is there as it is: a directory merges, a device may not be
 * made.
 */
static bool leaves(const struct node *there, unsigned kind)
{
	return is_device(kind) || (kind == TAR_DIRECTORY && there->kind == TAR_DIRECTORY);
}

/* Makes the name in DIRECTORY that of FILE, which is the member itself or what it links to. */
static int put(struct merge *m, uint32_t directory, struct slice name, const struct node *file)
{
	uint32_t number = node_find(m->tree, directory, name);
	struct node *node;
	int r = 0;

	if (number != NODE_NONE && leaves(&m->tree->nodes[number], file->kind)) {
		if (is_device(file->kind))
			return 0;
	} else {
		if (number != NODE_NONE)
			node_remove(m->tree, number);
		r = node_add(m->tree, directory, name, &number);
	}
	if (r < 0)
		return r;
	node = &m->tree->nodes[number];
	node->kind = file->kind;
	node->entry = file->entry;
	node->file_layer = file->file_layer;
	node->name_layer = m->index;
	return 0;
}

static int put_link(
	struct merge *m, const struct layer_entry *entry, uint32_t directory, struct slice name)
{
	struct slice target = text(m, entry->link);
	uint32_t number = NODE_NONE, there = node_find(m->tree, directory, name);
	struct node file;
	int r = image_tree_resolve(m->tree, IMAGE_TREE_TOP, target, false, &number);

	if (r < 0 || m->tree->nodes[number].kind == TAR_DIRECTORY || number == there)
		return image_fail(m->tree->e, IMAGE_UNREADABLE,
			"a hard link to what is no file there: %.*s to %.*s",
			SHOWN(text(m, entry->path)), SHOWN(target));
	file = m->tree->nodes[number];
	return put(m, directory, name, &file);
}

static int add_entry(struct merge *m, size_t i)
{
	const struct layer_entry *entry = &m->layer->entries[i];
	struct node file = {.kind = entry->kind, .entry = i, .file_layer = m->index};
	uint32_t directory;
	struct slice name;
	int r;

	if (entry->path.len == 0) {
		m->tree->nodes[IMAGE_TREE_TOP].entry = i;
		m->tree->nodes[IMAGE_TREE_TOP].file_layer = m->index;
		m->tree->nodes[IMAGE_TREE_TOP].name_layer = m->index;
		return 0;
	}
	r = find_place(m, text(m, entry->path), &directory, &name);
	if (r < 0)
		return r;
	return entry->kind == TAR_HARD_LINK ? put_link(m, entry, directory, name)
					    : put(m, directory, name, &file);
}

int image_tree_add_layer(struct image_tree *tree, struct layer *layer)
{
	struct merge m = {.tree = tree, .layer = layer, .index = tree->layer_count};
	int r = 0;

	if (tree->layer_count == tree->limits->layers_max || tree->layer_count == UINT16_MAX)
		return image_fail(tree->e, IMAGE_UNREADABLE,
			"more than %u layers, the limit layers_max", tree->limits->layers_max);
	if (!ARRAY_RESERVE(tree->layers, tree->layer_capacity, tree->layer_count, 1))
		return image_fail_errno(tree->e, -ENOMEM, "a tree of files");
	tree->layers[tree->layer_count++] = layer;
	layer->users++;
	for (size_t i = 0; i < layer->count; i++)
		if (layer->entries[i].kind > TAR_FIFO)
			hide(&m, &layer->entries[i]);
	for (size_t i = 0; i < layer->count && r == 0; i++)
		if (layer->entries[i].kind <= TAR_FIFO)
			r = add_entry(&m, i);
	return r;
}

int image_tree_finish(struct image_tree *tree)
{
	tree->seen = calloc(tree->layer_count + 1, sizeof(*tree->seen));
	if (!tree->seen)
		return image_fail_errno(tree->e, -ENOMEM, "a tree of files");
	for (size_t i = 0; i < tree->layer_count; i++) {
		tree->seen[i] = calloc(tree->layers[i]->count / 8 + 1, 1);
		if (!tree->seen[i])
			return image_fail_errno(tree->e, -ENOMEM, "a tree of files");
	}
	for (size_t i = 0; i < tree->count; i++) {
		const struct node *node = &tree->nodes[i];

		if (node->is_used && node->entry != NODE_NONE)
			tree->seen[node->file_layer][node->entry / 8] |= 1 << node->entry % 8;
	}
	return 0;
}
