/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Opens that not each hook sees (32-bit programs, drivers that refuse, an overlay's own), names that
 * change meanwhile, and opens that fail. docs/opens.md has the table that this proves.
 */
#include "open_fixture.h"

#include <pthread.h>
#include <sched.h>
#include <stdatomic.h>
#include <sys/mman.h>
#include <sys/mount.h>
#include <sys/syscall.h>

/* ---- 32-bit programs ---- */

#ifdef __x86_64__
#define COMPAT_OPEN 5 /* arch/x86/entry/syscalls/syscall_32.tbl */

/* The kernel clears the registers that such a call does not have. */
static long compat_open(uint32_t path)
{
	long result;

	__asm__ volatile("int $0x80"
			 : "=a"(result)
			 : "a"(COMPAT_OPEN), "b"(path), "c"(O_RDONLY), "d"(0)
			 : "memory", "r8", "r9", "r10", "r11");
	return (int)result;
}

static void act_compat(void *argument)
{
	char *low = mmap(NULL, PATH_MAX, PROT_READ | PROT_WRITE,
		MAP_PRIVATE | MAP_ANONYMOUS | MAP_32BIT, -1, 0);
	long r;

	if (low == MAP_FAILED)
		_exit(112);
	strcpy(low, argument);
	r = compat_open((uint32_t)(uintptr_t)low);
	_exit(r == -ENOSYS ? 77 : r < 0 ? 112 : 0);
}

/* Inside the kernel all opens are one; system calls are seen by their kind. */
static void opens_of_32_bit_programs_are_seen_with_full_coverage(void **state)
{
	struct fixture *f = *state;
	char path[PATH_MAX];
	int status;

	new_file(f, "compat", path);
	status = exit_status(f, act_compat, path);
	if (status == 77)
		skip();
	assert_int_equal(status, 0);
	assert_int_equal(count_opens(f, path), sees_all(f));
	open_fixture_load(f, PROBE_RING_BYTES_DEFAULT, PROBE_COVERAGE_FULL, false);
	assert_int_equal(exit_status(f, act_compat, path), 0);
	assert_int_equal(count_opens(f, path), 1);
	assert_int_equal(find_open(f, path)->open.call, BW_OPEN_BY_OPEN);
	assert_text(&find_open(f, path)->open.asked, path);
	new_file(f, "native", path);
	fixture_run(f, NULL, act_read, path); /* and 64-bit ones as well */
	assert_int_equal(count_opens(f, path), 1);
	open_fixture_load(f, PROBE_RING_BYTES_DEFAULT, PROBE_COVERAGE_STANDARD, false);
}
#endif

/* ---- drivers ---- */

/* Without a controlling terminal: the driver refuses, when all others have been asked. */
static void act_open_terminal(void *argument)
{
	if (open(argument, O_RDWR | O_CLOEXEC) >= 0 || errno != ENXIO)
		_exit(112);
}

static void an_open_that_a_driver_refuses_is_told_where_it_was_not_awaited(void **state)
{
	struct fixture *f = *state;

	fixture_run(f, NULL, act_open_terminal, "/dev/tty");
	assert_int_equal(count_opens(f, "/dev/tty"), sees_all(f));
}

/* ---- names that change ---- */

static void act_rename_and_reopen(void *argument)
{
	int fd = open_or_exit(argument, O_RDONLY);
	char to[PATH_MAX + 16], again[64];

	snprintf(to, sizeof(to), "%s-renamed", (char *)argument);
	snprintf(again, sizeof(again), "/proc/self/fd/%d", fd);
	if (rename(argument, to) < 0)
		_exit(112);
	open_or_exit(again, O_RDONLY);
}

static void a_file_that_is_renamed_while_open_is_told_by_its_new_name(void **state)
{
	struct fixture *f = *state;
	char path[PATH_MAX], to[PATH_MAX];

	new_file(f, "open", path);
	path_in(f, "open-renamed", to);
	fixture_run(f, NULL, act_rename_and_reopen, path);
	assert_int_equal(fixture_count(f, BW_EVENT_OPEN), 2);
	assert_int_equal(count_opens(f, path), 1);
	assert_int_equal(count_opens(f, to), 1);
}

#define RACES 100

struct race {
	atomic_bool over;
	_Atomic char *place; /* the one letter in which two names differ */
	char path[PATH_MAX];
	uint64_t inodes[RACES]; /* of what was opened */
};

static void *change_name(void *argument)
{
	struct race *race = argument;

	while (!race->over) {
		*race->place = 'a';
		*race->place = 'b';
	}
	return NULL;
}

static void act_race(void *argument)
{
	struct race *race = argument;
	pthread_t thread;

	if (pthread_create(&thread, NULL, change_name, race))
		_exit(112);
	for (int i = 0; i < RACES; i++) {
		int fd = open_or_exit(race->path, O_RDONLY);
		struct stat st;

		if (fstat(fd, &st) < 0)
			_exit(112);
		race->inodes[i] = st.st_ino;
		close(fd);
	}
	race->over = true;
	pthread_join(thread, NULL);
}

static void make_hot(struct fixture *f, char *path)
{
	fixture_run(f, NULL, act_read, path);
	assert_int_equal(
		probe_open_decide(f->probe, &find_open(f, path)->open.record->kind, BW_OPEN_HOT),
		0);
}

/* The name in memory changes all the time: what is told is the file that was opened, each time. */
static void a_name_that_changes_meanwhile_does_not_matter(void **state)
{
	struct race *race = mmap(
		NULL, sizeof(*race), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	struct fixture *f = *state;
	char paths[2][PATH_MAX];
	const struct event *e;
	struct stat st[2];
	size_t cursor = 0;

	assert_ptr_not_equal(race, MAP_FAILED);
	for (int i = 0; i < 2; i++) {
		new_file(f, i ? "race-b" : "race-a", paths[i]);
		make_hot(f, paths[i]);
		assert_int_equal(stat(paths[i], &st[i]), 0);
	}
	memcpy(race->path, paths[0], sizeof(race->path));
	race->place = (_Atomic char *)&race->path[strlen(race->path) - 1];
	fixture_run(f, NULL, act_race, race);
	for (int i = 0; i < RACES; i++) {
		e = fixture_next(f, BW_EVENT_OPEN, &cursor);
		assert_non_null(e);
		assert_int_equal(e->open.file.inode, race->inodes[i]);
		assert_text(&e->open.path, paths[race->inodes[i] == st[1].st_ino]);
	}
	assert_null(fixture_next(f, BW_EVENT_OPEN, &cursor));
	munmap(race, sizeof(*race));
}

/* ---- overlays ---- */

static void mount_overlay(const char *dir)
{
	char options[4 * PATH_MAX], path[PATH_MAX + 16];

	snprintf(options, sizeof(options),
		"lowerdir=%s/lower,upperdir=%s/over/upper,workdir=%s/over/work", dir, dir, dir);
	snprintf(path, sizeof(path), "%s/merged", dir);
	if (mount("overlay", path, "overlay", 0, options) < 0)
		_exit(77);
}

static void act_in_overlay(const char *dir)
{
	char path[PATH_MAX + 16];

	snprintf(path, sizeof(path), "%s/merged/file", dir);
	open_or_exit(path, O_RDONLY);
	open_or_exit(path, O_WRONLY); /* is copied by the kernel, which opens both */
}

static int act_overlay(struct fixture *f)
{
	pid_t child;
	int status;

	fixture_drain(f);
	fixture_forget(f);
	child = fork();
	assert_true(child >= 0);
	if (child == 0) {
		char over[PATH_MAX + 16];

		if (unshare(CLONE_NEWNS) < 0 ||
			mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL) < 0)
			_exit(112);
		snprintf(over, sizeof(over), "%s/over", f->dir);
		if (mount("tmpfs", over, "tmpfs", 0, NULL) < 0)
			_exit(112);
		snprintf(over, sizeof(over), "%s/over/upper", f->dir);
		mkdir(over, 0755);
		snprintf(over, sizeof(over), "%s/over/work", f->dir);
		mkdir(over, 0755);
		mount_overlay(f->dir);
		join_cgroup(f->cgroup);
		act_in_overlay(f->dir);
		_exit(0);
	}
	assert_int_equal(waitpid(child, &status, 0), child);
	fixture_drain(f);
	return WEXITSTATUS(status);
}

/* As the process does it: not what the overlay opens below, nor what it opens to copy. */
static void a_file_in_an_overlay_is_told_once(void **state)
{
	static const char *const dirs[] = {"lower", "over", "merged"};
	struct fixture *f = *state;
	char path[PATH_MAX];
	int status;

	for (size_t i = 0; i < ARRAY_SIZE(dirs); i++) {
		path_in(f, dirs[i], path);
		assert_int_equal(mkdir(path, 0755), 0);
	}
	new_file(f, "lower/file", path);
	status = act_overlay(f);
	if (status == 77)
		skip();
	assert_int_equal(status, 0);
	path_in(f, "merged/file", path);
	assert_int_equal(count_opens(f, path), 2);
	assert_int_equal(fixture_count(f, BW_EVENT_OPEN), 2);
}

/* ---- opens that fail ---- */

static void act_fail(void *argument)
{
	for (int i = 0; i < 3; i++)
		if (open(argument, O_WRONLY) >= 0)
			_exit(112);
}

static void failed_opens_are_told_when_asked_for(void **state)
{
	struct fixture *f = *state;
	const struct event *e;
	struct bw_counters before, after;
	char path[PATH_MAX];

	path_in(f, "missing", path);
	fixture_run(f, NULL, act_fail, path);
	assert_int_equal(fixture_count(f, BW_EVENT_OPEN), 0);
	open_fixture_load(f, PROBE_RING_BYTES_DEFAULT, PROBE_COVERAGE_STANDARD, true);
	before = open_counters(f);
	fixture_run(f, NULL, act_fail, path);
	after = open_counters(f);
	e = fixture_only(f, BW_EVENT_OPEN);
	assert_int_equal(e->open.result, -ENOENT);
	assert_text(&e->open.path, path);
	assert_text(&e->open.asked, path);
	assert_int_equal(e->open.file.inode, 0);
	assert_int_equal(e->open.call, BW_OPEN_BY_OPENAT);
	assert_int_equal(e->open.record->kind.use, BW_OPEN_WRITE);
	assert_int_equal(after.held - before.held, 2);
	new_file(f, "there", path);
	fixture_run(f, NULL, act_read, path); /* and one that does not is told once */
	assert_int_equal(fixture_only(f, BW_EVENT_OPEN)->open.file.inode != 0, 1);
	open_fixture_load(f, PROBE_RING_BYTES_DEFAULT, PROBE_COVERAGE_STANDARD, false);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(an_open_that_a_driver_refuses_is_told_where_it_was_not_awaited),
		cmocka_unit_test(a_file_that_is_renamed_while_open_is_told_by_its_new_name),
		cmocka_unit_test(a_name_that_changes_meanwhile_does_not_matter),
		cmocka_unit_test(a_file_in_an_overlay_is_told_once),
#ifdef __x86_64__
		cmocka_unit_test(opens_of_32_bit_programs_are_seen_with_full_coverage),
#endif
		cmocka_unit_test(failed_opens_are_told_when_asked_for),
	};

	return cmocka_run_group_tests(tests, open_fixture_setup, fixture_teardown);
}
