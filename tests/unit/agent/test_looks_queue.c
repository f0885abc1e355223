/* SPDX-License-Identifier: Apache-2.0 */
/* Claims about agent/looks_queue.c. */
#include "asserts.h"

#include "looks_queue.h"

static void put(struct looks_queue *queue, struct look *look, uint64_t owner)
{
	look->owner = owner;
	assert_null(looks_queue_put(queue, look));
}

static void owners_take_turns(void **state)
{
	static const int expected[] = {0, 3, 5, 1, 4, 2};
	struct look looks[6] = {0};
	struct looks_queue queue = {0};

	(void)state;
	for (int i = 0; i < 3; i++)
		put(&queue, &looks[i], 1);
	put(&queue, &looks[3], 2);
	put(&queue, &looks[4], 2);
	put(&queue, &looks[5], 3);
	for (int i = 0; i < 6; i++)
		assert_ptr_equal(looks_queue_take(&queue), &looks[expected[i]]);
	assert_null(looks_queue_take(&queue));
	assert_int_equal(queue.count, 0);
}

/* Nobody gathers turns by having asked for nothing. */
static void latecomer_is_next_and_not_more(void **state)
{
	struct look looks[5] = {0};
	struct looks_queue queue = {0};

	(void)state;
	for (int i = 0; i < 3; i++)
		put(&queue, &looks[i], 1);
	assert_ptr_equal(looks_queue_take(&queue), &looks[0]);
	put(&queue, &looks[3], 2);
	put(&queue, &looks[4], 2);
	assert_ptr_equal(looks_queue_take(&queue), &looks[1]);
	assert_ptr_equal(looks_queue_take(&queue), &looks[3]);
	assert_ptr_equal(looks_queue_take(&queue), &looks[2]);
	assert_ptr_equal(looks_queue_take(&queue), &looks[4]);
}

static void what_is_put_back_is_next_again(void **state)
{
	struct look looks[2] = {0};
	struct looks_queue queue = {0};

	(void)state;
	put(&queue, &looks[0], 1);
	put(&queue, &looks[1], 2);
	looks_queue_put_back(&queue, looks_queue_take(&queue));
	assert_int_equal(queue.count, 2);
	assert_ptr_equal(looks_queue_take(&queue), &looks[0]);
	assert_ptr_equal(looks_queue_take(&queue), &looks[1]);
}

static void fill(struct looks_queue *queue, struct look *looks)
{
	for (int i = 0; i < LOOKS_WAITING_MAX; i++)
		put(queue, &looks[i], 1);
}

static void who_has_the_most_makes_room(void **state)
{
	static struct look looks[LOOKS_WAITING_MAX], others[LOOKS_WAITING_MAX];
	struct looks_queue queue = {0};
	int i;

	(void)state;
	fill(&queue, looks);
	for (i = 0; i < LOOKS_WAITING_MAX / 2; i++) {
		others[i].owner = 2;
		assert_ptr_equal(
			looks_queue_put(&queue, &others[i]), &looks[LOOKS_WAITING_MAX - 1 - i]);
	}
	others[i].owner = 2; /* it has as many now */
	assert_ptr_equal(looks_queue_put(&queue, &others[i]), &others[i]);
	assert_int_equal(queue.count, LOOKS_WAITING_MAX);
}

static void who_has_all_has_no_room_for_more(void **state)
{
	static struct look looks[LOOKS_WAITING_MAX];
	struct looks_queue queue = {0};
	struct look more = {.owner = 1};

	(void)state;
	fill(&queue, looks);
	assert_ptr_equal(looks_queue_put(&queue, &more), &more);
	assert_int_equal(queue.count, LOOKS_WAITING_MAX);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(owners_take_turns),
		cmocka_unit_test(latecomer_is_next_and_not_more),
		cmocka_unit_test(what_is_put_back_is_next_again),
		cmocka_unit_test(who_has_the_most_makes_room),
		cmocka_unit_test(who_has_all_has_no_room_for_more),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
