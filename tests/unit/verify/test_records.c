/* SPDX-License-Identifier: Apache-2.0 */
/* Claims about agent/verify/records.c. */
#include "asserts.h"

#include "base/cleanup.h"
#include "base/strbuf.h"
#include "verify/records.h"

typedef bool next_fn(struct slice *rest, struct package_record *ret);

/* All packages of TEXT, as "name=version ". */
static void assert_packages(next_fn *next, const char *text, const char *expected)
{
	CLEANUP_STRBUF struct strbuf found = STRBUF_INIT;
	struct package_record record;
	struct slice rest = slice_of(text);

	while (next(&rest, &record)) {
		strbuf_add_slice(&found, record.name);
		strbuf_add_char(&found, '=');
		strbuf_add_slice(&found, record.version);
		strbuf_add_char(&found, ' ');
	}
	assert_string_equal(strbuf_text(&found), expected);
}

static void dpkg_has_what_is_installed(void **state)
{
	(void)state;
	assert_packages(dpkg_next,
		"Package: dash\nStatus: install ok installed\nVersion: 0.5.12-2\nDescription: x\n"
		" Package: no\n\n"
		"Package: gone\nStatus: deinstall ok config-files\nVersion: 1\n\n"
		"Version: 2:3\nPackage:libc6\nStatus: hold ok installed\n",
		"dash=0.5.12-2 libc6=2:3 ");
}

static void record_without_a_status_is_installed(void **state)
{
	(void)state;
	assert_packages(dpkg_next, "Package: tzdata\nVersion: 2024a\n", "tzdata=2024a ");
}

static void record_without_name_or_version_is_none(void **state)
{
	(void)state;
	assert_packages(dpkg_next, "Package: a\n\nVersion: 1\n\nPackage:\nVersion: 1\n", "");
	assert_packages(dpkg_next, "", "");
	assert_packages(dpkg_next, "\n\n\n", "");
	assert_packages(apk_next, "P:a\n\nV:1\n\n", "");
	assert_packages(apk_next, "", "");
}

static void carriage_returns_and_a_missing_end_do_not_matter(void **state)
{
	(void)state;
	assert_packages(
		dpkg_next, "Package: a\r\nVersion: 1\r\n\r\nPackage: b\nVersion: 2", "a=1 b=2 ");
}

static void lists_have_paths_with_or_without_digests(void **state)
{
	static const char text[] = "/.\n/bin/dash\n"
				   "0123456789abcdef0123456789abcdef  usr/bin/a b\n"
				   "\n/\n///x";
	static const char *const expected[] = {".", "bin/dash", "usr/bin/a b", "x"};
	struct slice rest = slice_of(text), path;

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(expected); i++) {
		assert_true(dpkg_next_file(&rest, &path));
		assert_slice_text(path, expected[i]);
	}
	assert_false(dpkg_next_file(&rest, &path));
}

static const char installed[] = "C:Q1abc=\nP:busybox\nV:1.36.1-r29\nF:bin\nR:busybox\na:0:0:755\n"
				"F:\nR:top\nF:etc\nF:sbin\nR:x\n\n"
				"P:musl\nV:1.2.5-r0\n";

static void apk_has_packages_and_their_files(void **state)
{
	static const char *const expected[][2] = {{"bin", "busybox"}, {"", "top"}, {"sbin", "x"}};
	struct slice rest = slice_of(installed), directory = {0}, name, files;
	struct package_record record;

	(void)state;
	assert_packages(apk_next, installed, "busybox=1.36.1-r29 musl=1.2.5-r0 ");
	assert_true(apk_next(&rest, &record));
	files = record.files;
	for (size_t i = 0; i < ARRAY_SIZE(expected); i++) {
		assert_true(apk_next_file(&files, &directory, &name));
		assert_slice_text(directory, expected[i][0]);
		assert_slice_text(name, expected[i][1]);
	}
	assert_false(apk_next_file(&files, &directory, &name));
	assert_true(apk_next(&rest, &record));
	assert_int_equal(record.files.len, 0);
}

/* Every beginning of a record is read without looking behind its end: the bytes are on the heap. */
static void beginnings_of_records_are_read(void **state)
{
	(void)state;
	for (size_t len = 0; len < sizeof(installed); len++) {
		CLEANUP_FREE char *text = malloc(len ?: 1);
		struct slice rest = {text, len}, path;
		struct package_record record;

		memcpy(text, installed, len);
		while (apk_next(&rest, &record))
			assert_true(record.name.len > 0 && record.version.len > 0);
		rest = (struct slice){text, len};
		while (dpkg_next(&rest, &record))
			assert_true(record.name.len > 0 && record.version.len > 0);
		rest = (struct slice){text, len};
		while (dpkg_next_file(&rest, &path))
			assert_true(path.len > 0);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(dpkg_has_what_is_installed),
		cmocka_unit_test(record_without_a_status_is_installed),
		cmocka_unit_test(record_without_name_or_version_is_none),
		cmocka_unit_test(carriage_returns_and_a_missing_end_do_not_matter),
		cmocka_unit_test(lists_have_paths_with_or_without_digests),
		cmocka_unit_test(apk_has_packages_and_their_files),
		cmocka_unit_test(beginnings_of_records_are_read),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
