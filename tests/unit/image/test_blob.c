/* SPDX-License-Identifier: Apache-2.0 */
/* Claims about agent/image/blob.c and what it decompresses with. */
#include "image/bytes_fixture.h"

#include <errno.h>

static struct image_limits limits;
static struct blob_budget budget;
static struct image_error e;

static int set_limits(void **state)
{
	(void)state;
	limits = IMAGE_LIMITS_DEFAULT;
	budget.bytes_left = limits.bytes_max;
	e = (struct image_error){0};
	return 0;
}

static struct blob *open_range(int fd, uint64_t offset, uint64_t size)
{
	struct blob_range range = {fd, offset, size};
	struct blob *blob = NULL;

	assert_int_equal(blob_open(&range, &limits, &budget, &e, &blob), 0);
	return blob;
}

/* Reads all of BYTES, in parts of STEP, into TEXT. 0, or what went wrong. */
static int read_all(struct slice bytes, size_t step, struct strbuf *text)
{
	CLEANUP_FD int fd = file_of(bytes);
	CLEANUP_BLOB struct blob *blob = open_range(fd, 0, bytes.len);
	char part[4096];
	ssize_t n;

	strbuf_reset(text);
	while ((n = blob_read(blob, part, step)) > 0)
		strbuf_add(text, part, n);
	return n;
}

/* 200 KB that do not compress to nothing. */
static void make_text(struct strbuf *text)
{
	for (unsigned i = 0; text->len < 200000; i++)
		strbuf_addf(text, "%u %x\n", i, i * 2654435761u);
}

static void stream_of_several_members_is_read_whole(void **state)
{
	static const size_t steps[] = {1, 511, 4096};
	CLEANUP_STRBUF struct strbuf text = STRBUF_INIT, out = STRBUF_INIT;
	struct strbuf packed[3] = {0};

	(void)state;
	make_text(&text);
	strbuf_add_slice(&packed[0], strbuf_slice(&text));
	for (size_t at = 0; at < text.len; at += 50000) {
		struct slice part = {text.data + at, text.len - at < 50000 ? text.len - at : 50000};

		add_gzip(&packed[1], part);
		add_gzip(&packed[1], slice_of(""));
		add_zstd(&packed[2], part);
		strbuf_add(&packed[2], "\x5f\x2a\x4d\x18\x03\0\0\0abc", 11);
	}
	strbuf_add(&packed[1], "\0\0\0", 3);
	for (size_t i = 0; i < ARRAY_SIZE(packed); i++) {
		for (size_t k = 0; k < ARRAY_SIZE(steps); k++) {
			assert_int_equal(read_all(strbuf_slice(&packed[i]), steps[k], &out), 0);
			assert_int_equal(out.len, text.len);
			assert_memory_equal(out.data, text.data, text.len);
		}
		strbuf_done(&packed[i]);
	}
}

static void digests_are_of_what_goes_in_and_of_what_comes_out(void **state)
{
	CLEANUP_STRBUF struct strbuf packed = STRBUF_INIT;
	unsigned char in[SHA256_SIZE], out[SHA256_SIZE], wanted[SHA256_SIZE];
	bool has_more;

	(void)state;
	strbuf_add_text(&packed, "before");
	add_gzip(&packed, slice_of("hello"));
	strbuf_add_text(&packed, "behind");

	CLEANUP_FD int fd = file_of(strbuf_slice(&packed));
	CLEANUP_BLOB struct blob *blob = open_range(fd, 6, packed.len - 12);

	assert_int_equal(blob_compression(blob), BLOB_GZIP);
	assert_int_equal(blob_finish(blob, &has_more, in, out), 0);
	assert_true(has_more);
	digest_of((struct slice){packed.data + 6, packed.len - 12}, wanted);
	assert_memory_equal(in, wanted, SHA256_SIZE);
	digest_of(slice_of("hello"), wanted);
	assert_memory_equal(out, wanted, SHA256_SIZE);
}

static void raw_blob_has_one_digest_and_zeros_are_nothing_more(void **state)
{
	CLEANUP_FD int fd = file_of(SLICE("x\0\0\0"));
	CLEANUP_BLOB struct blob *blob = open_range(fd, 0, 4);
	unsigned char in[SHA256_SIZE], out[SHA256_SIZE], wanted[SHA256_SIZE];
	bool has_more;
	char c;

	(void)state;
	assert_int_equal(blob_read(blob, &c, 1), 1);
	assert_int_equal(blob_finish(blob, &has_more, in, out), 0);
	assert_false(has_more);
	digest_of(SLICE("x\0\0\0"), wanted);
	assert_memory_equal(in, wanted, SHA256_SIZE);
	assert_memory_equal(out, wanted, SHA256_SIZE);
}

/* Every length but the whole. */
static void truncated_stream_is_an_error(void **state)
{
	CLEANUP_STRBUF struct strbuf text = STRBUF_INIT, gzip = STRBUF_INIT, zstd = STRBUF_INIT,
				     out = STRBUF_INIT;

	(void)state;
	for (unsigned i = 0; i < 300; i++)
		strbuf_addf(&text, "%x", i * 2654435761u);
	add_gzip(&gzip, strbuf_slice(&text));
	add_zstd(&zstd, strbuf_slice(&text));
	for (size_t len = 6; len < gzip.len; len++) {
		assert_int_equal(read_all((struct slice){gzip.data, len}, 4096, &out), -EBADMSG);
		assert_string_equal(e.message, "gzip: it ends too soon");
	}
	for (size_t len = 6; len < zstd.len; len++) {
		assert_int_equal(read_all((struct slice){zstd.data, len}, 4096, &out), -EBADMSG);
		assert_string_equal(e.message, "zstd: it ends too soon");
	}
	assert_int_equal(e.kind, IMAGE_UNREADABLE);
}

static void flipped_bit_and_what_follows_the_last_member_are_errors(void **state)
{
	CLEANUP_STRBUF struct strbuf gzip = STRBUF_INIT, out = STRBUF_INIT;

	(void)state;
	add_gzip(&gzip, slice_of("some text, some text"));
	gzip.data[gzip.len - 6] ^= 1;
	assert_int_equal(read_all(strbuf_slice(&gzip), 4096, &out), -EBADMSG);
	assert_string_equal(e.message, "gzip: incorrect data check");
	gzip.data[gzip.len - 6] ^= 1;
	strbuf_add(&gzip, "\0x", 2);
	assert_int_equal(read_all(strbuf_slice(&gzip), 4096, &out), -EBADMSG);
	assert_string_equal(e.message, "gzip: something else follows its last member");
}

static void file_shorter_than_its_blob_is_an_error(void **state)
{
	CLEANUP_FD int fd = file_of(slice_of("0123456789"));
	CLEANUP_BLOB struct blob *blob = open_range(fd, 4, 10);
	char data[16];

	(void)state;
	assert_int_equal(blob_read(blob, data, sizeof(data)), -EBADMSG);
	assert_string_equal(e.message, "ends after 6 of 10 bytes");
}

static void what_is_not_read_makes_an_image_incomplete(void **state)
{
	static const struct {
		struct slice bytes;
		const char *message;
	} cases[] = {
		{SLICE("BZh91AY"), "compressed with bzip2, which is not read"},
		{SLICE("\xfd"
		       "7zXZ\0\0"),
			"compressed with xz, which is not read"},
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		CLEANUP_FD int fd = file_of(cases[i].bytes);
		struct blob_range range = {fd, 0, cases[i].bytes.len};
		struct blob *blob = NULL;

		assert_int_equal(blob_open(&range, &limits, &budget, &e, &blob), -EBADMSG);
		assert_null(blob);
		assert_int_equal(e.kind, IMAGE_INCOMPLETE);
		assert_string_equal(e.message, cases[i].message);
	}
}

static void limits_name_themselves(void **state)
{
	CLEANUP_STRBUF struct strbuf zeros = STRBUF_INIT, gzip = STRBUF_INIT, zstd = STRBUF_INIT,
				     out = STRBUF_INIT;

	(void)state;
	assert_true(strbuf_reserve(&zeros, 1 << 20));
	memset(zeros.data, 0, 1 << 20);
	zeros.len = 1 << 20;
	add_gzip(&gzip, strbuf_slice(&zeros));
	add_zstd(&zstd, strbuf_slice(&zeros));
	limits.ratio_free_bytes = 65536;
	assert_int_equal(read_all(strbuf_slice(&gzip), 4096, &out), -EBADMSG);
	assert_string_equal(
		e.message, "decompresses to more than 200 times its size, the limit ratio_max");
	limits.ratio_max = 1100; /* deflate reaches 1032 */
	assert_int_equal(read_all(strbuf_slice(&gzip), 4096, &out), 0);
	assert_int_equal(read_all(strbuf_slice(&zstd), 4096, &out), -EBADMSG);
	limits.bytes_max = budget.bytes_left = 1 << 19;
	limits.ratio_max = UINT32_MAX;
	assert_int_equal(read_all(strbuf_slice(&zstd), 4096, &out), -EBADMSG);
	assert_string_equal(e.message, "more than 524288 bytes, the limit bytes_max");
	assert_int_equal(out.len, 1 << 19);
}

/* A frame header that asks for a window of 2 GiB (RFC 8878, 3.1.1.1.2). */
static void zstd_window_is_limited(void **state)
{
	CLEANUP_STRBUF struct strbuf out = STRBUF_INIT;

	(void)state;
	assert_int_equal(
		read_all(SLICE("\x28\xb5\x2f\xfd\x00\xa8\x01\x00\x00"), 4096, &out), -EBADMSG);
	assert_string_equal(e.message, "zstd: its window is beyond the limit window_log_max");
}

static void skipping_leads_to_the_same_place(void **state)
{
	CLEANUP_STRBUF struct strbuf text = STRBUF_INIT, gzip = STRBUF_INIT;
	const struct strbuf *both[] = {&text, &text, &gzip, &gzip};

	(void)state;
	make_text(&text);
	add_gzip(&gzip, strbuf_slice(&text));
	for (size_t i = 0; i < ARRAY_SIZE(both); i++) {
		CLEANUP_FD int fd = file_of(strbuf_slice(both[i]));
		CLEANUP_BLOB struct blob *blob = open_range(fd, 0, both[i]->len);
		char data[8];

		if (i % 2)
			blob_give_up_digests(blob);
		assert_int_equal(blob_skip(blob, 123456), 0);
		assert_int_equal(blob_position(blob), 123456);
		assert_int_equal(blob_read(blob, data, sizeof(data)), sizeof(data));
		assert_memory_equal(data, text.data + 123456, sizeof(data));
		assert_int_equal(blob_skip(blob, UINT64_MAX), 0);
		assert_int_equal(blob_position(blob), text.len);
		assert_int_equal(blob_read(blob, data, sizeof(data)), 0);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup(stream_of_several_members_is_read_whole, set_limits),
		cmocka_unit_test_setup(
			digests_are_of_what_goes_in_and_of_what_comes_out, set_limits),
		cmocka_unit_test_setup(
			raw_blob_has_one_digest_and_zeros_are_nothing_more, set_limits),
		cmocka_unit_test_setup(truncated_stream_is_an_error, set_limits),
		cmocka_unit_test_setup(
			flipped_bit_and_what_follows_the_last_member_are_errors, set_limits),
		cmocka_unit_test_setup(file_shorter_than_its_blob_is_an_error, set_limits),
		cmocka_unit_test_setup(what_is_not_read_makes_an_image_incomplete, set_limits),
		cmocka_unit_test_setup(limits_name_themselves, set_limits),
		cmocka_unit_test_setup(zstd_window_is_limited, set_limits),
		cmocka_unit_test_setup(skipping_leads_to_the_same_place, set_limits),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
