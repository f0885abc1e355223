/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Where alerts leave: standard output, a line each. Names them, completes those that left
 * before all was known, and counts what could not be written.
 */
#pragma once

#include <limits.h>

#include "barewatch/alert.h"
#include "late.h"
#include "recent.h"

#define ALERT_ID_NOTICE (1ULL << 40) /* in the numbers of notices, which count by themselves */

struct outlet {
	enum alert_format format;
	bool is_shut; /* nothing is to leave */
	char hostname[HOST_NAME_MAX + 1];
	uint64_t run; /* a random number, part of the ids of alerts */
	uint64_t alerts; /* so far, follow-ups left out */
	uint64_t notices; /* of what the agent said of itself, which is not among the alerts */
	uint64_t undelivered; /* lines that could not be written */
	int error; /* of the last of those; 0 when there was none */
	struct strbuf line;
	bool line_is_broken; /* the last one was written in part */
	struct late late;
	struct recent recent; /* what its alerts were about */
};

void outlet_init(struct outlet *outlet, enum alert_format format);
void outlet_done(struct outlet *outlet);

/* True when alerts or messages go to a terminal that has been closed. */
bool outlet_has_hung_up(void);

/*
 * Sends an alert of RULE about SUBJECT, which happened at TIME_NS (CLOCK_REALTIME). Stores what
 * it is called.
 */
void outlet_alert(struct outlet *outlet, const struct rule *rule, const struct subject *subject,
	uint64_t time_ns, char ret_id[static ALERT_ID_SIZE]);

/*
 * Sends what the agent says of itself: TEXT, in which all that comes from elsewhere is escaped. NUMBER
 * becomes a field called NAME, unless that is NULL.
 */
void outlet_notice(struct outlet *outlet, enum rule_priority priority, const char *rule,
	const char *text, const char *name, uint64_t number);

/*
 * Same of CONTAINER: it made so many kinds of failed execs that COUNT more were counted by the kernel
 * side and not sent, be they what they may.
 */
void outlet_held(struct outlet *outlet, const struct container *container, uint64_t count);

/* Same of COUNT opened files that CONTAINER had no room for in the ring. */
void outlet_opens_lost(struct outlet *outlet, const struct container *container, uint64_t count);

/*
 * More is known of the container of SUBJECT, which is one, since TIME_NS (CLOCK_REALTIME): sends a
 * follow-up of each alert that left without.
 */
void outlet_follow_up(struct outlet *outlet, const struct subject *subject, uint64_t time_ns);

/*
 * Sends a follow-up of the alert called ID, of RULE. SUBJECT, a container or a program, is what
 * is known since TIME_NS.
 */
void outlet_complete(struct outlet *outlet, const char *id, const struct rule *rule,
	const struct subject *subject, uint64_t time_ns);
