/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Records of the kernel side, as they might stand in a file: whatever the bytes, they
 * are refused or every text of the event lies within the record or the event itself.
 */
#include <stdint.h>
#include <stdlib.h>

#include "barewatch/decode.h"

/* Reads every byte of TEXT, so that a wrong length is seen. */
static void text_check(const struct event_text *text)
{
	volatile char sum = 0;

	for (size_t i = 0; i < text->bytes.len; i++)
		sum ^= text->bytes.data[i];
}

static void args_check(const struct event_text *args)
{
	struct slice arg;
	size_t offset = 0, total = 0;

	text_check(args);
	while (event_args_next(args, &offset, &arg))
		total += arg.len + 1;
	if (total > args->bytes.len + 1)
		abort();
}

static void lineage_check(const struct event_lineage *lineage)
{
	if (lineage->ancestors > BW_ANCESTORS_MAX || (!lineage->known && lineage->ancestors > 0))
		abort();
	for (size_t i = 0; lineage->known && i < BW_LINEAGE_ANCESTORS + lineage->ancestors; i++)
		if (!memchr(lineage->relatives[i].comm, '\0', BW_COMM_SIZE))
			abort();
}

static void event_check(const struct event *e)
{
	if (e->paths_used > sizeof(e->paths))
		abort();
	lineage_check(&e->lineage);
	if (e->kind == BW_EVENT_EXEC) {
		text_check(&e->exec.invoked);
		text_check(&e->exec.resolved);
		text_check(&e->exec.cwd);
		text_check(&e->exec.parent);
		args_check(&e->exec.args);
	} else if (e->kind == BW_EVENT_ATTEMPT) {
		text_check(&e->attempt.asked);
		text_check(&e->attempt.exe);
		text_check(&e->attempt.cwd);
		text_check(&e->attempt.parent);
		args_check(&e->attempt.args);
		args_check(&e->attempt.tried);
	} else if (e->kind == BW_EVENT_RUNTIME) {
		text_check(&e->runtime.cwd);
		args_check(&e->runtime.args);
	} else if (e->kind == BW_EVENT_FAILED_START) {
		if (!memchr(e->process->comm, '\0', BW_COMM_SIZE))
			abort();
	} else if (e->kind == BW_EVENT_MAPPING) {
		text_check(&e->mapping.file);
		text_check(&e->mapping.exe);
		text_check(&e->mapping.parent);
	} else if (e->kind == BW_EVENT_OPEN) {
		text_check(&e->open.path);
		text_check(&e->open.asked);
		text_check(&e->open.exe);
		text_check(&e->open.cwd);
		text_check(&e->open.parent);
	} else if (e->kind == BW_EVENT_MOVE) {
		text_check(&e->move.to);
		text_check(&e->move.exe);
		text_check(&e->move.parent);
	} else if (e->kind == BW_EVENT_CANARY) {
		if (e->process)
			abort();
	} else {
		text_check(&e->cgroup_change.path);
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	void *record = malloc(size ? size : 1); /* aligned, and no larger than SIZE */
	struct event *event = malloc(sizeof(*event));

	if (!record || !event)
		abort();
	if (size > 0)
		memcpy(record, data, size);
	if (event_decode(record, size, event) == 0)
		event_check(event);
	free(event);
	free(record);
	return 0;
}
