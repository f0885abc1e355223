/* SPDX-License-Identifier: Apache-2.0 */
/* The numbers of records, see sequence.h. */
#include "probe/sequence.h"

/*
 * A program that is interrupted by another may send its record after that one's, or under the
 * same number, which the next number makes good: so the sum may be below 0 for a moment.
 */
static void add(struct sequences *s, enum bw_ring ring, int64_t records)
{
	s->memory->taken[ring] += records;
}

void sequences_note(struct sequences *s, enum bw_ring ring, const struct bw_event *event)
{
	__u64 *read;
	bool was_heard;

	if (event->cpu >= BW_CPUS_MAX)
		return;
	read = &s->memory->read[ring][event->cpu];
	was_heard = s->heard[ring][event->cpu];
	s->heard[ring][event->cpu] = true;
	if (event->sequence > *read) {
		add(s, ring, event->sequence - *read - 1);
		*read = event->sequence;
	} else if (was_heard || event->sequence < *read) {
		add(s, ring, -1);
	} /* else the agent before was ended while it was at this one */
}

void sequences_settle(struct sequences *s, enum bw_ring ring, uint32_t cpu, uint64_t sent)
{
	__u64 *read;

	if (cpu >= BW_CPUS_MAX)
		return;
	read = &s->memory->read[ring][cpu];
	if (sent <= *read)
		return;
	add(s, ring, sent - *read);
	*read = sent;
}

uint64_t sequences_taken(const struct sequences *s, enum bw_ring ring)
{
	int64_t taken = s->memory->taken[ring];

	return taken > 0 ? taken : 0;
}
