/* SPDX-License-Identifier: Apache-2.0 */
/* Claims about agent/builtin.c. */
#include "asserts.h"

#include <fcntl.h>

#include "base/io.h"
#include "builtin.h"

DEFINE_CLEANUP(struct catalog, catalog_pointer, catalog_free);
#define CLEANUP_CATALOG CLEANUP(catalog_pointer_cleanup)

static struct catalog *load(void)
{
	struct catalog *catalog = NULL;
	struct diag d = {0};

	if (builtin_catalog(&catalog, &d) < 0)
		fail_msg("%s:%u:%u: %s", d.file, d.line, d.column, d.message);
	return catalog;
}

static void catalog_is_the_one_of_the_repository(void **state)
{
	CLEANUP_CATALOG struct catalog *built_in = load();
	CLEANUP_CATALOG struct catalog *read = NULL;
	struct diag d = {0};
	unsigned i = 0;

	(void)state;
	assert_int_equal(catalog_load_file("rules/catalog.yaml", &read, &d), 0);
	for (; catalog_signature_name(read, i); i++)
		assert_string_equal(
			catalog_signature_name(built_in, i), catalog_signature_name(read, i));
	assert_null(catalog_signature_name(built_in, i));
	assert_true(i > 0);
}

static void assert_file_is(const char *path, struct slice built_in)
{
	CLEANUP_FREE char *text = NULL;
	size_t size;

	assert_int_equal(read_file_at(AT_FDCWD, path, 1 << 20, &text, &size), 0);
	assert_slice_is(built_in, (struct slice){text, size});
}

static void rules_are_those_of_the_repository(void **state)
{
	(void)state;
	assert_file_is("rules/default.yaml", builtin_rules());
	assert_file_is("rules/containers.yaml", builtin_container_rules());
}

/* This test has the catalog inside, as the agent has. */
static void program_that_holds_the_catalog_is_none_of_those_in_it(void **state)
{
	static struct program_buffer buffer;
	CLEANUP_CATALOG struct catalog *catalog = load();
	CLEANUP_FD int fd = open("/proc/self/exe", O_RDONLY | O_CLOEXEC);
	struct program_identity identity;

	(void)state;
	assert_int_equal(program_identify(catalog, fd, UINT64_MAX, &buffer, &identity), 0);
	assert_true(identity.is_elf);
	assert_true(identity.is_whole);
	assert_string_equal(program_identity_name(&identity), "");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(catalog_is_the_one_of_the_repository),
		cmocka_unit_test(rules_are_those_of_the_repository),
		cmocka_unit_test(program_that_holds_the_catalog_is_none_of_those_in_it),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
