/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Claims about agent/identity.c and looks.c: files of processes that really run them, outside of
 * any container. A file that cannot be opened until the test says so stands for those that are
 * slow (fanotify(7), permission events).
 */
#include "file_fixture.h"
#include "scratch.h"

#include <errno.h>
#include <linux/magic.h>
#include <signal.h>
#include <sys/fanotify.h>
#include <sys/wait.h>

#include "identity.h"
#include "rule/allocation_count.h"

#define FILES 2

struct fixture {
	struct scratch s;
	struct catalog *catalog;
	struct container_roots roots;
	struct identity *identity;
	struct container container;
	pid_t pids[FILES];
	struct bw_exec records[FILES];
	struct event events[FILES];
};

static void copy_file(const char *from, const char *to)
{
	CLEANUP_FREE char *data = NULL;
	CLEANUP_FD int fd = -1;
	size_t size;

	assert_int_equal(read_file_at(AT_FDCWD, from, 8 << 20, &data, &size), 0);
	fd = open(to, O_WRONLY | O_CREAT | O_CLOEXEC, 0700);
	assert_int_equal(write_all(fd, data, size), 0);
}

/* The record of an exec of PATH by PID, as far as it matters here. */
static void describe(struct fixture *f, int i, const char *path)
{
	struct bw_exec *record = &f->records[i];
	*record = (struct bw_exec){
		.event = {.kind = BW_EVENT_EXEC, .size = sizeof(*record)},
		.process = {.tgid = f->pids[i], .ppid = getpid()},
		.file = file_record_at(path),
	};
	f->events[i] = (struct event){.kind = BW_EVENT_EXEC, .process = &record->process};
	f->events[i].exec.record = record;
	f->events[i].exec.resolved = (struct event_text){.bytes = slice_of("/nowhere")};
}

/* Returns when the child has become the program at PATH. */
static pid_t spawn(const char *path)
{
	char *argv[] = {(char *)"sleep", (char *)"600", NULL};
	int ends[2];
	char byte;
	pid_t pid;

	assert_int_equal(pipe2(ends, O_CLOEXEC), 0);
	pid = fork();
	if (pid == 0) {
		execv(path, argv);
		_exit(127);
	}
	close(ends[1]);
	assert_int_equal(read(ends[0], &byte, 1), 0); /* closed by the exec */
	close(ends[0]);
	return pid;
}

static void fixture_init(struct fixture *f)
{
	struct diag d;

	memset(f, 0, sizeof(*f));
	scratch_init(&f->s);
	assert_int_equal(catalog_load_file("rules/catalog.yaml", &f->catalog, &d), 0);
	f->roots = CONTAINER_ROOTS_DEFAULT;
	assert_int_equal(identity_new(f->catalog, &f->roots, &f->identity), 0);
	strcpy(f->container.id, "none");
	f->container.cgroup = 7;
	f->container.cgroup_path = (char *)"/no/such/cgroup";
	for (int i = 0; i < FILES; i++) {
		char name[16];

		snprintf(name, sizeof(name), "program%d", i);
		copy_file("/bin/sleep", scratch_path(&f->s, name));
		f->pids[i] = spawn(f->s.path);
		describe(f, i, f->s.path);
	}
}

static void end_process(struct fixture *f, int i)
{
	kill(f->pids[i], SIGKILL);
	waitpid(f->pids[i], NULL, 0);
	f->pids[i] = 0;
}

static void fixture_done(struct fixture *f)
{
	for (int i = 0; i < FILES; i++)
		if (f->pids[i])
			end_process(f, i);
	identity_free(f->identity);
	catalog_free(f->catalog);
	container_forget(&f->container);
	scratch_done(&f->s);
}
#define CLEANUP_FIXTURE CLEANUP(fixture_done)

static const struct executable *ask(struct fixture *f, int i, struct identity_late **ret_late)
{
	struct identity_question question = {
		.container = &f->container,
		.event = &f->events[i],
		.entry = CONTAINER_ENTRY_CHILD,
	};

	return identity_ask(f->identity, &question, ret_late);
}

static void file_is_looked_at_once(void **state)
{
	CLEANUP_FIXTURE struct fixture f;
	const struct executable *executable;
	struct identity_late *late;
	size_t before;

	(void)state;
	fixture_init(&f);
	executable = ask(&f, 0, &late);
	assert_non_null(executable);
	assert_null(late);
	assert_true(executable->has_identity);
	assert_true(executable->identity.is_elf);
	assert_int_equal(executable->origin, PROGRAM_ORIGIN_UNKNOWN); /* no image is known */
	assert_int_equal(identity_counts(f.identity).looks, 1);
	allocation_count_start();
	before = allocation_count;
	for (int i = 0; i < 100; i++)
		assert_true(ask(&f, 0, &late)->has_identity);
	assert_int_equal(allocation_count, before);
	assert_int_equal(identity_counts(f.identity).looks, 1);
	assert_non_null(ask(&f, 1, &late));
	assert_int_equal(identity_counts(f.identity).looks, 2);
}

static void file_in_another_state_is_another(void **state)
{
	CLEANUP_FIXTURE struct fixture f;
	struct identity_late *late;

	(void)state;
	fixture_init(&f);
	assert_true(ask(&f, 0, &late)->has_identity);
	f.records[0].file.ctime_ns ^= 1; /* what runs now is not what ran */
	assert_false(ask(&f, 0, &late)->has_identity);
	assert_int_equal(identity_counts(f.identity).looks, 2);
}

static void what_could_not_be_read_is_tried_again(void **state)
{
	CLEANUP_FIXTURE struct fixture f;
	struct identity_late *late;
	uint32_t tgid;

	(void)state;
	fixture_init(&f);
	tgid = f.records[0].process.tgid;
	f.records[0].process.tgid = getpid(); /* runs something else */
	assert_false(ask(&f, 0, &late)->has_identity);
	f.records[0].process.tgid = tgid;
	assert_true(ask(&f, 0, &late)->has_identity);
}

static void only_known_image_files_without_a_class_are_harmless(void **state)
{
	static const struct {
		enum program_origin origin, script;
		enum program_class class;
		bool is_read, is_harmless;
	} cases[] = {
		{PROGRAM_ORIGIN_IMAGE, 0, PROGRAM_OTHER, true, true},
		{PROGRAM_ORIGIN_IMAGE, 0, PROGRAM_OTHER, false, false},
		{PROGRAM_ORIGIN_IMAGE, 0, PROGRAM_SHELL, true, false},
		{PROGRAM_ORIGIN_IMAGE, 0, PROGRAM_MULTICALL, true, false},
		{PROGRAM_ORIGIN_IMAGE, PROGRAM_ORIGIN_UPPER, PROGRAM_OTHER, true, false},
		{PROGRAM_ORIGIN_COPYUP, 0, PROGRAM_OTHER, true, false},
		{PROGRAM_ORIGIN_UPPER, 0, PROGRAM_OTHER, true, false},
		{PROGRAM_ORIGIN_UNKNOWN, 0, PROGRAM_OTHER, true, false},
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		struct executable executable = {
			.origin = cases[i].origin,
			.script_origin = cases[i].script,
			.has_identity = cases[i].is_read,
		};

		assert_int_equal(
			identity_is_harmless(&executable, cases[i].class), cases[i].is_harmless);
	}
}

static void marks_that_say_nothing_of_the_file_make_no_other(void **state)
{
	CLEANUP_FIXTURE struct fixture f;
	struct identity_late *late;

	(void)state;
	fixture_init(&f);
	assert_true(ask(&f, 0, &late)->has_identity);
	f.records[0].file.flags = BW_FILE_SETUID;
	assert_true(ask(&f, 0, &late)->has_identity);
	assert_int_equal(identity_counts(f.identity).looks, 1);
	f.records[0].file.flags = BW_FILE_DELETED;
	assert_true(ask(&f, 0, &late)->has_identity);
	assert_int_equal(identity_counts(f.identity).looks, 2);
}

/* ---- slow files ---- */

/* From now on each opening of program0 waits. -1 where that cannot be had. */
static int slow_down(struct fixture *f)
{
	int fd = fanotify_init(FAN_CLASS_CONTENT | FAN_CLOEXEC, O_RDONLY | O_CLOEXEC);

	if (fd < 0)
		return -1;
	assert_int_equal(fanotify_mark(fd, FAN_MARK_ADD, FAN_OPEN_PERM, AT_FDCWD,
				 scratch_path(&f->s, "program0")),
		0);
	return fd;
}

/* Lets the one go on that waits. */
static void let_go(int fd)
{
	struct fanotify_event_metadata event;
	struct fanotify_response response = {.response = FAN_ALLOW};

	assert_int_equal(read(fd, &event, sizeof(event)), sizeof(event));
	response.fd = event.fd;
	assert_int_equal(write(fd, &response, sizeof(response)), sizeof(response));
	close(event.fd);
}

static struct identity_late *wait_for_late(struct identity *identity)
{
	struct identity_late *late;

	while (!(late = identity_next_late(identity)))
		usleep(1000);
	return late;
}

static void slow_file_is_told_later(void **state)
{
	CLEANUP_FIXTURE struct fixture f;
	struct identity_late *first, *second, *told;
	CLEANUP_FD int fd = -1;

	(void)state;
	fixture_init(&f);
	fd = slow_down(&f);
	if (fd < 0)
		skip();
	assert_null(ask(&f, 0, &first));
	assert_non_null(first);
	strcpy(first->alert_id, "first");
	/* the thread is busy with it: nobody waits a second time */
	assert_null(ask(&f, 1, &second));
	assert_non_null(second);
	assert_null(identity_next_late(f.identity));
	assert_true(identity_is_waiting(f.identity));
	let_go(fd);
	told = wait_for_late(f.identity);
	assert_ptr_equal(told, first);
	assert_string_equal(told->alert_id, "first");
	assert_true(told->executable.has_identity);
	assert_int_equal(told->record_size, sizeof(f.records[0]));
	assert_memory_equal(told->record, &f.records[0], sizeof(f.records[0]));
	identity_late_free(told);
	told = wait_for_late(f.identity);
	assert_ptr_equal(told, second);
	assert_true(told->executable.has_identity);
	identity_late_free(told);
	assert_null(identity_next_late(f.identity));
	assert_false(identity_is_waiting(f.identity));
	assert_int_equal(identity_counts(f.identity).late, 2);
	assert_true(ask(&f, 0, &first)->has_identity); /* remembered, and not opened again */
}

/* Else who can mount an overlay of what never answers holds up the looks at all others. */
static void overlay_of_nobody_holds_nothing_up(void **state)
{
	CLEANUP_FIXTURE struct fixture f;
	struct identity_late *late, *other;
	bool is_known;
	CLEANUP_FD int fd = -1;

	(void)state;
	fixture_init(&f);
	fd = slow_down(&f);
	if (fd < 0)
		skip();
	f.records[0].file.fs_magic = OVERLAYFS_SUPER_MAGIC;
	f.records[1].file.fs_magic = TMPFS_MAGIC;
	assert_null(ask(&f, 0, &late));
	is_known = ask(&f, 1, &other) != NULL;
	let_go(fd); /* before anything can fail: who waits for it cannot be ended */
	assert_non_null(late);
	assert_true(is_known);
	late = wait_for_late(f.identity);
	assert_true(late->executable.has_identity);
	identity_late_free(late);
}

static void number_of_those_that_wait_is_limited(void **state)
{
	CLEANUP_FIXTURE struct fixture f;
	struct identity_late *late;
	CLEANUP_FD int fd = -1;
	unsigned waiting = 0;

	(void)state;
	fixture_init(&f);
	fd = slow_down(&f);
	if (fd < 0)
		skip();
	for (int i = 0; i < 1000; i++) {
		assert_null(ask(&f, i > 0, &late));
		waiting += late != NULL;
	}
	assert_int_equal(waiting, 257); /* one is under way */
	assert_int_equal(identity_counts(f.identity).given_up, 1000 - waiting);
	let_go(fd);
	for (unsigned i = 0; i < waiting; i++) {
		late = wait_for_late(f.identity);
		assert_true(late->executable.has_identity);
		identity_late_free(late);
	}
	assert_null(identity_next_late(f.identity));
}

/* Else one container's files would make those of all others be judged by their names. */
static void container_with_few_files_gets_its_turn(void **state)
{
	CLEANUP_FIXTURE struct fixture f;
	struct identity_late *late, *other, *told;
	uint64_t given_up;
	CLEANUP_FD int fd = -1;

	(void)state;
	fixture_init(&f);
	fd = slow_down(&f);
	if (fd < 0)
		skip();
	for (int i = 0; i < 400; i++)
		assert_null(ask(&f, i > 0, &late));
	given_up = identity_counts(f.identity).given_up;
	f.container.cgroup++;
	assert_null(ask(&f, 1, &other));
	assert_non_null(other);
	assert_int_equal(identity_counts(f.identity).given_up, given_up + 1); /* of the first */
	strcpy(other->alert_id, "other");
	let_go(fd);
	identity_late_free(wait_for_late(f.identity)); /* was under way */
	identity_late_free(wait_for_late(f.identity)); /* the oldest of all */
	told = wait_for_late(f.identity);
	assert_string_equal(told->alert_id, "other");
	identity_late_free(told);
}

static unsigned count_threads(void)
{
	CLEANUP_DIR DIR *dir = opendir("/proc/self/task");
	unsigned count = 0;

	while (readdir(dir))
		count++;
	return count;
}

/* The thread is left behind; it must find what it needs when it goes on, and leave nothing. */
static void end_does_not_wait_for_a_slow_file(void **state)
{
	CLEANUP_FIXTURE struct fixture f;
	struct identity_late *late;
	CLEANUP_FD int fd = -1;
	unsigned threads = count_threads();

	(void)state;
	fixture_init(&f);
	fd = slow_down(&f);
	if (fd < 0)
		skip();
	assert_null(ask(&f, 0, &late));
	assert_null(ask(&f, 1, &late));
	identity_free(f.identity);
	f.identity = NULL;
	catalog_free(f.catalog);
	f.catalog = NULL;
	let_go(fd);
	while (count_threads() > threads) /* what they read is freed now */
		usleep(1000);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(file_is_looked_at_once),
		cmocka_unit_test(file_in_another_state_is_another),
		cmocka_unit_test(what_could_not_be_read_is_tried_again),
		cmocka_unit_test(only_known_image_files_without_a_class_are_harmless),
		cmocka_unit_test(marks_that_say_nothing_of_the_file_make_no_other),
		cmocka_unit_test(slow_file_is_told_later),
		cmocka_unit_test(overlay_of_nobody_holds_nothing_up),
		cmocka_unit_test(number_of_those_that_wait_is_limited),
		cmocka_unit_test(container_with_few_files_gets_its_turn),
		cmocka_unit_test(end_does_not_wait_for_a_slow_file),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
