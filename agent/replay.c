/* SPDX-License-Identifier: Apache-2.0 */
/* See replay.h. */
#include "replay.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "outlet.h"

/* Alerts that are remembered for what completes them: more than the agent itself can keep waiting. */
#define ALERTS_KEPT 65536

/* An alert of the record called ID, at that number's place. */
struct replay_alert {
	uint64_t record; /* 0: a free place */
	const struct rule *rule;
	char id[ALERT_ID_SIZE];
};

struct replay {
	struct replay_config config;
	struct outlet outlet;
	char recording[RECORD_RECORDING_SIZE]; /* that is replayed */
	uint64_t last_id; /* of its records */
	struct replay_alert *alerts;
	struct replay_counts counts;
};

void replay_free(struct replay *replay)
{
	if (!replay)
		return;
	outlet_done(&replay->outlet);
	free(replay->alerts);
	free(replay);
}

int replay_new(const struct replay_config *config, struct replay **ret)
{
	struct replay *r = calloc(1, sizeof(*r));

	if (!r)
		return -ENOMEM;
	r->config = *config;
	outlet_init(&r->outlet, config->format);
	r->outlet.run = 0; /* so that the same recording gives the same ids, which no agent gives */
	r->alerts = calloc(ALERTS_KEPT, sizeof(*r->alerts));
	if (!r->alerts) {
		replay_free(r);
		return -ENOMEM;
	}
	*ret = r;
	return 0;
}

/* What comes now is of the recording HEADER is of: another one has other ids and containers. */
static void enter_recording(struct replay *r, const struct record_header *header)
{
	snprintf(r->outlet.hostname, sizeof(r->outlet.hostname), "%s", header->hostname);
	if (strcmp(r->recording, header->recording) == 0)
		return;
	snprintf(r->recording, sizeof(r->recording), "%s", header->recording);
	r->last_id = 0;
	memset(r->alerts, 0, ALERTS_KEPT * sizeof(*r->alerts));
	late_done(&r->outlet.late);
}

static struct replay_alert *alert_place(struct replay *r, uint64_t record)
{
	return &r->alerts[record % ALERTS_KEPT];
}

/* The alert of the record called ID; NULL when there was none. */
static const struct replay_alert *find_alert(struct replay *r, uint64_t id)
{
	const struct replay_alert *alert = alert_place(r, id);

	return alert->record == id ? alert : NULL;
}

/* SUBJECT, which happened at TIME_NS. */
static void judge(struct replay *r, const struct record *record, const struct subject *subject,
	uint64_t time_ns)
{
	struct replay_alert *place = alert_place(r, record->id);
	const struct rule *rule;
	size_t cursor = 0;

	rule = rule_set_match(r->config.rules, subject, &cursor);
	if (!rule)
		return;
	place->record = record->id;
	place->rule = rule;
	outlet_alert(&r->outlet, rule, subject, time_ns, place->id);
}

/* Completes the alert of the record that RECORD adds to. False when there was none. */
static bool complete(struct replay *r, const struct record *record, const struct subject *subject)
{
	const struct replay_alert *alert = find_alert(r, record->completes);

	if (alert)
		outlet_complete(&r->outlet, alert->id, alert->rule, subject, record->time_ns);
	return alert != NULL;
}

static void judge_program(struct replay *r, const struct record *record, struct subject *subject)
{
	struct subject program = *subject;

	program.kind = SUBJECT_PROGRAM;
	if (!complete(r, record, &program))
		judge(r, record, subject, record->happened_ns);
}

/* The alerts of a container that is not all known are kept by the outlet, as they are live. */
static void replay_record(
	struct replay *r, const struct record *record, const struct recorded *recorded)
{
	struct container container = {.cgroup = record->container, .is_incomplete = true};
	struct subject subject = recorded_subject(recorded);

	if (record->container)
		subject.container = &container;
	if (record->kind == RECORD_EVENT)
		r->counts.events++;
	else
		r->counts.follow_ups++;
	switch (record->kind) {
	case RECORD_EVENT:
		judge(r, record, &subject, record->time_ns);
		break;
	case RECORD_PROGRAM:
		judge_program(r, record, &subject);
		break;
	case RECORD_CONTAINER:
		outlet_follow_up(&r->outlet, &subject, record->time_ns);
		break;
	case RECORD_REPEATS:
		(void)complete(r, record, &subject);
		break;
	case RECORD_HEADER:
	case RECORD_KINDS:
		break;
	}
}

/* Ids ascend: of two files in the wrong order, the alerts would be, too. */
static int check_order(
	const struct replay *r, const struct record *record, const char *path, struct diag *d)
{
	if (record->id > r->last_id)
		return 0;
	return diag_at(d, path, 0, 0,
		"record %llu comes after record %llu: of a recording with several files, the oldest "
		"is to be named first",
		(unsigned long long)record->id, (unsigned long long)r->last_id);
}

static int replay_lines(
	struct replay *r, struct record_reader *reader, const char *path, struct diag *d)
{
	struct recorded *recorded;
	struct record record;
	int error;

	while ((error = record_reader_next(reader, &record, &recorded, d)) > 0) {
		if (record.kind == RECORD_HEADER) {
			enter_recording(r, record_reader_header(reader));
			continue;
		}
		error = check_order(r, &record, path, d);
		if (error == 0) {
			r->last_id = record.id;
			replay_record(r, &record, recorded);
		}
		recorded_free(recorded);
		if (error < 0 || r->outlet.error == -EPIPE)
			break;
	}
	return error < 0 ? error : 0;
}

int replay_file(struct replay *replay, const char *path, struct diag *d)
{
	struct record_reader *reader;
	int r = record_reader_open(path, &reader, d);

	if (r < 0)
		return r;
	r = replay_lines(replay, reader, path, d);
	replay->counts.cut += record_reader_is_cut(reader);
	record_reader_free(reader);
	return r;
}

struct replay_counts replay_counts(const struct replay *replay)
{
	struct replay_counts counts = replay->counts;

	counts.alerts = replay->outlet.alerts;
	counts.undelivered = replay->outlet.undelivered;
	return counts;
}
