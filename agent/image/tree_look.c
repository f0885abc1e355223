/* SPDX-License-Identifier: Apache-2.0 */
/* What is asked of a tree once it is made: barewatch/image.h. */
#include <errno.h>

#include "image/tree_node.h"

static const enum image_file_type types[] = {
	[TAR_FILE] = IMAGE_FILE,
	[TAR_SYMLINK] = IMAGE_SYMLINK,
	[TAR_CHARACTER_DEVICE] = IMAGE_CHARACTER_DEVICE,
	[TAR_BLOCK_DEVICE] = IMAGE_BLOCK_DEVICE,
	[TAR_DIRECTORY] = IMAGE_DIRECTORY,
	[TAR_FIFO] = IMAGE_FIFO,
};

uint32_t image_tree_count(const struct image_tree *tree)
{
	return tree->count;
}

static void describe(
	const struct layer *layer, unsigned index, uint32_t number, struct image_file *ret)
{
	const struct layer_entry *entry = &layer->entries[number];

	*ret = (struct image_file){.type = types[entry->kind],
		.path = layer_slice(layer, entry->path),
		.layer = index + 1,
		.number = number,
		.mode = entry->mode,
		.uid = entry->uid,
		.gid = entry->gid,
		.size_bytes = entry->size_bytes,
		.has_identity = entry->program > 0};
	if (entry->kind == TAR_SYMLINK)
		ret->target = layer_slice(layer, entry->link);
	if (entry->extra > 0) {
		ret->capability = layer_slice(layer, layer->extras[entry->extra - 1].capability);
		ret->kept = layer_slice(layer, layer->extras[entry->extra - 1].kept);
	}
	memcpy(ret->digest, entry->digest, sizeof(ret->digest));
}

bool image_tree_get(const struct image_tree *tree, uint32_t number, struct image_file *ret)
{
	const struct node *node = number < tree->count ? &tree->nodes[number] : NULL;

	if (!node || !node->is_used)
		return false;
	if (node->entry == NODE_NONE)
		*ret = (struct image_file){.type = IMAGE_DIRECTORY,
			.path = node_name(node),
			.mode = 0755,
			.number = NODE_NONE - number};
	else
		describe(tree->layers[node->file_layer], node->file_layer, node->entry, ret);
	return true;
}

uint32_t image_tree_parent(const struct image_tree *tree, uint32_t number)
{
	return tree->nodes[number].parent;
}

void image_tree_path(const struct image_tree *tree, uint32_t number, struct strbuf *out)
{
	size_t size = number == IMAGE_TREE_TOP, end;

	for (uint32_t i = number; i != IMAGE_TREE_TOP; i = tree->nodes[i].parent)
		size += 1 + tree->nodes[i].name_len;
	if (!strbuf_reserve(out, size))
		return;
	end = out->len += size;
	out->data[end] = '\0';
	out->data[end - size] = '/';
	for (uint32_t i = number; i != IMAGE_TREE_TOP; i = tree->nodes[i].parent) {
		end -= tree->nodes[i].name_len;
		memcpy(out->data + end, tree->nodes[i].name, tree->nodes[i].name_len);
		out->data[--end] = '/';
	}
}

static struct slice target_of(const struct image_tree *tree, const struct node *link)
{
	const struct layer *layer = tree->layers[link->file_layer];

	return layer_slice(layer, layer->entries[link->entry].link);
}

static bool is_absolute(struct slice path)
{
	return path.len > 0 && path.data[0] == '/';
}

/* One step: from *AT into NAME, or on along the link that this is. */
static int step(const struct image_tree *tree, struct walk *walk, struct slice name, bool follow,
	uint32_t *at)
{
	uint32_t next;

	if (tree->nodes[*at].kind != TAR_DIRECTORY)
		return -ENOTDIR;
	if (slice_equal_text(name, "."))
		return 0;
	next = slice_equal_text(name, "..") ? tree->nodes[*at].parent : node_find(tree, *at, name);
	if (next == NODE_NONE)
		return -ENOENT;
	if (tree->nodes[next].kind == TAR_SYMLINK && follow) {
		struct slice target = target_of(tree, &tree->nodes[next]);

		if (is_absolute(target))
			*at = IMAGE_TREE_TOP;
		return walk_follow(walk, target) ? 0 : -ELOOP;
	}
	*at = next;
	return 0;
}

int image_tree_resolve(
	const struct image_tree *tree, uint32_t from, struct slice path, bool follow, uint32_t *ret)
{
	struct walk walk = {.rest = {path}};
	uint32_t at = is_absolute(path) ? IMAGE_TREE_TOP : from;
	struct slice name;
	bool is_last;
	int r = 0;

	while (r == 0 && (name = walk_next(&walk, &is_last)).len > 0)
		r = step(tree, &walk, name, follow || !is_last, &at);
	if (r == 0)
		*ret = at;
	return r;
}

bool image_tree_identity(
	const struct image_tree *tree, const struct image_file *file, struct program_identity *ret)
{
	const struct layer *layer;

	if (!file->has_identity || file->layer == 0 || file->layer > tree->layer_count)
		return false;
	layer = tree->layers[file->layer - 1];
	layer_program_expand(
		layer, &layer->programs[layer->entries[file->number].program - 1], ret);
	return true;
}

static bool is_seen(const struct image_tree *tree, size_t layer, size_t entry)
{
	return tree->seen[layer][entry / 8] >> entry % 8 & 1;
}

void image_tree_each_leak(const struct image_tree *tree,
	void (*visit)(const struct image_file *file, void *userdata), void *userdata)
{
	struct image_file file;

	for (size_t i = 0; i < tree->layer_count; i++) {
		for (size_t k = 0; k < tree->layers[i]->count; k++) {
			if (tree->layers[i]->entries[k].kind != TAR_FILE || is_seen(tree, i, k))
				continue;
			describe(tree->layers[i], i, k, &file);
			visit(&file, userdata);
		}
	}
}
