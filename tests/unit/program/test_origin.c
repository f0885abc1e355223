/* SPDX-License-Identifier: Apache-2.0 */
/* Claims about agent/program/origin.c. */
#include "asserts.h"

#include <linux/magic.h>

#include "barewatch/origin.h"

#define ROOT_MINOR 57
#define EXT4       EXT4_SUPER_MAGIC

enum { NOWHERE = PROGRAM_ORIGINS }; /* the place alone does not tell */

static void place_tells_what_is_no_image_file(void **state)
{
	static const struct {
		unsigned minor, flags;
		unsigned long magic;
		bool detached, hosts, root_is_known;
		unsigned origin;
	} cases[] = {
		{ROOT_MINOR, 0, OVERLAYFS_SUPER_MAGIC, false, false, true, NOWHERE},
		/* deleted or bound elsewhere, it may still be the image's */
		{ROOT_MINOR, BW_FILE_DELETED, OVERLAYFS_SUPER_MAGIC, false, false, true, NOWHERE},
		{ROOT_MINOR, 0, OVERLAYFS_SUPER_MAGIC, true, false, true, NOWHERE},
		{8, 0, EXT4, false, false, true, PROGRAM_ORIGIN_VOLUME},
		{9, 0, OVERLAYFS_SUPER_MAGIC, false, false, true, PROGRAM_ORIGIN_VOLUME},
		{8, BW_FILE_DELETED, EXT4, false, false, true, PROGRAM_ORIGIN_DELETED},
		{8, BW_FILE_DELETED, TMPFS_MAGIC, false, false, true, PROGRAM_ORIGIN_DELETED},
		{8, 0, EXT4, true, false, true, PROGRAM_ORIGIN_HOST},
		{8, 0, EXT4, false, true, true, PROGRAM_ORIGIN_HOST},
		{ROOT_MINOR, 0, EXT4, false, true, true, PROGRAM_ORIGIN_HOST},
		{8, 0, TMPFS_MAGIC, false, false, true, PROGRAM_ORIGIN_TMPFS},
		{1, BW_FILE_MEMFD | BW_FILE_DELETED, TMPFS_MAGIC, true, false, true,
			PROGRAM_ORIGIN_MEMFD},
		{1, BW_FILE_MEMFD, TMPFS_MAGIC, true, true, true, PROGRAM_ORIGIN_MEMFD},
		/* of the image nothing is known */
		{1, BW_FILE_MEMFD, TMPFS_MAGIC, true, false, false, PROGRAM_ORIGIN_MEMFD},
		{8, 0, TMPFS_MAGIC, false, false, false, PROGRAM_ORIGIN_UNKNOWN},
		{8, BW_FILE_DELETED, EXT4, true, true, false, PROGRAM_ORIGIN_UNKNOWN},
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		struct bw_file file = {
			.dev_minor = cases[i].minor,
			.flags = cases[i].flags,
			.fs_magic = cases[i].magic,
		};
		struct origin_clues clues = {
			.file = &file,
			.is_detached = cases[i].detached,
			.mounts_are_outside = cases[i].hosts,
			.root_is_known = cases[i].root_is_known,
			.root_minor = ROOT_MINOR,
		};
		enum program_origin origin = PROGRAM_ORIGIN_UNKNOWN;
		bool told = program_origin_by_place(&clues, &origin);

		assert_int_equal(told ? origin : NOWHERE, cases[i].origin);
	}
}

static void only_what_the_image_is_known_not_to_hold_is_foreign(void **state)
{
	static const char *const native[] = {"unknown", "image", "copyup"};
	size_t found = 0;

	(void)state;
	for (unsigned i = 0; i < PROGRAM_ORIGINS; i++)
		if (!program_origin_is_foreign(i))
			assert_string_equal(program_origin_name(i), native[found++]);
	assert_int_equal(found, ARRAY_SIZE(native));
}

static void key_tells_states_of_a_file_apart(void **state)
{
	const struct file_key key = {1, 2, 3, 4};
	const struct file_key others[] = {{9, 2, 3, 4}, {1, 9, 3, 4}, {1, 2, 9, 4}, {1, 2, 3, 9}};

	(void)state;
	assert_true(file_key_equal(&key, &key));
	for (size_t i = 0; i < ARRAY_SIZE(others); i++) {
		assert_false(file_key_equal(&key, &others[i]));
		assert_int_equal(file_key_is_copy(&key, &others[i]), i == 0);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(place_tells_what_is_no_image_file),
		cmocka_unit_test(only_what_the_image_is_known_not_to_hold_is_foreign),
		cmocka_unit_test(key_tells_states_of_a_file_apart),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
