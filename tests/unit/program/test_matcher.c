/* SPDX-License-Identifier: Apache-2.0 */
/* Claims about agent/program/matcher.c. */
#include "asserts.h"

#include <errno.h>

#include "program/matcher.h"

#define CLEANUP_MATCHER CLEANUP(matcher_cleanup)

/* A compiled matcher of the COUNT PATTERNS, whose numbers are their places. */
static struct matcher *matcher_of(const struct slice *patterns, size_t count)
{
	struct matcher *m = matcher_new();

	for (size_t i = 0; i < count; i++)
		assert_int_equal(matcher_add(m, patterns[i]), i);
	assert_int_equal(matcher_compile(m), 0);
	return m;
}

static void patterns_inside_and_behind_each_other_are_all_found(void **state)
{
	static const struct slice patterns[] = {SLICE("ushers"), SLICE("sher"), SLICE("hers"),
		SLICE("herself"), SLICE("usher"), SLICE("xxxx")};
	CLEANUP_MATCHER struct matcher *m = matcher_of(patterns, ARRAY_SIZE(patterns));
	struct matcher_scan scan = {0};

	(void)state;
	matcher_feed(m, &scan, "the ushers", 10);
	assert_true(matcher_scan_has(&scan, 0));
	assert_true(matcher_scan_has(&scan, 1));
	assert_true(matcher_scan_has(&scan, 2));
	assert_false(matcher_scan_has(&scan, 3));
	assert_true(matcher_scan_has(&scan, 4));
	assert_false(matcher_scan_has(&scan, 5));
	assert_false(matcher_scan_has(&scan, MATCHER_PATTERNS_MAX));
}

static void any_byte_may_be_in_a_pattern(void **state)
{
	static const struct slice patterns[] = {
		SLICE("\0sh\0"), SLICE("\xff\xff\xff\xfe"), SLICE("\0\0\0a")};
	CLEANUP_MATCHER struct matcher *m = matcher_of(patterns, ARRAY_SIZE(patterns));
	struct matcher_scan scan = {0}, other = {0};

	(void)state;
	matcher_feed(m, &scan, "ash\0sh\0\xff\xff\xff\xff\xfe", 12);
	assert_int_equal(scan.seen[0], 3);
	matcher_feed(m, &other, "\0\0\0\0\0a", 6);
	assert_int_equal(other.seen[0], 4);
}

static void equal_patterns_have_one_number(void **state)
{
	CLEANUP_MATCHER struct matcher *m = matcher_new();

	(void)state;
	assert_int_equal(matcher_add(m, SLICE("abcde")), 0);
	assert_int_equal(matcher_add(m, SLICE("abcd")), 1);
	assert_int_equal(matcher_add(m, SLICE("abcde")), 0);
	assert_int_equal(matcher_add(m, SLICE("abcdef")), 2);
}

static void pattern_that_is_too_short_is_refused(void **state)
{
	CLEANUP_MATCHER struct matcher *m = matcher_new();

	(void)state;
	assert_int_equal(matcher_add(m, SLICE("")), -EINVAL);
	assert_int_equal(matcher_add(m, SLICE("abc")), -EINVAL);
}

static void more_patterns_than_there_is_room_for_are_refused(void **state)
{
	CLEANUP_MATCHER struct matcher *m = matcher_new();
	char text[8];

	(void)state;
	for (int i = 0; i < MATCHER_PATTERNS_MAX; i++) {
		snprintf(text, sizeof(text), "%04d", i);
		assert_int_equal(matcher_add(m, slice_of(text)), i);
	}
	assert_int_equal(matcher_add(m, SLICE("one more")), -E2BIG);
	assert_int_equal(matcher_add(m, SLICE("0007")), 7);
}

static void more_bytes_than_there_are_states_are_refused(void **state)
{
	CLEANUP_MATCHER struct matcher *m = matcher_new();
	CLEANUP_FREE char *text = calloc(1, MATCHER_STATES_MAX + 1);
	struct slice most = {text, MATCHER_STATES_MAX - 1}; /* the root is a state, too */
	struct matcher_scan scan = {0};

	(void)state;
	memset(text, 'a', MATCHER_STATES_MAX);
	assert_int_equal(matcher_add(m, (struct slice){text, MATCHER_STATES_MAX}), -E2BIG);
	assert_int_equal(matcher_add(m, most), 0);
	assert_int_equal(matcher_add(m, SLICE("b...")), -E2BIG);
	assert_int_equal(matcher_compile(m), 0);
	matcher_feed(m, &scan, text, most.len - 1);
	assert_int_equal(scan.seen[0], 0);
	matcher_feed(m, &scan, text, 1);
	assert_int_equal(scan.seen[0], 1);
}

static void matcher_without_patterns_finds_nothing(void **state)
{
	CLEANUP_MATCHER struct matcher *m = matcher_of(NULL, 0);
	struct matcher_scan scan = {0};

	(void)state;
	matcher_feed(m, &scan, "anything", 8);
	matcher_feed(m, &scan, NULL, 0);
	for (size_t i = 0; i < ARRAY_SIZE(scan.seen); i++)
		assert_int_equal(scan.seen[i], 0);
}

#define RANDOM_ROUNDS   400
#define RANDOM_PATTERNS 60
#define RANDOM_TEXT     600

struct random_case {
	char bytes[RANDOM_PATTERNS][16];
	struct slice patterns[RANDOM_PATTERNS];
	int numbers[RANDOM_PATTERNS];
	char text[RANDOM_TEXT];
};

/* Few different bytes, so that much begins and ends in much else. */
static void random_fill(struct random_case *c, unsigned *seed, unsigned bytes)
{
	for (size_t i = 0; i < RANDOM_PATTERNS; i++) {
		size_t len = MATCHER_LENGTH_MIN +
			     rand_r(seed) % (sizeof(c->bytes[i]) - MATCHER_LENGTH_MIN);

		for (size_t n = 0; n < len; n++)
			c->bytes[i][n] = rand_r(seed) % bytes;
		c->patterns[i] = (struct slice){c->bytes[i], len};
	}
	for (size_t i = 0; i < sizeof(c->text); i++)
		c->text[i] = rand_r(seed) % bytes;
}

/* Feeds TEXT in parts of random sizes, at first of one byte. */
static void random_feed(const struct matcher *m, struct matcher_scan *scan,
	const struct random_case *c, unsigned *seed)
{
	unsigned longest = 1 + rand_r(seed) % 40;

	for (size_t at = 0, size; at < sizeof(c->text); at += size) {
		size = 1 + rand_r(seed) % longest;
		if (size > sizeof(c->text) - at)
			size = sizeof(c->text) - at;
		matcher_feed(m, scan, c->text + at, size);
	}
}

static void random_bytes_in_random_parts_give_what_a_naive_search_gives(void **state)
{
	static struct random_case c;
	unsigned seed = 1, found = 0, missing = 0;

	(void)state;
	for (int round = 0; round < RANDOM_ROUNDS; round++) {
		CLEANUP_MATCHER struct matcher *m = matcher_new();
		struct matcher_scan scan = {0};

		random_fill(&c, &seed, 2 + round % 5);
		for (size_t i = 0; i < RANDOM_PATTERNS; i++)
			c.numbers[i] = matcher_add(m, c.patterns[i]);
		assert_int_equal(matcher_compile(m), 0);
		random_feed(m, &scan, &c, &seed);
		for (size_t i = 0; i < RANDOM_PATTERNS; i++) {
			bool is_there = memmem(
				c.text, sizeof(c.text), c.patterns[i].data, c.patterns[i].len);

			if (matcher_scan_has(&scan, c.numbers[i]) != is_there)
				fail_msg("round %d, pattern %zu: expected %d", round, i, is_there);
			found += is_there;
			missing += !is_there;
		}
	}
	assert_true(found > 1000 && missing > 1000); /* both have been asked for */
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(patterns_inside_and_behind_each_other_are_all_found),
		cmocka_unit_test(any_byte_may_be_in_a_pattern),
		cmocka_unit_test(equal_patterns_have_one_number),
		cmocka_unit_test(pattern_that_is_too_short_is_refused),
		cmocka_unit_test(more_patterns_than_there_is_room_for_are_refused),
		cmocka_unit_test(more_bytes_than_there_are_states_are_refused),
		cmocka_unit_test(matcher_without_patterns_finds_nothing),
		cmocka_unit_test(random_bytes_in_random_parts_give_what_a_naive_search_gives),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
