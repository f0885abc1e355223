/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Alerts that left before all was known of their container, and are to be completed.
 */
#pragma once

#include <stddef.h>
#include <stdint.h>

#include "barewatch/alert.h"

/* More than that leave no follow-up: they are of few containers, and the first ones told. */
#define LATE_ALERTS_MAX 256

struct late_alert {
	char id[ALERT_ID_SIZE];
	struct rule *rule; /* as rule_keep() has it */
	uint64_t container; /* key of its cgroup */
};

struct late {
	struct late_alert alerts[LATE_ALERTS_MAX];
	size_t count;
};

/* An alert of RULE, called ID, left about CONTAINER, of which not all is known. */
void late_add(struct late *late, const char *id, const struct rule *rule,
	const struct container *container);

/*
 * Takes out an alert about CONTAINER, to RET, whose rule is the caller's to free, the oldest first.
 * False when there is none left.
 */
bool late_take(struct late *late, const struct container *container, struct late_alert *ret);

void late_done(struct late *late);
