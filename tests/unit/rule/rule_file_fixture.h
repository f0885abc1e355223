/* SPDX-License-Identifier: Apache-2.0 */
/* The rules that come along, and the cases beside them. Run from the top of the tree. */
#pragma once

#include "rule/rules_fixture.h"

/* The rules in the COUNT files of PATHS, of which there must be nothing to say. */
static inline struct rule_set *rules_of_files(const char *const *paths, size_t count)
{
	struct rule_set *set = rules_empty();
	CLEANUP_DIAGS struct diags diags = DIAGS_INIT;
	char message[DIAG_TEXT_SIZE];

	rule_set_add_paths(set, paths, count, &diags);
	if (diags.count > 0) {
		diag_text(&diags.items[0].diag, message, sizeof(message));
		fail_msg("%s", message);
	}
	return set;
}

static inline struct rule_set *rules_of_file(const char *path)
{
	return rules_of_files(&path, 1);
}

struct case_counts {
	size_t passed, silent;
	char fired[4096]; /* what was found in all cases */
};

static inline void count_case(const struct rule_case *result, void *userdata)
{
	struct case_counts *counts = userdata;

	if (!result->passed)
		fail_msg("%s:%u: %s\n%s", result->file, result->line, result->name, result->diff);
	counts->passed++;
	counts->silent += !result->diff[0];
	strncat(counts->fired, result->diff, sizeof(counts->fired) - strlen(counts->fired) - 1);
}

/* Runs the cases in PATH: all pass, and each rule of SET is found in one. */
static inline struct case_counts assert_cases_pass(struct rule_set *set, const char *path)
{
	struct case_counts counts = {0};
	const struct rule *rule;
	struct diag d;

	if (rule_cases_run(set, path, count_case, &counts, &d) < 0)
		fail_msg("%s:%u: %s", d.file, d.line, d.message);
	for (size_t i = 0; (rule = rule_set_at(set, i)); i++)
		if (!strstr(counts.fired, rule->name))
			fail_msg("%s has no case", rule->name);
	return counts;
}
