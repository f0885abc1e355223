/* SPDX-License-Identifier: Apache-2.0 */
/* Claims about agent/executable.c that need no container. */
#include "asserts.h"

#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "builtin.h"
#include "executable.h"

struct fixture {
	struct catalog *catalog;
	struct executable_store *store;
	struct stat st;
};

static int setup(void **state)
{
	struct fixture *f = calloc(1, sizeof(*f));
	struct diag d;

	assert_non_null(f);
	assert_int_equal(builtin_catalog(&f->catalog, &d), 0);
	assert_int_equal(executable_store_new(&f->store), 0);
	assert_int_equal(stat("/proc/self/exe", &f->st), 0);
	*state = f;
	return 0;
}

static int teardown(void **state)
{
	struct fixture *f = *state;

	executable_store_free(f->store);
	catalog_free(f->catalog);
	free(f);
	return 0;
}

/* What this test itself runs, as the kernel side would have seen it. */
static struct executable_query query_self(const struct fixture *f)
{
	return (struct executable_query){
		.tgid = getpid(),
		.file = {.inode = f->st.st_ino,
			.size_bytes = f->st.st_size,
			.ctime_s = f->st.st_ctim.tv_sec,
			.ctime_ns = f->st.st_ctim.tv_nsec,
			.dev_major = major(f->st.st_dev),
			.dev_minor = minor(f->st.st_dev),
			.nlink = f->st.st_nlink,
			.mode = f->st.st_mode},
	};
}

static void look_tells_owner_and_time_of_the_file(void **state)
{
	struct fixture *f = *state;
	struct executable_query query = query_self(f);
	struct executable executable = {0};

	executable_look(&query, f->catalog, f->store, &executable);
	assert_true(executable.has_owner);
	assert_int_equal(executable.uid, f->st.st_uid);
	assert_int_equal(executable.gid, f->st.st_gid);
	assert_int_equal(
		executable.mtime_ns, f->st.st_mtim.tv_sec * 1000000000ULL + f->st.st_mtim.tv_nsec);
}

/* It is another one by now, or the same in another state. */
static void file_that_is_not_the_one_that_ran_tells_nothing(void **state)
{
	struct fixture *f = *state;
	struct executable_query query = query_self(f);
	struct executable executable = {0};

	query.file.ctime_ns ^= 1;
	executable_look(&query, f->catalog, f->store, &executable);
	assert_false(executable.has_owner);
	assert_false(executable.has_identity);
}

/* It was unlinked since, which is all that can be done to a file that runs. */
static void file_that_lost_a_name_is_the_one_that_ran(void **state)
{
	struct fixture *f = *state;
	struct executable_query query = query_self(f);
	struct executable executable = {0};

	query.file.ctime_ns ^= 1;
	query.file.nlink++;
	executable_look(&query, f->catalog, f->store, &executable);
	assert_true(executable.has_identity);
	executable = (struct executable){0};
	query.file.size_bytes++;
	executable_look(&query, f->catalog, f->store, &executable);
	assert_false(executable.has_identity);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(look_tells_owner_and_time_of_the_file),
		TEST(file_that_is_not_the_one_that_ran_tells_nothing),
		TEST(file_that_lost_a_name_is_the_one_that_ran),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
