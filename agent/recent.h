/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What the last alerts were about, kept for who asks why they left: the values of all fields, as they
 * were when the rule was asked.
 */
#pragma once

#include "barewatch/alert.h"
#include "barewatch/rule.h"

#define RECENT_ALERTS_MAX 256
#define RECENT_BYTES_MAX  (1u << 20) /* an alert takes 2 to 4 KiB, with many labels 20 */

struct recent_alert {
	char id[ALERT_ID_SIZE];
	struct strbuf line; /* {"alert": ID, "rule": NAME, "fields": {...}} */
};

/* All zeros to begin with. */
struct recent {
	struct recent_alert alerts[RECENT_ALERTS_MAX];
	size_t first, count; /* a ring */
	size_t bytes;
};

/* Keeps what SUBJECT was when RULE made the alert ID of it. The oldest make room. */
void recent_add(struct recent *recent, const char *id, const struct rule *rule,
	const struct subject *subject);

/* The line of the alert ID; empty when it is not kept. */
struct slice recent_find(const struct recent *recent, const char *id);

void recent_done(struct recent *recent);
