/* SPDX-License-Identifier: Apache-2.0 */
/* Claims about agent/rule/keep.c. */
#include "rules_fixture.h"

#include <stdlib.h>

static void kept_rule_outlives_its_set(void **state)
{
	struct rule_set *set;
	struct diags diags = DIAGS_INIT;
	struct rule *kept, *bare;

	(void)state;
	assert_int_equal(rule_set_new(&set), 0);
	assert_int_equal(rule_set_add_text(set, "r",
				 slice_of("- {rule: one, desc: d, condition: proc.name = sh, "
					  "output: o, priority: ERROR, tags: [shell, T1059]}\n"
					  "- {rule: two, desc: d, condition: proc.name = sh, "
					  "output: o, priority: DEBUG}\n"),
				 &diags),
		0);
	diags_done(&diags);
	kept = rule_keep(rule_set_find(set, "one"));
	bare = rule_keep(rule_set_find(set, "two"));
	rule_set_free(set);
	assert_string_equal(kept->name, "one");
	assert_int_equal(kept->priority, RULE_ERROR);
	assert_string_equal(kept->tags[0], "shell");
	assert_string_equal(kept->tags[1], "T1059");
	assert_null(kept->tags[2]);
	assert_string_equal(bare->name, "two");
	assert_int_equal(bare->priority, RULE_DEBUG);
	assert_null(bare->tags[0]);
	free(kept);
	free(bare);
}

static void no_rule_is_kept_as_none(void **state)
{
	(void)state;
	assert_null(rule_keep(NULL));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(kept_rule_outlives_its_set),
		cmocka_unit_test(no_rule_is_kept_as_none),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
