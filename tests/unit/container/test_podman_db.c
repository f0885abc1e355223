/* SPDX-License-Identifier: Apache-2.0 */
/* Claims about agent/container/podman_db.c, on databases as Podman 4.3 fills them. */
#include "database_fixture.h"

#include "container/reader.h"

#define FILE_NAME "podman/libpod/bolt_state.db"
#define SOURCE    "podman bolt_state.db"
#define POD_ID    "3333333333333333333333333333333333333333333333333333333333333333"
#define CTR       "ctr|" ID "|"
#define POD       "pod|" POD_ID "|"

static void read_database(struct state_fixture *f, struct db_value *values, size_t count)
{
	database_write(f, FILE_NAME, values, count);
	container_forget(&f->container);
	podman_read_database(&f->container, &f->roots);
}

static void labels_and_restarts_are_read(void **state)
{
	struct db_value values[] = {
		{CTR "config",
			"{\"spec\":{},\"name\":\"web\",\"labels\":{\"a\":\"b\",\"c\":\"\"}}"},
		{CTR "state", "{\"state\":3,\"restartCount\":2}"},
		{CTR "dependencies|", ""},
		{"ctr|" OTHER "|config", "{\"labels\":{\"a\":\"other\"}}"},
		{"pod|", ""},
	};
	CLEANUP_STATE_FIXTURE struct state_fixture f;

	(void)state;
	state_fixture_init(&f);
	read_database(&f, values, ARRAY_SIZE(values));
	assert_map(&f, CONTAINER_LABELS, "a:b, c", SOURCE);
	assert_map(&f, CONTAINER_POD_LABELS, NULL, NULL);
	assert_int_equal(f.container.restarts, 2);
	assert_learned(&f, CONTAINER_POD_NAME, NULL, NULL);
	assert_false(f.container.is_sandbox);
}

static void health_checks_are_read(void **state)
{
	struct db_value values[] = {{CTR "config",
		"{\"name\":\"web\",\"healthcheck\":{\"Test\":[\"CMD-SHELL\",\"a b\"],"
		"\"Interval\":30000000000},\"startupHealthCheck\":{\"Test\":[\"CMD\",\"/up\"],"
		"\"Successes\":1}}"}};
	CLEANUP_STATE_FIXTURE struct state_fixture f;

	(void)state;
	state_fixture_init(&f);
	read_database(&f, values, ARRAY_SIZE(values));
	assert_int_equal(f.container.check_count, 2);
	assert_string_equal(f.container.checks[0].source, SOURCE);
	assert_true(container_has_check(&f.container, (struct slice){"/bin/sh\0-c\0a b", 15}));
	assert_true(container_has_check(&f.container, (struct slice){"/up", 4}));
}

static void what_podman_leaves_out_is_none(void **state)
{
	struct db_value values[] = {{CTR "config", "{\"name\":\"web\"}"}, {CTR "state", "{}"}};
	CLEANUP_STATE_FIXTURE struct state_fixture f;

	(void)state;
	state_fixture_init(&f);
	read_database(&f, values, ARRAY_SIZE(values));
	assert_map(&f, CONTAINER_LABELS, "", SOURCE);
	assert_int_equal(f.container.restarts, 0);
}

static void pod_is_read(void **state)
{
	struct db_value values[] = {
		{CTR "config", "{\"labels\":{\"a\":\"b\"},\"pod\":\"" POD_ID "\"}"},
		{CTR "pod-id", POD_ID},
		{"ctr|" OTHER "|config", "{\"labels\":{\"tier\":\"front\"}}"},
		{"ctr|" OTHER "|pod-id", POD_ID},
		{POD "config", "{\"id\":\"" POD_ID
			       "\",\"name\":\"shop\",\"labels\":{\"tier\":\"front\"}}"},
		{POD "state", "{\"InfraContainerID\":\"" OTHER "\"}"},
	};
	CLEANUP_STATE_FIXTURE struct state_fixture f;

	(void)state;
	state_fixture_init(&f);
	for (int i = 0; i < 2; i++) {
		strcpy(f.container.id, i == 0 ? ID : OTHER);
		read_database(&f, values, ARRAY_SIZE(values));
		assert_learned(&f, CONTAINER_POD_NAME, "shop", SOURCE);
		assert_learned(&f, CONTAINER_POD_UID, POD_ID, SOURCE);
		assert_learned(&f, CONTAINER_SANDBOX_ID, OTHER, SOURCE);
		assert_map(&f, CONTAINER_POD_LABELS, "tier:front", SOURCE);
		assert_map(&f, CONTAINER_LABELS, i == 0 ? "a:b" : "tier:front", SOURCE);
		assert_int_equal(f.container.is_sandbox, i);
	}
}

static void wrong_types_are_unknown(void **state)
{
	static const struct {
		const char *config, *state;
	} cases[] = {
		{"", ""},
		{"{", "{"},
		{"[]", "[]"},
		{"{\"labels\":[]}", "{\"restartCount\":\"1\"}"},
		{"{\"labels\":1}", "{\"restartCount\":-1}"},
		{"{\"labels\":\"a\"}", "{\"restartCount\":4294967296}"},
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		struct db_value values[] = {
			{CTR "config", cases[i].config},
			{CTR "state", cases[i].state},
			{CTR "pod-id", "none"},
		};
		CLEANUP_STATE_FIXTURE struct state_fixture f;

		state_fixture_init(&f);
		read_database(&f, values, ARRAY_SIZE(values));
		assert_map(&f, CONTAINER_LABELS, NULL, NULL);
		assert_false(container_knows(&f.container, CONTAINER_RESTARTS));
		assert_learned(&f, CONTAINER_POD_NAME, NULL, NULL);
	}
}

/* Podman 5 */
static void without_a_database_labels_are_unknown(void **state)
{
	CLEANUP_STATE_FIXTURE struct state_fixture f;

	(void)state;
	state_fixture_init(&f);
	scratch_write_text(&f.s, "podman/db.sql", "SQLite format 3");
	podman_read_database(&f.container, &f.roots);
	assert_nothing_learned(&f);
	scratch_write_text(&f.s, FILE_NAME, "SQLite format 3");
	podman_read_database(&f.container, &f.roots);
	assert_nothing_learned(&f);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(labels_and_restarts_are_read),
		cmocka_unit_test(health_checks_are_read),
		cmocka_unit_test(what_podman_leaves_out_is_none),
		cmocka_unit_test(pod_is_read),
		cmocka_unit_test(wrong_types_are_unknown),
		cmocka_unit_test(without_a_database_labels_are_unknown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
