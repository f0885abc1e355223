/* SPDX-License-Identifier: Apache-2.0 */
/* agent/probe/opens_told.c and sensors.c: opened files are told while somebody asks for them. */
#include "open_fixture.h"

static void tell(struct fixture *f, bool told)
{
	struct diag d = {0};

	if (probe_opens_tell(f->probe, told, &d) < 0)
		fail_msg("%s", d.message);
}

static void assert_hook(struct fixture *f, const char *hook)
{
	assert_string_equal(probe_sensor_hook(f->probe, PROBE_SENSOR_OPENS), hook);
	assert_int_equal(probe_opens_told(f->probe), strcmp(hook, "none") != 0);
}

/* None of the programs is missed, whether its hook rests or not. */
static void assert_all_attached(struct fixture *f)
{
	CLEANUP_STRBUF struct strbuf names = STRBUF_INIT;

	if (probe_detached(f->probe, &names) > 0)
		fail_msg("%s", strbuf_text(&names));
}

static void they_come_and_go(void **state)
{
	struct fixture *f = *state;
	const char *hook = probe_open_variant_name(probe_open_variant(f->probe));
	char path[PATH_MAX];
	struct bw_counters before;

	for (int i = 0; i < 3; i++) {
		new_file(f, "told", path);
		tell(f, true);
		assert_hook(f, hook);
		assert_all_attached(f);
		fixture_run(f, NULL, act_read, path);
		assert_int_equal(count_opens(f, path), 1);
		tell(f, false);
		assert_hook(f, "none");
		assert_all_attached(f);
		before = open_counters(f);
		new_file(f, "untold", path);
		fixture_run(f, NULL, act_read, path);
		assert_int_equal(count_opens(f, path), 0);
		assert_int_equal(open_counters(f).seen, before.seen);
	}
	tell(f, true);
}

/* What was kept of a kind stays: it is told again when it is decided anew. */
static void kinds_are_kept_meanwhile(void **state)
{
	struct fixture *f = *state;
	char path[PATH_MAX];

	tell(f, true);
	new_file(f, "kept", path);
	fixture_run(f, NULL, act_read, path);
	assert_int_equal(count_opens(f, path), 1);
	assert_int_equal(probe_open_decide(
				 f->probe, &find_open(f, path)->open.record->kind, BW_OPEN_SETTLED),
		0);
	tell(f, false);
	tell(f, true);
	fixture_run(f, NULL, act_read, path);
	assert_int_equal(count_opens(f, path), 0);
	assert_int_equal(probe_opens_undecide(f->probe), 0);
	fixture_run(f, NULL, act_read, path);
	assert_int_equal(count_opens(f, path), 1);
	assert_true(find_open(f, path)->open.record->flags & BW_OPEN_AGAIN);
}

static void who_was_made_without_does_not_tell(void **state)
{
	struct fixture *f = *state;
	struct diag d;

	f->opens = false;
	fixture_reload(f, PROBE_COVERAGE_STANDARD);
	assert_hook(f, "none");
	assert_int_equal(probe_opens_tell(f->probe, true, &d), -EOPNOTSUPP);
	assert_true(strlen(d.message) > 0);
	assert_int_equal(probe_opens_tell(f->probe, false, &d), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(they_come_and_go),
		cmocka_unit_test(kinds_are_kept_meanwhile),
		cmocka_unit_test(who_was_made_without_does_not_tell),
	};

	return cmocka_run_group_tests(tests, open_fixture_setup, fixture_teardown);
}
