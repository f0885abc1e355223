/* SPDX-License-Identifier: Apache-2.0 */
/* Claims about agent/profile/profile.c. */
#include "asserts.h"

#include "barewatch/profile.h"

#define WEB 7
#define DB  8

struct fixture {
	struct profile *profile;
	struct bw_open_kind counted; /* the one that the kernel side knows of */
	struct bw_open_seen seen;
	/* what profile_each() told last */
	struct profile_entry entries[64];
	size_t count;
};

static bool count(const struct bw_open_kind *kind, struct bw_open_seen *ret, void *userdata)
{
	const struct fixture *f = userdata;

	if (f->seen.count == 0 || memcmp(kind, &f->counted, sizeof(*kind)) != 0)
		return false;
	*ret = f->seen;
	return true;
}

static void fixture_init_with(struct fixture *f, size_t bytes_max)
{
	struct profile_config config = {.bytes_max = bytes_max, .count = count, .userdata = f};

	memset(f, 0, sizeof(*f));
	assert_int_equal(profile_new(&config, &f->profile), 0);
}

static void fixture_init(struct fixture *f)
{
	fixture_init_with(f, PROFILE_BYTES_DEFAULT);
}

static void fixture_done(struct fixture *f)
{
	profile_free(f->profile);
}
#define CLEANUP_FIXTURE CLEANUP(fixture_done)

static bool keep(const struct profile_entry *entry, void *userdata)
{
	struct fixture *f = userdata;

	f->entries[f->count++] = *entry;
	return f->count < ARRAY_SIZE(f->entries);
}

static void look(struct fixture *f, uint64_t container)
{
	f->count = 0;
	profile_each(f->profile, container, keep, f);
}

/* An open: what is left out is the same in all. */
struct opening {
	const char *path, *program;
	uint32_t use, flags;
	uint64_t inode, time_ns;
	int32_t result;
	bool cut, unknown;
};

static struct bw_open_kind kind_of(const struct opening *o)
{
	return (struct bw_open_kind){.container = WEB, .inode = o->inode, .use = o->use};
}

static void open_with(
	struct fixture *f, uint64_t container, struct opening o, enum program_origin origin)
{
	static struct event event;
	struct bw_open record = {.kind = kind_of(&o), .flags = o.flags};

	event = (struct event){.kind = BW_EVENT_OPEN, .time_ns = o.time_ns};
	event.open.record = &record;
	event.open.result = o.result;
	event.open.path = (struct event_text){
		.bytes = slice_of(o.path), .truncated = o.cut, .unreadable = o.unknown};
	event.open.exe = (struct event_text){
		.bytes = slice_of(o.program), .unreadable = !o.program};
	profile_opened(f->profile, container, &event, origin);
}

#define opened(f, container, ...) \
	open_with((f), (container), (struct opening){__VA_ARGS__}, PROGRAM_ORIGIN_IMAGE)

static void exec_with(struct fixture *f, uint64_t container, const char *path, const char *parent,
	uint64_t time_ns, enum program_origin origin)
{
	static struct event event;

	event = (struct event){.kind = BW_EVENT_EXEC, .time_ns = time_ns};
	event.exec.resolved = (struct event_text){.bytes = slice_of(path)};
	event.exec.parent = (struct event_text){.bytes = slice_of(parent)};
	profile_executed(f->profile, container, &event, origin);
}

static void what_was_opened_is_told_as_it_was(void **state)
{
	CLEANUP_FIXTURE struct fixture f;
	const struct profile_entry *entry = &f.entries[0];

	(void)state;
	fixture_init(&f);
	opened(&f, WEB, "/etc/passwd", "/bin/cat", .use = BW_OPEN_READ, .time_ns = 5);
	look(&f, WEB);
	assert_int_equal(f.count, 1);
	assert_slice_text(entry->path, "/etc/passwd");
	assert_slice_text(entry->program, "/bin/cat");
	assert_int_equal(entry->use, BW_OPEN_READ);
	assert_int_equal(entry->origin, PROGRAM_ORIGIN_IMAGE);
	assert_int_equal(entry->first_ns, 5);
	assert_int_equal(entry->last_ns, 5);
	assert_int_equal(entry->count, 1);
	look(&f, DB);
	assert_int_equal(f.count, 0);
}

static void uses_programs_and_containers_are_told_apart(void **state)
{
	CLEANUP_FIXTURE struct fixture f;

	(void)state;
	fixture_init(&f);
	opened(&f, WEB, "/a", "/bin/cat", .use = BW_OPEN_READ);
	opened(&f, WEB, "/a", "/bin/cat", .use = BW_OPEN_WRITE);
	opened(&f, WEB, "/a", "/bin/dog", .use = BW_OPEN_READ);
	opened(&f, WEB, "/a", NULL, .use = BW_OPEN_READ);
	opened(&f, DB, "/a", "/bin/cat", .use = BW_OPEN_READ);
	exec_with(&f, WEB, "/a", "/bin/cat", 1, PROGRAM_ORIGIN_IMAGE);
	look(&f, WEB);
	assert_int_equal(f.count, 5);
	assert_int_equal(f.entries[3].program.len, 0);
	assert_int_equal(f.entries[4].use, PROFILE_EXECUTED);
	look(&f, DB);
	assert_int_equal(f.count, 1);
}

static void executions_are_counted(void **state)
{
	CLEANUP_FIXTURE struct fixture f;

	(void)state;
	fixture_init(&f);
	exec_with(&f, WEB, "/bin/sh", "/bin/init", 10, PROGRAM_ORIGIN_UNKNOWN);
	exec_with(&f, WEB, "/bin/sh", "/bin/init", 20, PROGRAM_ORIGIN_UPPER);
	exec_with(&f, WEB, "/bin/sh", "/bin/init", 15, PROGRAM_ORIGIN_UNKNOWN);
	look(&f, WEB);
	assert_int_equal(f.count, 1);
	assert_int_equal(f.entries[0].count, 3);
	assert_int_equal(f.entries[0].first_ns, 10);
	assert_int_equal(f.entries[0].last_ns, 20);
	assert_int_equal(f.entries[0].origin, PROGRAM_ORIGIN_UPPER);
}

static void origin_may_become_known_later(void **state)
{
	static struct event event;
	CLEANUP_FIXTURE struct fixture f;

	(void)state;
	fixture_init(&f);
	exec_with(&f, WEB, "/bin/sh", "/bin/init", 10, PROGRAM_ORIGIN_UNKNOWN);
	event = (struct event){.kind = BW_EVENT_EXEC};
	event.exec.resolved = (struct event_text){.bytes = slice_of("/bin/sh")};
	event.exec.parent = (struct event_text){.bytes = slice_of("/bin/init")};
	profile_learned(f.profile, WEB, &event, PROGRAM_ORIGIN_VOLUME);
	profile_learned(f.profile, DB, &event, PROGRAM_ORIGIN_VOLUME);
	look(&f, WEB);
	assert_int_equal(f.entries[0].origin, PROGRAM_ORIGIN_VOLUME);
	assert_int_equal(f.entries[0].count, 1);
}

static void opens_that_failed_are_left_out(void **state)
{
	CLEANUP_FIXTURE struct fixture f;

	(void)state;
	fixture_init(&f);
	opened(&f, WEB, "/nothing", "/bin/cat", .result = -2);
	look(&f, WEB);
	assert_int_equal(f.count, 0);
	assert_int_equal(profile_totals(f.profile, WEB).omitted, 0);
}

static void path_that_is_not_known_is_only_counted(void **state)
{
	CLEANUP_FIXTURE struct fixture f;

	(void)state;
	fixture_init(&f);
	opened(&f, WEB, "/half", "/bin/cat", .unknown = true);
	opened(&f, WEB, "/end/of/it", "/bin/cat", .cut = true);
	look(&f, WEB);
	assert_int_equal(f.count, 1);
	assert_slice_text(f.entries[0].path, ".../end/of/it");
	assert_int_equal(profile_totals(f.profile, WEB).omitted, 1);
}

/* What the kernel side has counted of a kind is told, and never counted twice. */
static void repeats_that_stay_in_the_kernel_are_counted(void **state)
{
	const struct opening one = {.inode = 1}, two = {.inode = 2};
	CLEANUP_FIXTURE struct fixture f;

	(void)state;
	fixture_init(&f);
	opened(&f, WEB, "/a", "/b", .inode = 1, .time_ns = 10);
	f.counted = kind_of(&one);
	f.seen = (struct bw_open_seen){.count = 5, .first_ns = 9, .last_ns = 50};
	look(&f, WEB);
	assert_int_equal(f.entries[0].count, 5);
	assert_int_equal(f.entries[0].first_ns, 9);
	assert_int_equal(f.entries[0].last_ns, 50);
	look(&f, WEB);
	assert_int_equal(f.entries[0].count, 5);
	/* another process, which is sent and counted there, too */
	f.seen.count = 7;
	opened(&f, WEB, "/a", "/b", .inode = 1, .flags = BW_OPEN_AGAIN, .time_ns = 60);
	look(&f, WEB);
	assert_int_equal(f.entries[0].count, 7);
	/* it was made anew: another kind, with a count of its own */
	opened(&f, WEB, "/a", "/b", .inode = 2, .time_ns = 70);
	f.counted = kind_of(&two);
	f.seen = (struct bw_open_seen){.count = 3, .first_ns = 70, .last_ns = 80};
	look(&f, WEB);
	assert_int_equal(f.count, 1);
	assert_int_equal(f.entries[0].count, 10);
	assert_int_equal(f.entries[0].first_ns, 9);
	assert_int_equal(f.entries[0].last_ns, 80);
}

static void kind_that_was_forgotten_begins_anew(void **state)
{
	const struct opening one = {.inode = 1};
	CLEANUP_FIXTURE struct fixture f;

	(void)state;
	fixture_init(&f);
	opened(&f, WEB, "/a", "/b", .inode = 1);
	f.counted = kind_of(&one);
	f.seen = (struct bw_open_seen){.count = 5};
	look(&f, WEB);
	f.seen.count = 1; /* the table was full */
	opened(&f, WEB, "/a", "/b", .inode = 1);
	look(&f, WEB);
	assert_int_equal(f.entries[0].count, 6);
	f.seen.count = 0; /* and again: what is known stays */
	look(&f, WEB);
	assert_int_equal(f.entries[0].count, 6);
}

/* One path in the mounts of two processes. */
static void kinds_that_take_turns_are_not_counted_twice(void **state)
{
	const struct opening one = {.inode = 1};
	CLEANUP_FIXTURE struct fixture f;

	(void)state;
	fixture_init(&f);
	f.counted = kind_of(&one);
	f.seen = (struct bw_open_seen){.count = 1};
	opened(&f, WEB, "/a", "/b", .inode = 1);
	opened(&f, WEB, "/a", "/b", .inode = 2);
	f.seen.count = 2;
	opened(&f, WEB, "/a", "/b", .inode = 1, .flags = BW_OPEN_AGAIN);
	opened(&f, WEB, "/a", "/b", .inode = 2, .flags = BW_OPEN_AGAIN);
	look(&f, WEB);
	assert_int_equal(f.entries[0].count, 4);
}

static void open_numbered(struct fixture *f, uint64_t container, int number)
{
	char path[32];

	snprintf(path, sizeof(path), "/tmp/%d", number);
	opened(f, container, path, "/bin/app", .inode = number);
}

static bool count_entry(const struct profile_entry *entry, void *userdata)
{
	(void)entry;
	++*(size_t *)userdata;
	return true;
}

static size_t count_entries(struct fixture *f, uint64_t container)
{
	size_t entries = 0;

	profile_each(f->profile, container, count_entry, &entries);
	assert_int_equal(entries, profile_totals(f->profile, container).entries);
	return entries;
}

static void memory_is_bounded_and_what_came_first_stays(void **state)
{
	enum { BYTES = 100000, FLOOD = 5000 };
	CLEANUP_FIXTURE struct fixture f;
	size_t kept;

	(void)state;
	fixture_init_with(&f, BYTES);
	for (int i = 0; i < FLOOD; i++) {
		open_numbered(&f, WEB, i);
		assert_true(profile_bytes(f.profile) <= BYTES);
	}
	kept = count_entries(&f, WEB);
	assert_true(kept > 100 && kept < FLOOD);
	assert_int_equal(profile_totals(f.profile, WEB).omitted, FLOOD - kept);
	look(&f, WEB);
	assert_slice_text(f.entries[0].path, "/tmp/0");
	assert_slice_text(f.entries[1].path, "/tmp/1");
}

static void largest_container_loses_first(void **state)
{
	enum { BYTES = 100000, FLOOD = 5000, QUIET = 40 };
	CLEANUP_FIXTURE struct fixture f;
	size_t kept;

	(void)state;
	fixture_init_with(&f, BYTES);
	for (int i = 0; i < FLOOD; i++)
		open_numbered(&f, WEB, i);
	kept = count_entries(&f, WEB);
	for (int i = 0; i < QUIET; i++)
		open_numbered(&f, DB, i);
	for (int i = 0; i < FLOOD; i++)
		open_numbered(&f, WEB, FLOOD + i);
	assert_int_equal(count_entries(&f, DB), QUIET);
	assert_int_equal(profile_totals(f.profile, DB).omitted, 0);
	assert_true(count_entries(&f, WEB) < kept);
	assert_int_equal(
		profile_totals(f.profile, WEB).omitted + count_entries(&f, WEB), 2 * FLOOD);
	assert_true(profile_bytes(f.profile) <= BYTES);
}

static void container_that_is_gone_leaves_nothing(void **state)
{
	CLEANUP_FIXTURE struct fixture f;

	(void)state;
	fixture_init(&f);
	for (int i = 0; i < 100; i++)
		open_numbered(&f, WEB, i);
	opened(&f, DB, "/a", "/b", .inode = 1);
	profile_forget(f.profile, WEB);
	profile_forget(f.profile, WEB);
	look(&f, WEB);
	assert_int_equal(f.count, 0);
	look(&f, DB);
	assert_int_equal(f.count, 1);
	profile_forget(f.profile, DB);
	assert_int_equal(profile_bytes(f.profile), 0);
}

static void longest_paths_fit(void **state)
{
	static char path[BW_PATH_MAX + 1];
	CLEANUP_FIXTURE struct fixture f;

	(void)state;
	memset(path, 'x', sizeof(path) - 1);
	fixture_init(&f);
	opened(&f, WEB, path, path, .cut = true);
	look(&f, WEB);
	assert_int_equal(f.count, 1);
	assert_int_equal(f.entries[0].path.len, BW_PATH_MAX + 3);
	assert_slice_text(f.entries[0].program, path);
}

static void uses_have_words(void **state)
{
	const char *words[PROFILE_USES_MAX];

	(void)state;
	assert_int_equal(profile_use_words(0, words), 0);
	assert_int_equal(profile_use_words(BW_OPEN_WRITE | PROFILE_EXECUTED, words), 2);
	assert_string_equal(words[0], "write");
	assert_string_equal(words[1], "execute");
	assert_int_equal(profile_use_words(UINT32_MAX, words), PROFILE_USES_MAX);
	for (int i = 0; i < PROFILE_USES_MAX; i++)
		assert_int_not_equal(profile_use_parse(words[i]), 0);
	assert_int_equal(profile_use_parse("create"), BW_OPEN_CREATED);
	assert_int_equal(profile_use_parse("creat"), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_was_opened_is_told_as_it_was),
		cmocka_unit_test(uses_programs_and_containers_are_told_apart),
		cmocka_unit_test(executions_are_counted),
		cmocka_unit_test(origin_may_become_known_later),
		cmocka_unit_test(opens_that_failed_are_left_out),
		cmocka_unit_test(path_that_is_not_known_is_only_counted),
		cmocka_unit_test(repeats_that_stay_in_the_kernel_are_counted),
		cmocka_unit_test(kind_that_was_forgotten_begins_anew),
		cmocka_unit_test(kinds_that_take_turns_are_not_counted_twice),
		cmocka_unit_test(memory_is_bounded_and_what_came_first_stays),
		cmocka_unit_test(largest_container_loses_first),
		cmocka_unit_test(container_that_is_gone_leaves_nothing),
		cmocka_unit_test(longest_paths_fit),
		cmocka_unit_test(uses_have_words),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
