/* SPDX-License-Identifier: Apache-2.0 */
/* See recording.h. */
#include "recording.h"

#include <string.h>

#include "base/cleanup.h"
#include "base/log.h"

/* The container of SUBJECT, when there is more to come of it. */
static uint64_t awaited(const struct subject *subject)
{
	const struct container *container = subject->container;

	return container && container->is_incomplete ? container->cgroup : 0;
}

static uint64_t add(struct recording *r, const struct record *record, const struct subject *subject)
{
	return recording_is_on(r) ? recorder_add(r->recorder, record, subject) : 0;
}

uint64_t recording_event(
	struct recording *recording, const struct subject *subject, uint64_t time_ns)
{
	const struct record record = {
		.kind = RECORD_EVENT,
		.container = awaited(subject),
		.time_ns = time_ns,
	};

	return add(recording, &record, subject);
}

uint64_t recording_program(struct recording *recording, const struct subject *subject, uint64_t id,
	uint64_t time_ns, uint64_t now_ns)
{
	const struct record record = {
		.kind = RECORD_PROGRAM,
		.completes = id,
		.container = awaited(subject),
		.time_ns = now_ns,
		.happened_ns = time_ns,
	};

	return id ? add(recording, &record, subject) : 0;
}

void recording_container(
	struct recording *recording, const struct subject *subject, uint64_t now_ns)
{
	const struct record record = {
		.kind = RECORD_CONTAINER,
		.container = subject->container->cgroup,
		.time_ns = now_ns,
	};

	(void)add(recording, &record, subject);
}

void recording_repeats(
	struct recording *recording, const struct subject *subject, uint64_t id, uint64_t now_ns)
{
	const struct record record = {.kind = RECORD_REPEATS, .completes = id, .time_ns = now_ns};

	if (id)
		(void)add(recording, &record, subject);
}

void recording_tick(struct recording *recording)
{
	if (!recording_is_on(recording))
		return;
	recorder_flush(recording->recorder);
	if (!recorder_has_ended(recording->recorder, &recording->error))
		return;
	recording->has_ended = true;
	if (recording->error < 0)
		log_error("the recording has ended: %s", strerror(-recording->error));
	else
		log_info("the recording has ended: it is as large as it may be");
	recorder_free(TAKE_PTR(recording->recorder));
}

void recording_done(struct recording *recording)
{
	recorder_free(TAKE_PTR(recording->recorder));
}
