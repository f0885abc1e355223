/* SPDX-License-Identifier: Apache-2.0 */
/* The lookups of bolt.h, and when they count. What pages hold is bolt_file.h's to know. */
#include "container/bolt.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>

#include "base/cleanup.h"
#include "container/bolt_file.h"

struct bolt_view {
	struct bolt_file file;
	size_t elements; /* gone through */
};

/* The page at which BUCKET begins. */
static int bucket_page(struct bolt_view *view, const struct bolt_bucket *bucket, struct slice *ret)
{
	if (bucket->root != 0)
		return bolt_page_get(&view->file, bucket->root, ret);
	*ret = bucket->page;
	return 0;
}

/* As Go's bytes.Compare. */
static int compare(struct slice a, struct slice b)
{
	size_t len = a.len < b.len ? a.len : b.len;
	int order = len > 0 ? memcmp(a.data, b.data, len) : 0;

	return order != 0 ? order : (a.len > b.len) - (a.len < b.len);
}

/* The number of elements of PAGE whose key is less than KEY, or equal when that is TAKEN. */
static int page_search(struct slice page, const struct bolt_page_header *header, struct slice key,
	bool taken, size_t *ret)
{
	size_t low = 0, high = header->count;

	while (low < high) {
		size_t middle = low + (high - low) / 2;
		struct bolt_element e;
		int order;

		if (!bolt_element_at(page, header, middle, &e))
			return -EBADMSG;
		order = compare(e.key, key);
		if (order < 0 || (order == 0 && taken))
			low = middle + 1;
		else
			high = middle;
	}
	*ret = low;
	return 0;
}

/* ---- looking up ---- */

/* The element KEY of the leaf PAGE. */
static int leaf_find(struct slice page, const struct bolt_page_header *header, struct slice key,
	struct bolt_element *ret)
{
	size_t index;
	int r = page_search(page, header, key, false, &index);

	if (r < 0)
		return r;
	if (index == header->count)
		return -ENOENT;
	if (!bolt_element_at(page, header, index, ret))
		return -EBADMSG;
	return slice_equal(ret->key, key) ? 0 : -ENOENT;
}

/* The page below the branch PAGE where KEY is, if it is anywhere. */
static int branch_find(struct bolt_view *view, struct slice page,
	const struct bolt_page_header *header, struct slice key, struct slice *ret)
{
	struct bolt_element e;
	size_t index;
	int r = page_search(page, header, key, true, &index);

	if (r < 0)
		return r;
	/* the first one also has what is before its key */
	if (header->count == 0 || !bolt_element_at(page, header, index > 0 ? index - 1 : 0, &e))
		return -EBADMSG;
	return bolt_page_get(&view->file, e.page, ret);
}

static int find(struct bolt_view *view, const struct bolt_bucket *bucket, struct slice key,
	struct bolt_element *ret)
{
	struct bolt_page_header header;
	struct slice page;
	int r = bucket_page(view, bucket, &page);

	for (int depth = 0; r == 0 && depth < BOLT_DEPTH_MAX; depth++) {
		r = bolt_page_open(page, &header);
		if (r == 0 && header.flags == BOLT_LEAF)
			return leaf_find(page, &header, key, ret);
		if (r == 0)
			r = branch_find(view, page, &header, key, &page);
	}
	return r < 0 ? r : -E2BIG;
}

struct bolt_bucket bolt_root(const struct bolt_view *view)
{
	return (struct bolt_bucket){.root = view->file.meta.root.root};
}

int bolt_bucket(struct bolt_view *view, const struct bolt_bucket *parent, struct slice name,
	struct bolt_bucket *ret)
{
	struct bolt_bucket bucket = {0};
	struct bolt_bucket_header header;
	struct bolt_element e;
	int r = find(view, parent, name, &e);

	if (r < 0)
		return r;
	if (!e.is_bucket)
		return -ENOENT;
	if (!bolt_bucket_open(e.value, &header, &bucket.page))
		return -EBADMSG;
	bucket.root = header.root;
	*ret = bucket;
	return 0;
}

int bolt_descend(
	struct bolt_view *view, const char *const names[], size_t count, struct bolt_bucket *ret)
{
	struct bolt_bucket bucket = bolt_root(view);
	int r = 0;

	for (size_t i = 0; r == 0 && i < count; i++)
		r = bolt_bucket(view, &bucket, slice_of(names[i]), &bucket);
	if (r == 0)
		*ret = bucket;
	return r;
}

int bolt_get(struct bolt_view *view, const struct bolt_bucket *bucket, struct slice key,
	struct slice *ret)
{
	struct bolt_element e;
	int r = find(view, bucket, key, &e);

	if (r < 0)
		return r;
	if (e.is_bucket)
		return -ENOENT;
	if (e.value.len > BOLT_VALUE_MAX)
		return -E2BIG;
	*ret = e.value;
	return 0;
}

struct walk {
	struct bolt_view *view;
	bolt_visit_fn *visit;
	void *userdata;
};

static int walk_page(const struct walk *w, struct slice page, int depth);

static int walk_element(const struct walk *w, const struct bolt_element *e, bool is_leaf, int depth)
{
	struct slice below;
	int r;

	if (++w->view->elements > BOLT_ELEMENTS_MAX)
		return -E2BIG;
	if (e->is_bucket)
		return 0;
	if (is_leaf && e->value.len > BOLT_VALUE_MAX)
		return -E2BIG;
	if (is_leaf)
		return w->visit(e->key, e->value, w->userdata);
	r = bolt_page_get(&w->view->file, e->page, &below);
	return r < 0 ? r : walk_page(w, below, depth + 1);
}

static int walk_page(const struct walk *w, struct slice page, int depth)
{
	struct bolt_page_header header;
	int r = depth < BOLT_DEPTH_MAX ? bolt_page_open(page, &header) : -E2BIG;

	for (size_t i = 0; r == 0 && i < header.count; i++) {
		struct bolt_element e;

		if (!bolt_element_at(page, &header, i, &e))
			return -EBADMSG;
		r = walk_element(w, &e, header.flags == BOLT_LEAF, depth);
	}
	return r;
}

int bolt_each(struct bolt_view *view, const struct bolt_bucket *bucket, bolt_visit_fn *visit,
	void *userdata)
{
	const struct walk w = {.view = view, .visit = visit, .userdata = userdata};
	struct slice page;
	int r = bucket_page(view, bucket, &page);

	return r < 0 ? r : walk_page(&w, page, 0);
}

/* ---- views ---- */

static void view_done(struct bolt_view *view)
{
	bolt_file_done(&view->file);
}

/*
 * One look: 0 and what it returned in *RET_RESULT when nothing was committed meanwhile,
 * -EAGAIN when something was, else as bolt_meta_newest.
 */
static int look_once(int fd, bolt_look_fn *look, void *userdata, int *ret_result)
{
	CLEANUP(view_done) struct bolt_view view = {.file.fd = fd};
	struct bolt_meta after;
	int result, r = bolt_meta_newest(fd, &view.file.meta);

	if (r < 0)
		return r;
	result = look(&view, userdata);
	r = bolt_meta_newest(fd, &after);
	if (r < 0)
		return r;
	if (memcmp(&view.file.meta, &after, sizeof(after)) != 0)
		return -EAGAIN;
	*ret_result = result;
	return 0;
}

int bolt_look(int fd, bolt_look_fn *look, void *userdata)
{
	struct stat st;
	int result = 0, r = -EAGAIN;

	if (fstat(fd, &st) < 0)
		return -errno;
	if (!S_ISREG(st.st_mode))
		return -EINVAL;
	/* two commits while the meta pages are read can make both look broken */
	for (int i = 0; i < BOLT_TRIES_MAX && (r == -EAGAIN || r == -EBADMSG); i++)
		r = look_once(fd, look, userdata, &result);
	return r < 0 ? r : result;
}
