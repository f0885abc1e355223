/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What the agent has itself told of opened files: whether at all, and what of who opens them; and of any
 * process, what few rules are about. Who opens pays for that, so it is what the rules in force, the outputs and
 * the options ask for.
 */
#pragma once

#include "barewatch/probe.h"
#include "barewatch/rule.h"
#include "watch.h"

/* All is borrowed. */
struct opens {
	const struct watch_config *config;
	struct probe *probe; /* NULL: there is no kernel side */
	unsigned texts; /* that records carry, see probe_opens_carry() */
	bool capabilities; /* same, see probe_capabilities_carry() */
};

/* Whether opened files are to be told while RULES are in force. Pure. */
bool opens_are_wanted(const struct watch_config *config, const struct rule_set *rules);

/* The texts that the records are to carry then: mask of 1 << enum bw_open_text. Pure. */
unsigned opens_texts_wanted(const struct watch_config *config, const struct rule_set *rules);

/*
 * FRESH are to take the place of CONFIG's rules: from now on records carry what either set asks for.
 * True when those that wait already may lack something of that.
 */
bool opens_before_rules(struct opens *opens, const struct rule_set *fresh);

/*
 * CONFIG's rules are in force, the first or other ones: opens are told from now on, or are not any
 * more, with what these ask for; and all files are told anew. 0, or a negative errno with D saying why
 * some are not seen that these rules are about.
 */
int opens_follow_rules(struct opens *opens, struct diag *d);
