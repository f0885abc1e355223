/* SPDX-License-Identifier: Apache-2.0 */
/* Containers without a cgroup: bpf/cgroup.h and bpf/bound.bpf.c, by mount namespace. */
#include "fixture.h"

#include <sched.h>
#include <signal.h>

/* The first process of a container, which is in a cgroup of nobody's, until it is told to go on. */
struct init {
	pid_t pid;
	int go, ready; /* ends of pipes */
	uint64_t key;
};

static uint64_t mounts_key(pid_t pid)
{
	char path[64];
	struct stat st;

	snprintf(path, sizeof(path), "/proc/%d/ns/mnt", (int)pid);
	assert_int_equal(stat(path, &st), 0);
	return st.st_ino | BW_CGROUP_MNT;
}

/* Starts one that does ACT(ARGUMENT) when it goes on, in a mount namespace of its own. */
static void init_start(struct init *init, void (*act)(void *argument), void *argument)
{
	int ready[2], go[2];
	char byte = 0;

	assert_int_equal(pipe(ready), 0);
	assert_int_equal(pipe(go), 0);
	fflush(NULL);
	init->pid = fork();
	assert_true(init->pid >= 0);
	if (init->pid == 0) {
		if (unshare(CLONE_NEWNS) < 0 || write(ready[1], "", 1) != 1 ||
			read(go[0], &byte, 1) != 1)
			_exit(111);
		act(argument);
		_exit(0);
	}
	assert_int_equal(read(ready[0], &byte, 1), 1);
	close(ready[1]);
	close(go[0]);
	init->ready = ready[0];
	init->go = go[1];
	init->key = mounts_key(init->pid);
}

static void init_watch(struct fixture *f, const struct init *init, enum bw_scope_state state)
{
	fixture_drain(f);
	fixture_forget(f);
	assert_int_equal(
		probe_scope_set_mounts(f->probe, init->key, init->key, init->pid, state), 0);
	assert_int_equal(probe_tasks_walk(f->probe), 0);
	f->only_cgroup = init->key;
}

static void init_finish(struct fixture *f, struct init *init)
{
	int status;

	assert_int_equal(write(init->go, "", 1), 1);
	assert_int_equal(waitpid(init->pid, &status, 0), init->pid);
	assert_int_equal(WIFEXITED(status) ? WEXITSTATUS(status) : 1, 0);
	close(init->go);
	close(init->ready);
	fixture_drain(f);
}

/* None is asked for by the tests that follow. */
static void only_as_before(struct fixture *f)
{
	f->only_cgroup = f->key;
}

static void act_exec(void *argument)
{
	(void)argument;
	execl("/bin/busybox", "true", NULL);
	_exit(111);
}

static void run_in_child(void (*act)(void *argument), void *argument)
{
	pid_t child = fork();
	int status;

	if (child == 0)
		act(argument);
	if (child < 0 || waitpid(child, &status, 0) != child || status != 0)
		_exit(111);
}

static void exec_in_the_namespace_is_the_containers(void **state)
{
	struct fixture *f = *state;
	struct init init;
	const struct event *e;

	init_start(&init, act_exec, NULL);
	init_watch(f, &init, BW_SCOPE_WATCHED);
	init_finish(f, &init);
	e = fixture_only(f, BW_EVENT_EXEC);
	assert_int_equal(e->cgroup, init.key);
	assert_int_equal(e->container, init.key);
	assert_int_equal(e->process->tgid, init.pid);
	assert_int_equal(e->process->mnt_ns, BW_MNT_NUMBER(init.key));
	assert_int_equal(e->process->parent_cgroup, mounts_key(getpid()));
	assert_int_equal(e->process->flags, 0);
	only_as_before(f);
}

static void exec_of_an_ignored_one_is_not_sent(void **state)
{
	struct fixture *f = *state;
	struct init init;

	init_start(&init, act_exec, NULL);
	init_watch(f, &init, BW_SCOPE_IGNORED);
	init_finish(f, &init);
	assert_int_equal(fixture_count(f, BW_EVENT_EXEC), 0);
	only_as_before(f);
}

/* Numbers of namespaces are given out again, to anyone. */
static void entry_goes_with_the_first_process(void **state)
{
	struct fixture *f = *state;
	struct bw_scope scope;
	struct init init;

	init_start(&init, act_exec, NULL);
	init_watch(f, &init, BW_SCOPE_WATCHED);
	assert_int_equal(probe_scope_get(f->probe, init.key, &scope), 0);
	assert_int_equal(scope.init, init.pid);
	assert_int_equal(probe_scope_decide(f->probe, init.key, init.key, BW_SCOPE_WATCHED), 0);
	init_finish(f, &init);
	assert_int_equal(probe_scope_get(f->probe, init.key, &scope), -ENOENT);
	only_as_before(f);
}

static void act_fork_and_exec(void *argument)
{
	run_in_child(act_exec, argument);
}

static void end_of_another_process_leaves_the_entry(void **state)
{
	struct fixture *f = *state;
	struct bw_scope scope;
	struct init init, other;

	init_start(&init, act_exec, NULL);
	init_start(&other, act_fork_and_exec, NULL);
	init_watch(f, &init, BW_SCOPE_WATCHED);
	init_finish(f, &other);
	assert_int_equal(probe_scope_get(f->probe, init.key, &scope), 0);
	init_finish(f, &init);
	only_as_before(f);
}

static void act_unshare_and_exec(void *argument)
{
	if (unshare(CLONE_NEWNS) < 0)
		_exit(111);
	run_in_child(act_exec, argument);
	act_exec(argument);
}

static void act_child_unshares(void *argument)
{
	run_in_child(act_unshare_and_exec, argument);
}

/* What was there before is bound by the walk, what comes by its fork. */
static void mount_namespaces_made_inside_are_the_containers(void **state)
{
	void (*const acts[])(void *argument) = {act_unshare_and_exec, act_child_unshares};
	struct fixture *f = *state;
	struct init init;

	for (size_t i = 0; i < ARRAY_SIZE(acts); i++) {
		init_start(&init, acts[i], NULL);
		init_watch(f, &init, BW_SCOPE_WATCHED);
		init_finish(f, &init);
		assert_int_equal(fixture_count(f, BW_EVENT_EXEC), 2);
		only_as_before(f);
	}
}

/* A session: it joins, executes a program, and that makes itself another namespace. */
static void act_join(void *argument)
{
	const struct init *init = argument;
	char path[64];
	int fd;

	snprintf(path, sizeof(path), "/proc/%d/ns/mnt", (int)init->pid);
	fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0 || setns(fd, CLONE_NEWNS) < 0)
		_exit(111);
	execl("/bin/busybox", "unshare", "-m", "/bin/busybox", "true", NULL);
	_exit(111);
}

static void session_that_unshares_stays_bound(void **state)
{
	struct fixture *f = *state;
	struct init init, session;

	init_start(&init, act_exec, NULL);
	init_start(&session, act_join, &init);
	init_watch(f, &init, BW_SCOPE_WATCHED);
	init_finish(f, &session);
	assert_int_equal(fixture_count(f, BW_EVENT_EXEC), 2);
	init_finish(f, &init);
	assert_int_equal(fixture_count(f, BW_EVENT_EXEC), 3);
	only_as_before(f);
}

static void act_move_and_exec(void *argument)
{
	join_cgroup(argument);
	act_exec(NULL);
}

/* Else it could hide in the cgroup of a container that is not watched. */
static void move_into_a_cgroup_is_none_and_changes_nothing(void **state)
{
	struct fixture *f = *state;
	struct init init;
	const struct event *e;

	init_start(&init, act_move_and_exec, f->cgroup);
	assert_int_equal(probe_scope_set(f->probe, f->key, f->key, BW_SCOPE_IGNORED), 0);
	init_watch(f, &init, BW_SCOPE_WATCHED);
	init_finish(f, &init);
	e = fixture_only(f, BW_EVENT_EXEC);
	assert_int_equal(e->container, init.key);
	f->only_cgroup = 0;
	assert_int_equal(fixture_count(f, BW_EVENT_MOVE), 0);
	assert_int_equal(probe_scope_set(f->probe, f->key, f->key, BW_SCOPE_WATCHED), 0);
	only_as_before(f);
}

static void cgroup_of_a_container_comes_before_its_mounts(void **state)
{
	struct fixture *f = *state;
	struct init init;

	init_start(&init, act_exec, NULL);
	assert_int_equal(
		probe_scope_set_mounts(f->probe, init.key, init.key, init.pid, BW_SCOPE_WATCHED),
		0);
	fixture_run(f, NULL, act_join, &init);
	f->only_cgroup = 0;
	assert_int_equal(fixture_count(f, BW_EVENT_EXEC), 2);
	f->only_cgroup = f->key;
	assert_int_equal(fixture_count(f, BW_EVENT_EXEC), 2);
	init_finish(f, &init);
}

/* ---- before the agent has heard of them ---- */

#define RUNTIME  "bw-test-runtime"
#define NEW_MNT  "/bin/busybox unshare -m "
#define PROGRAM  "/bin/busybox true"
#define AND_MORE "; :" /* or the shell becomes its last program */

/* A call of the program NAME, that is told WORD and MORE, and does what the shell's BODY says. */
struct call {
	const char *name, *word, *more, *body;
	uid_t uid;
	struct fixture *f;
};

#define CALL(body_)                                                                              \
	{                                                                                        \
		.name = RUNTIME, .word = "--cgroup-manager", .more = "disabled", .body = (body_) \
	}

static void act_call(void *argument)
{
	const struct call *call = argument;

	if (chdir(call->f->dir) < 0 || setuid(call->uid) < 0)
		_exit(111);
	execl(call->name, "sh", "-c", call->body, call->f->cgroup, call->word, call->more, NULL);
	_exit(111);
}

/* Does CALL in no container. Returns its pid. */
static pid_t call_run(struct fixture *f, struct call *call)
{
	char command[2 * PATH_MAX];
	pid_t child;
	int status;

	snprintf(command, sizeof(command), "cp /bin/busybox '%s/%s'", f->dir, call->name);
	assert_int_equal(system(command), 0);
	assert_int_equal(probe_runtime_add(f->probe, RUNTIME), 0);
	call->f = f;
	fixture_drain(f);
	fixture_forget(f);
	f->only_cgroup = 0;
	fflush(NULL);
	child = fork();
	assert_true(child >= 0);
	if (child == 0)
		act_call(call);
	assert_int_equal(waitpid(child, &status, 0), child);
	assert_int_equal(status, 0);
	fixture_drain(f);
	return child;
}

/* How many containers have begun. */
static size_t count_begun(struct fixture *f)
{
	const struct event *e;
	size_t cursor = 0, count = 0;

	while ((e = fixture_next(f, BW_EVENT_EXEC, &cursor)))
		count += !!(e->process->flags & BW_PROCESS_BEGINS);
	return count;
}

static void first_exec_of_a_container_begins_it(void **state)
{
	struct fixture *f = *state;
	struct call call = CALL(NEW_MNT PROGRAM AND_MORE);
	pid_t runtime = call_run(f, &call);
	const struct event *e = fixture_only(f, BW_EVENT_EXEC);
	const struct bw_relative *parent = &e->lineage.relatives[BW_LINEAGE_ANCESTORS];
	struct bw_scope scope;

	assert_int_equal(e->process->flags, BW_PROCESS_BEGINS);
	assert_int_equal(BW_MNT_NUMBER(e->cgroup), e->process->mnt_ns);
	assert_true(e->cgroup & BW_CGROUP_MNT);
	assert_int_equal(e->container, e->cgroup);
	assert_int_not_equal(e->cgroup, mounts_key(getpid()));
	assert_int_equal(e->process->parent_cgroup, mounts_key(getpid()));
	assert_true(e->lineage.known && e->lineage.ancestors > 0);
	assert_int_equal(parent->tgid, runtime);
	assert_int_not_equal(parent->start_ns, 0);
	assert_text(&e->exec.invoked, "/bin/busybox");
	assert_int_equal(probe_scope_get(f->probe, e->cgroup, &scope), -ENOENT); /* it has ended */
	only_as_before(f);
}

/* Whatever that is: also from mounts that were made inside. */
static void what_it_executes_then_is_its_own(void **state)
{
	struct fixture *f = *state;
	struct call call = {.name = RUNTIME,
		.word = "--cgroup-manager=disabled",
		.body = NEW_MNT "/bin/busybox sh -c '" PROGRAM "; " NEW_MNT PROGRAM AND_MORE
				"'" AND_MORE};
	const struct event *e;
	size_t cursor = 0;
	uint64_t key;

	call_run(f, &call);
	assert_int_equal(fixture_count(f, BW_EVENT_EXEC), 4);
	assert_int_equal(count_begun(f), 1);
	e = fixture_next(f, BW_EVENT_EXEC, &cursor);
	assert_int_equal(e->process->flags, BW_PROCESS_BEGINS);
	key = e->container;
	while ((e = fixture_next(f, BW_EVENT_EXEC, &cursor)))
		assert_int_equal(e->container, key);
	only_as_before(f);
}

#define BOTH NEW_MNT PROGRAM "; " NEW_MNT PROGRAM AND_MORE
#define USER "/bin/busybox unshare -U -r -m " PROGRAM AND_MORE

static void only_calls_that_give_no_cgroup_begin_containers(void **state)
{
	static const struct {
		const char *name, *word, *more, *body;
		uid_t uid;
		size_t begun;
	} cases[] = {
		{RUNTIME, "--cgroup-manager", "disabled", BOTH, 0, 2},
		{RUNTIME, "--cgroup-manager", "disabled", PROGRAM AND_MORE, 0, 0}, /* no mounts */
		{RUNTIME, "--cgroup-manager", "systemd", BOTH, 0, 0},
		{RUNTIME, "disabled-", NULL, BOTH, 0, 0},
		{RUNTIME, NULL, NULL, BOTH, 0, 0},
		{"no-runtime", "--cgroup-manager", "disabled", BOTH, 0, 0},
		{RUNTIME, "--cgroup-manager", "disabled", USER, 0, 1},
		{RUNTIME, "--cgroup-manager", "disabled", USER, 65534, 0},
	};
	struct fixture *f = *state;

	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		struct call call = {.name = cases[i].name,
			.word = cases[i].word,
			.more = cases[i].more,
			.body = cases[i].body,
			.uid = cases[i].uid};

		call_run(f, &call);
		if (count_begun(f) != cases[i].begun ||
			fixture_count(f, BW_EVENT_EXEC) != cases[i].begun)
			fail_msg("case %zu: %zu begun of %zu execs", i, count_begun(f),
				fixture_count(f, BW_EVENT_EXEC));
	}
	only_as_before(f);
}

/* $0 is the fixture's cgroup, which is a container's. */
static void who_is_given_a_cgroup_is_that_ones(void **state)
{
	struct fixture *f = *state;
	struct call call = CALL("(echo 0 >$0/cgroup.procs; exec " NEW_MNT PROGRAM ")" AND_MORE);
	const struct event *e;
	size_t cursor = 0;

	call_run(f, &call);
	assert_int_equal(fixture_count(f, BW_EVENT_EXEC), 2); /* unshare is there already */
	while ((e = fixture_next(f, BW_EVENT_EXEC, &cursor))) {
		assert_int_equal(e->container, f->key);
		assert_int_equal(e->process->flags, 0);
	}
	assert_int_equal(fixture_count(f, BW_EVENT_MOVE), 0);
	only_as_before(f);
}

/* A session that comes by a call of its own joins what the agent knows already. */
static void container_that_is_known_does_not_begin_again(void **state)
{
	struct fixture *f = *state;
	char body[256];
	struct call call = CALL(body);
	struct init init;

	init_start(&init, act_exec, NULL);
	init_watch(f, &init, BW_SCOPE_WATCHED);
	snprintf(body, sizeof(body), "/bin/busybox nsenter -t %d -m " NEW_MNT PROGRAM AND_MORE,
		(int)init.pid);
	call_run(f, &call);
	f->only_cgroup = init.key;
	assert_int_equal(fixture_count(f, BW_EVENT_EXEC), 2);
	assert_int_equal(count_begun(f), 0);
	f->only_cgroup = 0;
	assert_int_equal(count_begun(f), 0);
	init_finish(f, &init);
	only_as_before(f);
}

/*
 * Nobody holds the mounts that the first process of one container leaves, and their number is given
 * out again at once: to another container, as a rule.
 */
static void number_of_left_mounts_is_anothers(void **state)
{
	struct fixture *f = *state;
	struct call call = CALL("(" NEW_MNT NEW_MNT
				"/bin/busybox sleep 2 & /bin/busybox sleep 0.5; " NEW_MNT PROGRAM
				"; " NEW_MNT PROGRAM "; wait)" AND_MORE);
	uint64_t keys[3] = {0};
	const struct event *e;
	size_t cursor = 0, count = 0;

	call_run(f, &call);
	assert_int_equal(count_begun(f), 3);
	while ((e = fixture_next(f, BW_EVENT_EXEC, &cursor)))
		if (e->process->flags & BW_PROCESS_BEGINS)
			keys[count++] = e->cgroup;
		else
			assert_int_equal(e->container, keys[0]);
	assert_int_not_equal(keys[0], keys[1]);
	assert_int_not_equal(keys[0], keys[2]);
	assert_int_not_equal(keys[1], keys[2]);
	only_as_before(f);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(exec_in_the_namespace_is_the_containers),
		cmocka_unit_test(exec_of_an_ignored_one_is_not_sent),
		cmocka_unit_test(entry_goes_with_the_first_process),
		cmocka_unit_test(end_of_another_process_leaves_the_entry),
		cmocka_unit_test(mount_namespaces_made_inside_are_the_containers),
		cmocka_unit_test(session_that_unshares_stays_bound),
		cmocka_unit_test(move_into_a_cgroup_is_none_and_changes_nothing),
		cmocka_unit_test(cgroup_of_a_container_comes_before_its_mounts),
		cmocka_unit_test(first_exec_of_a_container_begins_it),
		cmocka_unit_test(what_it_executes_then_is_its_own),
		cmocka_unit_test(only_calls_that_give_no_cgroup_begin_containers),
		cmocka_unit_test(who_is_given_a_cgroup_is_that_ones),
		cmocka_unit_test(container_that_is_known_does_not_begin_again),
		cmocka_unit_test(number_of_left_mounts_is_anothers),
	};

	return cmocka_run_group_tests(tests, fixture_setup, fixture_teardown);
}
