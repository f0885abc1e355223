/* SPDX-License-Identifier: Apache-2.0 */
/* Claims about agent/image/stream.c: threads make no difference but in time. */
#include "image/bytes_fixture.h"

#include <errno.h>

#include "image/stream.h"

#define TEXT_BYTES (3u << 20)

/* What a stream gave. */
struct result {
	int end;
	uint64_t bytes;
	unsigned parts;
	char message[512];
	unsigned char digest[SHA256_SIZE], diff_id[SHA256_SIZE], seen[SHA256_SIZE];
};

static void read_all(struct stream *stream, struct result *ret)
{
	CLEANUP_SHA256 struct sha256 sha256 = SHA256_INIT;
	struct image_error e = {0};
	struct slice part;

	memset(ret, 0, sizeof(*ret));
	assert_int_equal(sha256_init(&sha256), 0);
	while ((ret->end = stream_next(stream, &e, &part)) > 0) {
		assert_int_equal(sha256_add(&sha256, part.data, part.len), 0);
		ret->bytes += part.len;
		ret->parts++;
	}
	assert_int_equal(sha256_end(&sha256, ret->seen), 0);
	if (ret->end == 0)
		assert_int_equal(stream_digests(stream, &e, ret->digest, ret->diff_id), 0);
	else /* it stays with it */
		assert_int_equal(stream_next(stream, &e, &part), ret->end);
	memcpy(ret->message, e.message, sizeof(ret->message));
}

static struct result read_with(struct slice bytes, const struct image_limits *limits, bool threads)
{
	CLEANUP_FD int fd = file_of(bytes);
	struct blob_range range = {fd, 0, bytes.len};
	struct image_error e = {0};
	struct stream *stream;
	struct result result;

	assert_int_equal(stream_open(&range, limits, &e, &stream), 0);
	if (threads)
		stream_start_threads(stream);
	read_all(stream, &result);
	stream_free(stream);
	return result;
}

/* Reads it both ways, which have to be equal in all. */
static struct result read_both(struct slice bytes, const struct image_limits *limits)
{
	struct result alone = read_with(bytes, limits, false),
		      with = read_with(bytes, limits, true);

	assert_int_equal(alone.end, with.end);
	assert_string_equal(alone.message, with.message);
	assert_memory_equal(&alone, &with, sizeof(with));
	return alone;
}

static void make_text(struct strbuf *out)
{
	unsigned number = 1;

	while (out->len < TEXT_BYTES) {
		number = number * 1103515245 + 12345;
		strbuf_addf(out, "%u,", number >> 24);
	}
}

static void (*const packs[])(struct strbuf *out, struct slice text) = {
	strbuf_add_slice, add_gzip, add_zstd};

static void bytes_and_digests_are_the_same_with_threads(void **state)
{
	const struct image_limits limits = IMAGE_LIMITS_DEFAULT;
	CLEANUP_STRBUF struct strbuf text = STRBUF_INIT;
	unsigned char digest[SHA256_SIZE], diff_id[SHA256_SIZE];

	(void)state;
	make_text(&text);
	digest_of(strbuf_slice(&text), diff_id);
	for (size_t i = 0; i < ARRAY_SIZE(packs); i++) {
		CLEANUP_STRBUF struct strbuf packed = STRBUF_INIT;
		struct result result;

		packs[i](&packed, strbuf_slice(&text));
		digest_of(strbuf_slice(&packed), digest);
		result = read_both(strbuf_slice(&packed), &limits);
		assert_int_equal(result.end, 0);
		assert_int_equal(result.bytes, text.len);
		assert_memory_equal(result.seen, diff_id, SHA256_SIZE);
		assert_memory_equal(result.diff_id, diff_id, SHA256_SIZE);
		assert_memory_equal(result.digest, digest, SHA256_SIZE);
	}
}

static void errors_are_the_same_with_threads(void **state)
{
	const struct image_limits limits = IMAGE_LIMITS_DEFAULT;
	struct image_limits low = limits;
	CLEANUP_STRBUF struct strbuf text = STRBUF_INIT;

	(void)state;
	make_text(&text);
	low.ratio_max = 2;
	low.ratio_free_bytes = 1 << 20;
	for (size_t i = 1; i < ARRAY_SIZE(packs); i++) {
		CLEANUP_STRBUF struct strbuf packed = STRBUF_INIT;

		packs[i](&packed, strbuf_slice(&text));
		for (size_t cut = 1; cut < packed.len; cut += packed.len / 7)
			assert_true(
				read_both((struct slice){packed.data, packed.len - cut}, &limits)
					.end < 0);
		assert_non_null(strstr(
			read_both(strbuf_slice(&packed), &low).message, "the limit ratio_max"));
		packed.data[packed.len / 2] ^= 1;
		/* zstd has no checksum here, and may take it for other text: the same both ways */
		assert_true(
			read_both(strbuf_slice(&packed), &limits).end < 0 || packs[i] == add_zstd);
	}
}

/* What a file lacks is noticed where it ends. */
static void range_beyond_the_file_is_an_error(void **state)
{
	const struct image_limits limits = IMAGE_LIMITS_DEFAULT;
	CLEANUP_STRBUF struct strbuf text = STRBUF_INIT;
	CLEANUP_FD int fd = -1;
	struct blob_range range;
	struct image_error e;

	(void)state;
	make_text(&text);
	fd = file_of(strbuf_slice(&text));
	range = (struct blob_range){fd, 0, text.len + 1};
	for (int threads = 0; threads < 2; threads++) {
		struct stream *stream;
		struct result result;

		assert_int_equal(stream_open(&range, &limits, &e, &stream), 0);
		if (threads)
			stream_start_threads(stream);
		read_all(stream, &result);
		stream_free(stream);
		assert_int_equal(result.end, -EBADMSG);
		assert_non_null(strstr(result.message, "ends after "));
	}
}

static void stream_may_be_left_at_any_part(void **state)
{
	const struct image_limits limits = IMAGE_LIMITS_DEFAULT;
	CLEANUP_STRBUF struct strbuf text = STRBUF_INIT, packed = STRBUF_INIT;
	CLEANUP_FD int fd = -1;
	struct blob_range range;
	struct image_error e;

	(void)state;
	make_text(&text);
	add_gzip(&packed, strbuf_slice(&text));
	fd = file_of(strbuf_slice(&packed));
	range = (struct blob_range){fd, 0, packed.len};
	for (unsigned parts = 0; parts < 2 * RING_PARTS; parts++) {
		struct stream *stream;
		struct slice part;

		assert_int_equal(stream_open(&range, &limits, &e, &stream), 0);
		stream_start_threads(stream);
		for (unsigned i = 0; i < parts; i++)
			assert_int_equal(stream_next(stream, &e, &part), 1);
		stream_free(stream);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(bytes_and_digests_are_the_same_with_threads),
		cmocka_unit_test(errors_are_the_same_with_threads),
		cmocka_unit_test(range_beyond_the_file_is_an_error),
		cmocka_unit_test(stream_may_be_left_at_any_part),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
