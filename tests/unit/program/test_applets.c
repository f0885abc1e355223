/* SPDX-License-Identifier: Apache-2.0 */
/* Claims about agent/program/applets.c. */
#include "program/catalog_fixture.h"

#include "program/applets.h"

static struct catalog *catalog;

static int load_catalog(void **state)
{
	(void)state;
	catalog = catalog_of("version: 1\n"
			     "programs:\n"
			     "- name: busybox\n"
			     "  class: multicall\n"
			     "  files: [busybox]\n"
			     "  applets: {shell: [sh, ash], package_manager: [dpkg]}\n");
	return 0;
}

static int free_catalog(void **state)
{
	(void)state;
	catalog_free(catalog);
	return 0;
}

/* The table in TEXT, read in parts of SIZE bytes. */
static struct applet_run read_by(struct slice text, size_t size)
{
	struct applet_scan scan = {.entry = catalog_find_entry(catalog, "busybox")};

	for (size_t at = 0; at < text.len; at += size)
		applet_scan_feed(
			&scan, text.data + at, size < text.len - at ? size : text.len - at);
	return applet_scan_result(&scan);
}

#define NAMES "[\0[[\0awk\0cat\0chmod\0cp\0dd\0df\0"

static void table_is_found_whatever_stands_around_it(void **state)
{
	static const struct slice cases[] = {
		SLICE(NAMES),
		SLICE("text\0Usage: x\0" NAMES "\0\0x%s\0"),
		SLICE("zz\0" NAMES "ab\0ac\0"),
		SLICE("A\0" NAMES "A\0ab\0cd\0"),
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++)
		for (size_t size = 1; size <= cases[i].len; size++) {
			struct applet_run run = read_by(cases[i], size);

			assert_int_equal(run.count, 8);
			assert_false(run.has_shell);
			assert_false(run.has_package_manager);
		}
}

static void table_says_whether_a_shell_is_inside(void **state)
{
	struct applet_run run = read_by(SLICE("[\0[[\0ash\0cat\0cp\0dd\0dpkg\0sh\0"), 4);

	(void)state;
	assert_int_equal(run.count, 8);
	assert_true(run.has_shell);
	assert_true(run.has_package_manager);
	/* what stands outside of the table is no applet */
	run = read_by(SLICE(NAMES "\0sh\0dpkg\0"), 4);
	assert_false(run.has_shell);
	assert_false(run.has_package_manager);
}

static void few_names_are_no_table(void **state)
{
	(void)state;
	assert_int_equal(read_by(SLICE("a\0b\0c\0d\0e\0f\0sh\0"), 100).count, 0);
	assert_int_equal(read_by(SLICE("h\0g\0f\0e\0d\0c\0b\0a\0a\0"), 100).count, 0);
	assert_int_equal(read_by(SLICE(""), 1).count, 0);
}

static void name_that_is_too_long_ends_the_table(void **state)
{
	(void)state;
	assert_int_equal(
		read_by(SLICE("a\0b\0c\0d\0e\0f\0gaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa\0h\0"), 9).count,
		8);
	assert_int_equal(
		read_by(SLICE("a\0b\0c\0d\0e\0f\0gaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa\0h\0"), 9).count,
		0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(table_is_found_whatever_stands_around_it),
		cmocka_unit_test(table_says_whether_a_shell_is_inside),
		cmocka_unit_test(few_names_are_no_table),
		cmocka_unit_test(name_that_is_too_long_ends_the_table),
	};

	return cmocka_run_group_tests(tests, load_catalog, free_catalog);
}
