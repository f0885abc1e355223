/* SPDX-License-Identifier: Apache-2.0 */
/* Claims about agent/container/process.c. What needs cgroups of its own is in tests/e2e/test_ps.sh. */
#include "process_fixture.h"
#include "state_fixture.h"

#include "container/process.h"

static void numbers_are_decimal_and_nothing_else(void **state)
{
	static const struct {
		const char *text;
		uint64_t number;
	} cases[] = {
		{"1", 1},
		{"4194304\n", 4194304},
		{"18446744073709551615", UINT64_MAX},
		{"18446744073709551616", 0},
		{"99999999999999999999999", 0},
		{"", 0},
		{"\n", 0},
		{"-1", 0},
		{"+1", 0},
		{" 1", 0},
		{"1 ", 0},
		{"1\n\n", 0},
		{"0x1", 0},
		{"1.5", 0},
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++)
		if (process_number(cases[i].text) != cases[i].number)
			fail_msg("'%s' is %llu", cases[i].text,
				(unsigned long long)process_number(cases[i].text));
}

static void hide(void)
{
	take_a_hostile_name();
	assert_int_equal(chdir("/proc"), 0);
}

static void command_line_and_directory_are_read(void **state)
{
	CLEANUP_STRBUF struct strbuf own = STRBUF_INIT, args = STRBUF_INIT;
	char cwd[PATH_MAX];
	pid_t pid = child_start(hide);

	(void)state;
	assert_true(process_command(getpid(), &own, cwd));
	assert_true(own.len > 0);
	assert_true(process_command(pid, &args, cwd));
	assert_slice_is(strbuf_slice(&args), strbuf_slice(&own));
	assert_string_equal(cwd, "/proc");
	child_end(pid);
	assert_false(process_command(pid, &args, cwd));
}

static void give_root_up(void)
{
	if (geteuid() == 0)
		assert_int_equal(setuid(65534), 0);
}

/* Its real user id is still root's. */
static void act_for_somebody(void)
{
	if (geteuid() == 0)
		assert_int_equal(setresuid(0, 65534, 0), 0);
}

static void process_that_is_not_all_roots_is_not_trusted(void **state)
{
	pid_t pid = child_start(give_root_up);

	(void)state;
	assert_false(process_is_trusted(pid));
	child_end(pid);
	assert_false(process_is_trusted(pid));
	pid = child_start(act_for_somebody);
	assert_false(process_is_trusted(pid));
	child_end(pid);
}

static void process_is_in_its_cgroup_and_those_above(void **state)
{
	char line[PATH_MAX], *path;

	(void)state;
	own_cgroup_word(line, sizeof(line));
	path = strchr(strchr(line, ':') + 1, ':') + 1;
	assert_true(process_is_in(getpid(), path));
	assert_false(process_is_in(getpid(), NULL));
	assert_false(process_is_in(getpid(), ""));
	assert_false(process_is_in(getpid(), "/barewatch-none"));
	if (strlen(path) < 3)
		return;
	path[strlen(path) - 1] = '\0'; /* the beginning of a name is another name */
	assert_false(process_is_in(getpid(), path));
}

static void lowest_number_of_a_cgroup_is_found(void **state)
{
	static const struct {
		const char *procs;
		pid_t first;
	} cases[] = {
		{"", 0},
		{"7\n", 7},
		{"30\n7\n100\n", 7},
		{"0\n0\n", 0}, /* of another pid namespace */
		{"-3\nx\n99999999999999999999\n5\n", 5},
	};
	CLEANUP_SCRATCH struct scratch s;
	struct cgroup_hierarchies h = CGROUP_HIERARCHIES_INIT;

	(void)state;
	scratch_init(&s);
	h.v2_path = s.root;
	assert_int_equal(process_first(&h, "/a"), 0);
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		scratch_write_text(&s, "a/cgroup.procs", cases[i].procs);
		assert_int_equal(process_first(&h, "/a"), cases[i].first);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(numbers_are_decimal_and_nothing_else),
		cmocka_unit_test(command_line_and_directory_are_read),
		cmocka_unit_test(process_that_is_not_all_roots_is_not_trusted),
		cmocka_unit_test(process_is_in_its_cgroup_and_those_above),
		cmocka_unit_test(lowest_number_of_a_cgroup_is_found),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
