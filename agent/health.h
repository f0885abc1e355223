/* SPDX-License-Identifier: Apache-2.0 */
/* How `barewatch status` shows what the agent answered. */
#pragma once

#include "base/slice.h"

enum health_format {
	HEALTH_TEXT,
	HEALTH_JSON, /* see docs/status.md */
};

/*
 * Prints ANSWER, as status_summarize() makes it, to standard output. 0, -EBADMSG when it is none, or
 * -ENOMEM.
 */
int health_print(struct slice answer, enum health_format format);
