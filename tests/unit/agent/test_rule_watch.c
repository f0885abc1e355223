/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Claims about agent/rule_watch.c. The clock is the test's own; versions of a file differ in size, as
 * two that come within a tick of the file system's clock may have the same times.
 */
#include "asserts.h"

#include <fcntl.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/clock.h"
#include "rule_watch.h"
#include "scratch.h"

struct fixture {
	struct scratch scratch;
	char path[128]; /* that is watched */
	const char *paths[1];
	struct rule_watch *watch;
	uint64_t now_ns;
};

static const char *in(struct fixture *f, const char *name)
{
	static char path[4][256];
	static unsigned next;
	char *place = path[next++ % 4];

	snprintf(place, sizeof(path[0]), "%s/%s", f->scratch.root, name);
	return place;
}

static void put(struct fixture *f, const char *name, const char *text)
{
	FILE *file = fopen(in(f, name), "w");

	assert_non_null(file);
	assert_true(fputs(text, file) >= 0);
	assert_int_equal(fclose(file), 0);
}

static void begin(struct fixture *f, const char *name)
{
	snprintf(f->path, sizeof(f->path), "%s", in(f, name));
	f->paths[0] = f->path;
	f->now_ns = NS_PER_S;
	assert_int_equal(rule_watch_new(f->paths, 1, &f->watch), 0);
}

static bool is_readable(struct fixture *f)
{
	struct pollfd fd = {.fd = rule_watch_fd(f->watch), .events = POLLIN};

	return poll(&fd, 1, 0) == 1;
}

/* Asserts that something has happened, and whether it is found to be a change when it is over. */
static void assert_change(struct fixture *f, bool expected)
{
	assert_true(is_readable(f));
	assert_false(rule_watch_tick(f->watch, f->now_ns));
	assert_false(is_readable(f));
	f->now_ns += RULE_WATCH_QUIET_NS;
	assert_int_equal(rule_watch_tick(f->watch, f->now_ns), expected);
	f->now_ns += NS_PER_S;
	assert_false(rule_watch_tick(f->watch, f->now_ns)); /* once */
}

static int set_up(void **state)
{
	struct fixture *f = calloc(1, sizeof(*f));

	assert_non_null(f);
	scratch_init(&f->scratch);
	*state = f;
	return 0;
}

static int tear_down(void **state)
{
	struct fixture *f = *state;

	rule_watch_free(f->watch);
	scratch_done(&f->scratch);
	free(f);
	return 0;
}

static void file_that_is_written_has_changed(void **state)
{
	struct fixture *f = *state;

	put(f, "rules.yaml", "a");
	begin(f, "rules.yaml");
	assert_false(rule_watch_tick(f->watch, f->now_ns));
	put(f, "rules.yaml", "bb");
	assert_change(f, true);
	put(f, "rules.yaml", "ccc");
	assert_change(f, true);
}

static void file_that_is_renamed_over_has_changed(void **state)
{
	struct fixture *f = *state;

	put(f, "rules.yaml", "a");
	begin(f, "rules.yaml");
	for (int i = 0; i < 3; i++) {
		put(f, "new", &"ccccc"[i]);
		assert_int_equal(rename(in(f, "new"), in(f, "rules.yaml")), 0);
		assert_change(f, true);
	}
}

static void file_that_goes_and_comes_has_changed(void **state)
{
	struct fixture *f = *state;

	put(f, "rules.yaml", "a");
	begin(f, "rules.yaml");
	assert_int_equal(unlink(in(f, "rules.yaml")), 0);
	assert_change(f, true);
	put(f, "rules.yaml", "a");
	assert_change(f, true);
}

static void other_files_beside_it_are_none_of_its_changes(void **state)
{
	struct fixture *f = *state;

	put(f, "rules.yaml", "a");
	begin(f, "rules.yaml");
	put(f, "other", "b");
	assert_change(f, false);
}

/* What Kubernetes does to a mounted ConfigMap (pkg/volume/util/atomic_writer.go). */
static void swap_of_a_link_is_a_change(void **state)
{
	static const char *const watched[] = {"map/rules.yaml", "map"};
	struct fixture *f = *state;

	assert_int_equal(mkdir(in(f, "map"), 0755), 0);
	assert_int_equal(mkdir(in(f, "map/..1"), 0755), 0);
	assert_int_equal(mkdir(in(f, "map/..2"), 0755), 0);
	put(f, "map/..1/rules.yaml", "a");
	put(f, "map/..2/rules.yaml", "b");
	assert_int_equal(symlink("..1", in(f, "map/..data")), 0);
	assert_int_equal(symlink("..data/rules.yaml", in(f, "map/rules.yaml")), 0);
	for (size_t i = 0; i < 2; i++) {
		rule_watch_free(f->watch);
		begin(f, watched[i]);
		for (int turn = 0; turn < 4; turn++) {
			assert_int_equal(symlink(turn % 2 ? "..1" : "..2", in(f, "map/..tmp")), 0);
			assert_int_equal(rename(in(f, "map/..tmp"), in(f, "map/..data")), 0);
			assert_change(f, true);
		}
	}
}

static void file_that_a_link_leads_to_is_watched_where_it_is(void **state)
{
	struct fixture *f = *state;

	assert_int_equal(mkdir(in(f, "elsewhere"), 0755), 0);
	put(f, "elsewhere/real.yaml", "a");
	assert_int_equal(symlink("elsewhere/real.yaml", in(f, "rules.yaml")), 0);
	begin(f, "rules.yaml");
	put(f, "elsewhere/real.yaml", "bb");
	assert_change(f, true);
}

static void folder_changes_with_what_is_in_it(void **state)
{
	struct fixture *f = *state;

	assert_int_equal(mkdir(in(f, "rules.d"), 0755), 0);
	put(f, "rules.d/a.yaml", "a");
	begin(f, "rules.d/");
	put(f, "rules.d/b.yaml", "b");
	assert_change(f, true);
	put(f, "rules.d/a.yaml", "cc");
	assert_change(f, true);
	assert_int_equal(unlink(in(f, "rules.d/b.yaml")), 0);
	assert_change(f, true);
}

static void folder_that_is_replaced_is_watched_again(void **state)
{
	struct fixture *f = *state;

	assert_int_equal(mkdir(in(f, "rules.d"), 0755), 0);
	put(f, "rules.d/a.yaml", "a");
	begin(f, "rules.d");
	assert_int_equal(rename(in(f, "rules.d"), in(f, "old")), 0);
	assert_change(f, true);
	assert_int_equal(mkdir(in(f, "rules.d"), 0755), 0);
	put(f, "rules.d/a.yaml", "b");
	assert_change(f, true);
	put(f, "rules.d/a.yaml", "cc");
	assert_change(f, true);
}

static void change_that_goes_on_is_waited_for(void **state)
{
	struct fixture *f = *state;
	uint64_t begin_ns;
	unsigned ticks = 0;

	put(f, "rules.yaml", "a");
	begin(f, "rules.yaml");
	begin_ns = f->now_ns;
	do { /* never quiet */
		put(f, "rules.yaml", "bb");
		f->now_ns += RULE_WATCH_QUIET_NS / 2;
		ticks++;
		assert_true(f->now_ns <= begin_ns + RULE_WATCH_AT_MOST_NS + RULE_WATCH_QUIET_NS);
	} while (!rule_watch_tick(f->watch, f->now_ns));
	assert_true(ticks > 2);
	assert_true(f->now_ns >= begin_ns + RULE_WATCH_AT_MOST_NS);
}

static void what_is_read_anyway_is_no_change(void **state)
{
	struct fixture *f = *state;

	put(f, "rules.yaml", "a");
	begin(f, "rules.yaml");
	put(f, "rules.yaml", "bb");
	rule_watch_mark(f->watch);
	assert_change(f, false);
}

static void nothing_is_watched_by_none(void **state)
{
	(void)state;
	assert_int_equal(rule_watch_fd(NULL), -1);
	assert_false(rule_watch_tick(NULL, NS_PER_S));
	rule_watch_mark(NULL);
	rule_watch_free(NULL);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(file_that_is_written_has_changed),
		TEST(file_that_is_renamed_over_has_changed),
		TEST(file_that_goes_and_comes_has_changed),
		TEST(other_files_beside_it_are_none_of_its_changes),
		TEST(swap_of_a_link_is_a_change),
		TEST(file_that_a_link_leads_to_is_watched_where_it_is),
		TEST(folder_changes_with_what_is_in_it),
		TEST(folder_that_is_replaced_is_watched_again),
		TEST(change_that_goes_on_is_waited_for),
		TEST(what_is_read_anyway_is_no_change),
		cmocka_unit_test(nothing_is_watched_by_none),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
