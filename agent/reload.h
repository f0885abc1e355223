/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The rules, loaded anew while the agent runs: all or nothing. Refused ones change nothing; both
 * are told in the log, in the agent's file and by a notice.
 */
#pragma once

#include "barewatch/probe.h"
#include "barewatch/status.h"
#include "base/strbuf.h"
#include "opens.h"
#include "outlet.h"
#include "watch.h"

/* Of what is wrong with rules, in the agent's file. */
#define RELOAD_ERROR_BYTES_MAX 4096

struct reload {
	const struct watch_config *config;
	struct outlet *outlet;
	struct probe *probe; /* NULL: there is no kernel side */
	struct opens opens; /* what of opened files these rules are about */
	void (*drain)(void *userdata); /* has all that waits judged; NULL: nothing does */
	void *userdata;
	bool is_wanted; /* by a signal */
	struct strbuf error; /* of the last time; empty: it went well */
	struct status_rules status;
};

/* CONFIG's rules are in force. All is borrowed. */
void reload_init(struct reload *reload, const struct watch_config *config, struct outlet *outlet);
void reload_done(struct reload *reload);

/*
 * Loads the rules when that was asked for, or their files have changed, and puts them into CONFIG's set if
 * nothing is wrong with them; not to be called while an event is judged. True when it has
 * tried.
 */
bool reload_tick(struct reload *reload, uint64_t now_ns);

/* What the agent's file is to tell, up to date. */
const struct status_rules *reload_status(struct reload *reload);
