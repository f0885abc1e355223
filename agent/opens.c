/* SPDX-License-Identifier: Apache-2.0 */
/* See opens.h. */
#include "opens.h"

static bool rules_want_opens(const struct rule_set *rules)
{
	return rule_set_subjects(rules) & 1u << SUBJECT_OPEN;
}

bool opens_are_wanted(const struct watch_config *config, const struct rule_set *rules)
{
	return !config->no_opens &&
	       (config->all_opens || config->record.path || rules_want_opens(rules));
}

/*
 * What a container has used is told by program. Of an alert in JSON all is told that is not extra,
 * and in a recording all. The path that a failed call was about is made of the working directory.
 *
 * Nothing is left out for the agent's own memory of who executed what (ancestry.c): the kernel side
 * cannot know of whom that still tells, and who opens may have ended before its record is read.
 */
unsigned opens_texts_wanted(const struct watch_config *config, const struct rule_set *rules)
{
	unsigned texts = 1u << BW_OPEN_EXE;

	if (config->failed_opens)
		texts |= 1u << BW_OPEN_CWD;
	if (config->record.path)
		texts |= rule_fields_open_texts(true);
	if (!rules_want_opens(rules))
		return texts;
	if (config->format == ALERT_JSON)
		texts |= rule_fields_open_texts(false);
	return texts | rule_set_open_texts(rules);
}

static bool wants_capabilities(const struct watch_config *config, const struct rule_set *rules)
{
	return config->record.path || rule_set_needs_capabilities(rules);
}

static void carry(struct opens *o, unsigned texts, bool capabilities)
{
	o->texts = texts;
	o->capabilities = capabilities;
	if (!o->probe)
		return;
	probe_opens_carry(o->probe, texts);
	probe_capabilities_carry(o->probe, capabilities);
}

bool opens_before_rules(struct opens *opens, const struct rule_set *fresh)
{
	unsigned more = opens_texts_wanted(opens->config, fresh) & ~opens->texts;
	bool capabilities = wants_capabilities(opens->config, fresh) && !opens->capabilities;

	if (!opens->probe || (!more && !capabilities))
		return false;
	carry(opens, opens->texts | more, opens->capabilities || capabilities);
	return capabilities || probe_opens_told(opens->probe);
}

int opens_follow_rules(struct opens *opens, struct diag *d)
{
	const struct watch_config *config = opens->config;
	bool wanted = opens_are_wanted(config, config->rules);
	int r;

	carry(opens, opens_texts_wanted(config, config->rules),
		wants_capabilities(config, config->rules));
	if (!opens->probe)
		return 0;
	if (config->no_opens && rules_want_opens(config->rules))
		return diag_at(d, NULL, 0, 0, "this agent was started with --opens=off");
	/* what was counted only because the old rules had no more to say of it */
	r = probe_opens_undecide(opens->probe);
	if (r < 0)
		return diag_errno(d, NULL, r);
	return probe_opens_tell(opens->probe, wanted, d);
}
