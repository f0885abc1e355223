/* SPDX-License-Identifier: Apache-2.0 */
/* The words for priorities. */
#include "rule/priority.h"

#include <ctype.h>
#include <strings.h>

/* In rule files they are usually written in capitals. */
static const struct {
	const char *name, *capitals;
} priorities[RULE_PRIORITIES] = {
	[RULE_EMERGENCY] = {"Emergency", "EMERGENCY"},
	[RULE_ALERT] = {"Alert", "ALERT"},
	[RULE_CRITICAL] = {"Critical", "CRITICAL"},
	[RULE_ERROR] = {"Error", "ERROR"},
	[RULE_WARNING] = {"Warning", "WARNING"},
	[RULE_NOTICE] = {"Notice", "NOTICE"},
	[RULE_INFORMATIONAL] = {"Informational", "INFORMATIONAL"},
	[RULE_DEBUG] = {"Debug", "DEBUG"},
};

const char *rule_priority_name(enum rule_priority priority)
{
	return priorities[priority].name;
}

bool priority_parse(const char *word, enum rule_priority *ret)
{
	if (strcasecmp(word, "info") == 0)
		word = "informational";
	for (size_t i = 0; i < RULE_PRIORITIES; i++) {
		if (strcasecmp(word, priorities[i].name) != 0)
			continue;
		*ret = i;
		return true;
	}
	return false;
}

void priority_suggest(struct diag *d, const char *word)
{
	const char *names[RULE_PRIORITIES];
	char capitals[32];
	size_t len = 0;

	for (size_t i = 0; i < RULE_PRIORITIES; i++)
		names[i] = priorities[i].capitals;
	while (len < sizeof(capitals) - 1 && word[len]) {
		capitals[len] = toupper((unsigned char)word[len]);
		len++;
	}
	capitals[len] = '\0';
	diag_suggest(d, capitals, names, RULE_PRIORITIES);
}
