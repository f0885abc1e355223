/* SPDX-License-Identifier: Apache-2.0 */
/* All names by which the items of a survey are reached: survey.h. */
#include <errno.h>

#include "base/array.h"
#include "base/strbuf.h"
#include "verify/records.h"
#include "verify/survey.h"

/* A symbolic link to a directory, and that directory. */
struct directory_link {
	struct slice path, target; /* copies */
};

struct naming {
	struct survey *survey;
	struct directory_link *links;
	size_t count, capacity;
	size_t aliases;
	int error;
};

static int compare_names(const void *a, const void *b)
{
	const struct item_name *x = a, *y = b;

	return slice_compare(x->path, y->path);
}

static int compare_links(const void *a, const void *b)
{
	const struct directory_link *x = a, *y = b;

	return slice_compare(x->path, y->path);
}

static struct slice copy(struct slice text)
{
	char *data = malloc(text.len + 1);

	if (!data)
		return (struct slice){0};
	memcpy(data, text.data, text.len);
	data[text.len] = '\0';
	return (struct slice){data, text.len};
}

bool item_add_name(struct item *item, struct slice path, enum item_name_kind kind)
{
	struct slice own = copy(path);

	if (!own.data || !ARRAY_RESERVE(item->names, item->name_capacity, item->name_count, 1)) {
		free((char *)own.data);
		return false;
	}
	item->names[item->name_count++] = (struct item_name){own, kind};
	return true;
}

static void add_name(
	struct naming *n, struct item *item, struct slice path, enum item_name_kind kind)
{
	if (item->name_count >= ITEM_NAMES_MAX)
		item->names_left_out++;
	else if (!item_add_name(item, path, kind))
		n->error = -ENOMEM;
}

static void add_directory_link(struct naming *n, struct slice path, uint32_t target)
{
	CLEANUP_STRBUF struct strbuf at = STRBUF_INIT;
	struct directory_link link;

	image_tree_path(n->survey->tree, target, &at);
	link = (struct directory_link){.path = copy(path), .target = copy(strbuf_slice(&at))};
	if (!at.error && link.path.data && link.target.data &&
		ARRAY_RESERVE(n->links, n->capacity, n->count, 1)) {
		n->links[n->count++] = link;
		return;
	}
	free((char *)link.path.data);
	free((char *)link.target.data);
	n->error = -ENOMEM;
}

static struct item *item_of(const struct survey *survey, const struct image_file *file)
{
	uint64_t key = file_key(file);
	struct item *item;

	HASH_FIND(hh, survey->items, &key, sizeof(key), item);
	return item;
}

/* The name NUMBER: one of an item itself, or a link to one, or to a directory. */
static void take_name(struct naming *n, uint32_t number)
{
	const struct image_tree *tree = n->survey->tree;
	CLEANUP_STRBUF struct strbuf path = STRBUF_INIT;
	struct image_file file;
	uint32_t target = number;
	bool is_link;
	struct item *item;

	if (!image_tree_get(tree, number, &file))
		return;
	is_link = file.type == IMAGE_SYMLINK;
	if (is_link && (image_tree_resolve(tree, image_tree_parent(tree, number), file.target, true,
				&target) < 0 ||
			       !image_tree_get(tree, target, &file)))
		return;
	item = item_of(n->survey, &file);
	if (!item && !(is_link && file.type == IMAGE_DIRECTORY))
		return;
	image_tree_path(tree, number, &path);
	if (path.error)
		n->error = path.error;
	else if (item)
		add_name(n, item, strbuf_slice(&path), is_link ? NAME_SYMBOLIC : NAME_OWN);
	if (!path.error && is_link && file.type == IMAGE_DIRECTORY)
		add_directory_link(n, strbuf_slice(&path), target);
}

/* Adds what NAME of ITEM is called by way of LINK, if it is below its directory. */
static void add_alias(
	struct naming *n, struct item *item, struct slice name, const struct directory_link *link)
{
	CLEANUP_STRBUF struct strbuf alias = STRBUF_INIT;
	size_t len = link->target.len;

	if (len <= 1 || name.len <= len || memcmp(name.data, link->target.data, len) != 0 ||
		name.data[len] != '/')
		return;
	if (n->aliases >= ALIASES_MAX) {
		item->names_left_out++;
		return;
	}
	n->aliases++;
	strbuf_add_slice(&alias, link->path);
	strbuf_add(&alias, name.data + len, name.len - len);
	if (alias.error)
		n->error = alias.error;
	else
		add_name(n, item, strbuf_slice(&alias), NAME_BY_DIRECTORY);
}

static void finish_item(struct naming *n, struct item *item)
{
	size_t own = item->name_count;
	size_t links = n->count < DIRECTORY_LINKS_MAX ? n->count : DIRECTORY_LINKS_MAX;

	for (size_t i = 0; i < own && n->error == 0; i++)
		for (size_t k = 0; k < links; k++)
			add_alias(n, item, item->names[i].path, &n->links[k]);
	qsort(item->names, item->name_count, sizeof(*item->names), compare_names);
}

static void naming_done(struct naming *n)
{
	for (size_t i = 0; i < n->count; i++) {
		free((char *)n->links[i].path.data);
		free((char *)n->links[i].target.data);
	}
	free(n->links);
}

int survey_name_all(struct survey *survey)
{
	CLEANUP(naming_done) struct naming n = {.survey = survey};
	struct item *item, *next;

	for (uint32_t i = 0; i < image_tree_count(survey->tree) && n.error == 0; i++)
		take_name(&n, i);
	if (n.count > 0)
		qsort(n.links, n.count, sizeof(*n.links), compare_links);
	HASH_ITER (hh, survey->items, item, next)
		if (n.error == 0)
			finish_item(&n, item);
	return n.error;
}
