/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Parts of a stream on their way from the thread that makes them to those that read them: a few
 * buffers in turn, so that memory is fixed and nobody is far behind. Each reader meets all parts.
 */
#pragma once

#include <pthread.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define RING_PARTS      4
#define RING_PART_BYTES (128u << 10)
#define RING_READERS    2

struct ring_part {
	unsigned char *bytes; /* RING_PART_BYTES, made by whoever fills it first; NULL before */
	size_t size;
	int result; /* 1: others follow, 0: the last, or the error that there is behind it */
};

struct ring {
	pthread_mutex_t lock; /* of what follows, but for bytes that are whose turn it is */
	pthread_cond_t changed;
	uint64_t filled, taken[RING_READERS]; /* how many parts */
	bool is_stopped;
	struct ring_part parts[RING_PARTS];
};

void ring_init(struct ring *ring);

/* Frees the parts' bytes, too. */
void ring_done(struct ring *ring);

/* The next part to be filled, which waits until all have read it; NULL when it was stopped. */
struct ring_part *ring_begin(struct ring *ring);

/* That part is there. */
void ring_end(struct ring *ring);

/* The next part for READER, which may wait; NULL when it was stopped. */
const struct ring_part *ring_take(struct ring *ring, unsigned reader);

/* READER has read that part. */
void ring_give(struct ring *ring, unsigned reader);

/* Nobody waits from here on. */
void ring_stop(struct ring *ring);
