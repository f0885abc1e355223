/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A recording, judged: the alerts that the agent would have sent by these rules, in the same form
 * and by the same way out. Their times are those of the recording, and their ids begin with
 * zeros.
 */
#pragma once

#include "barewatch/alert.h"
#include "barewatch/record.h"

struct replay_config {
	const struct rule_set *rules;
	enum alert_format format;
};

struct replay;

/* 0 or -ENOMEM. CONFIG is copied, its rules borrowed. */
int replay_new(const struct replay_config *config, struct replay **ret);
void replay_free(struct replay *replay);

/*
 * Judges what is in the file PATH ("-": standard input). The files of a recording that was rotated
 * follow each other, the oldest first. 0, or a negative errno with D filled in: then what was
 * before the mistake has been judged.
 */
int replay_file(struct replay *replay, const char *path, struct diag *d);

struct replay_counts {
	uint64_t events; /* that were judged */
	uint64_t follow_ups; /* that were read */
	uint64_t alerts;
	uint64_t undelivered;
	uint64_t cut; /* files that end in the middle of a line */
};

struct replay_counts replay_counts(const struct replay *replay);
