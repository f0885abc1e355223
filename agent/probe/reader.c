/* SPDX-License-Identifier: Apache-2.0 */
/* The rings are read: that of a kernel side which was replaced first. */
#include <errno.h>

#include "probe/probe.h"

/* Ends the drain (-EINTR) with the record that uses up the budget. */
static int on_sample(void *context, void *data, size_t size)
{
	struct reader *reader = context;
	const struct bw_event *event = data;

	if (size >= sizeof(*event) && reader->sequences)
		sequences_note(reader->sequences, (enum bw_ring)reader->which, event);
	if (size < sizeof(*event) ||
		(event->time_ns >= reader->from_ns &&
			(!reader->until_ns || event->time_ns < reader->until_ns)))
		reader->on_record(data, size, reader->userdata);
	return --reader->left > 0 ? 0 : -EINTR;
}

int reader_open(struct probe *probe, struct reader *reader, enum probe_ring ring, int fd)
{
	reader->on_record = probe->config.on_record[ring];
	reader->userdata = probe->config.userdata;
	reader->which = ring;
	reader->ring = ring_buffer__new(fd, on_sample, reader, NULL);
	return reader->ring ? 0 : -errno;
}

void reader_done(struct reader *reader)
{
	ring_buffer__free(reader->ring);
	reader->ring = NULL;
}

int probe_fd(const struct probe *probe, enum probe_ring ring)
{
	return ring_buffer__epoll_fd(probe->readers[ring].ring);
}

static int drain(struct reader *reader, size_t budget)
{
	int r;

	reader->left = budget;
	r = ring_buffer__consume(reader->ring);
	if (r < 0 && r != -EINTR)
		return r;
	reader->emptied += reader->left > 0;
	return budget - reader->left;
}

int probe_drain(struct probe *probe, enum probe_ring ring, size_t budget)
{
	int old = 0, r;

	if (probe->old[ring].ring) {
		old = drain(&probe->old[ring], budget);
		if (old < 0 || (size_t)old == budget)
			return old;
		reader_done(&probe->old[ring]);
		takeover_finish(probe);
	}
	r = drain(&probe->readers[ring], budget - old);
	return r < 0 ? r : old + r;
}
