/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Makes bbolt databases, page by page or from a list of paths and values. Knows the
 * format by itself, so that it can also make what is none.
 */
#pragma once

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/strbuf.h"

#define DB_PAGE_SIZE    4096
#define DB_BRANCH       0x01
#define DB_LEAF         0x02
#define DB_BUCKET       0x01 /* of an element */
#define DB_HEADER_SIZE  16 /* of a page, also of a bucket, and the size of an element */
#define DB_INLINE_MAX   (DB_PAGE_SIZE / 4)
#define DB_ELEMENTS_MAX 256

/* Pages 0 and 1 are the meta pages. */
struct db {
	char *bytes;
	uint64_t pages;
	uint32_t page_size;
};

struct db_meta {
	uint32_t magic, version, page_size, flags;
	uint64_t root, sequence, freelist, end, txid, checksum;
};

static inline void db_init(struct db *db, uint32_t page_size)
{
	*db = (struct db){.pages = 2, .page_size = page_size};
	db->bytes = calloc(2, page_size);
	if (!db->bytes)
		abort();
}

static inline void db_done(struct db *db)
{
	free(db->bytes);
}
#define CLEANUP_DB CLEANUP(db_done)

static inline size_t db_size(const struct db *db)
{
	return db->pages * db->page_size;
}

/* FNV-1a, 64 bits. */
static inline uint64_t db_checksum(const void *data, size_t size)
{
	uint64_t hash = 14695981039346656037u;

	for (size_t i = 0; i < size; i++)
		hash = (hash ^ ((const unsigned char *)data)[i]) * 1099511628211u;
	return hash;
}

static inline struct db_meta db_meta_make(const struct db *db, uint64_t root, uint64_t txid)
{
	return (struct db_meta){
		.magic = 0xed0cdaed,
		.version = 2,
		.page_size = db->page_size,
		.root = root,
		.freelist = UINT64_MAX,
		.end = db->pages,
		.txid = txid,
	};
}

/* Writes META with its checksum where transaction META.txid has its own. */
static inline void db_put_meta(struct db *db, struct db_meta meta)
{
	meta.checksum = db_checksum(&meta, offsetof(struct db_meta, checksum));
	memcpy(db->bytes + meta.txid % 2 * db->page_size + DB_HEADER_SIZE, &meta, sizeof(meta));
}

/* Commits ROOT as transaction TXID. */
static inline void db_commit(struct db *db, uint64_t root, uint64_t txid)
{
	db_put_meta(db, db_meta_make(db, root, txid));
}

/* Adds COUNT empty pages and returns the number of the first. */
static inline uint64_t db_add_pages(struct db *db, uint64_t count)
{
	uint64_t first = db->pages;

	db->bytes = realloc(db->bytes, (first + count) * db->page_size);
	if (!db->bytes)
		abort();
	memset(db->bytes + first * db->page_size, 0, count * db->page_size);
	db->pages += count;
	return first;
}

/* A page being made: elements, and what they refer to. */
struct db_node {
	uint16_t flags;
	uint16_t count;
	struct {
		uint32_t flags;
		struct slice key, value;
		uint64_t page;
	} elements[DB_ELEMENTS_MAX];
};

static inline void db_node_add(
	struct db_node *node, uint32_t flags, struct slice key, struct slice value)
{
	if (node->count == DB_ELEMENTS_MAX)
		abort();
	node->flags = DB_LEAF;
	node->elements[node->count].flags = flags;
	node->elements[node->count].key = key;
	node->elements[node->count++].value = value;
}

static inline void db_node_add_page(struct db_node *node, struct slice key, uint64_t page)
{
	db_node_add(node, 0, key, (struct slice){0});
	node->flags = DB_BRANCH;
	node->elements[node->count - 1].page = page;
}

static inline void db_add_element(
	const struct db_node *node, size_t i, uint32_t offset, struct strbuf *out)
{
	uint32_t key_size = node->elements[i].key.len, value_size = node->elements[i].value.len;
	const uint32_t leaf[] = {node->elements[i].flags, offset, key_size, value_size};
	const uint32_t branch[] = {offset, key_size};

	if (node->flags == DB_LEAF) {
		strbuf_add(out, leaf, sizeof(leaf));
	} else {
		strbuf_add(out, branch, sizeof(branch));
		strbuf_add(out, &node->elements[i].page, sizeof(uint64_t));
	}
}

/* Appends NODE as it stands behind the id in a page of OVERFLOW more pages. */
static inline void db_add_node(const struct db_node *node, uint32_t overflow, struct strbuf *out)
{
	uint32_t offset = node->count * DB_HEADER_SIZE;

	strbuf_add(out, &node->flags, sizeof(node->flags));
	strbuf_add(out, &node->count, sizeof(node->count));
	strbuf_add(out, &overflow, sizeof(overflow));
	for (size_t i = 0; i < node->count; i++) {
		db_add_element(node, i, offset, out);
		offset += node->elements[i].key.len + node->elements[i].value.len - DB_HEADER_SIZE;
	}
	for (size_t i = 0; i < node->count; i++) {
		strbuf_add_slice(out, node->elements[i].key);
		strbuf_add_slice(out, node->elements[i].value);
	}
}

/* Writes NODE to new pages, as many as it needs. */
static inline uint64_t db_put_node(struct db *db, const struct db_node *node)
{
	CLEANUP_STRBUF struct strbuf bytes = STRBUF_INIT;
	uint64_t page, overflow;

	db_add_node(node, 0, &bytes);
	overflow = (bytes.len + sizeof(page) - 1) / db->page_size;
	page = db_add_pages(db, overflow + 1);
	strbuf_reset(&bytes);
	strbuf_add(&bytes, &page, sizeof(page));
	db_add_node(node, overflow, &bytes);
	if (bytes.error)
		abort();
	memcpy(db->bytes + page * db->page_size, bytes.data, bytes.len);
	return page;
}

/* Appends a bucket as the value of its element: on the page ROOT, or NODE itself when that is 0. */
static inline void db_add_bucket(uint64_t root, const struct db_node *node, struct strbuf *out)
{
	const uint64_t header[] = {root, 0}, id = 0;

	strbuf_add(out, header, sizeof(header));
	if (root == 0) {
		strbuf_add(out, &id, sizeof(id));
		db_add_node(node, 0, out);
	}
}

/* The path of a value, through buckets with '|' between them. */
struct db_value {
	const char *path;
	const char *value;
};

static inline int db_value_compare(const void *a, const void *b)
{
	return strcmp(((const struct db_value *)a)->path, ((const struct db_value *)b)->path);
}

/*
 * Makes the bucket of the COUNT sorted VALUES whose paths have its own as their first SKIP
 * bytes. Sets *RET_FLAT when it holds no other.
 */
static inline void db_make_node(struct db *db, const struct db_value *values, size_t count,
	size_t skip, struct db_node *node, struct strbuf *memory, bool *ret_flat);

/* Adds the bucket NAME, of the COUNT values. MEMORY gets what NODE refers to. */
static inline void db_make_bucket(struct db *db, const struct db_value *values, size_t count,
	size_t skip, struct slice name, struct db_node *node, struct strbuf *memory)
{
	struct db_node *child = calloc(1, sizeof(*child));
	CLEANUP_STRBUF struct strbuf bytes = STRBUF_INIT;
	struct strbuf *below = calloc(DB_ELEMENTS_MAX, sizeof(*below));
	bool flat;

	if (!child || !below)
		abort();
	child->flags = DB_LEAF;
	db_make_node(db, values, count, skip + name.len + 1, child, below, &flat);
	db_add_node(child, 0, &bytes);
	db_add_bucket(
		flat && bytes.len <= DB_INLINE_MAX ? 0 : db_put_node(db, child), child, memory);
	db_node_add(node, DB_BUCKET, name, strbuf_slice(memory));
	for (size_t i = 0; i < DB_ELEMENTS_MAX; i++)
		strbuf_done(&below[i]);
	free(below);
	free(child);
}

static inline void db_make_node(struct db *db, const struct db_value *values, size_t count,
	size_t skip, struct db_node *node, struct strbuf *memory, bool *ret_flat)
{
	*ret_flat = true;
	for (size_t i = 0, next; i < count; i = next) {
		const char *rest = values[i].path + skip, *end = strchr(rest, '|');
		struct slice name = {rest, end ? (size_t)(end - rest) : strlen(rest)};

		next = i + 1;
		if (!end) {
			if (name.len > 0) /* else the bucket is to be there, but empty */
				db_node_add(node, 0, name, slice_of(values[i].value));
			continue;
		}
		while (next < count && strncmp(values[next].path + skip, rest, name.len + 1) == 0)
			next++;
		db_make_bucket(db, values + i, next - i, skip, name, node, memory + node->count);
		*ret_flat = false;
	}
}

/* Fills DB with the COUNT values, which it sorts, and commits it as transaction TXID. */
static inline void db_fill(struct db *db, struct db_value *values, size_t count, uint64_t txid)
{
	struct strbuf *memory = calloc(DB_ELEMENTS_MAX, sizeof(*memory));
	struct db_node *root = calloc(1, sizeof(*root));
	uint64_t page;
	bool flat;

	if (!memory || !root)
		abort();
	root->flags = DB_LEAF;
	qsort(values, count, sizeof(*values), db_value_compare);
	db_make_node(db, values, count, 0, root, memory, &flat);
	page = db_put_node(db, root);
	db_commit(db, page, txid);
	for (size_t i = 0; i < DB_ELEMENTS_MAX; i++)
		strbuf_done(&memory[i]);
	free(memory);
	free(root);
}
