/* SPDX-License-Identifier: Apache-2.0 */
/*
 * bbolt databases: whatever the pages hold, a look at them comes to an end and stays
 * within them. The meta page is made here, with its checksum; the first byte says
 * at which page the root bucket is and whether pages get their right number.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>

#include "../unit/container/bolt_fixture.h"
#include "container/bolt.h"

#define PAGES_MAX 64

/* Reads every byte of TEXT, so that a wrong length is seen. */
static void text_check(struct slice text)
{
	volatile char last = 0;

	for (size_t i = 0; i < text.len; i++)
		last = text.data[i];
	(void)last;
}

static int check(struct slice key, struct slice value, void *userdata)
{
	size_t *count = userdata;

	text_check(key);
	text_check(value);
	if (key.len > BOLT_NAME_MAX || value.len > BOLT_VALUE_MAX)
		abort();
	return ++*count > BOLT_ELEMENTS_MAX;
}

static int look(struct bolt_view *view, void *userdata)
{
	static const char *const names[] = {"a", "b"};
	struct bolt_bucket bucket = bolt_root(view);
	struct slice value;
	size_t count = 0;

	(void)userdata;
	if (bolt_each(view, &bucket, check, &count) > 0)
		abort();
	if (bolt_get(view, &bucket, slice_of("c"), &value) == 0)
		check(slice_of("c"), value, &count);
	for (size_t depth = 1; depth <= ARRAY_SIZE(names); depth++)
		if (bolt_descend(view, names, depth, &bucket) == 0 &&
			bolt_get(view, &bucket, slice_of("c"), &value) == 0)
			check(slice_of("c"), value, &count);
	return 0;
}

static void set_numbers(struct db *db)
{
	for (uint64_t id = 2; id < db->pages; id++)
		memcpy(db->bytes + id * db->page_size, &id, sizeof(id));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static int fd = -1;
	CLEANUP_DB struct db db = {0};

	if (size < 1 || size > PAGES_MAX * BOLT_PAGE_MIN)
		return 0;
	db_init(&db, BOLT_PAGE_MIN);
	db_add_pages(&db, size / BOLT_PAGE_MIN + 1);
	memcpy(db.bytes + 2 * BOLT_PAGE_MIN, data + 1, size - 1);
	if (data[0] & 1)
		set_numbers(&db);
	db_commit(&db, data[0] >> 1, 1);
	if (fd < 0)
		fd = memfd_create("bolt", MFD_CLOEXEC);
	if (fd < 0 || ftruncate(fd, 0) < 0 ||
		pwrite(fd, db.bytes, db_size(&db), 0) != (ssize_t)db_size(&db))
		abort();
	if (bolt_look(fd, look, NULL) != 0)
		abort();
	return 0;
}
