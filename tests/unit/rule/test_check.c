/* SPDX-License-Identifier: Apache-2.0 */
/* Claims about agent/rule/check.c. */
#include "rules_fixture.h"

#include <errno.h>

#include "scratch.h"

#define RULE(name, condition) \
	"- rule: " name "\n  desc: d\n  condition: " condition "\n  output: o\n  priority: ERROR\n"

static void rules_are_counted_by_their_state(void **state)
{
	CLEANUP_SCRATCH struct scratch scratch;
	CLEANUP_DIAGS struct diags diags = DIAGS_INIT;
	struct rule_counts counts;
	const char *path;

	(void)state;
	scratch_init(&scratch);
	scratch_write_text(&scratch, "1.yaml",
		RULE("a", "proc.pid = 1") RULE("b", "proc.pid = 2")
			RULE("c", "evt.type = connect"));
	scratch_write_text(
		&scratch, "2.yml", "- rule: b\n  enabled: false\n" RULE("d", "proc.pid = 4"));
	path = scratch.root;
	assert_int_equal(rules_check(&path, 1, &diags, &counts), 0);
	assert_int_equal(counts.active, 2);
	assert_int_equal(counts.disabled, 1);
	assert_int_equal(counts.skipped, 1);
	assert_int_equal(diags.count, 1);
	assert_int_equal(diags.items[0].severity, DIAG_NOTE);
	assert_int_equal(diags.items[0].diag.line, 11);
	assert_string_equal(
		diags.items[0].diag.message, "rule 'c' is skipped: needs evt.type connect");
}

static void mistakes_of_several_files_come_in_their_order(void **state)
{
	CLEANUP_SCRATCH struct scratch scratch;
	CLEANUP_DIAGS struct diags diags = DIAGS_INIT;
	struct rule_counts counts;
	char first[SCRATCH_PATH_MAX];
	const char *paths[2] = {first};

	(void)state;
	scratch_init(&scratch);
	scratch_write_text(&scratch, "z.yaml", RULE("a", "proc.nme = x"));
	scratch_write_text(&scratch, "a.yaml", "- rule: [\n" RULE("b", "proc.pid = 1"));
	snprintf(first, sizeof(first), "%s", scratch_path(&scratch, "z.yaml"));
	paths[1] = scratch_path(&scratch, "a.yaml");
	assert_int_equal(rules_check(paths, 2, &diags, &counts), -EINVAL);
	assert_int_equal(diags.count, 2);
	assert_string_equal(diags.items[0].diag.file, paths[0]);
	assert_string_equal(diags.items[1].diag.file, paths[1]);
	assert_string_equal(strchr(diags.items[0].excerpt, '\n') + 1, "                 ^\n");
}

static void file_that_is_not_there_does_not_hide_mistakes_of_others(void **state)
{
	CLEANUP_SCRATCH struct scratch scratch;
	CLEANUP_DIAGS struct diags diags = DIAGS_INIT;
	struct rule_counts counts;
	const char *paths[2] = {"/nonexistent"};

	(void)state;
	scratch_init(&scratch);
	scratch_write_text(&scratch, "a.yaml", RULE("a", "proc.nme = x"));
	paths[1] = scratch_path(&scratch, "a.yaml");
	assert_int_equal(rules_check(paths, 2, &diags, &counts), -ENOENT);
	assert_int_equal(diags.counts[DIAG_ERROR], 2);
	scratch_write_text(&scratch, "a.yaml", RULE("a", "proc.name = x"));
	assert_int_equal(rules_check(paths, 2, &diags, &counts), -ENOENT);
	assert_int_equal(diags.counts[DIAG_ERROR], 3);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(file_that_is_not_there_does_not_hide_mistakes_of_others),
		cmocka_unit_test(rules_are_counted_by_their_state),
		cmocka_unit_test(mistakes_of_several_files_come_in_their_order),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
