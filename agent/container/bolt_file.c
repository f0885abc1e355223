/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The format of bolt_file.h. A page is read whole when it is first needed. Every access to
 * one goes through bytes_at() or slice_at().
 */
#include "container/bolt_file.h"

#include <errno.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/hash.h"
#include "base/io.h"
#include "container/bolt.h" /* the limits */

#define MAGIC          0xed0cdaed
#define VERSION        2
#define ELEMENT_BUCKET 0x01
#define FIRST_PAGE     2 /* before it are the meta pages */

struct branch_element {
	uint32_t offset; /* of the key, from this element on */
	uint32_t key_size;
	uint64_t page;
};

struct leaf_element {
	uint32_t flags;
	uint32_t offset;
	uint32_t key_size;
	uint32_t value_size;
};

struct bolt_page {
	struct bolt_page *next;
	uint64_t id;
	size_t size;
	char bytes[];
};

/* Copies SIZE bytes at OFFSET of BYTES. False when they are not all there. */
static bool bytes_at(struct slice bytes, size_t offset, void *ret, size_t size)
{
	if (!range_valid(offset, size, bytes.len))
		return false;
	memcpy(ret, bytes.data + offset, size);
	return true;
}

/* Same without a copy. */
static bool slice_at(struct slice bytes, size_t offset, size_t size, struct slice *ret)
{
	if (!range_valid(offset, size, bytes.len))
		return false;
	*ret = (struct slice){bytes.data + offset, size};
	return true;
}

/* Reads SIZE bytes at OFFSET of FD: 0, -EBADMSG when the file is shorter, or an errno. */
static int read_exactly(int fd, uint64_t offset, void *data, size_t size)
{
	ssize_t n = pread_up_to(fd, offset, data, size);

	if (n < 0)
		return n;
	return (size_t)n == size ? 0 : -EBADMSG;
}

/* ---- meta pages ---- */

static bool page_size_valid(uint64_t size)
{
	return size >= BOLT_PAGE_MIN && size <= BOLT_PAGE_MAX && (size & (size - 1)) == 0;
}

static bool meta_valid(const struct bolt_meta *meta)
{
	return meta->magic == MAGIC && meta->version == VERSION &&
	       meta->checksum == hash_add(HASH_INIT, meta, offsetof(struct bolt_meta, checksum)) &&
	       page_size_valid(meta->page_size) && meta->end <= INT64_MAX / BOLT_PAGE_MAX;
}

/* The meta page at OFFSET of FD: 0, -EBADMSG when it is not valid, or an errno. */
static int meta_read(int fd, uint64_t offset, struct bolt_meta *ret)
{
	int r = read_exactly(fd, offset + sizeof(struct bolt_page_header), ret, sizeof(*ret));

	return r == 0 && !meta_valid(ret) ? -EBADMSG : r;
}

/*
 * Where the first one is not valid the size of a page is not known, and the second is looked
 * for, as bbolt does it (DB.getPageSize).
 */
int bolt_meta_newest(int fd, struct bolt_meta *ret)
{
	struct bolt_meta first, second;
	int r = meta_read(fd, 0, &first);
	bool found = r == 0;
	uint64_t size = found ? first.page_size : BOLT_PAGE_MIN;
	uint64_t last = found ? first.page_size : BOLT_PAGE_MAX;

	if (r < 0 && r != -EBADMSG)
		return r;
	for (; size <= last; size *= 2) {
		r = meta_read(fd, size, &second);
		if (r < 0 && r != -EBADMSG)
			return r;
		if (r < 0 || second.page_size != size || (found && second.txid < first.txid))
			continue;
		*ret = second;
		return 0;
	}
	if (found)
		*ret = first;
	return found ? 0 : -EBADMSG;
}

/* ---- pages ---- */

static struct slice page_bytes(const struct bolt_page *page)
{
	return (struct slice){page->bytes, page->size};
}

/* Reads SIZE bytes of the page ID. */
static int page_read(struct bolt_file *file, uint64_t id, size_t size, struct bolt_page **ret)
{
	CLEANUP_FREE struct bolt_page *page = NULL;
	int r;

	if (!range_valid(file->bytes_read, size, BOLT_READ_MAX))
		return -E2BIG;
	page = malloc(sizeof(*page) + size);
	if (!page)
		return -ENOMEM;
	r = read_exactly(file->fd, id * file->meta.page_size, page->bytes, size);
	if (r < 0)
		return r;
	file->bytes_read += size;
	page->id = id;
	page->size = size;
	page->next = file->pages;
	file->pages = page;
	*ret = TAKE_PTR(page);
	return 0;
}

/* How many bytes the page ID has with its overflow. */
static int page_measure(struct bolt_file *file, uint64_t id, size_t *ret_size)
{
	struct bolt_page_header header;
	uint64_t count;
	int r = read_exactly(file->fd, id * file->meta.page_size, &header, sizeof(header));

	if (r < 0)
		return r;
	count = (uint64_t)header.overflow + 1;
	if (header.id != id || count > file->meta.end - id)
		return -EBADMSG;
	if (count > BOLT_SPAN_MAX / file->meta.page_size)
		return -E2BIG;
	*ret_size = count * file->meta.page_size;
	return 0;
}

int bolt_page_get(struct bolt_file *file, uint64_t id, struct slice *ret)
{
	struct bolt_page *page;
	size_t size;
	int r;

	if (++file->visits > BOLT_VISITS_MAX)
		return -E2BIG;
	if (id < FIRST_PAGE || id >= file->meta.end)
		return -EBADMSG;
	for (page = file->pages; page && page->id != id;)
		page = page->next;
	if (!page) {
		r = page_measure(file, id, &size);
		if (r == 0)
			r = page_read(file, id, size, &page);
		if (r < 0)
			return r;
	}
	*ret = page_bytes(page);
	return 0;
}

void bolt_file_done(struct bolt_file *file)
{
	while (file->pages) {
		struct bolt_page *page = file->pages;

		file->pages = page->next;
		free(page);
	}
}

/* ---- what is in them ---- */

int bolt_page_open(struct slice page, struct bolt_page_header *ret)
{
	if (!bytes_at(page, 0, ret, sizeof(*ret)))
		return -EBADMSG;
	if (ret->flags != BOLT_BRANCH && ret->flags != BOLT_LEAF)
		return -EBADMSG;
	/* elements of both kinds are of one size */
	if (!range_valid(sizeof(*ret), (size_t)ret->count * sizeof(struct leaf_element), page.len))
		return -EBADMSG;
	return 0;
}

_Static_assert(sizeof(struct leaf_element) == sizeof(struct branch_element), "one size");
_Static_assert(sizeof(struct bolt_page_header) == 16 && sizeof(struct bolt_meta) == 64,
	"as bbolt has them");

static size_t element_offset(size_t index)
{
	return sizeof(struct bolt_page_header) + index * sizeof(struct leaf_element);
}

static bool branch_element_at(struct slice page, size_t index, struct bolt_element *ret)
{
	size_t offset = element_offset(index);
	struct branch_element e;

	*ret = (struct bolt_element){0};
	if (!bytes_at(page, offset, &e, sizeof(e)))
		return false;
	ret->page = e.page;
	return e.key_size <= BOLT_NAME_MAX &&
	       slice_at(page, offset + e.offset, e.key_size, &ret->key);
}

static bool leaf_element_at(struct slice page, size_t index, struct bolt_element *ret)
{
	size_t offset = element_offset(index);
	struct leaf_element e;

	*ret = (struct bolt_element){0};
	if (!bytes_at(page, offset, &e, sizeof(e)))
		return false;
	ret->is_bucket = e.flags & ELEMENT_BUCKET;
	return e.key_size <= BOLT_NAME_MAX &&
	       slice_at(page, offset + e.offset, e.key_size, &ret->key) &&
	       slice_at(page, offset + e.offset + e.key_size, e.value_size, &ret->value);
}

bool bolt_element_at(struct slice page, const struct bolt_page_header *header, size_t index,
	struct bolt_element *ret)
{
	return header->flags == BOLT_LEAF ? leaf_element_at(page, index, ret)
					  : branch_element_at(page, index, ret);
}

bool bolt_bucket_open(struct slice value, struct bolt_bucket_header *ret, struct slice *ret_page)
{
	return bytes_at(value, 0, ret, sizeof(*ret)) &&
	       slice_at(value, sizeof(*ret), value.len - sizeof(*ret), ret_page);
}
