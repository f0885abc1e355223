/* SPDX-License-Identifier: Apache-2.0 */
/* Claims about agent/program/loader.c. */
#include "asserts.h"

#include "program/loader.h"

#define ARGS(literal)                                     \
	{                                                 \
		.bytes = { literal, sizeof(literal) - 1 } \
	}

static void program_is_found_behind_the_options(void **state)
{
	static const struct {
		struct event_text args;
		const char *path;
		const char *first; /* of its own arguments */
	} cases[] = {
		{ARGS("ld.so\0/x/dash\0"), "/x/dash", "/x/dash"},
		{ARGS("ld.so\0/x/dash\0-c\0--list\0"), "/x/dash", "/x/dash"},
		{ARGS("ld.so\0--inhibit-cache\0dash\0"), "dash", "dash"},
		{ARGS("ld.so\0--library-path\0/lib\0--preload\0a.so\0dash\0"), "dash", "dash"},
		{ARGS("ld.so\0--library-path=/lib\0dash\0"), "dash", "dash"},
		{ARGS("ld.so\0--argv0\0sh\0/bin/busybox\0"), "/bin/busybox", "sh"},
		{ARGS("ld.so\0--\0/x/dash\0"), "/x/dash", "/x/dash"},
		{ARGS("ld.so\0--no-such-option\0dash\0"), "dash", "dash"},
		{ARGS("ld.so\0--audit\0--list\0dash\0"), "dash", "dash"},
		{ARGS("ld.so\0-\0"), "-", "-"}, {ARGS("ld.so\0da"), "da", "da"}, /* was cut */
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		struct event_text own;
		struct slice path, first;
		size_t offset = 0;

		assert_true(loader_target(&cases[i].args, &path, &own));
		assert_slice_text(path, cases[i].path);
		assert_true(event_args_next(&own, &offset, &first));
		assert_slice_text(first, cases[i].first);
	}
}

static void loader_that_runs_nothing_loads_nothing(void **state)
{
	static const struct event_text cases[] = {
		ARGS(""),
		ARGS("ld.so\0"),
		ARGS("ld.so\0--list\0/x/dash\0"),
		ARGS("ld.so\0--verify\0/x/dash\0"),
		ARGS("ld.so\0--version\0"),
		ARGS("ld.so\0--library-path\0"),
		ARGS("ld.so\0--library-path\0/lib\0"),
		ARGS("ld.so\0--\0"),
		ARGS("ld.so\0\0"),
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		struct event_text own;
		struct slice path;

		assert_false(loader_target(&cases[i], &path, &own));
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(program_is_found_behind_the_options),
		cmocka_unit_test(loader_that_runs_nothing_loads_nothing),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
