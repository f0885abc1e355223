/* SPDX-License-Identifier: Apache-2.0 */
/* Calls of runtimes, see calls.h. */
#include "calls.h"

#include <stdlib.h>
#include <string.h>

#include "barewatch/runtime.h"
#include "base/cleanup.h"
#include "base/strbuf.h"

void calls_done(struct calls *calls)
{
	for (size_t i = 0; i < CALLS_MAX; i++) {
		free(calls->bundles[i].path);
		free(calls->bundles[i].pid_file);
	}
}

/* Keeps CALL, which EVENT tells of, in place of what was kept longest. */
static void keep_bundle(
	struct calls *calls, const struct runtime_call *call, const struct event *event)
{
	struct calls_bundle *place = &calls->bundles[calls->bundle_next];
	CLEANUP_STRBUF struct strbuf text = STRBUF_INIT;

	if (call->id.len >= sizeof(place->id))
		return;
	strbuf_add_path(&text, event->runtime.cwd.bytes, call->bundle);
	if (text.error)
		return;
	free(place->path);
	free(place->pid_file);
	*place = (struct calls_bundle){
		.runtime = event->process->tgid,
		.without_cgroup = call->without_cgroup,
		.awaits_init = call->without_cgroup,
		.parent = event->process->ppid,
		.mnt_ns = event->process->mnt_ns,
		.start_ns = event->process->start_ns,
	};
	place->path = TAKE_PTR(text.data);
	memcpy(place->id, call->id.data, call->id.len);
	if (call->without_cgroup && call->pid_file.len > 0)
		place->pid_file = strndup(call->pid_file.data, call->pid_file.len);
	calls->bundle_next = (calls->bundle_next + 1) % CALLS_MAX;
}

void calls_add(struct calls *calls, const struct event *event)
{
	const struct bw_process *process = event->process;
	struct runtime_call call;

	if (!runtime_call_parse(&event->runtime.args, &call))
		return;
	calls->processes[calls->process_next] = (struct calls_process){
		process->tgid, process->mnt_ns};
	calls->process_next = (calls->process_next + 1) % CALLS_MAX;
	if (call.verb == RUNTIME_CREATE)
		keep_bundle(calls, &call, event);
}

const struct calls_bundle *calls_bundle(const struct calls *calls, const char *id)
{
	for (size_t i = 0; i < CALLS_MAX; i++)
		if (calls->bundles[i].path && strcmp(calls->bundles[i].id, id) == 0)
			return &calls->bundles[i];
	return NULL;
}

static bool comes_from(const struct event_lineage *lineage, const struct calls_bundle *bundle)
{
	for (size_t i = 0; i < lineage->ancestors; i++) {
		const struct bw_relative *ancestor = &lineage->relatives[BW_LINEAGE_ANCESTORS + i];

		if ((pid_t)ancestor->tgid == bundle->runtime &&
			ancestor->start_ns == bundle->start_ns)
			return true;
	}
	return false;
}

/* A runtime that executes itself anew, as crun does, has called more than once. */
const struct calls_bundle *calls_find_above(struct calls *calls, const struct event *event)
{
	const struct calls_bundle *found = NULL;

	for (size_t i = 0; i < CALLS_MAX; i++) {
		struct calls_bundle *bundle = &calls->bundles[i];

		if (!bundle->without_cgroup || !comes_from(&event->lineage, bundle))
			continue;
		bundle->awaits_init = false;
		found = bundle;
	}
	return found;
}

bool calls_is_runtimes(const struct calls *calls, const struct event *event)
{
	const struct bw_process *process = event->process;

	for (size_t i = 0; i < CALLS_MAX; i++)
		if (calls->processes[i].tgid != 0 && calls->processes[i].tgid == process->ppid &&
			calls->processes[i].mnt_ns == process->mnt_ns)
			return true;
	return false;
}
