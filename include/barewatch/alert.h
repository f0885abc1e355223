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

struct alert {
	const struct rule *rule;
	const struct subject *subject;
	uint64_t time_ns; /* CLOCK_REALTIME */
	const char *hostname;
};

/* Appends ALERT as one line with its newline. 0 or -ENOMEM. */
int alert_format(const struct alert *alert, enum alert_format format, struct strbuf *out);
