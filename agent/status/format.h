/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The form of the agent's file: an object of JSON, see format.c. A reader knows by the
 * agent's pid and by when that was started whether it still runs.
 */
#pragma once

#include <stdbool.h>
#include <sys/types.h>

#include "barewatch/status.h"
#include "base/strbuf.h"

struct status_agent {
	pid_t pid;
	uint64_t start_ticks; /* field 22 of /proc/PID/stat */
	uint64_t started_ns; /* since 1970; not read */
};

/* This process. */
void status_agent_self(struct status_agent *ret);

/* True when the process that was AGENT still runs. */
bool status_agent_runs(const struct status_agent *agent);

/* Appends the file's text, at most STATUS_BYTES_MAX bytes: containers that are too many are left out. */
void status_format(
	struct strbuf *out, const struct status_agent *agent, const struct status_report *report);

/* See status_summarize(). */
void status_format_summary(
	struct strbuf *out, const struct status_agent *agent, const struct status_report *report);

/* TEXT as status_format() wrote it. 0, -EBADMSG or -ENOMEM. */
int status_parse(struct slice text, struct status_agent *ret_agent, struct status **ret);
