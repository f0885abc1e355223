/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Rule files: whatever the text, it is loaded or refused with a message that has a
 * place; what is loaded is matched and formatted.
 */
#include <stdint.h>
#include <stdlib.h>

#include "../unit/rule/subject_fixture.h"

/* A rule set that is not empty, so that the input can clash with it and use it. */
static const char base_rules[] = "- list: names\n  items: [sh, bash]\n"
				 "- macro: bare\n  condition: container.bare = true\n"
				 "- rule: base\n  desc: d\n  condition: bare\n  output: o\n"
				 "  priority: INFO\n"
				 "  exceptions: [{name: e, fields: [proc.name, proc.pid]}]\n";

static void subject_judge(const struct rule_set *set, const struct subject *subject)
{
	struct strbuf out = STRBUF_INIT;
	const struct rule *rule;
	size_t cursor = 0;

	while ((rule = rule_set_match(set, subject, &cursor))) {
		strbuf_reset(&out);
		rule_output_format(rule, subject, &out);
		if (out.len > 0 && strpbrk(strbuf_text(&out), "\n\r\x1b"))
			abort();
	}
	strbuf_done(&out);
}

/* What people see of a hostile file. */
static void diags_print(const struct diags *diags)
{
	struct strbuf out = STRBUF_INIT;

	diags_render_all(&out, diags, true);
	if (out.len > 0 && strpbrk(strbuf_text(&out), "\r\x1b"))
		abort();
	strbuf_done(&out);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct slice text = {(const char *)data, size};
	struct subject_fixture exec, attempt;
	struct rule_set *set;
	struct diags diags = DIAGS_INIT;
	size_t before, after;

	if (rule_set_new(&set) < 0)
		return 0;
	if (rule_set_add_text(set, "base", slice_of(base_rules), &diags) < 0)
		abort();
	rule_set_count(set, &before);
	if (rule_set_add_text(set, "fuzz", text, &diags) < 0) {
		rule_set_count(set, &after);
		if (after != before || diags.counts[DIAG_ERROR] == 0)
			abort();
	}
	diags_print(&diags);
	diags_done(&diags);
	fixture_exec(&exec);
	fixture_attempt(&attempt);
	subject_judge(set, &exec.subject);
	subject_judge(set, &attempt.subject);
	rule_set_free(set);
	return 0;
}
