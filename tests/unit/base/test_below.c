/* SPDX-License-Identifier: Apache-2.0 */
/* Claims about agent/base/below.c. */
#include "scratch.h"

#include <errno.h>

#include "base/below.h"

static void nothing_leads_out_of_the_tree(void **state)
{
	static const struct {
		const char *path;
		bool follow;
		int error;
	} cases[] = {
		{"/bin/app", false, 0},
		{"bin/app", false, 0},
		{"../../../bin/app", false, 0},
		{"/absolute/app", true, 0}, /* a link to /bin, which is the tree's */
		{"/absolute/app", false, -ELOOP},
		{"/outside", true, -ENOENT},
		{"/bin/nothing", true, -ENOENT},
	};
	CLEANUP_SCRATCH struct scratch s;
	CLEANUP_FD int top = -1;
	struct stat st, expected;

	(void)state;
	scratch_init(&s);
	scratch_write_text(&s, "top/bin/app", "app");
	scratch_write_text(&s, "secret", "secret");
	assert_int_equal(symlink("/bin", scratch_path(&s, "top/absolute")), 0);
	assert_int_equal(symlink("../secret", scratch_path(&s, "top/outside")), 0);
	assert_int_equal(stat(scratch_path(&s, "top/bin/app"), &expected), 0);
	top = open(scratch_path(&s, "top"), O_PATH | O_CLOEXEC);
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		CLEANUP_FD int fd = below_open(top, cases[i].path, cases[i].follow);

		assert_int_equal(fd < 0 ? fd : 0, cases[i].error);
		if (fd < 0)
			continue;
		assert_int_equal(fstat(fd, &st), 0);
		assert_int_equal(st.st_ino, expected.st_ino);
	}
}

static void only_regular_files_are_opened_for_reading(void **state)
{
	CLEANUP_SCRATCH struct scratch s;
	CLEANUP_FD int top = -1, fifo = -1, file = -1, opened = -1;
	struct stat st;
	char text[4];

	(void)state;
	scratch_init(&s);
	scratch_write_text(&s, "file", "abc");
	assert_int_equal(mkfifo(scratch_path(&s, "fifo"), 0600), 0);
	top = open(s.root, O_PATH | O_CLOEXEC);
	fifo = below_open(top, "fifo", false);
	assert_true(fifo >= 0);
	assert_int_equal(below_reopen(fifo, &st), -EINVAL);
	assert_int_equal(below_reopen(top, &st), -EINVAL);
	file = below_open(top, "file", false);
	opened = below_reopen(file, &st);
	assert_int_equal(read(opened, text, sizeof(text)), 3);
	assert_int_equal(st.st_size, 3);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(nothing_leads_out_of_the_tree),
		cmocka_unit_test(only_regular_files_are_opened_for_reading),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
