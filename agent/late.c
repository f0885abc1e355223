/* SPDX-License-Identifier: Apache-2.0 */
/* Alerts to be completed, see late.h. */
#include "late.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

void late_add(struct late *late, const char *id, const struct rule *rule,
	const struct container *container)
{
	struct late_alert *alert = &late->alerts[late->count];
	struct rule *kept;

	if (late->count == LATE_ALERTS_MAX)
		return;
	kept = rule_keep(rule);
	if (!kept) /* it stays without a follow-up */
		return;
	*alert = (struct late_alert){.rule = kept, .container = container->cgroup};
	snprintf(alert->id, sizeof(alert->id), "%s", id);
	late->count++;
}

bool late_take(struct late *late, const struct container *container, struct late_alert *ret)
{
	for (size_t i = 0; i < late->count; i++) {
		if (late->alerts[i].container != container->cgroup)
			continue;
		*ret = late->alerts[i];
		late->count--;
		memmove(&late->alerts[i], &late->alerts[i + 1],
			(late->count - i) * sizeof(late->alerts[0]));
		return true;
	}
	return false;
}

void late_done(struct late *late)
{
	for (size_t i = 0; i < late->count; i++)
		free(late->alerts[i].rule);
	late->count = 0;
}
