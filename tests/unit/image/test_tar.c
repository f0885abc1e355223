/* SPDX-License-Identifier: Apache-2.0 */
/* Claims about agent/image/tar.c and what it is made of. */
#include "image/tar_fixture.h"

#include <errno.h>

/* An archive that is put together, and what reading it gives. */
struct fixture {
	struct strbuf bytes;
	struct image_limits limits;
	struct blob_budget budget;
	struct image_error e;
	struct strbuf listing; /* of the members: "TYPE NAME[ -> LINK][ DATA]\n" */
	bool has_end;
};

static int set_up(void **state)
{
	struct fixture *f = calloc(1, sizeof(*f));

	f->limits = IMAGE_LIMITS_DEFAULT;
	*state = f;
	return 0;
}

static int tear_down(void **state)
{
	struct fixture *f = *state;

	strbuf_done(&f->bytes);
	strbuf_done(&f->listing);
	free(f);
	return 0;
}

static int list_data(struct fixture *f, struct tar *tar, const struct tar_member *m)
{
	uint64_t size = 0;
	char data[7]; /* so that parts end everywhere */
	ssize_t n;

	strbuf_add_char(&f->listing, ' ');
	while ((n = tar_read(tar, data, sizeof(data))) > 0) {
		strbuf_add(&f->listing, data, n);
		size += n;
	}
	if (n == 0)
		assert_int_equal(size, m->size_bytes);
	return n;
}

static int list_member(struct fixture *f, const struct tar_member *m)
{
	strbuf_add_char(&f->listing, "fhlcbdp"[m->type]);
	strbuf_add_char(&f->listing, ' ');
	strbuf_add_slice(&f->listing, m->name);
	if (m->type == TAR_HARD_LINK || m->type == TAR_SYMLINK) {
		strbuf_add_text(&f->listing, " -> ");
		strbuf_add_slice(&f->listing, m->link);
	}
	return 0;
}

/* Reads the archive, data too when WITH_DATA. 0 or what went wrong. */
static int list(struct fixture *f, struct slice bytes, bool with_data)
{
	CLEANUP_FD int fd = file_of(bytes);
	struct blob_range range = {fd, 0, bytes.len};
	CLEANUP_BLOB struct blob *blob = NULL;
	CLEANUP_TAR struct tar *tar = NULL;
	struct tar_member m;
	int r;

	f->budget.bytes_left = f->limits.bytes_max;
	strbuf_reset(&f->listing);
	r = blob_open(&range, &f->limits, &f->budget, &f->e, &blob);
	if (r < 0)
		return r;
	assert_int_equal(tar_open(blob, &f->limits, &f->e, &tar), 0);
	while ((r = tar_next(tar, &m)) > 0) {
		list_member(f, &m);
		if (with_data && m.type == TAR_FILE)
			r = list_data(f, tar, &m);
		if (r < 0)
			break;
		strbuf_add_char(&f->listing, '\n');
	}
	f->has_end = tar_has_end(tar);
	return r;
}

static void assert_listing(struct fixture *f, const char *expected)
{
	if (list(f, strbuf_slice(&f->bytes), true) < 0)
		fail_msg("%s", f->e.message);
	assert_slice_text(strbuf_slice(&f->listing), expected);
	/* skipped or read, the next header is found */
	assert_int_equal(list(f, strbuf_slice(&f->bytes), false), 0);
}

/* MESSAGE is that of the error, without its place. */
static void assert_refused(struct fixture *f, const char *message)
{
	const char *found;

	assert_int_equal(list(f, strbuf_slice(&f->bytes), true), -EBADMSG);
	assert_int_equal(f->e.kind, IMAGE_UNREADABLE);
	found = strstr(f->e.message, message);
	if (!found || strcmp(found, message) != 0)
		fail_msg("\"%s\" does not end in \"%s\"", f->e.message, message);
}

static void all_types_are_read(void **state)
{
	struct fixture *f = *state;

	tar_add_directory(&f->bytes, "d/");
	tar_add_file(&f->bytes, "d/a", "hello");
	tar_add_link(&f->bytes, '1', "h", "d/a");
	tar_add_link(&f->bytes, '2', "s", "/d/a");
	tar_add_header(&f->bytes, '3', "c", "", 0);
	tar_add_header(&f->bytes, '4', "b", "", 0);
	tar_add_header(&f->bytes, '6', "p", "", 0);
	tar_add_data(&f->bytes, '7', "contiguous", slice_of("1"));
	tar_add_data(&f->bytes, '\0', "old", slice_of("2"));
	tar_add_header(&f->bytes, '\0', "old-directory/", "", 0);
	tar_add_data(&f->bytes, 'Z', "unknown", slice_of("3"));
	tar_add_end(&f->bytes);
	assert_listing(f, "d d/\nf d/a hello\nh h -> d/a\nl s -> /d/a\nc c\nb b\np p\n"
			  "f contiguous 1\nf old 2\nd old-directory/\nf unknown 3\n");
	assert_true(f->has_end);
}

static void name_has_a_prefix_only_with_ustars_magic(void **state)
{
	struct fixture *f = *state;
	size_t at;

	at = tar_add_file(&f->bytes, "a", "");
	memcpy(f->bytes.data + at + 345, "p/q", 3);
	tar_seal(&f->bytes, at);
	at = tar_add_file(&f->bytes, "b", "");
	memcpy(f->bytes.data + at + 257,
		"ustar  \0"
		"00000000000",
		8);
	memcpy(f->bytes.data + at + 345, "00000000012\0", 12);
	tar_seal(&f->bytes, at);
	at = tar_add_file(&f->bytes, "c", "");
	memset(f->bytes.data + at + 257, 0, 8);
	memcpy(f->bytes.data + at + 345, "p/q", 3);
	tar_seal(&f->bytes, at);
	tar_add_end(&f->bytes);
	assert_listing(f, "f p/q/a \nf b \nf c \n");
	strbuf_reset(&f->bytes);
	at = tar_add_file(&f->bytes, "d", "");
	memcpy(f->bytes.data + at + 257, "ustar  ", 8);
	memcpy(f->bytes.data + at + 345, "p/q", 3);
	tar_seal(&f->bytes, at);
	assert_refused(f, "a time that is no number");
}

static void long_names_of_pax_and_gnu_are_read(void **state)
{
	struct fixture *f = *state;
	CLEANUP_STRBUF struct strbuf expected = STRBUF_INIT;
	char name[301];

	memset(name, 'n', sizeof(name) - 1);
	name[sizeof(name) - 1] = '\0';
	tar_add_pax(&f->bytes, 'x', "path", name);
	tar_add_file(&f->bytes, "short", "1");
	tar_add_pax(&f->bytes, 'x', "linkpath", name);
	tar_add_link(&f->bytes, '2', "s", "short");
	tar_add_data(&f->bytes, 'L', "././@LongLink", (struct slice){name, sizeof(name)});
	tar_add_data(&f->bytes, 'K', "././@LongLink", (struct slice){name, sizeof(name)});
	tar_add_link(&f->bytes, '1', "short", "short");
	tar_add_file(&f->bytes, "next", "2");
	tar_add_end(&f->bytes);
	strbuf_addf(&expected, "f %s 1\nl s -> %s\nh %s -> %s\nf next 2\n", name, name, name, name);
	assert_listing(f, strbuf_text(&expected));
}

static void pax_records_rule_size_and_an_empty_one_takes_back(void **state)
{
	CLEANUP_STRBUF struct strbuf records = STRBUF_INIT;
	struct fixture *f = *state;

	pax_add(&records, "path", "dropped");
	pax_add(&records, "size", "5");
	pax_add(&records, "comment", "a=b\nc");
	pax_add(&records, "path", "");
	tar_add_data(&f->bytes, 'x', "pax", strbuf_slice(&records));
	tar_add_header(&f->bytes, '0', "kept", "", 0);
	strbuf_add_text(&f->bytes, "hello");
	tar_pad(&f->bytes);
	tar_add_pax(&f->bytes, 'g', "comment", "0123456789012345678901234567890123456789");
	tar_add_file(&f->bytes, "next", "2");
	tar_add_end(&f->bytes);
	assert_listing(f, "f kept hello\nf next 2\n");
}

static void owners_and_capabilities_are_those_of_pax_records(void **state)
{
	CLEANUP_STRBUF struct strbuf records = STRBUF_INIT, all = STRBUF_INIT;
	struct image_limits limits = IMAGE_LIMITS_DEFAULT;
	struct blob_budget budget = {limits.bytes_max};
	CLEANUP_BLOB struct blob *blob = NULL;
	CLEANUP_TAR struct tar *tar = NULL;
	CLEANUP_FD int fd = -1;
	struct blob_range range;
	struct tar_member m;
	struct image_error e;

	(void)state;
	tar_add_pax(&all, 'g', "gid", "7");
	pax_add(&records, "uid", "65532");
	strbuf_add(&records, "41 SCHILY.xattr.security.capability=\1\0\0\2\n", 41);
	tar_add_data(&all, 'x', "pax", strbuf_slice(&records));
	memcpy(all.data + tar_add_file(&all, "a", "") + 100, "0006755", 7);
	tar_seal(&all, all.len - BLOCK);
	tar_add_file(&all, "b", "");
	fd = file_of(strbuf_slice(&all));
	range = (struct blob_range){fd, 0, all.len};
	assert_int_equal(blob_open(&range, &limits, &budget, &e, &blob), 0);
	assert_int_equal(tar_open(blob, &limits, &e, &tar), 0);
	assert_int_equal(tar_next(tar, &m), 1);
	assert_int_equal(m.uid, 65532);
	assert_int_equal(m.gid, 7);
	assert_int_equal(m.mode, 06755);
	assert_slice_is(m.capability, SLICE("\1\0\0\2"));
	assert_int_equal(tar_next(tar, &m), 1);
	assert_int_equal(m.uid, 0);
	assert_int_equal(m.gid, 7);
	assert_int_equal(m.capability.len, 0);
	assert_int_equal(tar_next(tar, &m), 0);
	assert_false(tar_has_end(tar));
}

/* "ab" at 2 and "c" at 6 of 9 bytes. */
#define SPARSE_EXPECTED "f s \0\0ab\0\0c\0\0\nf next 2\n"

static void assert_sparse(struct fixture *f)
{
	tar_add_file(&f->bytes, "next", "2");
	tar_add_end(&f->bytes);
	if (list(f, strbuf_slice(&f->bytes), true) < 0)
		fail_msg("%s", f->e.message);
	assert_slice_is(strbuf_slice(&f->listing), SLICE(SPARSE_EXPECTED));
	assert_int_equal(list(f, strbuf_slice(&f->bytes), false), 0);
	strbuf_reset(&f->bytes);
}

static void sparse_files_of_pax_are_read(void **state)
{
	CLEANUP_STRBUF struct strbuf records = STRBUF_INIT, data = STRBUF_INIT;
	struct fixture *f = *state;

	pax_add(&records, "GNU.sparse.size", "9");
	pax_add(&records, "GNU.sparse.numblocks", "2");
	pax_add(&records, "GNU.sparse.offset", "2");
	pax_add(&records, "GNU.sparse.numbytes", "2");
	pax_add(&records, "GNU.sparse.offset", "6");
	pax_add(&records, "GNU.sparse.numbytes", "1");
	tar_add_data(&f->bytes, 'x', "pax", strbuf_slice(&records));
	tar_add_file(&f->bytes, "s", "abc");
	assert_sparse(f);

	strbuf_reset(&records);
	pax_add(&records, "GNU.sparse.size", "9");
	pax_add(&records, "GNU.sparse.name", "s");
	pax_add(&records, "GNU.sparse.map", "2,2,6,1");
	tar_add_data(&f->bytes, 'x', "pax", strbuf_slice(&records));
	tar_add_file(&f->bytes, "GNUSparseFile.0/s", "abc");
	assert_sparse(f);

	strbuf_reset(&records);
	pax_add(&records, "GNU.sparse.major", "1");
	pax_add(&records, "GNU.sparse.minor", "0");
	pax_add(&records, "GNU.sparse.name", "s");
	pax_add(&records, "GNU.sparse.realsize", "9");
	tar_add_data(&f->bytes, 'x', "pax", strbuf_slice(&records));
	strbuf_add_text(&data, "2\n2\n2\n6\n1\n");
	tar_pad(&data);
	strbuf_add_text(&data, "abc");
	tar_add_data(&f->bytes, '0', "GNUSparseFile.0/s", strbuf_slice(&data));
	assert_sparse(f);
}

static void sparse_files_of_gnu_tar_are_read(void **state)
{
	struct fixture *f = *state;
	size_t at = tar_add_header(&f->bytes, 'S', "s", "", 3);

	memcpy(f->bytes.data + at + 386, "00000000002\00000000000002", 24);
	memcpy(f->bytes.data + at + 483, "00000000011", 12);
	f->bytes.data[at + 482] = 1;
	tar_seal(&f->bytes, at);
	at = f->bytes.len;
	strbuf_add_text(&f->bytes, "00000000006");
	strbuf_add(&f->bytes, "\00000000000001", 13);
	tar_pad(&f->bytes);
	strbuf_add_text(&f->bytes, "abc");
	tar_pad(&f->bytes);
	assert_sparse(f);
}

static void sparse_maps_that_do_not_fit_are_refused(void **state)
{
	static const char *const maps[] = {"2,2,6,2", "6,1,2,2", "2,2,3,1", "2,2,9,1",
		"9223372036854775807,3", "0,3,1,9223372036854775807"};
	struct fixture *f = *state;

	for (size_t i = 0; i < ARRAY_SIZE(maps); i++) {
		CLEANUP_STRBUF struct strbuf records = STRBUF_INIT;

		pax_add(&records, "GNU.sparse.size", "9");
		pax_add(&records, "GNU.sparse.map", maps[i]);
		tar_add_data(&f->bytes, 'x', "pax", strbuf_slice(&records));
		tar_add_file(&f->bytes, "s", "abc");
		assert_refused(f, "a sparse file whose map does not fit it");
		strbuf_reset(&f->bytes);
	}
}

static void holes_are_charged(void **state)
{
	CLEANUP_STRBUF struct strbuf records = STRBUF_INIT;
	struct fixture *f = *state;

	pax_add(&records, "GNU.sparse.size", "1000000000000000");
	pax_add(&records, "GNU.sparse.map", "0,1");
	tar_add_data(&f->bytes, 'x', "pax", strbuf_slice(&records));
	tar_add_file(&f->bytes, "s", "a");
	f->limits.bytes_max = 1 << 20;
	assert_refused(f, "more than 1048576 bytes, the limit bytes_max");
	f->limits.bytes_max = UINT64_MAX;
	f->limits.ratio_free_bytes = 1 << 20;
	assert_refused(f, "holes of more than 200 times its size, the limit ratio_max");
	f->limits.ratio_free_bytes = UINT64_MAX;
	f->limits.bytes_max = 1 << 21;
	assert_refused(f, "more than 2097152 bytes, the limit bytes_max");
}

/* What one reader takes for one file and another reader for another is refused. */
static void what_readers_disagree_about_is_refused(void **state)
{
	struct fixture *f = *state;
	size_t at;

	tar_add_pax(&f->bytes, 'g', "path", "everything");
	assert_refused(f, "a global header with a name or a size");
	strbuf_reset(&f->bytes);
	tar_add_pax(&f->bytes, 'x', "path", "one");
	tar_add_data(&f->bytes, 'L', "././@LongLink", SLICE("two\0"));
	tar_add_file(&f->bytes, "a", "");
	assert_refused(f, "two names for one member: two and one");
	strbuf_reset(&f->bytes);
	tar_add_file(&f->bytes, "a/", "data");
	assert_refused(f, "a file with the name of a directory");
	strbuf_reset(&f->bytes);
	at = tar_add_file(&f->bytes, "a", "");
	tar_pad(&f->bytes);
	strbuf_add(&f->bytes, (char[BLOCK]){0}, BLOCK);
	tar_add_file(&f->bytes, "b", "");
	assert_refused(f, "a block of zeros in the middle");
	f->bytes.data[at] = 'A';
	assert_refused(f, "no header: its checksum is wrong");
}

static void headers_that_lie_are_refused(void **state)
{
	static const struct {
		size_t at;
		const char *bytes;
		size_t size;
		const char *message;
	} cases[] = {
		{124, "00000000008", 11, "a size that is no number"},
		{124, "\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff", 12,
			"a size that is no number"},
		{124, "\x80\0\0\0\x7f\xff\xff\xff\xff\xff\xff\xff", 12, "a size beyond any file's"},
		{124, "00777777777", 11, "it ends within a file"},
		{100, "x", 1, "a mode that is no number"},
	};
	struct fixture *f = *state;

	tar_add_file(&f->bytes, "a", "data");
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		char before[BLOCK];

		memcpy(before, f->bytes.data, BLOCK);
		memcpy(f->bytes.data + cases[i].at, cases[i].bytes, cases[i].size);
		tar_seal(&f->bytes, 0);
		assert_refused(f, cases[i].message);
		memcpy(f->bytes.data, before, BLOCK);
	}
	assert_listing(f, "f a data\n");
}

static void malformed_pax_records_are_refused(void **state)
{
	static const struct {
		struct slice records;
		const char *message;
	} cases[] = {
		{SLICE("7 a=b\n"), "not \"LENGTH KEY=VALUE\""},
		{SLICE("6 a=b "), "not \"LENGTH KEY=VALUE\""},
		{SLICE("5 ab\n"), "not \"LENGTH KEY=VALUE\""},
		{SLICE("5 =b\n"), "not \"LENGTH KEY=VALUE\""},
		{SLICE("2 a=b\n"), "not \"LENGTH KEY=VALUE\""},
		{SLICE("99999999999999999999 a=b\n"), "not \"LENGTH KEY=VALUE\""},
		{SLICE("-6 a=b\n"), "not \"LENGTH KEY=VALUE\""},
		{SLICE("12 path=a\0b\n"), "a NUL in a name"},
		{SLICE("11 size=-1\n"), "a number that is none"},
		{SLICE("22 GNU.sparse.map=1,2,\n"), "not \"LENGTH KEY=VALUE\""},
		{SLICE("22 GNU.sparse.map=1,2\n24 GNU.sparse.offset=1\n"),
			"not \"LENGTH KEY=VALUE\""},
		{SLICE("20 GNU.sparse.map=1\n"), "a sparse map with an odd count"},
		{SLICE("23 GNU.sparse.offset=1\n"), "a sparse map with an odd count"},
		{SLICE("25 GNU.sparse.numbytes=1\n"), "a sparse map that is none"},
	};
	struct fixture *f = *state;

	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		tar_add_data(&f->bytes, 'x', "pax", cases[i].records);
		tar_add_file(&f->bytes, "a", "");
		assert_refused(f, cases[i].message);
		strbuf_reset(&f->bytes);
	}
	tar_add_pax(&f->bytes, 'x', "SCHILY.xattr.trusted.overlay.redirect", "/hidden");
	tar_add_directory(&f->bytes, "a");
	assert_refused(f, "an attribute by which overlayfs would show another file");
	strbuf_reset(&f->bytes);
	tar_add_pax(&f->bytes, 'x', "comment", "");
	assert_refused(f, "an extended header without a member");
}

static void limits_name_themselves(void **state)
{
	struct fixture *f = *state;

	f->limits.members_max = 2;
	tar_add_file(&f->bytes, "a", "");
	tar_add_file(&f->bytes, "b", "");
	assert_listing(f, "f a \nf b \n");
	tar_add_file(&f->bytes, "c", "");
	assert_refused(f, "tar: more than 2 members, the limit members_max");
	f->limits = IMAGE_LIMITS_DEFAULT;
	f->limits.name_max = 3;
	strbuf_reset(&f->bytes);
	tar_add_link(&f->bytes, '2', "a", "1234");
	assert_refused(f, "a name of more than 3 bytes, the limit name_max: 1234...");
	strbuf_reset(&f->bytes);
	tar_add_header(&f->bytes, 'x', "pax", "", (1 << 20) + 1);
	assert_refused(f, "an extended header of more than 1 MiB");
}

/* Cut at every byte: an error, but between members, where it has no end then. */
static void truncated_archive_is_seen(void **state)
{
	struct fixture *f = *state;

	tar_add_file(&f->bytes, "a", "hello");
	tar_add_pax(&f->bytes, 'x', "path", "b");
	tar_add_file(&f->bytes, "short", "hello");
	tar_add_end(&f->bytes);
	for (size_t len = 0; len < f->bytes.len; len++) {
		bool is_between = len == 0 || len == 2 * BLOCK || len == 6 * BLOCK ||
				  len == 7 * BLOCK;
		int r = list(f, (struct slice){f->bytes.data, len}, len % 2);

		if (r != (is_between ? 0 : -EBADMSG) || f->has_end)
			fail_msg("at %zu: %d, %s", len, r, f->has_end ? "end" : "no end");
	}
}

/*
 * Archives of other writers, with what is odd in them: test data of Go's archive/tar. Those that
 * its own tests (reader_test.go) expect to fail are refused here, too; the reasons of others are
 * given.
 */
#define TESTDATA "/usr/share/gocode/src/github.com/vbatts/tar-split/archive/tar/testdata/"

static const char *const refused[] = {
	"issue10968.tar", "issue11169.tar", "issue12435.tar", "neg-size.tar",
	"pax-bad-hdr-file.tar", "pax-nul-path.tar", "pax-path-hdr.tar",
	"gnu-incremental.tar", /* a directory with data, which engines refuse */
	"invalid-go17.tar", /* a name that only Go sees */
	"pax-global-records.tar", /* names that Go does not see */
	"writer-big.tar", "writer-big-long.tar", /* 16 GiB that are not there */
};
static const char *const taken[] = {"file-and-dir.tar", "gnu-long-nul.tar", "gnu-multi-hdrs.tar",
	"gnu-nil-sparse-data.tar", "gnu-nil-sparse-hole.tar", "gnu-not-utf8.tar",
	"gnu-sparse-big.tar", "gnu-utf8.tar", "gnu.tar", "hardlink.tar", "hdr-only.tar",
	"nil-uid.tar", "pax-bad-mtime-file.tar", "pax-multi-hdrs.tar", "pax-nil-sparse-data.tar",
	"pax-nil-sparse-hole.tar", "pax-nul-xattrs.tar", "pax-pos-size-file.tar", "pax-records.tar",
	"pax-sparse-big.tar", "pax.tar", "sparse-formats.tar", "star.tar", "trailing-slash.tar",
	"ustar-file-devs.tar", "ustar-file-reg.tar", "ustar.tar", "v7.tar", "writer.tar",
	"xattrs.tar"};

/* False when this version of the package has no such archive. */
static bool read_other(struct fixture *f, const char *name, int expected)
{
	CLEANUP_FREE char *data = NULL;
	char path[256];
	size_t size;
	int r;

	snprintf(path, sizeof(path), TESTDATA "%s", name);
	if (read_file_at(AT_FDCWD, path, 8 << 20, &data, &size) < 0)
		return false;
	/* the two big ones have 60 GB of holes */
	r = list(f, (struct slice){data, size}, !strstr(name, "sparse-big"));
	if (r != expected)
		fail_msg("%s: %d, %s", name, r, f->e.message);
	return true;
}

static void archives_of_others_are_read_as_go_reads_them(void **state)
{
	size_t count = 0;

	if (access(TESTDATA, F_OK) != 0) {
		print_message("golang-github-vbatts-tar-split-dev is not installed\n");
		skip();
	}
	for (size_t i = 0; i < ARRAY_SIZE(refused); i++)
		count += read_other(*state, refused[i], -EBADMSG);
	for (size_t i = 0; i < ARRAY_SIZE(taken); i++)
		count += read_other(*state, taken[i], 0);
	assert_true(count > 30);
}

/* GNU tar wrote the same file in its four ways. */
static void sparse_forms_of_gnu_tar_give_the_same_file(void **state)
{
	struct fixture *f = *state;
	CLEANUP_FREE char *data = NULL;
	struct slice files[4], rest;
	size_t size;

	if (read_file_at(AT_FDCWD, TESTDATA "sparse-formats.tar", 8 << 20, &data, &size) < 0)
		skip();
	assert_int_equal(list(f, (struct slice){data, size}, true), 0);
	rest = strbuf_slice(&f->listing);
	for (size_t i = 0; i < ARRAY_SIZE(files); i++) {
		const char *start = strstr(rest.data, i == 0 ? "gnu " : "posix-"), *end;

		assert_non_null(start);
		start += i == 0 ? 4 : strlen("posix-0.0 ");
		end = memchr(start, '\n', rest.data + rest.len - start);
		files[i] = (struct slice){start, end - start};
		rest = (struct slice){end, rest.data + rest.len - end};
	}
	assert_true(files[0].len > 100);
	for (size_t i = 1; i < ARRAY_SIZE(files); i++)
		assert_true(slice_equal(files[0], files[i]));
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(all_types_are_read),
		TEST(name_has_a_prefix_only_with_ustars_magic),
		TEST(long_names_of_pax_and_gnu_are_read),
		TEST(pax_records_rule_size_and_an_empty_one_takes_back),
		TEST(owners_and_capabilities_are_those_of_pax_records),
		TEST(sparse_files_of_pax_are_read),
		TEST(sparse_files_of_gnu_tar_are_read),
		TEST(sparse_maps_that_do_not_fit_are_refused),
		TEST(holes_are_charged),
		TEST(what_readers_disagree_about_is_refused),
		TEST(headers_that_lie_are_refused),
		TEST(malformed_pax_records_are_refused),
		TEST(limits_name_themselves),
		TEST(truncated_archive_is_seen),
		TEST(archives_of_others_are_read_as_go_reads_them),
		TEST(sparse_forms_of_gnu_tar_give_the_same_file),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
