/* SPDX-License-Identifier: Apache-2.0 */
/* What a running agent answers to who asks by its control socket. */
#pragma once

#include "barewatch/control.h"
#include "barewatch/probe.h"
#include "base/strbuf.h"
#include "judge.h"
#include "outlet.h"

/* All is borrowed. */
struct answers {
	const struct rule_set *rules; /* those in force */
	const struct outlet *outlet;
	const struct judge *judge; /* its tracker and profile */
	const struct probe *probe;
	int (*summarize)(struct strbuf *out, void *userdata); /* status_summarize(), of now */
	void *userdata;
};

/*
 * Same as control_new() for an agent, to which the failure is none: it is said.
 */
void answers_listen(struct answers *answers, const char *state_file, struct control **ret);
