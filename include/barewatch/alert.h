/* SPDX-License-Identifier: Apache-2.0 */
/* The alert module: what leaves barewatch, and in which form. */
#pragma once

#include <stdint.h>

#include "barewatch/rule.h"

enum alert_format {
	ALERT_TEXT, /* aligned columns for people */
	ALERT_TEXT_COLOR, /* the same with ANSI colours */
	ALERT_JSON, /* one object a line, with Falco's keys */
};

#define ALERT_ID_SIZE 34 /* with its NUL */

/*
 * Names an alert so that no other alert of any agent is called the same: RUN is a random
 * number of this run of the agent, NUMBER counts its alerts.
 */
void alert_id_format(char id[static ALERT_ID_SIZE], uint64_t run, uint64_t number);

struct alert {
	const struct rule *rule;
	/*
	 * What it is about. A container or a program alone makes a follow-up: what became known
	 * of it only after the alert with this id had left.
	 */
	const struct subject *subject;
	uint64_t time_ns; /* CLOCK_REALTIME */
	const char *hostname;
	const char *id;
};

/* What the agent says of itself: in the form of an alert, so that it arrives where those do. */
struct alert_notice {
	const char *rule; /* what goes for the name of a rule */
	enum rule_priority priority;
	const char *output;
	const struct container *container; /* that it is about; NULL: none */
	const char *number_name; /* a field, and its number; NULL: none */
	uint64_t number;
	uint64_t time_ns; /* CLOCK_REALTIME */
	const char *hostname;
	const char *id;
};

/* Same as alert_format() for NOTICE. */
int alert_notice_format(
	const struct alert_notice *notice, enum alert_format format, struct strbuf *out);

/* Appends ALERT as one line with its newline. 0 or -ENOMEM. */
int alert_format(const struct alert *alert, enum alert_format format, struct strbuf *out);
