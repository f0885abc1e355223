/* SPDX-License-Identifier: Apache-2.0 */
/* Claims about agent/program/digest.c. */
#include "scratch.h"

#include <errno.h>

#include "barewatch/origin.h"

static void assert_digest(int fd, const char *expected)
{
	char text[2 * DIGEST_SIZE + 1];
	unsigned char digest[DIGEST_SIZE];

	assert_int_equal(digest_file(fd, digest), 0);
	for (size_t i = 0; i < DIGEST_SIZE; i++)
		snprintf(text + 2 * i, 3, "%02x", digest[i]);
	assert_string_equal(text, expected);
}

/* From FIPS 180-2, appendix B: "abc", and a million times "a". */
static void digest_is_sha256_from_the_beginning(void **state)
{
	CLEANUP_SCRATCH struct scratch s;
	CLEANUP_FREE char *million = malloc(1000000);
	CLEANUP_FD int fd = -1, large = -1;

	(void)state;
	scratch_init(&s);
	scratch_write_text(&s, "file", "abc");
	memset(million, 'a', 1000000);
	scratch_write(&s, "large", million, 1000000);
	fd = open(scratch_path(&s, "file"), O_RDONLY | O_CLOEXEC);
	assert_int_equal(lseek(fd, 2, SEEK_SET), 2);
	assert_digest(fd, "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
	assert_int_equal(lseek(fd, 0, SEEK_CUR), 2);
	large = open(scratch_path(&s, "large"), O_RDONLY | O_CLOEXEC);
	assert_digest(large, "cdc76e5c9914fb9281a1c7e284d73e67f1809a48a497200e046d39ccc7112cd0");
}

static void large_file_is_refused_unread(void **state)
{
	CLEANUP_SCRATCH struct scratch s;
	unsigned char digest[DIGEST_SIZE];
	CLEANUP_FD int fd = -1;

	(void)state;
	scratch_init(&s);
	fd = open(scratch_path(&s, "sparse"), O_RDWR | O_CREAT | O_CLOEXEC, 0600);
	assert_int_equal(ftruncate(fd, DIGEST_BYTES_MAX + 1ULL), 0);
	assert_int_equal(digest_file(fd, digest), -EFBIG);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(digest_is_sha256_from_the_beginning),
		cmocka_unit_test(large_file_is_refused_unread),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
