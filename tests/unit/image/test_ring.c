/* SPDX-License-Identifier: Apache-2.0 */
/* Claims about agent/image/ring.c. */
#include "asserts.h"

#include "image/ring.h"

#define PARTS 1000

struct reading {
	struct ring *ring;
	unsigned reader;
	unsigned in_order; /* parts that were the next one */
	bool was_stopped;
};

static void *read_parts(void *argument)
{
	struct reading *r = argument;
	const struct ring_part *part;

	while ((part = ring_take(r->ring, r->reader))) {
		bool is_last = part->result == 0;

		r->in_order += *(const unsigned *)part->bytes == r->in_order;
		ring_give(r->ring, r->reader);
		if (is_last)
			return NULL;
	}
	r->was_stopped = true;
	return NULL;
}

static void start(struct reading *r, struct ring *ring, pthread_t *threads)
{
	for (unsigned i = 0; i < RING_READERS; i++) {
		r[i] = (struct reading){.ring = ring, .reader = i};
		assert_int_equal(pthread_create(&threads[i], NULL, read_parts, &r[i]), 0);
	}
}

static void every_reader_meets_all_parts_in_order(void **state)
{
	pthread_t threads[RING_READERS];
	struct reading r[RING_READERS];
	struct ring ring;

	(void)state;
	ring_init(&ring);
	start(r, &ring, threads);
	for (unsigned i = 0; i < PARTS; i++) {
		struct ring_part *part = ring_begin(&ring);

		assert_non_null(part);
		if (!part->bytes)
			part->bytes = malloc(RING_PART_BYTES);
		*(unsigned *)part->bytes = i;
		part->result = i + 1 < PARTS;
		ring_end(&ring);
	}
	for (unsigned i = 0; i < RING_READERS; i++) {
		pthread_join(threads[i], NULL);
		assert_int_equal(r[i].in_order, PARTS);
	}
	ring_done(&ring);
}

static void stop_wakes_whoever_waits(void **state)
{
	pthread_t threads[RING_READERS];
	struct reading r[RING_READERS];
	struct ring ring;

	(void)state;
	ring_init(&ring);
	start(r, &ring, threads); /* for a part that never comes */
	ring_stop(&ring);
	for (unsigned i = 0; i < RING_READERS; i++) {
		pthread_join(threads[i], NULL);
		assert_true(r[i].was_stopped);
	}
	assert_null(ring_begin(&ring));
	ring_done(&ring);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_reader_meets_all_parts_in_order),
		cmocka_unit_test(stop_wakes_whoever_waits),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
