/* SPDX-License-Identifier: Apache-2.0 */
/* Rules that outlive their set. One block of memory each, so that free() is all they need. */
#include "barewatch/rule.h"

#include <stdlib.h>
#include <string.h>

/* How many tags RULE has; adds what they take up to *TEXT_BYTES. */
static size_t tags_measure(const struct rule *rule, size_t *text_bytes)
{
	size_t count = 0;

	for (; rule->tags && rule->tags[count]; count++)
		*text_bytes += strlen(rule->tags[count]) + 1;
	return count;
}

/* Copies TEXT to *PLACE, which moves on behind it. */
static char *put_text(char **place, const char *text)
{
	char *copy = *place;

	*place = stpcpy(copy, text) + 1;
	return copy;
}

struct rule *rule_keep(const struct rule *rule)
{
	size_t text_bytes = rule ? strlen(rule->name) + 1 : 0;
	size_t tags = rule ? tags_measure(rule, &text_bytes) : 0;
	struct rule *copy;
	char *place;

	if (!rule)
		return NULL;
	copy = calloc(1, sizeof(*copy) + (tags + 1) * sizeof(*copy->tags) + text_bytes);
	if (!copy)
		return NULL;
	copy->tags = (char **)(copy + 1);
	place = (char *)(copy->tags + tags + 1);
	copy->name = put_text(&place, rule->name);
	copy->priority = rule->priority;
	for (size_t i = 0; i < tags; i++)
		copy->tags[i] = put_text(&place, rule->tags[i]);
	return copy;
}
