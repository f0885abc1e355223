/* SPDX-License-Identifier: Apache-2.0 */
/* Claims about agent/container/map.c. */
#include "asserts.h"

#include "barewatch/container.h"

static void add(struct container_map *map, const char *key, const char *value)
{
	container_map_add(map, slice_of(key), slice_of(value));
}

static void assert_text(const struct container_map *map, const char *expected)
{
	char text[CONTAINER_MAP_BYTES_MAX];

	assert_slice_text(container_map_text(map, text), expected);
}

static void every_map_has_its_key(void **state)
{
	static const char *const expected[CONTAINER_MAPS] = {"labels", "annotations", "pod_labels"};

	(void)state;
	for (int i = 0; i < CONTAINER_MAPS; i++)
		assert_string_equal(container_map_name(i), expected[i]);
}

static void pairs_stay_in_order_and_are_found(void **state)
{
	CLEANUP(container_map_done) struct container_map map = CONTAINER_MAP_INIT;

	(void)state;
	assert_text(&map, "");
	assert_null(container_map_find(&map, "tier"));
	add(&map, "tier", "front");
	add(&map, "app", "");
	add(&map, "a", "b:c, d");
	assert_text(&map, "tier:front, app, a:b:c, d");
	assert_string_equal(container_map_find(&map, "app"), "");
	assert_string_equal(container_map_find(&map, "tier"), "front");
	assert_null(container_map_find(&map, "tie"));
	assert_false(map.is_truncated);
}

/* Adds a pair with KEY_LEN and VALUE_LEN bytes. */
static void add_of(struct container_map *map, size_t key_len, size_t value_len)
{
	static char bytes[CONTAINER_MAP_BYTES_MAX];

	memset(bytes, 'x', sizeof(bytes));
	container_map_add(map, (struct slice){bytes, key_len}, (struct slice){bytes, value_len});
}

static void what_is_too_long_or_no_text_is_left_out_and_noted(void **state)
{
	static const struct {
		size_t key, value;
		bool fits;
	} cases[] = {
		{1, 0, true},
		{CONTAINER_MAP_KEY_MAX, CONTAINER_MAP_VALUE_MAX, true},
		{0, 1, false},
		{CONTAINER_MAP_KEY_MAX + 1, 1, false},
		{1, CONTAINER_MAP_VALUE_MAX + 1, false},
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		CLEANUP(container_map_done) struct container_map map = CONTAINER_MAP_INIT;

		add_of(&map, cases[i].key, cases[i].value);
		assert_int_equal(map.count, cases[i].fits);
		assert_int_equal(map.is_truncated, !cases[i].fits);
		add(&map, "app", "web"); /* others still are taken */
		assert_string_equal(container_map_find(&map, "app"), "web");
	}
}

static void text_with_a_nul_is_left_out(void **state)
{
	CLEANUP(container_map_done) struct container_map map = CONTAINER_MAP_INIT;

	(void)state;
	container_map_add(&map, (struct slice){"a\0b", 3}, slice_of("c"));
	container_map_add(&map, slice_of("a"), (struct slice){"b\0", 2});
	assert_int_equal(map.count, 0);
	assert_true(map.is_truncated);
}

static void pairs_are_limited_in_number(void **state)
{
	CLEANUP(container_map_done) struct container_map map = CONTAINER_MAP_INIT;

	(void)state;
	for (int i = 0; i < CONTAINER_MAP_PAIRS_MAX; i++)
		add(&map, "key", "value");
	assert_false(map.is_truncated);
	add(&map, "last", "value");
	assert_int_equal(map.count, CONTAINER_MAP_PAIRS_MAX);
	assert_true(map.is_truncated);
	assert_null(container_map_find(&map, "last"));
}

/* ASan sees it when the text of a full map has no room. */
static void full_map_fits_its_text(void **state)
{
	CLEANUP(container_map_done) struct container_map map = CONTAINER_MAP_INIT;
	char text[CONTAINER_MAP_BYTES_MAX];
	size_t len;

	(void)state;
	add_of(&map, 1, CONTAINER_MAP_VALUE_MAX);
	add_of(&map, 1, CONTAINER_MAP_VALUE_MAX - 8); /* with 4 bytes around each */
	assert_int_equal(map.bytes, CONTAINER_MAP_BYTES_MAX);
	assert_false(map.is_truncated);
	len = container_map_text(&map, text).len;
	assert_int_equal(len, CONTAINER_MAP_BYTES_MAX - 2);
	add(&map, "a", "");
	assert_int_equal(map.count, 2);
	assert_true(map.is_truncated);
}

static void map_that_is_learned_first_counts(void **state)
{
	static const char first[] = "first", second[] = "second";
	CLEANUP(container_map_done) struct container_map map = CONTAINER_MAP_INIT;
	struct container c = {.id = ""};

	(void)state;
	container_learn_map(&c, CONTAINER_LABELS, &map, first); /* known to be empty */
	add(&map, "a", "b");
	container_learn_map(&c, CONTAINER_LABELS, &map, second);
	assert_int_equal(c.labels.count, 0);
	assert_ptr_equal(c.labels.source, first);
	assert_int_equal(map.count, 1); /* ours still */
	container_learn_map(&c, CONTAINER_POD_LABELS, &map, second);
	assert_int_equal(map.count, 0);
	assert_text(&c.pod_labels, "a:b");
	assert_ptr_equal(c.pod_labels.source, second);
	assert_null(c.annotations.source);
	container_forget(&c);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_map_has_its_key),
		cmocka_unit_test(pairs_stay_in_order_and_are_found),
		cmocka_unit_test(what_is_too_long_or_no_text_is_left_out_and_noted),
		cmocka_unit_test(text_with_a_nul_is_left_out),
		cmocka_unit_test(pairs_are_limited_in_number),
		cmocka_unit_test(full_map_fits_its_text),
		cmocka_unit_test(map_that_is_learned_first_counts),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
