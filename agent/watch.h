/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The agent of `barewatch watch`: where the stages are joined. Records come from
 * the probe, are decoded, given their container and program, matched, and leave
 * as alerts.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "barewatch/alert.h"
#include "barewatch/container.h"
#include "barewatch/policy.h"
#include "barewatch/probe.h"
#include "barewatch/program.h"
#include "barewatch/record.h"
#include "barewatch/rule.h"
#include "base/diag.h"

/* Whether the kernel side outlives the agent. */
enum watch_pin {
	WATCH_PIN_WHERE_POSSIBLE, /* in pin_dir, else not */
	WATCH_PIN, /* in pin_dir, else the agent does not start */
	WATCH_PIN_NOT,
};

struct watch_config {
	struct policy *policy;
	struct catalog *catalog;
	struct rule_set *rules; /* a reload changes what is in it */
	const char *const *rule_paths; /* that they came from; none: the built-in ones */
	size_t rule_path_count;
	struct rule_watch *rule_watch; /* NULL: their files are not watched */
	struct container_roots roots;
	enum alert_format format;
	uint64_t duration_ns; /* 0: until a signal */
	uint64_t alerts_max; /* 0: no limit */
	size_t ring_bytes;
	enum probe_coverage coverage;
	bool no_opens; /* opened files are not told, whatever the rules want */
	bool all_opens; /* they are, also when no rule wants it */
	bool failed_opens; /* and those that could not be opened are, too */
	enum probe_open_variant open_variant;
	uint64_t canary_ns; /* between canaries; 0: none */
	enum watch_pin pin;
	const char *pin_dir;
	struct recorder_config record; /* no path: nothing is recorded */
	bool all_containers; /* also such as are not bare are watched */
	bool only_records; /* no alert leaves, and the end of the recording is that of the agent */
	const char *state_file; /* where the counts are left for ps; "": nowhere */
};

/*
 * Runs the agent until a signal or a limit ends it. What is pinned stays when the agent is ended
 * by SIGTERM or fails, and is removed at another end; alerts go to standard output,
 * messages and the closing summary to standard error. Returns an enum exit_status.
 */
int watch_run(const struct watch_config *config);
