/* SPDX-License-Identifier: Apache-2.0 */
/* Claims about agent/reload.c, without a kernel side, and with an outlet that is shut. */
#include "asserts.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "reload.h"
#include "scratch.h"

#define RULE(name, condition) \
	"- {rule: " name ", desc: d, condition: " condition ", output: o, priority: ERROR}\n"

struct fixture {
	struct scratch scratch;
	const char *paths[1];
	struct watch_config config;
	struct outlet outlet;
	struct reload reload;
};

static void put(struct fixture *f, const char *text)
{
	FILE *file = fopen(f->paths[0], "w");

	assert_non_null(file);
	assert_true(fputs(text, file) >= 0);
	assert_int_equal(fclose(file), 0);
}

static int set_up(void **state)
{
	struct fixture *f = calloc(1, sizeof(*f));
	struct diags diags = DIAGS_INIT;

	assert_non_null(f);
	scratch_init(&f->scratch);
	f->paths[0] = scratch_path(&f->scratch, "rules.yaml");
	put(f, RULE("one", "proc.name = sh") RULE("two", "proc.name = nc"));
	assert_int_equal(rule_set_new(&f->config.rules), 0);
	assert_int_equal(rule_set_add_paths(f->config.rules, f->paths, 1, &diags), 0);
	diags_done(&diags);
	f->config.rule_paths = f->paths;
	f->config.rule_path_count = 1;
	outlet_init(&f->outlet, ALERT_JSON);
	f->outlet.is_shut = true;
	reload_init(&f->reload, &f->config, &f->outlet);
	*state = f;
	return 0;
}

static int tear_down(void **state)
{
	struct fixture *f = *state;

	reload_done(&f->reload);
	outlet_done(&f->outlet);
	rule_set_free(f->config.rules);
	scratch_done(&f->scratch);
	free(f);
	return 0;
}

/* Asks, and has it done at NOW_NS. */
static const struct status_rules *ask(struct fixture *f, uint64_t now_ns)
{
	f->reload.is_wanted = true;
	assert_true(reload_tick(&f->reload, now_ns));
	return reload_status(&f->reload);
}

static bool has(struct fixture *f, const char *rule)
{
	return rule_set_find(f->config.rules, rule);
}

static void nothing_is_done_unasked(void **state)
{
	struct fixture *f = *state;
	const struct status_rules *status = reload_status(&f->reload);

	put(f, "nonsense");
	assert_false(reload_tick(&f->reload, 7));
	assert_int_equal(status->version, 1);
	assert_int_equal(status->active, 2);
	assert_int_equal(status->tried_ns, 0);
	assert_string_equal(status->error, "");
	assert_int_equal(f->outlet.notices, 0);
}

static void good_rules_come_into_force(void **state)
{
	struct fixture *f = *state;
	const struct status_rules *status;

	put(f, RULE("two", "proc.name = ncat") RULE("three", "proc.name = dd")
			RULE("four", "proc.name = ls"));
	status = ask(f, 7);
	assert_int_equal(status->version, 2);
	assert_int_equal(status->active, 3);
	assert_int_equal(status->changes.added, 2);
	assert_int_equal(status->changes.removed, 1);
	assert_int_equal(status->changes.changed, 1);
	assert_int_equal(status->tried_ns, 7);
	assert_int_equal(status->failures, 0);
	assert_string_equal(status->error, "");
	assert_int_equal(f->outlet.notices, 1);
	assert_false(has(f, "one"));
	assert_true(has(f, "four"));
	assert_false(reload_tick(&f->reload, 8)); /* once */
}

static void bad_rules_change_nothing_but_the_counts(void **state)
{
	struct fixture *f = *state;
	const struct status_rules *status;
	uint64_t loaded_ns = reload_status(&f->reload)->loaded_ns;
	char expected[256];

	put(f, RULE("three", "proc.name = dd") RULE("four", "proc.nme = ls"));
	status = ask(f, 7);
	assert_int_equal(status->version, 1);
	assert_int_equal(status->loaded_ns, loaded_ns);
	assert_int_equal(status->active, 2);
	assert_int_equal(status->tried_ns, 7);
	assert_int_equal(status->failures, 1);
	assert_int_equal(f->outlet.notices, 1);
	snprintf(expected, sizeof(expected), "%s:2:", f->paths[0]);
	assert_memory_equal(status->error, expected, strlen(expected));
	assert_non_null(strstr(status->error, "proc.nme"));
	assert_true(has(f, "one"));
	assert_false(has(f, "three"));
}

static void error_is_gone_when_the_rules_are_good_again(void **state)
{
	struct fixture *f = *state;
	const struct status_rules *status;

	put(f, "nonsense");
	assert_string_not_equal(ask(f, 7)->error, "");
	assert_int_equal(ask(f, 8)->failures, 2); /* each time that it was asked for */
	put(f, RULE("three", "proc.name = dd"));
	status = ask(f, 9);
	assert_int_equal(status->version, 2);
	assert_int_equal(status->failures, 2);
	assert_string_equal(status->error, "");
	assert_true(has(f, "three"));
}

static void file_that_is_gone_is_refused(void **state)
{
	struct fixture *f = *state;

	assert_int_equal(remove(f->paths[0]), 0);
	assert_non_null(strstr(ask(f, 7)->error, "No such file"));
	assert_true(has(f, "one"));
}

static void errors_are_bounded(void **state)
{
	struct fixture *f = *state;
	CLEANUP_STRBUF struct strbuf text = STRBUF_INIT;
	const char *error;

	for (int i = 0; i < 200; i++)
		strbuf_addf(&text, RULE("r%d", "proc.nme = ls"), i);
	put(f, strbuf_text(&text));
	error = ask(f, 7)->error;
	assert_in_range(strlen(error), RELOAD_ERROR_BYTES_MAX / 2, RELOAD_ERROR_BYTES_MAX);
	assert_int_equal(error[strlen(error) - 1], '\n');
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(nothing_is_done_unasked),
		TEST(good_rules_come_into_force),
		TEST(bad_rules_change_nothing_but_the_counts),
		TEST(error_is_gone_when_the_rules_are_good_again),
		TEST(file_that_is_gone_is_refused),
		TEST(errors_are_bounded),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
