/* SPDX-License-Identifier: Apache-2.0 */
/* Claims about agent/program/signature.c. */
#include "program/catalog_fixture.h"

#include "program/signature.h"

/* The patterns with the numbers that are bits of SEEN were found. */
static struct matcher_scan scan_of(uint64_t seen)
{
	return (struct matcher_scan){.seen = {seen}};
}

static bool fits(const struct signature *signature, uint64_t seen)
{
	struct matcher_scan scan = scan_of(seen);

	return signature_fits(signature, &scan);
}

static void so_many_of_its_strings_are_enough(void **state)
{
	struct anchor anchors[] = {{0, 0}, {1, 1}, {2, 2}};
	struct signature signature = {.anchors = anchors, .count = 3, .at_least = 2};

	(void)state;
	assert_false(fits(&signature, 0));
	assert_false(fits(&signature, 1 << 1 | 1 << 5));
	assert_true(fits(&signature, 1 << 1 | 1 << 2));
	assert_true(fits(&signature, 7));
}

static void string_counts_once_in_both_of_its_forms(void **state)
{
	struct anchor anchors[] = {{0, 1}, {2, 3}};
	struct signature signature = {.anchors = anchors, .count = 2, .at_least = 2};

	(void)state;
	assert_false(fits(&signature, 1 << 0 | 1 << 1));
	assert_true(fits(&signature, 1 << 0 | 1 << 3));
	assert_true(fits(&signature, 1 << 1 | 1 << 2));
}

static void strings_that_are_required_are_not_counted(void **state)
{
	struct anchor anchors[] = {{0, 0}, {1, 1}, {2, 2}, {3, 3}};
	struct signature signature = {.anchors = anchors, .count = 4, .required = 2, .at_least = 1};

	(void)state;
	assert_false(fits(&signature, 1 << 0 | 1 << 1));
	assert_false(fits(&signature, 1 << 0 | 1 << 2 | 1 << 3));
	assert_true(fits(&signature, 1 << 0 | 1 << 1 | 1 << 3));
}

static void signature_of_libraries_alone_fits_no_strings(void **state)
{
	char *libraries[] = {(char *)"librpm.so.", (char *)"libnixmain.so"};
	struct signature signature = {.libraries = libraries, .libraries_count = 2};

	(void)state;
	assert_false(fits(&signature, UINT64_MAX));
	assert_true(signature_has_library(&signature, SLICE("librpm.so.9")));
	assert_true(signature_has_library(&signature, SLICE("libnixmain.so")));
	assert_false(signature_has_library(&signature, SLICE("librpm.so")));
	assert_false(signature_has_library(&signature, SLICE("")));
}

static void names_are_numbered_in_the_order_of_the_file(void **state)
{
	CLEANUP_CATALOG struct catalog *catalog = catalog_of(
		"version: 1\n"
		"programs: []\n"
		"signatures:\n"
		"- {name: rc, class: shell, at_least: 1, anchors: [first]}\n"
		"- {name: rc, class: shell, at_least: 1, anchors: [second]}\n"
		"- {name: es, class: shell, at_least: 1, anchors: [third]}\n");

	(void)state;
	assert_string_equal(catalog_signature_name(catalog, 0), "rc");
	assert_string_equal(catalog_signature_name(catalog, 1), "rc");
	assert_string_equal(catalog_signature_name(catalog, 2), "es");
	assert_null(catalog_signature_name(catalog, 3));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(so_many_of_its_strings_are_enough),
		cmocka_unit_test(string_counts_once_in_both_of_its_forms),
		cmocka_unit_test(strings_that_are_required_are_not_counted),
		cmocka_unit_test(signature_of_libraries_alone_fits_no_strings),
		cmocka_unit_test(names_are_numbered_in_the_order_of_the_file),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
