/* SPDX-License-Identifier: Apache-2.0 */
/* Claims about agent/verify/policy.c. */
#include "asserts.h"
#include "scratch.h"

#include <errno.h>

#include "verify/policy.h"

struct fixture {
	struct scratch scratch;
	struct verify_policy *policy;
	struct diag d;
};

static int set_up(void **state)
{
	struct fixture *f = calloc(1, sizeof(*f));

	scratch_init(&f->scratch);
	assert_int_equal(verify_policy_new(&f->policy), 0);
	*state = f;
	return 0;
}

static int tear_down(void **state)
{
	struct fixture *f = *state;

	verify_policy_free(f->policy);
	scratch_done(&f->scratch);
	free(f);
	return 0;
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

static int load(struct fixture *f, const char *text)
{
	scratch_write(&f->scratch, "p.yaml", text, strlen(text));
	return verify_policy_load(f->policy, scratch_path(&f->scratch, "p.yaml"), &f->d);
}

static void assert_level(const struct fixture *f, enum present_class class, bool is_leaked,
	enum rule_priority priority, enum level expected)
{
	const struct rule rule = {.priority = priority};
	const struct present present = {.class = class, .is_leaked = is_leaked};

	assert_string_equal(
		level_name(policy_level(f->policy, &present, &rule)), level_name(expected));
}

static void priority_of_the_rule_is_the_level(void **state)
{
	const struct fixture *f = *state;

	assert_level(f, PRESENT_SHELL, false, RULE_EMERGENCY, LEVEL_VIOLATION);
	assert_level(f, PRESENT_SETUID, false, RULE_ERROR, LEVEL_VIOLATION);
	assert_level(f, PRESENT_SHELL, false, RULE_WARNING, LEVEL_NOTE);
	assert_level(f, PRESENT_PACKED, false, RULE_WARNING, LEVEL_UNKNOWN);
	assert_level(f, PRESENT_PACKED, false, RULE_CRITICAL, LEVEL_VIOLATION);
	assert_level(f, PRESENT_PACKED, true, RULE_WARNING, LEVEL_NOTE);
}

static void file_says_which_classes_are_what(void **state)
{
	struct fixture *f = *state;

	if (load(f, "version: 1\nviolations: [setuid, leak]\nnotes: [shell, packed]\n") < 0)
		fail_msg("%s", f->d.message);
	assert_level(f, PRESENT_SETUID, false, RULE_NOTICE, LEVEL_VIOLATION);
	assert_level(f, PRESENT_SHELL, false, RULE_CRITICAL, LEVEL_NOTE);
	assert_level(f, PRESENT_SHELL, true, RULE_NOTICE, LEVEL_VIOLATION);
	assert_level(f, PRESENT_PACKED, false, RULE_WARNING, LEVEL_NOTE);
	assert_level(f, PRESENT_MULTICALL, false, RULE_NOTICE, LEVEL_NOTE);
}

static void allowances_are_found_by_path(void **state)
{
	struct fixture *f = *state;
	const struct allowance *allowance;
	size_t index;

	assert_int_equal(load(f, "version: 1\nallow:\n- {path: /bin/sh, reason: a = b}\n"), 0);
	assert_int_equal(verify_policy_allow(f->policy, "/x=y=z", &f->d), 0);
	allowance = policy_allows(f->policy, slice_of("/bin/sh"), &index);
	assert_non_null(allowance);
	assert_int_equal(index, 0);
	assert_string_equal(allowance->reason, "a = b");
	allowance = policy_allows(f->policy, slice_of("/x"), &index);
	assert_non_null(allowance);
	assert_string_equal(allowance->reason, "y=z");
	assert_null(policy_allows(f->policy, slice_of("/bin"), &index));
	assert_null(policy_allowance(f->policy, 2));
}

static void mistakes_are_told_with_their_place(void **state)
{
	static const struct {
		const char *text;
		unsigned line;
		const char *message;
	} cases[] = {
		{"[]\n", 1, "expected a mapping"},
		{"violations: [shell]\n", 1, "expected 'version: 1'"},
		{"version: 2\n", 1, "expected 'version: 1'"},
		{"version: 1\nviolation: []\n", 2, "violations"},
		{"version: 1\nviolations: shell\n", 2, "expected a list of classes"},
		{"version: 1\nviolations:\n- shel\n", 3,
			"there is no class 'shel': did you mean 'shell'?"},
		{"version: 1\nviolations:\n- []\n", 3, "expected a class"},
		{"version: 1\nviolations: [shell]\nnotes: [shell]\n", 3, "named twice"},
		{"version: 1\nallow: x\n", 2, "expected a list"},
		{"version: 1\nallow: [x]\n", 2, "expected {path: /bin/sh, reason: why}"},
		{"version: 1\nallow:\n- {path: /x}\n", 3, "needs a 'reason'"},
		{"version: 1\nallow:\n- {path: x, reason: y}\n", 3, "begins with '/'"},
		{"version: 1\nallow:\n- {path: /x, reason: y, by: z}\n", 3, "by"},
	};
	struct fixture *f = *state;

	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		f->d = (struct diag){0};
		assert_int_equal(load(f, cases[i].text), -EINVAL);
		if (!strstr(f->d.message, cases[i].message) || f->d.line != cases[i].line)
			fail_msg("%s: %u: %s", cases[i].text, f->d.line, f->d.message);
	}
}

static void option_outweighs_the_file(void **state)
{
	struct fixture *f = *state;

	assert_int_equal(verify_policy_fail_on(f->policy, "shell", &f->d), 0);
	assert_int_equal(load(f, "version: 1\nnotes: [shell]\n"), 0);
	assert_level(f, PRESENT_SHELL, false, RULE_NOTICE, LEVEL_VIOLATION);
}

static void mistakes_in_options_are_told(void **state)
{
	struct fixture *f = *state;

	assert_int_equal(verify_policy_fail_on(f->policy, "shels", &f->d), -EINVAL);
	assert_string_equal(f->d.message, "there is no class 'shels': did you mean 'shell'?");
	assert_int_equal(verify_policy_allow(f->policy, "/bin/sh", &f->d), -EINVAL);
	assert_string_equal(f->d.message, "'/bin/sh' is not of the form /PATH=REASON");
	assert_int_equal(verify_policy_allow(f->policy, "bin/sh=x", &f->d), -EINVAL);
	assert_int_equal(verify_policy_allow(f->policy, "/bin/sh=", &f->d), -EINVAL);
	assert_string_equal(f->d.message, "'/bin/sh=' has no reason");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(priority_of_the_rule_is_the_level),
		TEST(file_says_which_classes_are_what),
		TEST(allowances_are_found_by_path),
		TEST(mistakes_are_told_with_their_place),
		TEST(option_outweighs_the_file),
		TEST(mistakes_in_options_are_told),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
