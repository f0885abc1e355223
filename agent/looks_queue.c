/* SPDX-License-Identifier: Apache-2.0 */
/* Whose look is next, see looks_queue.h. */
#include "looks_queue.h"

/* The one behind those of its owner that wait; each has a turn of its own. */
static uint64_t turn_of(const struct looks_queue *q, const struct look *look)
{
	uint64_t turn = q->turn;

	for (const struct look *other = q->first; other; other = other->next)
		if (other->owner == look->owner)
			turn = other->turn;
	return turn + 1;
}

/* The last one has the latest turn: its owner has the most of all that wait. */
static struct look *take_last(struct looks_queue *q)
{
	struct look **place = &q->first, *last;

	while ((*place)->next)
		place = &(*place)->next;
	last = *place;
	*place = NULL;
	q->count--;
	return last;
}

struct look *looks_queue_put(struct looks_queue *queue, struct look *look)
{
	struct look **place = &queue->first;

	look->turn = turn_of(queue, look);
	while (*place && (*place)->turn <= look->turn)
		place = &(*place)->next;
	look->next = *place;
	*place = look;
	return ++queue->count > LOOKS_WAITING_MAX ? take_last(queue) : NULL;
}

struct look *looks_queue_take(struct looks_queue *queue)
{
	struct look *look = queue->first;

	if (!look)
		return NULL;
	queue->first = look->next;
	queue->count--;
	queue->turn = look->turn;
	look->next = NULL;
	return look;
}

void looks_queue_put_back(struct looks_queue *queue, struct look *look)
{
	look->next = queue->first;
	queue->first = look;
	queue->count++;
}
