/* SPDX-License-Identifier: Apache-2.0 */
/* Claims about agent/container/bolt.c and bolt_file.c, on databases made page by page. */
#include "scratch.h"

#include <errno.h>

#include "bolt_fixture.h"
#include "container/bolt.h"

#define FILE_NAME "a.db"

/* What a look looks for, and what it finds. */
struct look {
	const char *const *buckets;
	size_t depth;
	const char *key; /* NULL: every value of the bucket */
	struct strbuf found; /* "value", or "key=value," of each */
	unsigned calls;
};

static int collect(struct slice key, struct slice value, void *userdata)
{
	struct strbuf *found = userdata;

	strbuf_add_slice(found, key);
	strbuf_add_char(found, '=');
	strbuf_add_slice(found, value);
	strbuf_add_char(found, ',');
	return found->error;
}

static int look_up(struct bolt_view *view, void *userdata)
{
	struct look *look = userdata;
	struct bolt_bucket bucket;
	struct slice value;
	int r = bolt_descend(view, look->buckets, look->depth, &bucket);

	look->calls++;
	strbuf_reset(&look->found);
	if (r == 0 && !look->key)
		return bolt_each(view, &bucket, collect, &look->found);
	if (r == 0)
		r = bolt_get(view, &bucket, slice_of(look->key), &value);
	if (r == 0)
		strbuf_add_slice(&look->found, value);
	return r;
}

/* The result of a look at the file PATH. */
static int look_at(const char *path, bolt_look_fn *look, void *userdata)
{
	CLEANUP_FD int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);

	assert_true(fd >= 0);
	return bolt_look(fd, look, userdata);
}

static void write_db(struct scratch *s, const struct db *db)
{
	scratch_write(s, FILE_NAME, db->bytes, db_size(db));
}

/* The result of looking for KEY in the bucket PATH ("a|b", "" for the root) of DB. */
static int look_in(const struct db *db, const char *path, const char *key, struct strbuf *ret_found)
{
	CLEANUP_SCRATCH struct scratch s;
	const char *buckets[8];
	char names[256];
	struct look look = {.buckets = buckets, .key = key};
	char *save;
	int r;

	scratch_init(&s);
	write_db(&s, db);
	snprintf(names, sizeof(names), "%s", path);
	for (char *name = strtok_r(names, "|", &save); name; name = strtok_r(NULL, "|", &save))
		buckets[look.depth++] = name;
	r = look_at(scratch_path(&s, FILE_NAME), look_up, &look);
	assert_true(look.calls <= 1); /* nobody writes */
	strbuf_reset(ret_found);
	strbuf_add_slice(ret_found, strbuf_slice(&look.found));
	strbuf_done(&look.found);
	return r;
}

#define assert_found(db, path, key, expected) \
	assert_found_at((db), (path), (key), (expected), __FILE__, __LINE__)

static void assert_found_at(const struct db *db, const char *path, const char *key,
	const char *expected, const char *file, int line)
{
	CLEANUP_STRBUF struct strbuf found = STRBUF_INIT;
	int r = look_in(db, path, key, &found);

	if (r == 0 && strcmp(strbuf_text(&found), expected) == 0)
		return;
	print_error("'%s' in '%s': %d, '%s', not '%s'\n", key ?: "(all)", path, r,
		strbuf_text(&found), expected);
	_fail(file, line);
}

#define assert_fails(db, path, key, error) \
	assert_fails_at((db), (path), (key), (error), __FILE__, __LINE__)

static void assert_fails_at(const struct db *db, const char *path, const char *key, int error,
	const char *file, int line)
{
	CLEANUP_STRBUF struct strbuf found = STRBUF_INIT;
	int r = look_in(db, path, key, &found);

	if (r == error)
		return;
	print_error("'%s' in '%s': %d, not %d\n", key ?: "(all)", path, r, error);
	_fail(file, line);
}

/* A leaf with KEY as its only value is the root. */
static void init_with(struct db *db, const char *key, const char *value)
{
	struct db_node leaf = {0};

	db_init(db, DB_PAGE_SIZE);
	db_node_add(&leaf, 0, slice_of(key), slice_of(value));
	db_commit(db, db_put_node(db, &leaf), 1);
}

static void value_is_found_by_its_path(void **state)
{
	struct db_value values[] = {
		{"top", "0"},
		{"v1|b", "2"},
		{"v1|a", "1"},
		{"v1|c", ""},
		{"v1|images|registry.example/web:1|digest", "sha256:1"},
		{"v1|empty|", ""},
	};
	CLEANUP_DB struct db db;

	(void)state;
	db_init(&db, DB_PAGE_SIZE);
	db_fill(&db, values, ARRAY_SIZE(values), 1);
	assert_found(&db, "", "top", "0");
	assert_found(&db, "v1", "a", "1");
	assert_found(&db, "v1", "b", "2");
	assert_found(&db, "v1", "c", "");
	assert_found(&db, "v1|images|registry.example/web:1", "digest", "sha256:1");
	assert_found(&db, "v1", NULL, "a=1,b=2,c=,");
	assert_found(&db, "v1|empty", NULL, "");
}

static void what_is_not_there_is_not_found(void **state)
{
	struct db_value values[] = {{"v1|b", "2"}, {"v1|d|e", "f"}, {"top", "0"}};
	static const struct {
		const char *path, *key;
	} absent[] = {{"", "to"}, {"", "topp"}, {"", ""}, {"v1", "a"}, {"v1", "c"}, {"v1", "z"},
		{"v1", "d"}, {"", "v1"}, {"v2", "a"}, {"top", "a"}, {"v1|b", NULL},
		{"v1|d|e", NULL}, {"v1|d", "ee"}};
	CLEANUP_DB struct db db;

	(void)state;
	db_init(&db, DB_PAGE_SIZE);
	db_fill(&db, values, ARRAY_SIZE(values), 1);
	for (size_t i = 0; i < ARRAY_SIZE(absent); i++)
		assert_fails(&db, absent[i].path, absent[i].key, -ENOENT);
}

#define TREE_WIDTH 20

/* A tree of three levels with the even numbers up to 2 * TREE_WIDTH^3, in four digits. */
static uint64_t put_tree(struct db *db, unsigned *number, int level)
{
	struct db_node *node = calloc(1, sizeof(*node));
	char keys[TREE_WIDTH][16];
	uint64_t page;

	assert_non_null(node);
	for (int i = 0; i < TREE_WIDTH; i++) {
		snprintf(keys[i], sizeof(keys[i]), "%05u", *number);
		if (level > 0) {
			db_node_add_page(node, slice_of(keys[i]), put_tree(db, number, level - 1));
		} else {
			db_node_add(node, 0, slice_of(keys[i]), slice_of(keys[i]));
			*number += 2;
		}
	}
	page = db_put_node(db, node);
	free(node);
	return page;
}

static void every_key_below_branches_is_found_and_no_other(void **state)
{
	CLEANUP_DB struct db db;
	unsigned end = 10;

	(void)state;
	db_init(&db, BOLT_PAGE_MIN);
	db_commit(&db, put_tree(&db, &end, 2), 1);
	assert_int_equal(end, 10 + 2 * TREE_WIDTH * TREE_WIDTH * TREE_WIDTH);
	for (unsigned i = 0; i < end + 10; i += 199) {
		char key[16];

		snprintf(key, sizeof(key), "%05u", i);
		if (i >= 10 && i < end && i % 2 == 0)
			assert_found(&db, "", key, key);
		else
			assert_fails(&db, "", key, -ENOENT);
	}
	assert_found(&db, "", "00010", "00010");
	assert_found(&db, "", "16008", "16008");
	assert_fails(&db, "", "16010", -ENOENT);
}

static void keys_below_branches_are_visited_in_order(void **state)
{
	CLEANUP_STRBUF struct strbuf expected = STRBUF_INIT;
	CLEANUP_DB struct db db;
	unsigned end = 10;

	(void)state;
	db_init(&db, BOLT_PAGE_MIN);
	db_commit(&db, put_tree(&db, &end, 1), 1);
	for (unsigned i = 10; i < end; i += 2)
		strbuf_addf(&expected, "%05u=%05u,", i, i);
	assert_found(&db, "", NULL, strbuf_text(&expected));
}

static void value_on_overflow_pages_is_read(void **state)
{
	CLEANUP_DB struct db db;
	char value[5 * DB_PAGE_SIZE];

	(void)state;
	memset(value, 'x', sizeof(value));
	value[sizeof(value) - 1] = '\0';
	init_with(&db, "spec", value);
	assert_found(&db, "", "spec", value);
	assert_fails(&db, "", "spec2", -ENOENT);
}

static void every_page_size_is_read(void **state)
{
	(void)state;
	for (uint32_t size = BOLT_PAGE_MIN; size <= BOLT_PAGE_MAX; size *= 2) {
		struct db_value values[] = {{"a|b", "1"}};
		CLEANUP_DB struct db db;

		db_init(&db, size);
		db_fill(&db, values, 1, 1);
		assert_found(&db, "a", "b", "1"); /* only the second meta page is there */
		db_fill(&db, values, 1, 2);
		assert_found(&db, "a", "b", "1");
	}
}

/* Commits VALUE as that of "key", on a page of its own. */
static void commit_value(struct db *db, const char *value, uint64_t txid)
{
	struct db_node leaf = {0};

	db_node_add(&leaf, 0, slice_of("key"), slice_of(value));
	db_commit(db, db_put_node(db, &leaf), txid);
}

static void newest_transaction_counts(void **state)
{
	CLEANUP_DB struct db db;

	(void)state;
	db_init(&db, DB_PAGE_SIZE);
	commit_value(&db, "one", 1);
	commit_value(&db, "two", 2);
	assert_found(&db, "", "key", "two");
	commit_value(&db, "three", 3);
	assert_found(&db, "", "key", "three");
}

static void transaction_whose_meta_page_is_not_valid_does_not_count(void **state)
{
	static const size_t broken[] = {0, 4, 8, 16, 40, 48, 56}; /* of each member that counts */

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(broken); i++) {
		CLEANUP_DB struct db db;

		db_init(&db, DB_PAGE_SIZE);
		commit_value(&db, "one", 1);
		commit_value(&db, "two", 2);
		db.bytes[DB_HEADER_SIZE + broken[i]] ^= 1; /* two's */
		assert_found(&db, "", "key", "one");
		db.bytes[DB_PAGE_SIZE + DB_HEADER_SIZE + broken[i]] ^= 1;
		assert_fails(&db, "", "key", -EBADMSG);
	}
}

static void meta_page_that_is_none_of_ours_is_refused(void **state)
{
	CLEANUP_DB struct db db;

	(void)state;
	for (int i = 0; i < 6; i++) {
		struct db_meta meta;

		init_with(&db, "key", "value");
		meta = db_meta_make(&db, 2, 1);
		meta.magic += i == 0;
		meta.version += i == 1;
		meta.page_size = i == 2 ? 0 : i == 3 ? 5000 : i == 4 ? 131072 : meta.page_size;
		meta.end = i == 5 ? UINT64_MAX / 2 : meta.end;
		db_put_meta(&db, meta);
		assert_fails(&db, "", "key", -EBADMSG);
		db_done(&db);
	}
	init_with(&db, "key", "value");
	db_put_meta(&db, db_meta_make(&db, 2, 1));
	assert_found(&db, "", "key", "value");
}

/* ---- a writer ---- */

/* Plays the engine: commits while it is being looked at, LEFT times. */
struct race {
	struct scratch s;
	struct db db;
	uint64_t txid;
	unsigned left, calls;
	bool breaks; /* makes the page that is looked at unreadable with the commit */
	char found[16];
};

static void race_commit(struct race *race)
{
	char value[16];

	if (race->left == 0)
		return;
	race->left--;
	snprintf(value, sizeof(value), "%u", (unsigned)++race->txid);
	if (race->breaks)
		memset(race->db.bytes + 2 * DB_PAGE_SIZE, 0xff,
			db_size(&race->db) - 2 * DB_PAGE_SIZE);
	commit_value(&race->db, value, race->txid);
	write_db(&race->s, &race->db);
}

static int look_and_commit(struct bolt_view *view, void *userdata)
{
	struct bolt_bucket root = bolt_root(view);
	struct race *race = userdata;
	struct slice value;
	int r;

	race->calls++;
	if (race->breaks)
		race_commit(race);
	r = bolt_get(view, &root, slice_of("key"), &value);
	if (r == 0)
		snprintf(race->found, sizeof(race->found), "%.*s", (int)value.len, value.data);
	if (!race->breaks)
		race_commit(race);
	return r;
}

static int race_run(struct race *race)
{
	char path[SCRATCH_PATH_MAX];

	scratch_init(&race->s);
	db_init(&race->db, DB_PAGE_SIZE);
	commit_value(&race->db, "1", ++race->txid);
	write_db(&race->s, &race->db);
	snprintf(path, sizeof(path), "%s", scratch_path(&race->s, FILE_NAME));
	return look_at(path, look_and_commit, race);
}

static void race_done(struct race *race)
{
	db_done(&race->db);
	scratch_done(&race->s);
}

static void what_a_commit_overtook_is_looked_at_again(void **state)
{
	(void)state;
	for (unsigned commits = 0; commits < BOLT_TRIES_MAX; commits++) {
		CLEANUP(race_done) struct race race = {.left = commits};
		char newest[16];

		snprintf(newest, sizeof(newest), "%u", commits + 1);
		assert_int_equal(race_run(&race), 0);
		assert_int_equal(race.calls, commits + 1);
		assert_string_equal(race.found, newest);
	}
}

/* Its pages may be written to anew by then. */
static void errors_of_what_a_commit_overtook_do_not_count(void **state)
{
	CLEANUP(race_done) struct race race = {.left = 3, .breaks = true};

	(void)state;
	assert_int_equal(race_run(&race), 0);
	assert_int_equal(race.calls, 4);
	assert_string_equal(race.found, "4");
}

static void writer_that_never_pauses_is_given_up(void **state)
{
	CLEANUP(race_done) struct race race = {.left = 1000};

	(void)state;
	assert_int_equal(race_run(&race), -EAGAIN);
	assert_int_equal(race.calls, BOLT_TRIES_MAX);
}

/* ---- what is broken ---- */

static void put16(struct db *db, size_t offset, uint16_t value)
{
	memcpy(db->bytes + offset, &value, sizeof(value));
}

static void put64(struct db *db, size_t offset, uint64_t value)
{
	memcpy(db->bytes + offset, &value, sizeof(value));
}

static void put32(struct db *db, size_t offset, uint32_t value)
{
	memcpy(db->bytes + offset, &value, sizeof(value));
}

/* Offsets on the only page of init_with(): header, and its element. */
#define PAGE     (2 * DB_PAGE_SIZE)
#define ELEMENT  (PAGE + 16)
#define ID       (PAGE + 0)
#define FLAGS    (PAGE + 8)
#define COUNT    (PAGE + 10)
#define OVERFLOW (PAGE + 12)

static void broken_pages_are_refused(void **state)
{
	static const struct {
		const char *what;
		size_t offset;
		uint32_t value;
		int error;
	} changes[] = {
		{"id", ID, 3, -EBADMSG},
		{"no flags", FLAGS, 0x00000000, -EBADMSG},
		{"both flags", FLAGS, 0x00010003, -EBADMSG},
		{"meta page", FLAGS, 0x00010004, -EBADMSG},
		{"list of free pages", FLAGS, 0x00010010, -EBADMSG},
		{"count", FLAGS, 0xffff0002, -EBADMSG},
		{"count, just too many", FLAGS, 0x01000002, -EBADMSG},
		{"overflow beyond the end", OVERFLOW, 1, -EBADMSG},
		{"overflow beyond any end", OVERFLOW, UINT32_MAX, -EBADMSG},
		{"key behind the page", ELEMENT + 4, DB_PAGE_SIZE, -EBADMSG},
		{"key far behind the page", ELEMENT + 4, UINT32_MAX, -EBADMSG},
		{"key over the end", ELEMENT + 4, DB_PAGE_SIZE - 16 - 1, -EBADMSG},
		{"key size", ELEMENT + 8, DB_PAGE_SIZE, -EBADMSG},
		{"key size, far too large", ELEMENT + 8, UINT32_MAX, -EBADMSG},
		{"value size", ELEMENT + 12, DB_PAGE_SIZE, -EBADMSG},
		{"value size, far too large", ELEMENT + 12, UINT32_MAX, -EBADMSG},
		{"a value for a bucket", ELEMENT, 1, -ENOENT},
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(changes); i++) {
		CLEANUP_STRBUF struct strbuf found = STRBUF_INIT;
		CLEANUP_DB struct db db;
		int r;

		init_with(&db, "key", "value");
		put32(&db, changes[i].offset, changes[i].value);
		r = look_in(&db, "", "key", &found);
		if (r != changes[i].error)
			fail_msg("%s: %d, not %d", changes[i].what, r, changes[i].error);
	}
}

static void elements_may_fill_the_page_but_no_more(void **state)
{
	CLEANUP_DB struct db db;

	(void)state;
	init_with(&db, "key", "value");
	put16(&db, COUNT, DB_PAGE_SIZE / 16 - 1); /* the others are empty */
	assert_fails(&db, "", "zzz", -ENOENT);
	put16(&db, COUNT, DB_PAGE_SIZE / 16);
	assert_fails(&db, "", "zzz", -EBADMSG);
}

static void pages_that_are_none_are_refused(void **state)
{
	static const uint64_t ids[] = {0, 1, 4, 5, UINT32_MAX, UINT64_MAX, UINT64_MAX / 4096 + 1};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(ids); i++) {
		struct db_node branch = {0}, root = {0};
		const uint64_t bucket[] = {ids[i], 0};
		CLEANUP_DB struct db db;

		db_init(&db, DB_PAGE_SIZE);
		db_node_add_page(&branch, slice_of("a"), ids[i]);
		db_commit(&db, db_put_node(&db, &branch), 1); /* 2 */
		assert_fails(&db, "", "a", -EBADMSG);
		assert_fails(&db, "", NULL, -EBADMSG);
		db_node_add(&root, DB_BUCKET, slice_of("b"),
			(struct slice){(const char *)bucket, sizeof(bucket)});
		db_commit(&db, db_put_node(&db, &root), 2); /* 3 */
		assert_fails(&db, "b", "a", -EBADMSG);
	}
}

/* With what else is written in it, a meta page could be taken for another. */
static void meta_page_is_no_other_page(void **state)
{
	(void)state;
	for (uint64_t id = 0; id < 2; id++) {
		struct db_node branch = {0};
		CLEANUP_DB struct db db;

		db_init(&db, DB_PAGE_SIZE);
		db_node_add_page(&branch, slice_of("a"), id);
		db_commit(&db, db_put_node(&db, &branch), 1);
		memcpy(db.bytes + id * DB_PAGE_SIZE, &id, sizeof(id));
		put16(&db, id * DB_PAGE_SIZE + 8, DB_LEAF); /* without elements */
		assert_fails(&db, "", "a", -EBADMSG);
		assert_fails(&db, "", NULL, -EBADMSG);
	}
}

/* One of pages of 4 KiB, at 1 KiB. */
static void meta_page_in_the_wrong_place_is_refused(void **state)
{
	struct db_node leaf = {0};
	CLEANUP_DB struct db db;
	struct db_meta meta;

	(void)state;
	db_init(&db, BOLT_PAGE_MIN);
	db_add_pages(&db, 6);
	db_node_add(&leaf, 0, slice_of("key"), slice_of("value"));
	db_commit(&db, db_put_node(&db, &leaf), 1);
	assert_found(&db, "", "key", "value");
	meta = db_meta_make(&db, 2, 1);
	meta.page_size = DB_PAGE_SIZE;
	db_add_pages(&db, 3);
	put64(&db, 8 * BOLT_PAGE_MIN, 2); /* the leaf is page 2 then */
	db_put_meta(&db, meta);
	assert_fails(&db, "", "key", -EBADMSG);
}

static void bucket_without_a_header_or_a_page_is_refused(void **state)
{
	static const char zeros[64];

	(void)state;
	for (size_t len = 0; len <= 40; len += 8) {
		struct db_node root = {0};
		CLEANUP_DB struct db db;

		db_init(&db, DB_PAGE_SIZE);
		db_node_add(&root, DB_BUCKET, slice_of("b"), (struct slice){zeros, len});
		db_commit(&db, db_put_node(&db, &root), 1);
		assert_fails(&db, "b", "a", -EBADMSG);
	}
}

static void file_that_ends_too_early_is_refused(void **state)
{
	CLEANUP_DB struct db db;

	(void)state;
	init_with(&db, "key", "value");
	db.pages = 2; /* are written */
	assert_fails(&db, "", "key", -EBADMSG);
	db.pages = 1;
	assert_fails(&db, "", "key", -EBADMSG);
	db.pages = 0;
	assert_fails(&db, "", "key", -EBADMSG);
}

static void pages_that_go_in_circles_come_to_an_end(void **state)
{
	struct db_node branch = {0};
	CLEANUP_DB struct db db;

	(void)state;
	db_init(&db, DB_PAGE_SIZE);
	for (int i = 0; i < 100; i++)
		db_node_add_page(&branch, slice_of("a"), 2);
	db_commit(&db, db_put_node(&db, &branch), 1);
	assert_fails(&db, "", "a", -E2BIG);
	assert_fails(&db, "", NULL, -E2BIG); /* 100^BOLT_DEPTH_MAX ways */
}

/* LEVELS pages, one below the other, with "key" in the last. */
static void init_chain(struct db *db, int levels)
{
	struct db_node leaf = {0};
	uint64_t page;

	db_init(db, DB_PAGE_SIZE);
	db_node_add(&leaf, 0, slice_of("key"), slice_of("value"));
	page = db_put_node(db, &leaf);
	while (--levels > 0) {
		struct db_node branch = {0};

		db_node_add_page(&branch, slice_of("key"), page);
		page = db_put_node(db, &branch);
	}
	db_commit(db, page, 1);
}

static void tree_may_be_as_deep_as_the_limit(void **state)
{
	CLEANUP_DB struct db db;

	(void)state;
	init_chain(&db, BOLT_DEPTH_MAX);
	assert_found(&db, "", "key", "value");
	assert_found(&db, "", NULL, "key=value,");
	db_done(&db);
	init_chain(&db, BOLT_DEPTH_MAX + 1);
	assert_fails(&db, "", "key", -E2BIG);
	assert_fails(&db, "", NULL, -E2BIG);
}

static void branch_without_elements_is_refused(void **state)
{
	CLEANUP_DB struct db db;

	(void)state;
	init_chain(&db, 2);
	put16(&db, DB_PAGE_SIZE + COUNT, 0); /* of the branch, which is behind the leaf */
	assert_fails(&db, "", "key", -EBADMSG);
	assert_found(&db, "", NULL, "");
}

static void pages_that_are_visited_are_limited(void **state)
{
	struct db_node branch = {0}, leaf = {.flags = DB_LEAF};
	CLEANUP_DB struct db db;
	uint64_t page;

	(void)state;
	db_init(&db, DB_PAGE_SIZE);
	page = db_put_node(&db, &leaf);
	for (int i = 0; i < 100; i++)
		db_node_add_page(&branch, slice_of("k"), page);
	page = db_put_node(&db, &branch);
	branch = (struct db_node){0};
	for (int i = 0; i < 100; i++)
		db_node_add_page(&branch, slice_of("k"), page);
	db_commit(&db, db_put_node(&db, &branch), 1);
	assert_fails(&db, "", NULL, -E2BIG);
}

static void key_may_be_as_long_as_the_limit(void **state)
{
	char key[BOLT_NAME_MAX + 2];
	CLEANUP_DB struct db db;

	(void)state;
	memset(key, 'k', sizeof(key));
	key[BOLT_NAME_MAX + 1] = '\0';
	init_with(&db, key, "value");
	assert_fails(&db, "", key, -EBADMSG);
	db_done(&db);
	key[BOLT_NAME_MAX] = '\0';
	init_with(&db, key, "value");
	assert_found(&db, "", key, "value");
}

/* Many elements may share their bytes: a small file with much to go through. */
static void elements_that_are_gone_through_are_limited(void **state)
{
	struct db_node branch = {0}, leaf = {0};
	CLEANUP_DB struct db db;
	uint64_t page;

	(void)state;
	db_init(&db, DB_PAGE_SIZE);
	for (int i = 0; i < 200; i++)
		db_node_add(&leaf, 0, slice_of("k"), slice_of("v"));
	page = db_put_node(&db, &leaf);
	for (int i = 0; i < 200; i++)
		db_node_add_page(&branch, slice_of("k"), page);
	page = db_put_node(&db, &branch);
	branch = (struct db_node){0};
	for (int i = 0; i < 2; i++)
		db_node_add_page(&branch, slice_of("k"), page);
	db_commit(&db, db_put_node(&db, &branch), 1);
	assert_fails(&db, "", NULL, -E2BIG);
}

/* A value of SIZE bytes under "key". */
static void init_with_size(struct db *db, size_t size)
{
	char *value = malloc(size + 1);

	assert_non_null(value);
	memset(value, 'x', size);
	value[size] = '\0';
	init_with(db, "key", value);
	free(value);
}

static void value_may_be_as_long_as_the_limit(void **state)
{
	CLEANUP_STRBUF struct strbuf found = STRBUF_INIT;
	CLEANUP_DB struct db db;

	(void)state;
	init_with_size(&db, BOLT_VALUE_MAX);
	assert_int_equal(look_in(&db, "", "key", &found), 0);
	assert_int_equal(found.len, BOLT_VALUE_MAX);
	db_done(&db);
	init_with_size(&db, BOLT_VALUE_MAX + 1);
	assert_fails(&db, "", "key", -E2BIG);
	assert_fails(&db, "", NULL, -E2BIG);
}

static void page_may_be_as_long_as_the_limit(void **state)
{
	CLEANUP_DB struct db db;

	(void)state;
	init_with_size(&db, BOLT_SPAN_MAX - 64);
	assert_fails(&db, "", "key2", -ENOENT);
	db_done(&db);
	init_with_size(&db, BOLT_SPAN_MAX);
	assert_fails(&db, "", "key2", -E2BIG);
}

static void what_is_read_in_one_look_is_limited(void **state)
{
	struct db_node branch = {0};
	char keys[5][2] = {"a", "b", "c", "d", "e"};
	CLEANUP_DB struct db db;

	(void)state;
	init_with_size(&db, 10);
	for (size_t i = 0; i < ARRAY_SIZE(keys); i++) {
		struct db_node leaf = {0};
		char *value = calloc(1, BOLT_SPAN_MAX - 64);

		assert_non_null(value);
		db_node_add(&leaf, DB_BUCKET, slice_of(keys[i]),
			(struct slice){value, BOLT_SPAN_MAX - 64});
		db_node_add_page(&branch, slice_of(keys[i]), db_put_node(&db, &leaf));
		free(value);
	}
	db_commit(&db, db_put_node(&db, &branch), 2);
	assert_fails(&db, "", "e", -ENOENT); /* a bucket, by itself */
	assert_fails(&db, "", NULL, -E2BIG);
}

/* Whatever byte is wrong, nothing but the database is read, and an end is found. */
static void any_broken_byte_is_survived(void **state)
{
	struct db_value values[] = {{"v1|a|k", "value"}, {"v1|a|l", "value"}, {"v1|b", "1"}};
	CLEANUP_STRBUF struct strbuf found = STRBUF_INIT;
	CLEANUP_DB struct db db;
	size_t changed = 0;

	(void)state;
	db_init(&db, BOLT_PAGE_MIN);
	db_fill(&db, values, ARRAY_SIZE(values), 1);
	for (size_t i = 2 * BOLT_PAGE_MIN; i < db_size(&db); i++) {
		static const char bytes[] = {0, 1, (char)0x7f, (char)0xff};

		for (size_t j = 0; j < sizeof(bytes); j++) {
			char old = db.bytes[i];
			int r;

			if (old == 0 && db.bytes[i - 1] == 0 && i % 8 != 0)
				continue; /* what is empty is much alike */
			db.bytes[i] = bytes[j];
			r = look_in(&db, "v1|a", NULL, &found);
			db.bytes[i] = old;
			if (r != 0 && r != -ENOENT && r != -EBADMSG && r != -E2BIG)
				fail_msg("byte %zu as %d: %d", i, bytes[j], r);
			changed += r != 0 || strcmp(strbuf_text(&found), "k=value,l=value,") != 0;
		}
	}
	assert_true(changed > 100);
	assert_found(&db, "v1|a", NULL, "k=value,l=value,");
}

static void what_is_no_file_is_refused(void **state)
{
	CLEANUP_SCRATCH struct scratch s;
	struct look look = {0};

	(void)state;
	scratch_init(&s);
	assert_int_equal(look_at(s.root, look_up, &look), -EINVAL);
	assert_int_equal(mkfifo(scratch_path(&s, "fifo"), 0600), 0);
	assert_int_equal(look_at(scratch_path(&s, "fifo"), look_up, &look), -EINVAL);
	assert_int_equal(look.calls, 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(value_is_found_by_its_path),
		cmocka_unit_test(what_is_not_there_is_not_found),
		cmocka_unit_test(every_key_below_branches_is_found_and_no_other),
		cmocka_unit_test(keys_below_branches_are_visited_in_order),
		cmocka_unit_test(value_on_overflow_pages_is_read),
		cmocka_unit_test(every_page_size_is_read),
		cmocka_unit_test(newest_transaction_counts),
		cmocka_unit_test(transaction_whose_meta_page_is_not_valid_does_not_count),
		cmocka_unit_test(meta_page_that_is_none_of_ours_is_refused),
		cmocka_unit_test(what_a_commit_overtook_is_looked_at_again),
		cmocka_unit_test(errors_of_what_a_commit_overtook_do_not_count),
		cmocka_unit_test(writer_that_never_pauses_is_given_up),
		cmocka_unit_test(broken_pages_are_refused),
		cmocka_unit_test(elements_may_fill_the_page_but_no_more),
		cmocka_unit_test(pages_that_are_none_are_refused),
		cmocka_unit_test(meta_page_is_no_other_page),
		cmocka_unit_test(meta_page_in_the_wrong_place_is_refused),
		cmocka_unit_test(bucket_without_a_header_or_a_page_is_refused),
		cmocka_unit_test(file_that_ends_too_early_is_refused),
		cmocka_unit_test(pages_that_go_in_circles_come_to_an_end),
		cmocka_unit_test(tree_may_be_as_deep_as_the_limit),
		cmocka_unit_test(branch_without_elements_is_refused),
		cmocka_unit_test(pages_that_are_visited_are_limited),
		cmocka_unit_test(key_may_be_as_long_as_the_limit),
		cmocka_unit_test(elements_that_are_gone_through_are_limited),
		cmocka_unit_test(value_may_be_as_long_as_the_limit),
		cmocka_unit_test(page_may_be_as_long_as_the_limit),
		cmocka_unit_test(what_is_read_in_one_look_is_limited),
		cmocka_unit_test(any_broken_byte_is_survived),
		cmocka_unit_test(what_is_no_file_is_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
