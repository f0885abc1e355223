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
	assert_int_equal(e->process->mnt_ns, init.key & ~BW_CGROUP_MNT);
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
	};

	return cmocka_run_group_tests(tests, fixture_setup, fixture_teardown);
}
