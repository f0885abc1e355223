/* SPDX-License-Identifier: Apache-2.0 */
/* bpf/attempt.bpf.c: execs that fail, and every field of what is reported. */
#include "fixture.h"

#include <sys/mman.h>
#include <sys/syscall.h>

#define ABSENT "/nonexistent/sh"

static void read_link(const char *link, char *ret)
{
	ssize_t len = readlink(link, ret, PATH_MAX - 1);

	assert_true(len > 0);
	ret[len] = '\0';
}

static void act_absent(void *argument)
{
	if (chdir(argument) < 0)
		_exit(111);
	execl(ABSENT, "sh", "-c", "id; true", NULL);
}

static void absent_program_is_reported_with_all_fields(void **state)
{
	static const char args[] = "sh\0-c\0id; true";
	struct fixture *f = *state;
	uint64_t before = boot_now_ns();
	const struct bw_attempt *record;
	const struct event *e;
	char exe[PATH_MAX];
	struct stat ns;
	pid_t pid;

	pid = fixture_run(f, NULL, act_absent, f->dir);
	e = fixture_only(f, BW_EVENT_ATTEMPT);
	record = e->attempt.record;
	assert_int_equal(record->event.version, BW_ABI_VERSION);
	assert_true(e->time_ns >= before && e->time_ns <= boot_now_ns());
	assert_int_equal(e->cgroup, f->key);
	assert_int_equal(e->container, f->key);
	assert_int_equal(e->process->tgid, pid);
	assert_int_equal(e->process->tid, pid);
	assert_int_equal(e->process->ppid, getpid());
	assert_true(e->process->start_ns >= before && e->process->start_ns <= e->time_ns);
	assert_int_equal(e->process->uid, getuid());
	assert_int_equal(e->process->gid, getgid());
	assert_int_equal(stat("/proc/self/ns/mnt", &ns), 0);
	assert_int_equal(e->process->mnt_ns, ns.st_ino);
	assert_string_equal(e->process->comm, e->process->parent_comm); /* a fork of ours */
	assert_int_equal(record->error, ENOENT);
	assert_int_equal(record->call, BW_CALL_EXECVE);
	assert_int_equal(record->dirfd, AT_FDCWD);
	assert_int_equal(record->at_flags, 0);
	read_link("/proc/self/exe", exe);
	assert_text(&e->attempt.asked, ABSENT);
	assert_text(&e->attempt.exe, exe);
	assert_text(&e->attempt.cwd, f->dir);
	assert_text(&e->attempt.parent, exe);
	assert_int_equal(e->attempt.args.bytes.len, sizeof(args));
	assert_memory_equal(e->attempt.args.bytes.data, args, sizeof(args));
	assert_false(e->attempt.args.truncated || e->attempt.args.unreadable);
	assert_int_equal(fixture_count(f, BW_EVENT_EXEC), 0);
}

static void act_exec(void *argument)
{
	execl(argument, argument, NULL);
}

static void errno_is_that_of_the_call(void **state)
{
	struct fixture *f = *state;
	char forbidden[PATH_MAX + 16], garbage[PATH_MAX + 16];
	const struct {
		const char *path;
		int error;
	} cases[] = {
		{f->dir, EACCES}, /* a directory */
		{forbidden, EACCES},
		{garbage, ENOEXEC},
		{"/dev/null/sh", ENOTDIR},
		{"", ENOENT},
	};

	snprintf(forbidden, sizeof(forbidden), "%s/forbidden", f->dir);
	snprintf(garbage, sizeof(garbage), "%s/garbage", f->dir);
	write_text(forbidden, "#!/bin/sh\n");
	write_text(garbage, "neither ELF nor script");
	assert_int_equal(chmod(forbidden, 0644), 0);
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		const struct event *e;

		fixture_run(f, NULL, act_exec, (void *)cases[i].path);
		e = fixture_only(f, BW_EVENT_ATTEMPT);
		assert_int_equal(e->attempt.record->error, cases[i].error);
		assert_text(&e->attempt.asked, cases[i].path);
	}
}

static void act_execveat(void *argument)
{
	char *argv[] = {"sh", NULL}, *envp[] = {NULL};

	(void)argument;
	syscall(SYS_execveat, NOT_OPEN, "sh", argv, envp, AT_SYMLINK_NOFOLLOW);
}

static void execveat_keeps_its_descriptor_and_flags(void **state)
{
	struct fixture *f = *state;
	const struct event *e;

	fixture_run(f, NULL, act_execveat, NULL);
	e = fixture_only(f, BW_EVENT_ATTEMPT);
	assert_int_equal(e->attempt.record->error, EBADF);
	assert_int_equal(e->attempt.record->call, BW_CALL_EXECVEAT);
	assert_int_equal(e->attempt.record->dirfd, NOT_OPEN);
	assert_int_equal(e->attempt.record->at_flags, AT_SYMLINK_NOFOLLOW);
	assert_text(&e->attempt.asked, "sh");
	assert_int_equal(e->attempt.args.bytes.len, 3);
}

static void act_check(void *argument)
{
	char *argv[] = {"sh", NULL}, *envp[] = {NULL};

	(void)argument;
	syscall(SYS_execveat, AT_FDCWD, ABSENT, argv, envp, 0x10000 /* AT_EXECVE_CHECK */);
}

static void question_whether_something_is_executable_is_no_attempt(void **state)
{
	struct fixture *f = *state;

	fixture_run(f, NULL, act_check, NULL);
	assert_int_equal(fixture_count(f, BW_EVENT_ATTEMPT), 0);
}

static void act_many_args(void *argument)
{
	int count = *(int *)argument;
	char *argv[BW_ATTEMPT_ARGS + 2], *envp[] = {NULL};
	char arg[] = "x"; /* written here, so that it is in memory: the kernel never reads it */

	for (int i = 0; i < count; i++)
		argv[i] = arg;
	argv[count] = NULL;
	execve(ABSENT, argv, envp);
}

static void arguments_are_cut_when_they_are_too_many_and_only_then(void **state)
{
	struct fixture *f = *state;

	for (int more = 0; more <= 1; more++) {
		int count = BW_ATTEMPT_ARGS + more;
		const struct event *e;

		fixture_run(f, NULL, act_many_args, &count);
		e = fixture_only(f, BW_EVENT_ATTEMPT);
		assert_int_equal(e->attempt.args.truncated, more);
		assert_int_equal(e->attempt.args.bytes.len, 2 * BW_ATTEMPT_ARGS);
	}
}

static void act_long_arg(void *argument)
{
	size_t len = *(size_t *)argument;
	char text[1000] = "";

	memset(text, 'y', len);
	execl(ABSENT, text, NULL);
}

static void argument_is_cut_when_it_is_too_long_and_only_then(void **state)
{
	struct fixture *f = *state;

	for (size_t more = 0; more <= 1; more++) {
		size_t len = BW_ATTEMPT_ARG + more;
		const struct event *e;

		fixture_run(f, NULL, act_long_arg, &len);
		e = fixture_only(f, BW_EVENT_ATTEMPT);
		assert_int_equal(e->attempt.args.truncated, more);
		assert_int_equal(e->attempt.args.bytes.len, BW_ATTEMPT_ARG + 1);
	}
}

static void act_long_path(void *argument)
{
	size_t len = *(size_t *)argument;
	char path[2 * BW_PATH_MAX] = "";

	memset(path, '/', len);
	execl(path, "sh", NULL);
}

static void path_is_cut_when_it_is_too_long_and_only_then(void **state)
{
	struct fixture *f = *state;

	for (size_t more = 0; more <= 1; more++) {
		size_t len = BW_PATH_MAX + more;
		const struct event *e;

		fixture_run(f, NULL, act_long_path, &len);
		e = fixture_only(f, BW_EVENT_ATTEMPT);
		assert_int_equal(e->attempt.record->error, ENAMETOOLONG);
		assert_int_equal(e->attempt.asked.truncated, more);
		assert_int_equal(e->attempt.asked.bytes.len, BW_PATH_MAX);
	}
}

static void act_bad_pointers(void *argument)
{
	(void)argument;
	syscall(SYS_execve, (char *)8, (char **)16, NULL);
}

static void unreadable_memory_is_told_from_an_empty_string(void **state)
{
	struct fixture *f = *state;
	const struct event *e;

	fixture_run(f, NULL, act_bad_pointers, NULL);
	e = fixture_only(f, BW_EVENT_ATTEMPT);
	assert_int_equal(e->attempt.record->error, EFAULT);
	assert_true(e->attempt.asked.unreadable);
	assert_true(e->attempt.args.unreadable);
	assert_int_equal(e->attempt.asked.bytes.len, 0);
}

static void act_no_argv(void *argument)
{
	(void)argument;
	syscall(SYS_execve, ABSENT, NULL, NULL);
}

static void missing_argv_is_an_empty_list(void **state)
{
	struct fixture *f = *state;
	const struct event *e;

	fixture_run(f, NULL, act_no_argv, NULL);
	e = fixture_only(f, BW_EVENT_ATTEMPT);
	assert_int_equal(e->attempt.args.bytes.len, 0);
	assert_false(e->attempt.args.unreadable);
}

static void act_then_true(void *argument)
{
	(void)argument;
	execl(ABSENT, "sh", NULL);
	execl("/bin/busybox", "true", NULL);
}

static void success_after_a_failure_gives_one_of_each(void **state)
{
	struct fixture *f = *state;

	fixture_run(f, NULL, act_then_true, NULL);
	assert_int_equal(fixture_count(f, BW_EVENT_ATTEMPT), 1);
	assert_int_equal(fixture_count(f, BW_EVENT_EXEC), 1);
}

struct held {
	uint64_t key;
	uint64_t sum;
	size_t kinds;
	struct bw_attempt_kind last;
};

static void on_held(const struct bw_attempt_kind *kind, uint64_t count, void *userdata)
{
	struct held *held = userdata;

	if (kind->container != held->key)
		return;
	held->sum += count;
	held->kinds++;
	held->last = *kind;
}

static struct held take_held(struct fixture *f)
{
	struct held held = {.key = f->key};

	assert_int_equal(probe_held_take(f->probe, on_held, &held), 0);
	return held;
}

struct flood {
	int count;
	const char *middle; /* tried once, half way */
	bool is_numbered; /* each has a name of its own */
};

/* As many as COUNT, or fewer where each takes a hundred times as long: tests/vm/guest.sh says so. */
static int many(int count)
{
	return getenv("BAREWATCH_EMULATED") ? count / 20 : count;
}

static void act_flood(void *argument)
{
	const struct flood *flood = argument;
	char *argv[] = {"sh", NULL}, *envp[] = {NULL};
	char path[64] = ABSENT;

	for (int i = 0; i < flood->count; i++) {
		if (flood->is_numbered)
			snprintf(path, sizeof(path), ABSENT "%d", i);
		execve(path, argv, envp);
		if (flood->middle && i == flood->count / 2)
			execve(flood->middle, argv, envp);
	}
}

/* What was counted of attempts between the two. */
static struct bw_counters counted(
	const struct probe_counts *before, const struct probe_counts *after)
{
	const struct bw_counters *a = &after->events[BW_EVENT_ATTEMPT];
	const struct bw_counters *b = &before->events[BW_EVENT_ATTEMPT];

	return (struct bw_counters){.seen = a->seen - b->seen,
		.sent = a->sent - b->sent,
		.lost = a->lost - b->lost,
		.held = a->held - b->held};
}

static void first_two_of_a_flood_are_sent_and_the_rest_is_counted(void **state)
{
	struct flood flood = {.count = many(1000000), .middle = "/other/sh"};
	struct fixture *f = *state;
	struct probe_counts before, after;
	struct bw_counters counts;
	const struct event *e;
	size_t cursor = 0;
	struct held held;

	take_held(f);
	assert_int_equal(probe_counts_read(f->probe, &before), 0);
	fixture_run(f, NULL, act_flood, &flood);
	assert_int_equal(probe_counts_read(f->probe, &after), 0);
	counts = counted(&before, &after);
	assert_int_equal(counts.lost, 0);
	assert_int_equal(counts.sent + counts.held, counts.seen);
	assert_int_equal(fixture_count(f, BW_EVENT_ATTEMPT), BW_ATTEMPTS_SENT + 1);
	e = fixture_next(f, BW_EVENT_ATTEMPT, &cursor);
	assert_text(&e->attempt.asked, ABSENT);
	held = take_held(f);
	assert_int_equal(held.kinds, 1);
	assert_int_equal(held.sum, flood.count - BW_ATTEMPTS_SENT);
	assert_int_equal(held.last.hash, e->attempt.record->hash);
	assert_int_equal(held.last.error, ENOENT);
	e = fixture_next(f, BW_EVENT_ATTEMPT, &cursor);
	assert_text(&e->attempt.asked, ABSENT);
	e = fixture_next(f, BW_EVENT_ATTEMPT, &cursor);
	assert_text(&e->attempt.asked, flood.middle);
}

static void counts_that_are_taken_begin_anew(void **state)
{
	struct flood flood = {.count = 5};
	struct fixture *f = *state;

	take_held(f);
	for (int i = 0; i < 3; i++) {
		fixture_run(f, NULL, act_flood, &flood);
		assert_int_equal(fixture_count(f, BW_EVENT_ATTEMPT), BW_ATTEMPTS_SENT);
		assert_int_equal(take_held(f).sum, flood.count - BW_ATTEMPTS_SENT);
		assert_int_equal(take_held(f).sum, 0);
	}
}

/* Else a container could push out what others send, by asking for something else each time. */
static void names_of_a_container_are_bounded_and_the_rest_is_counted(void **state)
{
	struct flood flood = {.count = many(100000), .is_numbered = true};
	struct fixture *f = *state;
	struct held held;

	take_held(f);
	fixture_run(f, NULL, act_flood, &flood);
	assert_int_equal(fixture_count(f, BW_EVENT_ATTEMPT), BW_ATTEMPT_KINDS_SENT);
	held = take_held(f);
	assert_int_equal(held.kinds, 1);
	assert_int_equal(held.last.hash, 0);
	assert_int_equal(held.sum, flood.count - BW_ATTEMPT_KINDS_SENT);
}

struct asked {
	const char *path, *arg;
};

static void act_asked(void *argument)
{
	const struct asked *asked = argument;

	for (int i = 0; asked[i].path; i++) {
		char name[] = "busybox", arg[64]; /* in memory, which the kernel does not see to */

		snprintf(arg, sizeof(arg), "%s", asked[i].arg ? asked[i].arg : "");
		execl(asked[i].path, name, asked[i].arg ? arg : NULL, NULL);
	}
}

/* Each differs from the one before in one place, and in nothing that could be mistaken. */
static void path_and_each_argument_make_a_kind(void **state)
{
	struct asked asked[] = {
		{"/nonexistent/a", "sh"},
		{"/nonexistent/b", "sh"},
		{"/nonexistent/b", "ls"},
		{"/nonexistent/b", "lss"},
		{"/nonexistent/b", NULL},
		{"/nonexistent/", "b"},
		{"/nonexistent/0123456789abcdef", "0123456789abcdef"},
		{"/nonexistent/0123456789abcdef", "0123456789abcdeg"},
		{NULL, NULL},
	};
	struct fixture *f = *state;
	uint64_t hashes[ARRAY_SIZE(asked)];
	const struct event *e;
	size_t cursor = 0, count = 0;

	take_held(f);
	fixture_run(f, NULL, act_asked, asked);
	assert_int_equal(fixture_count(f, BW_EVENT_ATTEMPT), ARRAY_SIZE(asked) - 1);
	while ((e = fixture_next(f, BW_EVENT_ATTEMPT, &cursor))) {
		for (size_t i = 0; i < count; i++)
			assert_int_not_equal(hashes[i], e->attempt.record->hash);
		hashes[count++] = e->attempt.record->hash;
	}
}

static void out_of_scope_nothing_is_reported(void **state)
{
	struct fixture *f = *state;

	assert_int_equal(probe_scope_set(f->probe, f->key, f->key, BW_SCOPE_IGNORED), 0);
	fixture_run(f, NULL, act_absent, f->dir);
	assert_int_equal(fixture_count(f, BW_EVENT_ATTEMPT), 0);
	assert_int_equal(probe_scope_set(f->probe, f->key, f->key, BW_SCOPE_WATCHED), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(absent_program_is_reported_with_all_fields),
		cmocka_unit_test(errno_is_that_of_the_call),
		cmocka_unit_test(execveat_keeps_its_descriptor_and_flags),
		cmocka_unit_test(question_whether_something_is_executable_is_no_attempt),
		cmocka_unit_test(arguments_are_cut_when_they_are_too_many_and_only_then),
		cmocka_unit_test(argument_is_cut_when_it_is_too_long_and_only_then),
		cmocka_unit_test(path_is_cut_when_it_is_too_long_and_only_then),
		cmocka_unit_test(unreadable_memory_is_told_from_an_empty_string),
		cmocka_unit_test(missing_argv_is_an_empty_list),
		cmocka_unit_test(success_after_a_failure_gives_one_of_each),
		cmocka_unit_test(first_two_of_a_flood_are_sent_and_the_rest_is_counted),
		cmocka_unit_test(counts_that_are_taken_begin_anew),
		cmocka_unit_test(names_of_a_container_are_bounded_and_the_rest_is_counted),
		cmocka_unit_test(path_and_each_argument_make_a_kind),
		cmocka_unit_test(out_of_scope_nothing_is_reported),
	};

	return cmocka_run_group_tests(tests, fixture_setup, fixture_teardown);
}
