/* SPDX-License-Identifier: Apache-2.0 */
/* Rules read for what can be said of them, not to be matched. */
#include <errno.h>

#include "barewatch/rule.h"
#include "base/cleanup.h"

static void note_skipped(const struct rule_set *set, struct diags *diags)
{
	const struct rule *rule;

	for (size_t i = 0; (rule = rule_set_at(set, i)); i++) {
		struct diag d;

		if (rule->state != RULE_SKIPPED)
			continue;
		diag_at(&d, rule->file, rule->line, 0, "rule '%.128s' is skipped: %.256s",
			rule->name, rule->reason);
		diags_add(diags, DIAG_NOTE, &d);
	}
}

int rules_check(
	const char *const *paths, size_t count, struct diags *diags, struct rule_counts *ret_counts)
{
	struct rule_set *set = NULL;
	int r;

	r = rule_set_new(&set);
	if (r < 0)
		return r;
	r = rule_set_add_paths(set, paths, count, diags);
	if (r == 0) {
		note_skipped(set, diags);
		*ret_counts = rule_set_counts(set);
	}
	rule_set_free(set);
	return r;
}
