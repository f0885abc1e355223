/* SPDX-License-Identifier: Apache-2.0 */
/* The answers of answers.h: one function for each question. */
#include "answers.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "answer_files.h"
#include "base/json.h"
#include "base/log.h"

DEFINE_CLEANUP(struct recorded, recorded, recorded_free);

static const char *text_at(const json_t *request, const char *key)
{
	return json_string_value(json_object_get(request, key));
}

/* ---- what an alert was about ---- */

/* Why nothing is kept of the alert ID. */
static int no_alert(const struct answers *a, const char *id, struct diag *d)
{
	unsigned long long run, number;

	if (sscanf(id, "%16llx-%16llx", &run, &number) != 2 || run != a->outlet->run)
		diag_at(d, NULL, 0, 0, "'%.64s' is no alert of the agent that runs", id);
	else if (number & ALERT_ID_NOTICE)
		diag_at(d, NULL, 0, 0, "'%.64s' is about the agent itself: no rule made it", id);
	else
		diag_at(d, NULL, 0, 0,
			"the alert '%.64s' is not kept any more: the agent has the last %d, as far "
			"as %u KiB hold them",
			id, RECENT_ALERTS_MAX, RECENT_BYTES_MAX >> 10);
	return -ESTALE;
}

static int find_alert(
	const struct answers *a, const json_t *request, struct slice *ret, struct diag *d)
{
	const char *id = text_at(request, "alert");

	if (!id)
		return diag_at(d, NULL, 0, 0, "'alert' is not the id of an alert");
	*ret = recent_find(&a->outlet->recent, id);
	return ret->len > 0 ? 0 : no_alert(a, id, d);
}

/* {"request": "alert", "alert": ID}: {"alert": ID, "rule": NAME, "fields": {...}} */
static int answer_alert(const json_t *request, struct strbuf *out, struct diag *d, void *userdata)
{
	struct slice line;
	int r = find_alert(userdata, request, &line, d);

	if (r == 0)
		strbuf_add_slice(out, line);
	return r;
}

/* Why the rule NAME does, or does not, match the subject of LINE, what is kept of an alert. */
static int explain(
	const struct answers *a, const char *name, json_t *line, json_t **ret, struct diag *d)
{
	const struct fields_source source = {.name = "alert", .line = 1};
	CLEANUP(recorded_cleanup) struct recorded *recorded = NULL;
	struct subject subject;
	int r = recorded_new(json_object_get(line, "fields"), SUBJECT_KINDS, &source, &recorded, d);

	if (r < 0)
		return -EIO;
	subject = recorded_subject(recorded);
	r = rule_explain(a->rules, name, &subject, ret);
	if (r == -ENOENT) {
		diag_at(d, NULL, 0, 0, "no rule '%.128s' is in force", name);
		rule_set_suggest(a->rules, d, name);
		return -ENXIO;
	}
	return r < 0 ? diag_errno(d, NULL, r) : 0;
}

/*
 * {"request": "explain", "alert": ID, "rule": NAME}: the same with "explanation", by the rules in
 * force. Without "rule" by that of the alert.
 */
static int answer_explain(const json_t *request, struct strbuf *out, struct diag *d, void *userdata)
{
	const struct answers *a = userdata;
	const char *name = text_at(request, "rule");
	CLEANUP_JSON json_t *line = NULL;
	json_t *explanation = NULL;
	struct slice text;
	int r = find_alert(a, request, &text, d);

	if (r < 0)
		return r;
	if (!control_next(&text, &line))
		return diag_errno(d, NULL, -ENOMEM);
	r = explain(a, name ? name : text_at(line, "rule"), line, &explanation, d);
	if (r < 0)
		return r;
	json_object_set_new(line, "explanation", explanation);
	return json_add_line(json_incref(line), out) < 0 ? diag_errno(d, NULL, -ENOMEM) : 0;
}

/* {"request": "status"}: what status_summarize() tells */
static int answer_status(const json_t *request, struct strbuf *out, struct diag *d, void *userdata)
{
	const struct answers *a = userdata;
	int r = a->summarize(out, a->userdata);

	(void)request;
	return r < 0 ? diag_errno(d, NULL, r) : 0;
}

/* ---- */

static const struct control_request requests[] = {
	{"alert", answer_alert},
	{"explain", answer_explain},
	{"files", answer_files},
	{"status", answer_status},
};

void answers_listen(struct answers *answers, const char *state_file, struct control **ret)
{
	int r = control_new(state_file, requests, ARRAY_SIZE(requests), answers, ret);

	if (r == -EBUSY)
		log_warning("'%s%s' belongs to another agent: this one cannot be asked; "
			    "--state-file PATH gives it a place of its own",
			state_file, CONTROL_PATH_SUFFIX);
	else if (r < 0)
		log_warning("the agent cannot be asked: '%s%s': %s", state_file,
			CONTROL_PATH_SUFFIX,
			r == -EPERM ? "others can enter its directory" : strerror(-r));
}
