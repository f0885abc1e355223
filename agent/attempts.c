/* SPDX-License-Identifier: Apache-2.0 */
/* Searches in $PATH and repeats, see attempts.h. */
#include "attempts.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/hash.h"

static uint64_t hash_of(struct slice text)
{
	return hash_add(HASH_INIT, text.data, text.len);
}

static uint64_t name_of(const struct event_text *path)
{
	return hash_of(slice_basename(path->bytes));
}

void attempts_init(struct attempts *attempts, attempts_fn *on_attempt, void *userdata)
{
	*attempts = (struct attempts){.on_attempt = on_attempt, .userdata = userdata};
}

static void search_end(struct attempts_search *search)
{
	free(search->record);
	strbuf_done(&search->tried);
	*search = (struct attempts_search){0};
}

void attempts_done(struct attempts *attempts)
{
	for (size_t i = 0; i < ATTEMPTS_WAITING_MAX; i++)
		search_end(&attempts->searches[i]);
	for (size_t i = 0; i < ATTEMPTS_REPORTED_MAX; i++)
		free(attempts->alerts.reports[i].rule);
}

/* Whether the thread has then executed what it looked for. */
static bool search_has_succeeded(const struct attempts *a, const struct attempts_search *search)
{
	const struct attempts_start *start = &a->started[search->tid % ATTEMPTS_STARTED_MAX];

	return start->tid == search->tid && start->name == search->name &&
	       (start->is_grave || !search->is_grave) && start->time_ns >= search->first_ns &&
	       start->time_ns <= search->last_ns + ATTEMPTS_JOIN_NS;
}

static void hand_over(struct attempts *a, struct attempts_search *search)
{
	static struct event event; /* 11 KiB, and one thread */
	const struct bw_event *header = search->record;

	if (!search_has_succeeded(a, search) && event_decode(header, header->size, &event) == 0) {
		if (search->count > 1)
			event.attempt.tried = (struct event_text){
				.bytes = strbuf_slice(&search->tried),
				.truncated = search->is_cut,
			};
		a->on_attempt(&event, a->userdata);
	}
	search_end(search);
}

static bool is_of_thread(const struct attempts_search *search, const struct event *event)
{
	return search->record && search->tid == event->process->tid &&
	       search->start_ns == event->process->start_ns;
}

static struct attempts_search *find_search(struct attempts *a, const struct event *event)
{
	for (size_t i = 0; i < ATTEMPTS_WAITING_MAX; i++)
		if (is_of_thread(&a->searches[i], event))
			return &a->searches[i];
	return NULL;
}

/* A free place; the search that has waited longest is handed over for it. */
static struct attempts_search *make_room(struct attempts *a)
{
	struct attempts_search *oldest = &a->searches[0];

	for (size_t i = 0; i < ATTEMPTS_WAITING_MAX; i++) {
		struct attempts_search *search = &a->searches[i];

		if (!search->record)
			return search;
		if (search->last_ns < oldest->last_ns)
			oldest = search;
	}
	hand_over(a, oldest);
	return oldest;
}

/* 0, or -ENOMEM, after which the search stands for what it stood for before. */
static int keep_record(struct attempts_search *search, const struct event *event)
{
	const struct bw_event *header = &event->attempt.record->event;
	void *copy = malloc(header->size);

	if (!copy)
		return -ENOMEM;
	free(search->record);
	search->record = memcpy(copy, header, header->size);
	return 0;
}

static void add_path(struct attempts_search *search, const struct event *event)
{
	struct slice path = event->attempt.asked.bytes;

	search->last_ns = event->time_ns;
	search->count++;
	if (search->tried.len + path.len + 1 > ATTEMPTS_TRIED_BYTES) {
		search->is_cut = true;
		return;
	}
	strbuf_add(&search->tried, path.data, path.len);
	strbuf_add_char(&search->tried, '\0');
}

/* What execvp goes on after, in the next directory of $PATH. */
static bool may_be_searching(const struct event *event)
{
	int error = event->attempt.record->error;

	if (event->attempt.record->flags & BW_ATTEMPT_LATE) /* it ended there */
		return false;
	return error == ENOENT || error == ENOTDIR || error == EACCES;
}

static bool goes_on(const struct attempts_search *search, const struct event *event)
{
	return search->name == name_of(&event->attempt.asked) &&
	       event->time_ns <= search->last_ns + ATTEMPTS_JOIN_NS;
}

/* Out of memory: it is judged by itself. */
static void begin_search(struct attempts *a, const struct event *event, bool is_grave)
{
	struct attempts_search *search = make_room(a);

	if (keep_record(search, event) < 0) {
		a->on_attempt(event, a->userdata);
		return;
	}
	search->is_grave = is_grave;
	search->tid = event->process->tid;
	search->start_ns = event->process->start_ns;
	search->name = name_of(&event->attempt.asked);
	search->first_ns = event->time_ns;
	add_path(search, event);
}

void attempts_add(struct attempts *attempts, const struct event *event, bool is_grave)
{
	struct attempts_search *search = find_search(attempts, event);
	bool may_search = may_be_searching(event);

	if (search && may_search && goes_on(search, event)) {
		if (is_grave && !search->is_grave && keep_record(search, event) == 0)
			search->is_grave = true;
		add_path(search, event);
		return;
	}
	if (search)
		hand_over(attempts, search);
	if (may_search)
		begin_search(attempts, event, is_grave);
	else
		attempts->on_attempt(event, attempts->userdata);
}

void attempts_started(struct attempts *attempts, const struct event *event, bool is_grave)
{
	uint32_t tid = event->exec.record->old_tid;

	attempts->started[tid % ATTEMPTS_STARTED_MAX] = (struct attempts_start){
		.tid = tid,
		.name = name_of(&event->exec.invoked),
		.time_ns = event->time_ns,
		.is_grave = is_grave,
	};
}

void attempts_expire(struct attempts *attempts, uint64_t until_ns)
{
	for (size_t i = 0; i < ATTEMPTS_WAITING_MAX; i++) {
		struct attempts_search *search = &attempts->searches[i];

		if (search->record && search->last_ns + ATTEMPTS_JOIN_NS < until_ns)
			hand_over(attempts, search);
	}
}

/* ---- repeats ---- */

static bool is_kind(const struct bw_attempt_kind *a, const struct bw_attempt_kind *b)
{
	return a->container == b->container && a->hash == b->hash && a->error == b->error;
}

void attempts_reported(struct attempts *attempts, const struct event *event,
	const struct rule *rule, const char *id, uint64_t record)
{
	const struct bw_attempt *failed = event->attempt.record;
	struct attempts_reports *reports = rule ? &attempts->alerts : &attempts->recorded;
	struct attempts_report *report =
		&reports->reports[reports->count++ % ATTEMPTS_REPORTED_MAX];

	report->kind = (struct bw_attempt_kind){
		.container = event->container, .hash = failed->hash, .error = failed->error};
	free(report->rule);
	report->rule = rule_keep(rule);
	report->record = record;
	snprintf(report->id, sizeof(report->id), "%s", id);
}

static const struct attempts_report *find_report(
	const struct attempts_reports *reports, const struct bw_attempt_kind *kind)
{
	for (size_t i = 1; i <= reports->count && i <= ATTEMPTS_REPORTED_MAX; i++) {
		const struct attempts_report *report =
			&reports->reports[(reports->count - i) % ATTEMPTS_REPORTED_MAX];

		if (is_kind(&report->kind, kind))
			return report;
	}
	return NULL;
}

const struct attempts_report *attempts_find_report(
	const struct attempts *attempts, const struct bw_attempt_kind *kind)
{
	const struct attempts_report *alert = find_report(&attempts->alerts, kind);

	return alert ? alert : find_report(&attempts->recorded, kind);
}
