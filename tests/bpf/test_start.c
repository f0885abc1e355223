/* SPDX-License-Identifier: Apache-2.0 */
/* bpf/start.bpf.c: calls of runtimes, and children that end before they have executed anything. */
#include "fixture.h"
#include "process_fixture.h"

#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <sys/syscall.h>

#define BUSYBOX   "/bin/busybox"
#define RUNTIME   "bw-test-runtime" /* BW_COMM_SIZE with its NUL */
#define LONG_NAME RUNTIME "-of-a-long-name"
#define STATUS    3

/* ---- calls of runtimes ---- */

static int setup(void **state)
{
	fixture_setup(state);
	return probe_runtime_add(((struct fixture *)*state)->probe, RUNTIME);
}

/* A copy of busybox at DIR/NAME, which does nothing when called `true`. */
static void install(struct fixture *f, const char *name)
{
	char command[2 * PATH_MAX];

	snprintf(command, sizeof(command), "cp " BUSYBOX " '%s/%s'", f->dir, name);
	assert_int_equal(system(command), 0);
}

/* What is executed, from where, and with which arguments behind `true`. */
struct execution {
	const char *dir, *name, *arg, *more;
};

static void act_exec(void *argument)
{
	const struct execution *x = argument;

	if (chdir(x->dir) < 0)
		_exit(111);
	execl(x->name, "true", x->arg, x->more, NULL);
	_exit(111);
}

static void set_state(struct fixture *f, enum bw_scope_state state)
{
	assert_int_equal(probe_scope_set(f->probe, f->key, f->key, state), 0);
}

/* The cgroup of the fixture is for now that of who may be a runtime. */
static int outside_setup(void **state)
{
	set_state(*state, BW_SCOPE_UNDECIDED);
	return 0;
}

static int outside_teardown(void **state)
{
	set_state(*state, BW_SCOPE_WATCHED);
	return 0;
}

static pid_t run_exec(struct fixture *f, const char *cgroup, const char *name)
{
	struct execution x = {f->dir, name, "--root", "/x y"};

	return fixture_run(f, cgroup, act_exec, &x);
}

static void call_of_a_runtime_is_reported_with_all_fields(void **state)
{
	static const char args[] = "true\0--root\0/x y";
	struct fixture *f = *state;
	uint64_t before = boot_now_ns();
	const struct event *e;
	struct stat ns;
	pid_t pid;

	install(f, RUNTIME);
	pid = run_exec(f, NULL, "./" RUNTIME);
	assert_int_equal(fixture_count(f, BW_EVENT_EXEC), 1); /* in scope, it is an exec as well */
	e = fixture_only(f, BW_EVENT_RUNTIME);
	assert_int_equal(e->runtime.record->event.version, BW_ABI_VERSION);
	assert_true(e->time_ns >= before && e->time_ns <= boot_now_ns());
	assert_int_equal(e->cgroup, f->key);
	assert_int_equal(e->container, f->key);
	assert_int_equal(e->process->tgid, pid);
	assert_int_equal(e->process->tid, pid);
	assert_int_equal(e->process->ppid, getpid());
	assert_true(e->process->start_ns >= before && e->process->start_ns <= e->time_ns);
	assert_int_equal(stat("/proc/self/ns/mnt", &ns), 0);
	assert_int_equal(e->process->mnt_ns, ns.st_ino);
	assert_string_equal(e->process->comm, RUNTIME);
	assert_text(&e->runtime.cwd, f->dir);
	assert_int_equal(e->runtime.record->args_bytes, sizeof(args));
	assert_int_equal(e->runtime.record->unused, 0);
	assert_int_equal(e->runtime.args.bytes.len, sizeof(args));
	assert_memory_equal(e->runtime.args.bytes.data, args, sizeof(args));
	assert_false(e->runtime.args.truncated || e->runtime.args.unreadable ||
		     e->runtime.cwd.truncated || e->runtime.cwd.unreadable);
}

static void arguments_are_cut_when_they_are_too_long_and_only_then(void **state)
{
	struct fixture *f = *state;

	install(f, RUNTIME);
	for (size_t more = 0; more <= 1; more++) {
		/* true\0, --\0 and this with its NUL */
		size_t len = BW_ARGS_MAX - 5 - 3 - 1 + more;
		char text[BW_ARGS_MAX + 1] = "";
		struct execution x = {f->dir, RUNTIME, "--", text};
		const struct event *e;

		memset(text, 'x', len);
		fixture_run(f, NULL, act_exec, &x);
		e = fixture_only(f, BW_EVENT_RUNTIME);
		assert_int_equal(e->runtime.args.truncated, more);
		assert_int_equal(e->runtime.args.bytes.len, BW_ARGS_MAX);
		assert_int_equal(e->runtime.record->args_bytes, BW_ARGS_MAX + more);
	}
}

static void programs_of_other_names_are_no_runtimes(void **state)
{
	static const char *const names[] = {"bw-test-runtim", "bw-test-Runtime", "true"};
	struct fixture *f = *state;

	f->only_cgroup = 0;
	for (size_t i = 0; i < ARRAY_SIZE(names); i++) {
		install(f, names[i]);
		run_exec(f, NULL, names[i]);
		assert_int_equal(fixture_count(f, BW_EVENT_RUNTIME), 0);
	}
	f->only_cgroup = f->key;
}

/* The kernel keeps 15 bytes of a name. */
static void long_name_is_known_by_its_beginning(void **state)
{
	struct fixture *f = *state;

	install(f, LONG_NAME);
	run_exec(f, NULL, LONG_NAME);
	assert_int_equal(fixture_count(f, BW_EVENT_RUNTIME), 1);
}

static void calls_from_inside_of_containers_are_left_out(void **state)
{
	struct fixture *f = *state;

	install(f, RUNTIME);
	set_state(f, BW_SCOPE_WATCHED);
	run_exec(f, NULL, RUNTIME);
	assert_int_equal(fixture_count(f, BW_EVENT_RUNTIME), 0);
	assert_int_equal(fixture_count(f, BW_EVENT_EXEC), 1);
	set_state(f, BW_SCOPE_IGNORED);
	run_exec(f, NULL, RUNTIME);
	assert_int_equal(fixture_count(f, BW_EVENT_RUNTIME), 0);
}

static void calls_out_of_scope_are_reported(void **state)
{
	struct fixture *f = *state;
	char path[PATH_MAX];

	install(f, RUNTIME);
	assert_true(snprintf(path, PATH_MAX, "%s-host", f->cgroup) < PATH_MAX);
	assert_int_equal(mkdir(path, 0755), 0);
	assert_int_equal(probe_scope_remove(f->probe, cgroup_dir_key(path)), 0);
	f->only_cgroup =
		0; /* where there is a version 1, it is by that that it is looked for last */
	run_exec(f, path, RUNTIME);
	assert_int_equal(fixture_count(f, BW_EVENT_RUNTIME), 1);
	f->only_cgroup = f->key;
	assert_int_equal(rmdir(path), 0);
}

/* ---- starts that fail ---- */

static void act_fail(void *argument)
{
	(void)argument;
	if (unshare(CLONE_NEWNS) < 0)
		_exit(111);
	_exit(STATUS);
}

static void child_that_ends_before_an_exec_is_reported_with_all_fields(void **state)
{
	struct fixture *f = *state;
	uint64_t before = boot_now_ns(), tick_ns = 1000000000ULL / sysconf(_SC_CLK_TCK);
	const struct bw_failed_start *record;
	const struct event *e;
	char comm[16] = "";
	struct stat ns;
	pid_t pid;

	pid = fixture_run(f, NULL, act_fail, NULL);
	e = fixture_only(f, BW_EVENT_FAILED_START);
	record = e->failed_start.record;
	assert_int_equal(record->event.version, BW_ABI_VERSION);
	assert_int_equal(record->event.size, sizeof(*record));
	assert_true(e->time_ns >= before && e->time_ns <= boot_now_ns());
	assert_int_equal(e->cgroup, f->key);
	assert_int_equal(e->container, f->key);
	assert_int_equal(WEXITSTATUS(record->status), STATUS);
	assert_int_equal(record->unused, 0);
	assert_int_equal(
		record->parent_start_ns - record->parent_start_ns % tick_ns, own_start_ns());
	assert_int_equal(e->process->tgid, pid);
	assert_int_equal(e->process->ppid, getpid());
	assert_int_not_equal(e->process->parent_cgroup, f->key);
	assert_int_not_equal(e->process->parent_cgroup, 0);
	assert_true(e->process->start_ns >= before && e->process->start_ns <= e->time_ns);
	own_comm(comm);
	assert_string_equal(e->process->comm, comm); /* a fork of ours */
	assert_string_equal(e->process->parent_comm, comm);
	assert_int_equal(stat("/proc/self/ns/mnt", &ns), 0);
	assert_int_not_equal(e->process->mnt_ns, ns.st_ino);
}

static void act_killed(void *argument)
{
	(void)argument;
	if (unshare(CLONE_NEWNS) < 0)
		_exit(111);
	raise(SIGKILL);
}

static void child_that_is_killed_is_reported(void **state)
{
	struct fixture *f = *state;
	const struct event *e;

	fixture_run(f, NULL, act_killed, NULL);
	e = fixture_only(f, BW_EVENT_FAILED_START);
	assert_int_equal(WTERMSIG(e->failed_start.record->status), SIGKILL);
}

static void *exit_group(void *argument)
{
	(void)argument;
	_exit(STATUS);
}

/* As runc's, which has threads: the first is the one that ends last or is ended by another. */
static void act_fail_by_thread(void *argument)
{
	pthread_t thread;

	(void)argument;
	if (unshare(CLONE_NEWNS) < 0 || pthread_create(&thread, NULL, exit_group, NULL) != 0)
		_exit(111);
	pthread_join(thread, NULL);
}

static void child_that_is_ended_by_a_thread_is_reported_once(void **state)
{
	struct fixture *f = *state;
	const struct event *e;
	pid_t pid = fixture_run(f, NULL, act_fail_by_thread, NULL);

	e = fixture_only(f, BW_EVENT_FAILED_START);
	assert_int_equal(e->process->tid, pid);
	assert_int_equal(WEXITSTATUS(e->failed_start.record->status), STATUS);
}

static void act_succeed(void *argument)
{
	(void)argument;
	if (unshare(CLONE_NEWNS) < 0)
		_exit(111);
	_exit(0);
}

static void act_execute(void *argument)
{
	(void)argument;
	if (unshare(CLONE_NEWNS) < 0)
		_exit(111);
	execl(BUSYBOX, "false", NULL);
	_exit(111);
}

static void act_fail_beside_the_parent(void *argument)
{
	(void)argument;
	_exit(STATUS);
}

/* A thread ends with an error, its process without. */
static void *end_thread(void *argument)
{
	syscall(SYS_exit, STATUS);
	return argument;
}

static void act_fail_in_a_thread(void *argument)
{
	pthread_t thread;

	(void)argument;
	if (unshare(CLONE_NEWNS) < 0 || pthread_create(&thread, NULL, end_thread, NULL) != 0)
		_exit(111);
	pthread_join(thread, NULL);
	_exit(0);
}

/* What a container does by itself: its own process forks one that fails. */
static void act_fail_below(void *argument)
{
	pid_t child = fork();

	if (child < 0)
		_exit(111);
	if (child == 0)
		act_fail(argument);
	waitpid(child, NULL, 0);
	_exit(0);
}

static void other_ends_are_no_failed_starts(void **state)
{
	static const struct {
		const char *what;
		void (*act)(void *argument);
	} cases[] = {
		{"it succeeds", act_succeed},
		{"it has executed a program", act_execute},
		{"it has its parent's mount namespace", act_fail_beside_the_parent},
		{"it is a thread", act_fail_in_a_thread},
		{"its parent is in its cgroup", act_fail_below},
	};
	struct fixture *f = *state;

	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		fixture_run(f, NULL, cases[i].act, NULL);
		if (fixture_count(f, BW_EVENT_FAILED_START) != 0)
			fail_msg("a failed start when %s", cases[i].what);
	}
}

static void out_of_scope_no_failed_start_is_reported(void **state)
{
	struct fixture *f = *state;

	set_state(f, BW_SCOPE_IGNORED);
	fixture_run(f, NULL, act_fail, NULL);
	assert_int_equal(fixture_count(f, BW_EVENT_FAILED_START), 0);
	set_state(f, BW_SCOPE_WATCHED);
	fixture_run(f, NULL, act_fail, NULL);
	assert_int_equal(fixture_count(f, BW_EVENT_FAILED_START), 1);
}

static void both_kinds_are_counted(void **state)
{
	struct fixture *f = *state;
	struct probe_counts before, after;

	install(f, RUNTIME);
	assert_int_equal(probe_counts_read(f->probe, &before), 0);
	set_state(f, BW_SCOPE_UNDECIDED);
	run_exec(f, NULL, RUNTIME);
	set_state(f, BW_SCOPE_WATCHED);
	fixture_run(f, NULL, act_fail, NULL);
	assert_int_equal(probe_counts_read(f->probe, &after), 0);
	assert_int_equal(
		after.events[BW_EVENT_RUNTIME].sent, before.events[BW_EVENT_RUNTIME].sent + 1);
	assert_true(after.events[BW_EVENT_FAILED_START].sent >
		    before.events[BW_EVENT_FAILED_START].sent);
	assert_int_equal(after.events[BW_EVENT_RUNTIME].lost, 0);
	assert_int_equal(after.events[BW_EVENT_FAILED_START].lost, 0);
}

/* The last test: it leaves no room for others. */
static void too_many_names_are_refused(void **state)
{
	struct fixture *f = *state;
	char name[16];

	assert_int_equal(probe_runtime_add(f->probe, RUNTIME), 0); /* known already */
	for (int i = 1; i < BW_RUNTIMES_MAX; i++) {
		snprintf(name, sizeof(name), "bw-%d", i);
		assert_int_equal(probe_runtime_add(f->probe, name), 0);
	}
	assert_int_equal(probe_runtime_add(f->probe, "one-more"), -E2BIG);
}

#define OUTSIDE(test) cmocka_unit_test_setup_teardown(test, outside_setup, outside_teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		OUTSIDE(call_of_a_runtime_is_reported_with_all_fields),
		OUTSIDE(arguments_are_cut_when_they_are_too_long_and_only_then),
		OUTSIDE(programs_of_other_names_are_no_runtimes),
		OUTSIDE(long_name_is_known_by_its_beginning),
		OUTSIDE(calls_from_inside_of_containers_are_left_out),
		OUTSIDE(calls_out_of_scope_are_reported),
		cmocka_unit_test(child_that_ends_before_an_exec_is_reported_with_all_fields),
		cmocka_unit_test(child_that_is_killed_is_reported),
		cmocka_unit_test(child_that_is_ended_by_a_thread_is_reported_once),
		cmocka_unit_test(other_ends_are_no_failed_starts),
		cmocka_unit_test(out_of_scope_no_failed_start_is_reported),
		cmocka_unit_test(both_kinds_are_counted),
		cmocka_unit_test(too_many_names_are_refused),
	};

	return cmocka_run_group_tests(tests, setup, fixture_teardown);
}
