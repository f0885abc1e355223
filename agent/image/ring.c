/* SPDX-License-Identifier: Apache-2.0 */
/* See ring.h. */
#include "image/ring.h"

#include <stdlib.h>

void ring_init(struct ring *ring)
{
	*ring = (struct ring){0};
	pthread_mutex_init(&ring->lock, NULL);
	pthread_cond_init(&ring->changed, NULL);
}

void ring_done(struct ring *ring)
{
	pthread_cond_destroy(&ring->changed);
	pthread_mutex_destroy(&ring->lock);
	for (size_t i = 0; i < RING_PARTS; i++)
		free(ring->parts[i].bytes);
}

static bool is_full(const struct ring *ring)
{
	for (size_t i = 0; i < RING_READERS; i++)
		if (ring->filled - ring->taken[i] == RING_PARTS)
			return true;
	return false;
}

struct ring_part *ring_begin(struct ring *ring)
{
	struct ring_part *part;

	pthread_mutex_lock(&ring->lock);
	while (is_full(ring) && !ring->is_stopped)
		pthread_cond_wait(&ring->changed, &ring->lock);
	part = ring->is_stopped ? NULL : &ring->parts[ring->filled % RING_PARTS];
	pthread_mutex_unlock(&ring->lock);
	return part;
}

void ring_end(struct ring *ring)
{
	pthread_mutex_lock(&ring->lock);
	ring->filled++;
	pthread_cond_broadcast(&ring->changed);
	pthread_mutex_unlock(&ring->lock);
}

const struct ring_part *ring_take(struct ring *ring, unsigned reader)
{
	const struct ring_part *part;

	pthread_mutex_lock(&ring->lock);
	while (ring->taken[reader] == ring->filled && !ring->is_stopped)
		pthread_cond_wait(&ring->changed, &ring->lock);
	part = ring->is_stopped ? NULL : &ring->parts[ring->taken[reader] % RING_PARTS];
	pthread_mutex_unlock(&ring->lock);
	return part;
}

void ring_give(struct ring *ring, unsigned reader)
{
	pthread_mutex_lock(&ring->lock);
	ring->taken[reader]++;
	pthread_cond_broadcast(&ring->changed);
	pthread_mutex_unlock(&ring->lock);
}

void ring_stop(struct ring *ring)
{
	pthread_mutex_lock(&ring->lock);
	ring->is_stopped = true;
	pthread_cond_broadcast(&ring->changed);
	pthread_mutex_unlock(&ring->lock);
}
