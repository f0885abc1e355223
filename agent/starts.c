/* SPDX-License-Identifier: Apache-2.0 */
/* Starts of programs that are under way, see starts.h. */
#include "starts.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <uthash.h>

#include "base/cleanup.h"
#include "base/log.h"

struct starts_entry {
	uint32_t tgid, ppid; /* of the runtime */
	uint64_t start_ns; /* with tgid, who that is: ids are used again */
	char id[CONTAINER_ID_MAX + 1]; /* of the container; empty when it is too long for one */
	const struct container *searched; /* an exec's; to compare, it may be gone */
	bool failed;
	uint64_t time_ns;
	struct runtime_start start;
	UT_hash_handle hh; /* in the order of the calls */
};

static void entry_drop(struct starts *starts, struct starts_entry *entry)
{
	HASH_DEL(starts->by_process, entry);
	runtime_start_done(&entry->start);
	free(entry);
}

int starts_init(struct starts *starts)
{
	*starts = (struct starts){0};
	return helper_new(&starts->helper);
}

void starts_done(struct starts *starts)
{
	helper_free(starts->helper);
	while (starts->by_process)
		entry_drop(starts, starts->by_process);
}

static struct starts_entry *entry_find(struct starts *starts, uint32_t tgid)
{
	struct starts_entry *entry;

	HASH_FIND(hh, starts->by_process, &tgid, sizeof(tgid), entry);
	return entry;
}

/* A new entry for the call of EVENT. A runtime that executes itself anew is still one call. */
static struct starts_entry *entry_new(
	struct starts *starts, const struct event *event, struct slice id)
{
	struct starts_entry *entry = entry_find(starts, event->process->tgid);

	if (entry)
		entry_drop(starts, entry);
	if (HASH_COUNT(starts->by_process) >= STARTS_MAX)
		entry_drop(starts, starts->by_process);
	entry = calloc(1, sizeof(*entry));
	if (!entry)
		return NULL;
	entry->tgid = event->process->tgid;
	entry->ppid = event->process->ppid;
	entry->start_ns = event->process->start_ns;
	entry->time_ns = event->time_ns;
	if (id.len < sizeof(entry->id))
		memcpy(entry->id, id.data, id.len);
	entry->start = RUNTIME_START_INIT;
	HASH_ADD(hh, starts->by_process, tgid, sizeof(entry->tgid), entry);
	return entry;
}

/* ---- reading what is to be started ---- */

/* A call as the helper reads it, which may take longer than the event and the container last. */
struct reading {
	struct helper_job job;
	struct bw_process process;
	struct strbuf args, cwd;
	bool args_truncated;
	char *bundle, *rootfs; /* of the container, NULL where they are not known */
	struct runtime_start start;
	int error;
};

static void reading_free(struct reading *reading)
{
	strbuf_done(&reading->args);
	strbuf_done(&reading->cwd);
	free(reading->bundle);
	free(reading->rootfs);
	runtime_start_done(&reading->start);
	free(reading);
}

static void reading_release(struct helper_job *job)
{
	reading_free((struct reading *)job);
}

static void reading_work(struct helper_job *job)
{
	struct reading *reading = (struct reading *)job;
	struct container container = {.bundle = reading->bundle, .rootfs = reading->rootfs};
	struct event_text args = {
		.bytes = strbuf_slice(&reading->args), .truncated = reading->args_truncated};
	struct runtime_call call;

	if (runtime_call_parse(&args, &call))
		reading->error = runtime_start_read(&call, &reading->process,
			strbuf_slice(&reading->cwd), &container, &reading->start);
}

/* What is left out for lack of memory is not found out. */
static struct reading *reading_new(const struct event *event, const struct container *container)
{
	struct reading *reading = calloc(1, sizeof(*reading));

	if (!reading)
		return NULL;
	reading->job = (struct helper_job){reading_work, reading_release};
	reading->process = *event->process;
	reading->args_truncated = event->runtime.args.truncated;
	reading->start = RUNTIME_START_INIT;
	strbuf_add_slice(&reading->args, event->runtime.args.bytes);
	strbuf_add_slice(&reading->cwd, event->runtime.cwd.bytes);
	if (container && container->bundle)
		reading->bundle = strdup(container->bundle);
	if (container && container->rootfs)
		reading->rootfs = strdup(container->rootfs);
	return reading;
}

static int read_start(struct starts *starts, const struct event *event,
	const struct container *container, struct runtime_start *ret)
{
	struct reading *reading = reading_new(event, container);
	int r = reading ? helper_do(starts->helper, &reading->job, STARTS_PATIENCE_MS) : -ENOMEM;

	if (!reading || r == -ETIME) /* it is the helper's now */
		return r;
	if (r == 0)
		r = reading->error;
	if (r == 0) {
		*ret = reading->start;
		reading->start = RUNTIME_START_INIT;
	}
	reading_free(reading);
	return r;
}

/* ---- calls and their ends ---- */

/* Finds the container of a session. False when nobody wants to know of its failure. */
static bool find_session(const struct runtime_call *call, const struct tracker *tracker,
	const struct container **ret)
{
	if (call->verb != RUNTIME_EXEC)
		return true; /* it is not there yet */
	*ret = container_registry_find_id(tracker->registry, call->id);
	return *ret && tracker_watches(tracker, *ret);
}

void starts_called(struct starts *starts, const struct event *event, struct tracker *tracker)
{
	const struct container *container = NULL;
	struct starts_entry *entry;
	struct runtime_call call;
	int r = -ENOMEM;

	if (!runtime_call_parse(&event->runtime.args, &call) ||
		!find_session(&call, tracker, &container) || tracker_find(tracker, event))
		return;
	entry = entry_new(starts, event, call.id);
	if (entry) {
		entry->searched = container;
		r = read_start(starts, event, container, &entry->start);
	}
	if (r == -ETIME)
		log_error("the files of a runtime's call cannot be read in time");
	else if (r < 0 && r != -EBUSY) /* it is the same as was said before */
		log_error("the call of a runtime cannot be followed: %s", strerror(-r));
}

/*
 * Whether the process of EVENT, in CONTAINER, may be the orphan that the runtime of ENTRY
 * left to its own parent: crun forks twice for a session, and is gone from between.
 */
static bool may_be_orphan_of(const struct starts_entry *entry, const struct event *event,
	const struct container *container)
{
	return entry->start.verb == RUNTIME_EXEC && entry->ppid == event->process->ppid &&
	       entry->time_ns <= event->process->start_ns && !entry->failed &&
	       entry->start.error != 0 && strcmp(entry->id, container->id) == 0;
}

/* The oldest call that was bound to fail, of those that the process of EVENT may come from. */
static struct starts_entry *find_adopted(
	struct starts *starts, const struct event *event, const struct container *container)
{
	struct starts_entry *entry;

	for (entry = starts->by_process; entry; entry = entry->hh.next)
		if (may_be_orphan_of(entry, event, container))
			return entry;
	return NULL;
}

const struct runtime_start *starts_failed(
	struct starts *starts, const struct event *event, const struct container *container)
{
	struct starts_entry *entry = entry_find(starts, event->process->ppid);

	if (!entry || entry->start_ns != event->failed_start.record->parent_start_ns)
		entry = find_adopted(starts, event, container);
	if (!entry || entry->failed)
		return NULL;
	entry->failed = true;
	if (entry->searched && entry->searched != container) /* another of the same id */
		entry->start.error = RUNTIME_LOOKUP_UNKNOWN;
	return &entry->start;
}

/* Only its own arguments tell the exec of one session from that of another beside it. */
void starts_succeeded(
	struct starts *starts, const struct event *event, const struct container *container)
{
	struct slice args = event->exec.args.bytes;
	struct starts_entry *entry;

	for (entry = starts->by_process; entry; entry = entry->hh.next)
		if ((entry->tgid == event->process->ppid ||
			    may_be_orphan_of(entry, event, container)) &&
			slice_equal(args, strbuf_slice(&entry->start.args)))
			break;
	if (entry)
		entry_drop(starts, entry);
}

void starts_expire(struct starts *starts, uint64_t now_ns)
{
	while (starts->by_process && starts->by_process->time_ns + STARTS_KEEP_NS <= now_ns)
		entry_drop(starts, starts->by_process);
}

/* The text of BUF, NULs and all, which was CUT; unknown when there is none. */
static struct event_text text_of(const struct strbuf *buf, bool cut)
{
	return (struct event_text){
		.bytes = strbuf_slice(buf), .truncated = cut, .unreadable = buf->len == 0};
}

void starts_attempt(const struct runtime_start *start, const struct event *event,
	struct bw_attempt *record, struct event *attempt)
{
	static const struct event_text unknown = {.unreadable = true};
	struct slice asked = {0};
	size_t offset = 0;

	*record = (struct bw_attempt){
		.process = *event->process,
		.error = start->error == RUNTIME_LOOKUP_UNKNOWN ? 0 : start->error,
		.call = BW_CALL_NONE,
		.dirfd = AT_FDCWD,
	};
	attempt->kind = BW_EVENT_ATTEMPT;
	attempt->time_ns = event->time_ns;
	attempt->sequence = event->sequence;
	attempt->cpu = event->cpu;
	attempt->cgroup = event->cgroup;
	attempt->container = event->container;
	attempt->process = &record->process;
	attempt->lineage = (struct event_lineage){0};
	attempt->attempt.record = record;
	attempt->attempt.args = text_of(&start->args, start->args_cut);
	event_args_next(&attempt->attempt.args, &offset, &asked);
	attempt->attempt.asked = (struct event_text){
		.bytes = asked,
		.truncated = start->args_cut && offset > start->args.len,
		.unreadable = offset == 0,
	};
	attempt->attempt.tried = text_of(&start->tried, start->tried_cut);
	attempt->attempt.cwd = text_of(&start->cwd, false);
	attempt->attempt.exe = unknown;
	attempt->attempt.parent = unknown;
}
