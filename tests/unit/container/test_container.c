/* SPDX-License-Identifier: Apache-2.0 */
/* Claims about agent/container/container.c. */
#include "asserts.h"

#include "barewatch/container.h"

static void every_runtime_has_its_word(void **state)
{
	static const char *const expected[CONTAINER_RUNTIMES] = {
		"unknown", "docker", "containerd", "cri-o", "podman"};

	(void)state;
	for (int i = 0; i < CONTAINER_RUNTIMES; i++)
		assert_string_equal(container_runtime_name(i), expected[i]);
}

static void every_source_of_bareness_has_its_word(void **state)
{
	(void)state;
	assert_string_equal(bare_source_name(BARE_NO), "no");
	assert_string_equal(bare_source_name(BARE_OPTION), "option");
	assert_string_equal(bare_source_name(BARE_POLICY), "policy");
}

static void every_entry_has_its_word(void **state)
{
	static const char *const expected[CONTAINER_ENTRIES] = {
		"child", "entrypoint", "runtime-exec", "probe", "ephemeral", "nsenter"};

	(void)state;
	for (int i = 0; i < CONTAINER_ENTRIES; i++)
		assert_string_equal(container_entry_name(i), expected[i]);
}

static void every_text_has_its_key(void **state)
{
	static const char *const expected[CONTAINER_TEXTS] = {"name", "image", "image_id",
		"image_digest", "pod_name", "pod_namespace", "pod_uid", "sandbox_id", "entrypoint",
		"bundle", "rootfs", "pid_target", "overlay_upper", "overlay_lower", "outer_id",
		"outer_name"};

	(void)state;
	for (int i = 0; i < CONTAINER_TEXTS; i++)
		assert_string_equal(container_text_name(i), expected[i]);
}

static void every_number_has_its_key(void **state)
{
	static const struct {
		const char *name;
		bool is_flag;
	} expected[CONTAINER_NUMBERS] = {
		{"init_pid", false},
		{"init_start_ticks", false},
		{"created_ns", false},
		{"started_ns", false},
		{"privileged", true},
		{"user_namespace", true},
		{"restarts", false},
	};

	(void)state;
	for (int i = 0; i < CONTAINER_NUMBERS; i++) {
		assert_string_equal(container_number_name(i), expected[i].name);
		assert_int_equal(container_number_is_flag(i), expected[i].is_flag);
	}
}

/* 0 is a number like any other. */
static void number_is_known_by_its_source(void **state)
{
	struct container c = {.id = ""};

	(void)state;
	assert_false(container_knows(&c, CONTAINER_PRIVILEGED));
	container_learn_number(&c, CONTAINER_PRIVILEGED, 0, "first");
	container_learn_number(&c, CONTAINER_PRIVILEGED, 1, "second");
	assert_true(container_knows(&c, CONTAINER_PRIVILEGED));
	assert_int_equal(c.privileged, 0);
	assert_string_equal(c.number_sources[CONTAINER_PRIVILEGED], "first");
	container_learn_number(&c, CONTAINER_INIT_PID, 7, "first");
	assert_int_equal(c.init_pid, 7);
	container_forget(&c);
	assert_false(container_knows(&c, CONTAINER_PRIVILEGED));
	assert_int_equal(c.init_pid, 0);
}

/* One text may be longer than the others. */
static void lower_layers_have_their_own_limit(void **state)
{
	CLEANUP_FREE char *text = calloc(1, CONTAINER_LAYERS_MAX + 2);
	struct container c = {.id = ""};

	(void)state;
	assert_non_null(text);
	memset(text, 'x', CONTAINER_LAYERS_MAX + 1);
	container_learn(&c, CONTAINER_OVERLAY_LOWER, text, "test");
	assert_null(c.overlay_lower);
	text[CONTAINER_LAYERS_MAX] = '\0';
	container_learn(&c, CONTAINER_OVERLAY_UPPER, text, "test");
	assert_null(c.overlay_upper);
	container_learn(&c, CONTAINER_OVERLAY_LOWER, text, "test");
	assert_int_equal(strlen(c.overlay_lower), CONTAINER_LAYERS_MAX);
	container_forget(&c);
}

static void only_ids_of_64_digits_are_shortened(void **state)
{
	struct container container = {.id = ""};

	(void)state;
	assert_slice_text(container_id_short(&container), "");
	strcpy(container.id, "a-name-longer-than-twelve");
	assert_slice_text(container_id_short(&container), "a-name-longer-than-twelve");
	memset(container.id, 'a', 64);
	container.id[64] = '\0';
	assert_slice_text(container_id_short(&container), "aaaaaaaaaaaa");
	memset(container.id, 'a', CONTAINER_ID_MAX);
	assert_int_equal(container_id_short(&container).len, CONTAINER_ID_MAX);
}

static void text_has_the_same_place_under_both_names(void **state)
{
	struct container c = {.id = ""};

	(void)state;
	for (int i = 0; i < CONTAINER_TEXTS; i++)
		container_learn(&c, i, container_text_name(i), "test");
	assert_string_equal(c.name, "name");
	assert_string_equal(c.image, "image");
	assert_string_equal(c.image_id, "image_id");
	assert_string_equal(c.image_digest, "image_digest");
	assert_string_equal(c.pod_name, "pod_name");
	assert_string_equal(c.pod_namespace, "pod_namespace");
	assert_string_equal(c.pod_uid, "pod_uid");
	assert_string_equal(c.sandbox_id, "sandbox_id");
	assert_string_equal(c.entrypoint, "entrypoint");
	assert_string_equal(c.bundle, "bundle");
	assert_string_equal(c.rootfs, "rootfs");
	assert_string_equal(c.pid_target, "pid_target");
	container_forget(&c);
}

static void what_is_learned_first_counts(void **state)
{
	static const char first[] = "first", second[] = "second";
	struct container c = {.id = ""};

	(void)state;
	container_learn(&c, CONTAINER_NAME, NULL, second);
	container_learn(&c, CONTAINER_NAME, "", second);
	assert_null(c.name);
	assert_null(c.sources[CONTAINER_NAME]);
	container_learn(&c, CONTAINER_NAME, "web", first);
	container_learn(&c, CONTAINER_NAME, "db", second);
	assert_string_equal(c.name, "web");
	assert_ptr_equal(c.sources[CONTAINER_NAME], first);
	container_forget(&c);
}

static void learned_text_is_a_copy(void **state)
{
	char value[] = "web";
	struct container c = {.id = ""};

	(void)state;
	container_learn(&c, CONTAINER_NAME, value, "test");
	value[0] = 'x';
	assert_string_equal(c.name, "web");
	container_forget(&c);
}

/* Every alert would carry it, and every container keep it. */
static void text_that_is_too_long_stays_unknown(void **state)
{
	char value[CONTAINER_TEXT_MAX + 2];
	struct container c = {.id = ""};

	(void)state;
	memset(value, 'x', sizeof(value));
	value[CONTAINER_TEXT_MAX + 1] = '\0';
	container_learn(&c, CONTAINER_NAME, value, "test");
	assert_null(c.name);
	assert_null(c.sources[CONTAINER_NAME]);
	value[CONTAINER_TEXT_MAX] = '\0';
	container_learn(&c, CONTAINER_NAME, value, "test");
	assert_int_equal(strlen(c.name), CONTAINER_TEXT_MAX);
	container_forget(&c);
}

static void forgetting_leaves_only_who_it_is(void **state)
{
	struct container c = {
		.id = "web",
		.runtime = CONTAINER_RUNTIME_PODMAN,
		.cgroup = 7,
		.is_sandbox = true,
		.is_ephemeral = true,
		.has_started = true,
	};
	struct container_map map = CONTAINER_MAP_INIT;

	(void)state;
	for (int i = 0; i < CONTAINER_TEXTS; i++)
		container_learn(&c, i, "value", "test");
	for (int i = 0; i < CONTAINER_NUMBERS; i++)
		container_learn_number(&c, i, 3, "test");
	for (int i = 0; i < CONTAINER_MAPS; i++) {
		container_map_add(&map, slice_of("key"), slice_of("value"));
		container_learn_map(&c, i, &map, "test");
	}
	container_learn_check(&c, (struct slice){"a", 2}, "test");
	container_forget(&c);
	container_forget(&c); /* twice is fine */
	for (int i = 0; i < CONTAINER_TEXTS; i++) {
		assert_null(c.texts[i]);
		assert_null(c.sources[i]);
	}
	for (int i = 0; i < CONTAINER_NUMBERS; i++)
		assert_false(container_knows(&c, i));
	for (int i = 0; i < CONTAINER_MAPS; i++) {
		assert_int_equal(c.maps[i].count, 0);
		assert_null(c.maps[i].pairs);
		assert_null(c.maps[i].source);
	}
	assert_int_equal(c.check_count, 0);
	assert_false(c.is_sandbox || c.is_ephemeral || c.has_started);
	assert_string_equal(c.id, "web");
	assert_int_equal(c.runtime, CONTAINER_RUNTIME_PODMAN);
	assert_int_equal(c.cgroup, 7);
}

#define CHECK               \
	{                   \
		"/check", 7 \
	}

static void way_in_is_told_by_the_clues(void **state)
{
	static const struct {
		bool ephemeral, started; /* before */
		struct entry_clues clues; /* inside, the host's mounts, ns_tgid, argv, script */
		enum container_entry entry;
		bool started_after;
	} cases[] = {
		/* the first from outside, with a pid namespace of its own and without */
		{false, false, {false, false, 1, {0}, {0}}, CONTAINER_ENTRY_ENTRYPOINT, true},
		{false, false, {false, false, 4711, {0}, {0}}, CONTAINER_ENTRY_ENTRYPOINT, true},
		/* later ones; a container that starts anew begins with 1 again */
		{false, true, {false, false, 7, {0}, {0}}, CONTAINER_ENTRY_RUNTIME_EXEC, true},
		{false, true, {false, false, 1, {0}, {0}}, CONTAINER_ENTRY_ENTRYPOINT, true},
		/* from inside, whatever came before: exec of the first process, its children */
		{false, false, {true, false, 1, {0}, {0}}, CONTAINER_ENTRY_CHILD, false},
		{false, true, {true, false, 1, {0}, {0}}, CONTAINER_ENTRY_CHILD, true},
		{false, true, {true, false, 8, {0}, {0}}, CONTAINER_ENTRY_CHILD, true},
		/* a check, and something that only begins or ends as one */
		{false, true, {false, false, 7, CHECK, {0}}, CONTAINER_ENTRY_PROBE, true},
		{false, true, {false, false, 7, {"/check", 6}, {0}}, CONTAINER_ENTRY_RUNTIME_EXEC,
			true},
		{false, true, {false, false, 7, {"/check\0-v", 10}, {0}},
			CONTAINER_ENTRY_RUNTIME_EXEC, true},
		/* a script that is one, and another with the same argv */
		{false, true, {false, false, 7, {"sh\0/check", 10}, {"/check", 6}},
			CONTAINER_ENTRY_PROBE, true},
		{false, true, {false, false, 7, {"sh\0/check", 10}, {0}},
			CONTAINER_ENTRY_RUNTIME_EXEC, true},
		{false, true, {false, false, 7, CHECK, {"/other", 6}}, CONTAINER_ENTRY_RUNTIME_EXEC,
			true},
		/* the same argv, but not from outside, or what it was started for */
		{false, true, {true, false, 7, CHECK, {0}}, CONTAINER_ENTRY_CHILD, true},
		{false, true, {false, true, 7, CHECK, {0}}, CONTAINER_ENTRY_NSENTER, true},
		{false, false, {false, false, 4711, CHECK, {0}}, CONTAINER_ENTRY_ENTRYPOINT, true},
		{false, true, {false, false, 1, CHECK, {0}}, CONTAINER_ENTRY_ENTRYPOINT, true},
		{true, true, {false, false, 7, CHECK, {0}}, CONTAINER_ENTRY_EPHEMERAL, true},
		/* a debug container: what it starts with, and sessions in it */
		{true, false, {false, false, 12, {0}, {0}}, CONTAINER_ENTRY_EPHEMERAL, true},
		{true, true, {false, false, 13, {0}, {0}}, CONTAINER_ENTRY_EPHEMERAL, true},
		{true, true, {false, false, 1, {0}, {0}}, CONTAINER_ENTRY_EPHEMERAL, true},
		{true, true, {true, false, 14, {0}, {0}}, CONTAINER_ENTRY_CHILD, true},
		/* the host's files, whoever is the parent; the entrypoint is still to come */
		{false, false, {false, true, 4711, {0}, {0}}, CONTAINER_ENTRY_NSENTER, false},
		{false, false, {true, true, 4711, {0}, {0}}, CONTAINER_ENTRY_NSENTER, false},
		{false, true, {true, true, 1, {0}, {0}}, CONTAINER_ENTRY_NSENTER, true},
		{true, false, {false, true, 1, {0}, {0}}, CONTAINER_ENTRY_NSENTER, false},
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		struct container c = {
			.is_ephemeral = cases[i].ephemeral, .has_started = cases[i].started};
		enum container_entry entry;

		container_learn_check(&c, (struct slice)CHECK, "test");
		entry = container_enter(&c, &cases[i].clues);

		if (entry != cases[i].entry || c.has_started != cases[i].started_after)
			fail_msg("case %zu: %s, %s", i, container_entry_name(entry),
				c.has_started ? "started" : "not started");
		container_forget(&c);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_runtime_has_its_word),
		cmocka_unit_test(every_source_of_bareness_has_its_word),
		cmocka_unit_test(every_entry_has_its_word),
		cmocka_unit_test(every_text_has_its_key),
		cmocka_unit_test(every_number_has_its_key),
		cmocka_unit_test(number_is_known_by_its_source),
		cmocka_unit_test(lower_layers_have_their_own_limit),
		cmocka_unit_test(only_ids_of_64_digits_are_shortened),
		cmocka_unit_test(text_has_the_same_place_under_both_names),
		cmocka_unit_test(what_is_learned_first_counts),
		cmocka_unit_test(learned_text_is_a_copy),
		cmocka_unit_test(text_that_is_too_long_stays_unknown),
		cmocka_unit_test(forgetting_leaves_only_who_it_is),
		cmocka_unit_test(way_in_is_told_by_the_clues),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
