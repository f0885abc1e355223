/* SPDX-License-Identifier: Apache-2.0 */
/* Rule sets from texts, and what is said about those that are wrong. */
#pragma once

#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "barewatch/rule.h"
#include "base/cleanup.h"

#define DIAG_TEXT_SIZE 1024

DEFINE_CLEANUP(struct rule_set, rule_set, rule_set_free);
#define CLEANUP_RULES CLEANUP(rule_set_cleanup)

/* A rule called "r" with CONDITION, which starts at line 3, column 14. */
#define RULE_WITH(condition) \
	"- rule: r\n  desc: d\n  condition: " condition "\n  output: o\n  priority: ERROR\n"

static inline struct rule_set *rules_empty(void)
{
	struct rule_set *set = NULL;

	assert_int_equal(rule_set_new(&set), 0);
	return set;
}

/* Adds TEXT, which must be right. */
static inline void rules_add(struct rule_set *set, const char *text)
{
	CLEANUP_DIAGS struct diags diags = DIAGS_INIT;
	char message[DIAG_TEXT_SIZE];

	if (rule_set_add_text(set, "rules.yaml", slice_of(text), &diags) == 0)
		return;
	diag_text(&diags.items[0].diag, message, sizeof(message));
	fail_msg("%s\n%s", message, text);
}

static inline struct rule_set *rules_of(const char *text)
{
	struct rule_set *set = rules_empty();

	rules_add(set, text);
	return set;
}

/* Adds TEXT, which must be wrong, with MESSAGE alone. */
static inline void assert_rules_fail(struct rule_set *set, const char *text, const char *message)
{
	CLEANUP_DIAGS struct diags diags = DIAGS_INIT;
	char found[DIAG_TEXT_SIZE];

	if (rule_set_add_text(set, "rules.yaml", slice_of(text), &diags) == 0)
		fail_msg("accepted, where \"%s\" was expected:\n%s", message, text);
	diag_text(&diags.items[0].diag, found, sizeof(found));
	assert_string_equal(found, message);
	assert_int_equal(diags.counts[DIAG_ERROR], 1);
}

/* The same for a set of its own. */
static inline void assert_text_fails(const char *text, const char *message)
{
	CLEANUP_RULES struct rule_set *set = rules_empty();

	assert_rules_fail(set, text, message);
}

static inline bool rules_match(const struct rule_set *set, const struct subject *subject)
{
	size_t cursor = 0;

	return rule_set_match(set, subject, &cursor) != NULL;
}

/* Whether a rule with CONDITION fires on SUBJECT. */
static inline bool condition_fires(const char *condition, const struct subject *subject)
{
	CLEANUP_RULES struct rule_set *set = NULL;
	char text[4096];

	snprintf(text, sizeof(text), RULE_WITH("%s"), condition);
	set = rules_of(text);
	return rules_match(set, subject);
}
