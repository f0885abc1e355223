/* SPDX-License-Identifier: Apache-2.0 */
/* Claims about agent/base/sha256.c. */
#include "asserts.h"

#include "base/sha256.h"

static void assert_digest(struct sha256 *sha256, const char *expected)
{
	unsigned char digest[SHA256_SIZE];
	char text[SHA256_TEXT_SIZE];

	assert_int_equal(sha256_end(sha256, digest), 0);
	sha256_format(digest, text);
	assert_string_equal(text, expected);
}

/* From FIPS 180-2, appendix B.1 and B.2. */
static void parts_are_digested_as_one(void **state)
{
	CLEANUP_SHA256 struct sha256 sha256 = SHA256_INIT;

	(void)state;
	assert_int_equal(sha256_init(&sha256), 0);
	assert_int_equal(sha256_add(&sha256, "ab", 2), 0);
	assert_int_equal(sha256_add(&sha256, "c", 1), 0);
	assert_digest(&sha256, "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
	assert_int_equal(sha256_init(&sha256), 0);
	assert_int_equal(sha256_add(&sha256, "dropped", 7), 0);
	assert_int_equal(sha256_init(&sha256), 0);
	assert_int_equal(
		sha256_add(&sha256, "abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq", 56),
		0);
	assert_digest(&sha256, "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1");
}

static void only_64_lower_case_digits_are_a_digest(void **state)
{
	static const char *const bad[] = {"",
		"ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015a",
		"ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015adb",
		"Ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad",
		"ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015a/"};
	const char *good = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad";
	unsigned char digest[SHA256_SIZE];
	char text[SHA256_TEXT_SIZE];

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(bad); i++)
		assert_false(sha256_parse(slice_of(bad[i]), digest));
	assert_true(sha256_parse(slice_of(good), digest));
	sha256_format(digest, text);
	assert_string_equal(text, good);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(parts_are_digested_as_one),
		cmocka_unit_test(only_64_lower_case_digits_are_a_digest),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
