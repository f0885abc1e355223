/* SPDX-License-Identifier: Apache-2.0 */
/* Claims about agent/cmd_rules_check.c: its exit statuses. */
#include "scratch.h"

#include "cmd.h"

#define RULE(name, condition) \
	"- rule: " name "\n  desc: d\n  condition: " condition "\n  output: o\n  priority: ERROR\n"

/* The status of `rules check` with ARGUMENT; what it prints goes nowhere. */
static int status_of(const char *argument)
{
	const char *argv[] = {"check", argument, NULL};
	int out = dup(STDOUT_FILENO), err = dup(STDERR_FILENO), null = open("/dev/null", O_WRONLY);
	int status;

	fflush(stdout);
	dup2(null, STDOUT_FILENO);
	dup2(null, STDERR_FILENO);
	status = cmd_rules_check(argument ? 2 : 1, (char **)argv);
	fflush(stdout);
	dup2(out, STDOUT_FILENO);
	dup2(err, STDERR_FILENO);
	close(out);
	close(err);
	close(null);
	return status;
}

static void status_tells_what_was_found(void **state)
{
	static const struct {
		const char *text;
		int status;
	} cases[] = {
		{RULE("r", "proc.pid = 1"), EXIT_FINE},
		{RULE("r", "evt.type = connect"), EXIT_FINE},
		{RULE("r", "proc.pid = 1") "- list: l\n  items: [a]\n", EXIT_FINE},
		{RULE("r", "proc.name = aaaaaaaaaaaaaaaa"), EXIT_FOUND},
		{RULE("r", "proc.pid = x"), EXIT_FOUND},
		{"- [", EXIT_FOUND},
	};
	CLEANUP_SCRATCH struct scratch scratch;

	(void)state;
	scratch_init(&scratch);
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		int status;

		scratch_write_text(&scratch, "r.yaml", cases[i].text);
		status = status_of(scratch_path(&scratch, "r.yaml"));
		if (status != cases[i].status)
			fail_msg("%s: %d", cases[i].text, status);
	}
}

static void what_cannot_be_read_is_no_finding(void **state)
{
	(void)state;
	assert_int_equal(status_of("/nonexistent"), EXIT_USAGE);
	assert_int_equal(status_of("--no-such-option"), EXIT_USAGE);
	assert_int_equal(status_of(NULL), EXIT_USAGE);
	assert_int_equal(status_of("--help"), EXIT_FINE);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(status_tells_what_was_found),
		cmocka_unit_test(what_cannot_be_read_is_no_finding),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
