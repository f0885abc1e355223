/* SPDX-License-Identifier: Apache-2.0 */
/* Claims about agent/handover.c. */
#include "asserts.h"

#include "handover.h"

static struct bw_handover made(void)
{
	struct bw_handover handover = {
		.bare = BARE_OPTION, .has_started = 1, .path = "/docker/abc", .name = "web"};

	return handover;
}

static void container_comes_back(void **state)
{
	struct container container = {.cgroup_path = (char *)"/docker/abc",
		.name = (char *)"web",
		.bare = BARE_POLICY,
		.has_started = true};
	struct container other = {0};
	struct bw_handover handover;

	(void)state;
	assert_true(handover_of(&container, &handover));
	assert_true(handover_valid(&handover));
	assert_string_equal(handover.path, "/docker/abc");
	assert_int_equal(handover.bare, BARE_POLICY);
	handover_teach(&handover, &other);
	assert_string_equal(other.name, "web");
	assert_null(other.image);
	assert_true(other.has_started);
	container_forget(&other);
}

static void what_files_have_told_stays(void **state)
{
	struct bw_handover handover = made();
	struct container container = {0};

	(void)state;
	container_learn(&container, CONTAINER_NAME, "new", "files");
	handover_teach(&handover, &container);
	assert_string_equal(container.name, "new");
	container_forget(&container);
}

static void longest_path_that_fits_is_kept(void **state)
{
	char path[BW_HANDOVER_PATH + 1] = "/", name[BW_HANDOVER_NAME + 1] = "";
	struct container container = {.cgroup_path = path, .name = name};
	struct bw_handover handover;

	(void)state;
	memset(path, '/', BW_HANDOVER_PATH - 1);
	memset(name, 'n', BW_HANDOVER_NAME);
	assert_true(handover_of(&container, &handover));
	assert_string_equal(handover.path, path);
	assert_string_equal(handover.name, "");
	path[BW_HANDOVER_PATH - 1] = '/';
	assert_false(handover_of(&container, &handover));
}

static void texts_without_an_end_are_refused(void **state)
{
	struct bw_handover handover = made();

	(void)state;
	assert_true(handover_valid(&handover));
	memset(handover.path, 'x', sizeof(handover.path));
	assert_false(handover_valid(&handover));
	handover = made();
	memset(handover.name, 'x', sizeof(handover.name));
	assert_false(handover_valid(&handover));
	handover = made();
	memset(handover.image, 'x', sizeof(handover.image));
	assert_false(handover_valid(&handover));
}

static void unknown_reasons_to_be_bare_are_refused(void **state)
{
	struct bw_handover handover = made();

	(void)state;
	handover.bare = BARE_POLICY + 1;
	assert_false(handover_valid(&handover));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(container_comes_back),
		cmocka_unit_test(what_files_have_told_stays),
		cmocka_unit_test(longest_path_that_fits_is_kept),
		cmocka_unit_test(texts_without_an_end_are_refused),
		cmocka_unit_test(unknown_reasons_to_be_bare_are_refused),
	};

	return cmocka_run_group_tests_name("handover", tests, NULL, NULL);
}
