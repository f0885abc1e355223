/* SPDX-License-Identifier: Apache-2.0 */
/* bpf/bound.bpf.c: a process belongs to its container wherever it goes, and moves are reported. */
#include "fixture.h"

#include <linux/sched.h>
#include <signal.h>
#include <sys/mman.h>
#include <sys/syscall.h>

/* A cgroup below the hierarchy's root or below PARENT. Returns its key. */
static uint64_t make_cgroup(
	const struct fixture *f, const char *parent, const char *name, char *ret)
{
	assert_true(snprintf(ret, PATH_MAX, "%s/barewatch-%s-%d",
			    parent ? parent : f->hierarchies.v2_path, name, getpid()) < PATH_MAX);
	assert_int_equal(mkdir(ret, 0755), 0);
	return cgroup_dir_key(ret);
}

/* One that is nobody's container: the agent has decided. */
static uint64_t make_outside(struct fixture *f, char *ret)
{
	uint64_t key = make_cgroup(f, NULL, "outside", ret);

	assert_int_equal(probe_scope_remove(f->probe, key), 0);
	return key;
}

static pid_t clone_into(const char *cgroup)
{
	int fd = open(cgroup, O_PATH | O_DIRECTORY | O_CLOEXEC);
	struct clone_args args = {.flags = CLONE_INTO_CGROUP, .exit_signal = SIGCHLD, .cgroup = fd};
	pid_t pid = syscall(SYS_clone3, &args, sizeof(args));

	if (pid < 0)
		_exit(111);
	close(fd);
	return pid;
}

static void act_exec(void *argument)
{
	(void)argument;
	execl("/bin/busybox", "true", NULL);
}

static void act_move_and_exec(void *argument)
{
	join_cgroup(argument);
	act_exec(NULL);
}

/* What was moved, and from where to where. */
static void assert_moved(struct fixture *f, uint64_t to, uint64_t container)
{
	const struct event *e;

	f->only_cgroup = to;
	e = fixture_only(f, BW_EVENT_MOVE);
	assert_int_equal(e->container, container);
	assert_int_equal(e->process->flags, BW_PROCESS_MOVED);
	e = fixture_only(f, BW_EVENT_EXEC);
	assert_int_equal(e->container, container);
	assert_int_equal(e->process->flags, BW_PROCESS_MOVED);
	f->only_cgroup = f->key;
}

static uint64_t moved_now(const struct fixture *f)
{
	struct probe_counts counts;

	assert_int_equal(probe_counts_read(f->probe, &counts), 0);
	return counts.moved;
}

static void process_that_moves_to_a_sibling_is_reported_and_stays_bound(void **state)
{
	struct fixture *f = *state;
	char path[PATH_MAX], comm[BW_COMM_SIZE] = "", self[PATH_MAX] = "";
	uint64_t key = make_outside(f, path);
	pid_t child = fixture_run(f, NULL, act_move_and_exec, path);
	const struct event *e;

	assert_moved(f, key, f->key);
	f->only_cgroup = key;
	e = fixture_only(f, BW_EVENT_MOVE);
	assert_text(&e->move.to, path + strlen(f->hierarchies.v2_path));
	assert_int_equal(e->move.record->how, BW_MOVE_ATTACH);
	assert_int_equal(e->move.record->mover, child);
	assert_int_equal(e->process->tgid, child);
	assert_int_equal(e->process->ppid, getpid());
	snprintf(comm, sizeof(comm), "%s", program_invocation_short_name);
	assert_string_equal(e->move.record->mover_comm, comm);
	assert_true(readlink("/proc/self/exe", self, sizeof(self) - 1) > 0);
	assert_text(&e->move.exe, self);
	assert_text(&e->move.parent, self);
	assert_true(e->lineage.known);
	f->only_cgroup = f->key;
	assert_int_equal(rmdir(path), 0);
}

static void process_that_moves_to_the_root_stays_bound(void **state)
{
	struct fixture *f = *state;
	uint64_t root = cgroup_dir_key(f->hierarchies.v2_path);
	const struct event *e;

	fixture_run(f, NULL, act_move_and_exec, f->hierarchies.v2_path);
	assert_moved(f, root, f->key);
	f->only_cgroup = root;
	e = fixture_only(f, BW_EVENT_MOVE);
	assert_text(&e->move.to, "/");
	f->only_cgroup = f->key;
}

/* Else one container could lay what it does at the door of another. */
static void process_that_moves_into_another_container_stays_bound(void **state)
{
	struct fixture *f = *state;
	char path[PATH_MAX];
	uint64_t key = make_cgroup(f, NULL, "other", path);

	assert_int_equal(probe_scope_set(f->probe, key, key, BW_SCOPE_WATCHED), 0);
	fixture_run(f, NULL, act_move_and_exec, path);
	assert_moved(f, key, f->key);
	assert_int_equal(rmdir(path), 0);
}

/* So does a runtime's child, whose own cgroup is a helper's of which nothing is decided yet. */
static void leaving_what_is_undecided_for_a_container_is_no_move(void **state)
{
	struct fixture *f = *state;
	char path[PATH_MAX];
	uint64_t key = make_cgroup(f, NULL, "other", path), moved = moved_now(f);

	assert_int_equal(probe_scope_set(f->probe, key, key, BW_SCOPE_WATCHED), 0);
	assert_int_equal(probe_scope_set(f->probe, f->key, f->key, BW_SCOPE_UNDECIDED), 0);
	fixture_run(f, NULL, act_move_and_exec, path);
	f->only_cgroup = key;
	assert_int_equal(fixture_count(f, BW_EVENT_MOVE), 0);
	assert_int_equal(fixture_only(f, BW_EVENT_EXEC)->container, key);
	assert_int_equal(fixture_only(f, BW_EVENT_EXEC)->process->flags, 0);
	assert_int_equal(moved_now(f), moved);
	f->only_cgroup = f->key;
	assert_int_equal(probe_scope_set(f->probe, f->key, f->key, BW_SCOPE_WATCHED), 0);
	assert_int_equal(rmdir(path), 0);
}

static void act_move_and_fork_twice(void *argument)
{
	join_cgroup(argument);
	if (fork() == 0) {
		if (fork() == 0)
			act_exec(NULL);
		wait(NULL);
		_exit(0);
	}
	wait(NULL);
}

static void what_a_moved_process_forks_is_bound_and_not_reported_again(void **state)
{
	struct fixture *f = *state;
	char path[PATH_MAX];
	uint64_t key = make_outside(f, path);

	fixture_run(f, NULL, act_move_and_fork_twice, path);
	assert_moved(f, key, f->key);
	assert_int_equal(rmdir(path), 0);
}

static void act_clone_into(void *argument)
{
	if (clone_into(argument) == 0)
		act_exec(NULL);
	wait(NULL);
}

static void child_made_in_another_cgroup_is_reported_and_bound(void **state)
{
	struct fixture *f = *state;
	char path[PATH_MAX];
	uint64_t key = make_outside(f, path);
	pid_t parent = fixture_run(f, NULL, act_clone_into, path);
	const struct event *e;

	assert_moved(f, key, f->key);
	f->only_cgroup = key;
	e = fixture_only(f, BW_EVENT_MOVE);
	assert_int_equal(e->move.record->how, BW_MOVE_FORK);
	assert_int_equal(e->move.record->mover, parent);
	assert_int_equal(e->process->ppid, parent);
	assert_int_not_equal(e->process->tgid, parent);
	assert_int_equal(e->move.to.bytes.len, 0);
	f->only_cgroup = f->key;
	assert_int_equal(rmdir(path), 0);
}

static void moves_below_the_container_are_none(void **state)
{
	struct fixture *f = *state;
	char path[PATH_MAX];
	uint64_t key = make_cgroup(f, f->cgroup, "below", path);

	f->only_cgroup = key;
	fixture_run(f, NULL, act_move_and_exec, path);
	assert_int_equal(fixture_count(f, BW_EVENT_MOVE), 0);
	assert_int_equal(fixture_only(f, BW_EVENT_EXEC)->process->flags, 0);
	fixture_run(f, NULL, act_clone_into, path);
	assert_int_equal(fixture_count(f, BW_EVENT_MOVE), 0);
	assert_int_equal(fixture_only(f, BW_EVENT_EXEC)->container, f->key);
	f->only_cgroup = f->key;
	assert_int_equal(rmdir(path), 0);
}

/* An engine in a container moves its child into what it starts. */
static void nested_container_takes_over_and_is_left_in_turn(void **state)
{
	struct fixture *f = *state;
	char path[PATH_MAX];
	uint64_t key = make_cgroup(f, f->cgroup, "nested", path);
	const struct event *e;

	assert_int_equal(probe_scope_set_nested(f->probe, key, BW_SCOPE_WATCHED), 0);
	f->only_cgroup = key;
	fixture_run(f, NULL, act_move_and_exec, path);
	assert_int_equal(fixture_count(f, BW_EVENT_MOVE), 0);
	e = fixture_only(f, BW_EVENT_EXEC);
	assert_int_equal(e->container, key);
	assert_int_equal(e->process->flags, 0);
	/* to its outer one is out of it, too */
	fixture_run(f, path, act_move_and_exec, f->cgroup);
	assert_moved(f, f->key, key);
	assert_int_equal(rmdir(path), 0);
}

/* As runtimes do, in both ways. */
static void coming_in_from_outside_is_no_move_but_binds(void **state)
{
	struct fixture *f = *state;
	char path[PATH_MAX];
	uint64_t key = make_outside(f, path);
	pid_t child;

	f->only_cgroup = 0;
	child = fixture_run(f, path, act_clone_into, f->cgroup);
	f->only_cgroup = f->key;
	assert_int_not_equal(fixture_only(f, BW_EVENT_EXEC)->process->tgid, child);
	assert_int_equal(fixture_only(f, BW_EVENT_EXEC)->process->flags, 0);
	assert_int_equal(fixture_count(f, BW_EVENT_MOVE), 0);
	f->only_cgroup = key;
	assert_int_equal(fixture_count(f, BW_EVENT_MOVE), 0);
	f->only_cgroup = f->key;
	assert_int_equal(rmdir(path), 0);
}

struct handshake {
	int ready[2], go[2];
	const char *to;
};

static void handshake_open(struct handshake *h, const char *to)
{
	assert_int_equal(pipe(h->ready) | pipe(h->go), 0);
	h->to = to;
}

/* Starts a child that joins FROM, waits to be told, moves to H->to and executes something. */
static pid_t handshake_start(struct handshake *h, const char *from)
{
	pid_t child;
	char byte;

	fflush(NULL);
	child = fork();
	assert_true(child >= 0);
	if (child == 0) {
		join_cgroup(from);
		if (write(h->ready[1], "", 1) != 1 || read(h->go[0], &byte, 1) != 1)
			_exit(111);
		act_move_and_exec((void *)h->to);
		_exit(111);
	}
	assert_int_equal(read(h->ready[0], &byte, 1), 1);
	return child;
}

static void handshake_finish(struct handshake *h, pid_t child)
{
	int status;

	assert_int_equal(write(h->go[1], "", 1), 1);
	assert_int_equal(waitpid(child, &status, 0), child);
	assert_int_equal(WEXITSTATUS(status), 0);
	for (int i = 0; i < 2; i++) {
		close(h->ready[i]);
		close(h->go[i]);
	}
}

static void process_that_was_there_before_is_bound_by_the_walk(void **state)
{
	struct fixture *f = *state;
	char path[PATH_MAX];
	uint64_t key = make_outside(f, path);
	struct handshake h;
	pid_t child;

	assert_int_equal(probe_scope_remove(f->probe, f->key), 0);
	handshake_open(&h, path);
	child = handshake_start(&h, f->cgroup);
	assert_int_equal(probe_scope_set(f->probe, f->key, f->key, BW_SCOPE_WATCHED), 0);
	assert_int_equal(probe_tasks_walk(f->probe), 0);
	fixture_drain(f);
	fixture_forget(f);
	handshake_finish(&h, child);
	fixture_drain(f);
	assert_moved(f, key, f->key);
	assert_int_equal(rmdir(path), 0);
}

/* The agent may decide after the process was bound, and begins the container further up. */
static void container_is_the_one_decided_by_the_time_of_the_move(void **state)
{
	struct fixture *f = *state;
	char outside[PATH_MAX], top[PATH_MAX], below[PATH_MAX];
	uint64_t key = make_outside(f, outside);
	uint64_t key_top = make_cgroup(f, NULL, "top", top);
	uint64_t key_below = make_cgroup(f, top, "init", below);
	struct handshake h;
	pid_t child;

	handshake_open(&h, outside);
	child = handshake_start(&h, below);
	assert_int_equal(probe_scope_decide(f->probe, key_top, key_top, BW_SCOPE_WATCHED), 0);
	assert_int_equal(probe_scope_decide(f->probe, key_below, key_top, BW_SCOPE_WATCHED), 0);
	fixture_drain(f);
	fixture_forget(f);
	handshake_finish(&h, child);
	fixture_drain(f);
	assert_moved(f, key, key_top);
	assert_int_equal(rmdir(below) | rmdir(top) | rmdir(outside), 0);
}

/* Moves, waits until its container is removed, and executes something. */
static void leave_and_wait(const char *from, const struct handshake *h)
{
	char byte;

	join_cgroup(from);
	join_cgroup(h->to);
	if (write(h->ready[1], "", 1) != 1 || read(h->go[0], &byte, 1) != 1)
		_exit(111);
	act_exec(NULL);
	_exit(111);
}

static void process_that_left_is_bound_when_its_container_is_gone(void **state)
{
	struct fixture *f = *state;
	char outside[PATH_MAX], path[PATH_MAX], byte;
	uint64_t key = make_outside(f, outside);
	uint64_t key_gone = make_cgroup(f, NULL, "gone", path);
	struct handshake h;
	pid_t child;

	assert_int_equal(probe_scope_set(f->probe, key_gone, key_gone, BW_SCOPE_WATCHED), 0);
	fixture_drain(f);
	fixture_forget(f);
	handshake_open(&h, outside);
	fflush(NULL);
	child = fork();
	assert_true(child >= 0);
	if (child == 0)
		leave_and_wait(path, &h);
	assert_int_equal(read(h.ready[0], &byte, 1), 1);
	assert_int_equal(moved_now(f), 1);
	assert_int_equal(rmdir(path), 0);
	handshake_finish(&h, child);
	assert_int_equal(moved_now(f), 0);
	fixture_drain(f);
	assert_moved(f, key, key_gone);
	assert_int_equal(rmdir(outside), 0);
}

static void move_from_an_ignored_container_is_none(void **state)
{
	struct fixture *f = *state;
	char path[PATH_MAX];
	uint64_t key = make_outside(f, path);
	struct handshake h;
	pid_t child;

	handshake_open(&h, path);
	child = handshake_start(&h, f->cgroup);
	assert_int_equal(probe_scope_set(f->probe, f->key, f->key, BW_SCOPE_IGNORED), 0);
	fixture_drain(f);
	fixture_forget(f);
	handshake_finish(&h, child);
	fixture_drain(f);
	f->only_cgroup = key;
	assert_int_equal(fixture_count(f, BW_EVENT_MOVE), 0);
	assert_int_equal(fixture_count(f, BW_EVENT_EXEC), 0);
	f->only_cgroup = f->key;
	assert_int_equal(probe_scope_set(f->probe, f->key, f->key, BW_SCOPE_WATCHED), 0);
	assert_int_equal(rmdir(path), 0);
}

static void act_join_and_exec(void *argument)
{
	const char *const *paths = argument;

	for (; *paths; paths++)
		join_cgroup(*paths);
	act_exec(NULL);
}

/* What is moved where nobody looks for containers stays where it is. */
static void only_the_hierarchy_of_the_container_counts(void **state)
{
	struct fixture *f = *state;
	char v1[PATH_MAX];
	const char *const there[] = {v1, f->hierarchies.v1_path, NULL};
	const char *const elsewhere[] = {f->hierarchies.v1_path, NULL};
	uint64_t key;

	if (!f->hierarchies.v1_path) {
		print_message("# no cgroup v1 hierarchy here\n");
		skip();
	}
	snprintf(v1, sizeof(v1), "%s/barewatch-test-%d", f->hierarchies.v1_path, getpid());
	assert_int_equal(mkdir(v1, 0755), 0);
	key = cgroup_dir_key(v1) | BW_CGROUP_V1;
	fixture_run(f, NULL, act_join_and_exec, (void *)elsewhere);
	assert_int_equal(fixture_count(f, BW_EVENT_MOVE), 0);
	assert_int_equal(fixture_only(f, BW_EVENT_EXEC)->process->flags, 0);
	/* and when the container is one of version 1, where it began in version 2 does not */
	assert_int_equal(probe_scope_set(f->probe, key, key, BW_SCOPE_WATCHED), 0);
	assert_int_equal(probe_scope_remove(f->probe, f->key), 0);
	fixture_run(f, NULL, act_join_and_exec, (void *)there);
	assert_moved(f, cgroup_dir_key(f->hierarchies.v1_path) | BW_CGROUP_V1, key);
	assert_int_equal(probe_scope_set(f->probe, f->key, f->key, BW_SCOPE_WATCHED), 0);
	assert_int_equal(rmdir(v1), 0);
}

static uint64_t unbound(const struct fixture *f)
{
	struct probe_counts counts;

	assert_int_equal(probe_counts_read(f->probe, &counts), 0);
	return counts.failures[BW_FAILURE_TASKS_FULL];
}

#define TASKS_FEW 4 /* of one container */
#define TASKS_ALL (TASKS_FEW * PROBE_TASKS_SHARES)

/* The kernel side anew, with room for TASKS_MAX processes. */
static void load_with(struct fixture *f, uint32_t tasks_max)
{
	fixture_drain(f);
	probe_free(f->probe);
	f->tasks_max = tasks_max;
	fixture_load(f, PROBE_RING_BYTES_DEFAULT, PROBE_SCOPES_DEFAULT);
	assert_int_equal(probe_scope_set(f->probe, f->key, f->key, BW_SCOPE_WATCHED), 0);
}

/* COUNT processes are in the cgroup at once. */
static void start_many(const struct fixture *f, size_t count, struct handshake *h, pid_t *children)
{
	for (size_t i = 0; i < count; i++) {
		handshake_open(&h[i], f->cgroup);
		children[i] = handshake_start(&h[i], f->cgroup);
	}
}

static void finish_many(size_t count, struct handshake *h, const pid_t *children)
{
	for (size_t i = 0; i < count; i++)
		handshake_finish(&h[i], children[i]);
}

static struct bw_scope scope_of(const struct fixture *f, uint64_t key)
{
	struct bw_scope scope;

	assert_int_equal(probe_scope_get(f->probe, key, &scope), 0);
	return scope;
}

/* Many one after the other find room, many at once do not: that is counted. */
static void end_of_a_process_frees_its_entry(void **state)
{
	struct fixture *f = *state;
	struct handshake h[TASKS_FEW + 1];
	pid_t children[ARRAY_SIZE(h)];

	load_with(f, TASKS_ALL);
	for (size_t i = 0; i < 5 * TASKS_FEW; i++)
		fixture_run(f, NULL, act_move_and_exec, f->hierarchies.v2_path);
	assert_int_equal(unbound(f), 0);
	start_many(f, ARRAY_SIZE(h), h, children);
	assert_int_equal(unbound(f), 1);
	finish_many(ARRAY_SIZE(h), h, children);
	load_with(f, PROBE_TASKS_DEFAULT);
}

/* One that has more processes than there is room for does not hide who leaves another. */
static void container_cannot_take_the_room_of_others(void **state)
{
	struct fixture *f = *state;
	char other[PATH_MAX], outside[PATH_MAX];
	uint64_t key = make_cgroup(f, NULL, "other", other), key_outside;
	struct handshake h[TASKS_ALL + 1];
	pid_t children[ARRAY_SIZE(h)];

	load_with(f, TASKS_ALL);
	key_outside = make_outside(f, outside);
	assert_int_equal(probe_scope_set(f->probe, key, key, BW_SCOPE_WATCHED), 0);
	start_many(f, ARRAY_SIZE(h), h, children);
	fixture_run(f, other, act_move_and_fork_twice, outside);
	assert_moved(f, key_outside, key);
	assert_int_equal(unbound(f), ARRAY_SIZE(h) - TASKS_FEW);
	assert_int_equal(scope_of(f, f->key).tasks, TASKS_FEW);
	assert_int_equal(scope_of(f, f->key).unbound, ARRAY_SIZE(h) - TASKS_FEW);
	assert_int_equal(scope_of(f, key).tasks, 0);
	assert_int_equal(scope_of(f, key).unbound, 0);
	/* what the agent decides meanwhile does not give it more */
	assert_int_equal(probe_scope_set(f->probe, f->key, f->key, BW_SCOPE_WATCHED), 0);
	assert_int_equal(scope_of(f, f->key).tasks, TASKS_FEW);
	finish_many(ARRAY_SIZE(h), h, children);
	assert_int_equal(scope_of(f, f->key).tasks, 0);
	load_with(f, PROBE_TASKS_DEFAULT);
	assert_int_equal(rmdir(other) | rmdir(outside), 0);
}

/* What it makes below its own cgroup counts as its own. */
static void container_has_one_share_with_all_below_it(void **state)
{
	struct fixture *f = *state;
	struct handshake h[TASKS_FEW];
	pid_t children[ARRAY_SIZE(h)];
	char below[PATH_MAX];

	load_with(f, TASKS_ALL);
	make_cgroup(f, f->cgroup, "below", below);
	start_many(f, ARRAY_SIZE(h), h, children);
	fixture_run(f, below, act_exec, NULL);
	assert_int_equal(unbound(f), 1);
	assert_int_equal(scope_of(f, f->key).unbound, 1);
	finish_many(ARRAY_SIZE(h), h, children);
	load_with(f, PROBE_TASKS_DEFAULT);
	assert_int_equal(rmdir(below), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(process_that_moves_to_a_sibling_is_reported_and_stays_bound),
		cmocka_unit_test(process_that_moves_to_the_root_stays_bound),
		cmocka_unit_test(process_that_moves_into_another_container_stays_bound),
		cmocka_unit_test(leaving_what_is_undecided_for_a_container_is_no_move),
		cmocka_unit_test(what_a_moved_process_forks_is_bound_and_not_reported_again),
		cmocka_unit_test(child_made_in_another_cgroup_is_reported_and_bound),
		cmocka_unit_test(moves_below_the_container_are_none),
		cmocka_unit_test(nested_container_takes_over_and_is_left_in_turn),
		cmocka_unit_test(coming_in_from_outside_is_no_move_but_binds),
		cmocka_unit_test(process_that_was_there_before_is_bound_by_the_walk),
		cmocka_unit_test(container_is_the_one_decided_by_the_time_of_the_move),
		cmocka_unit_test(process_that_left_is_bound_when_its_container_is_gone),
		cmocka_unit_test(move_from_an_ignored_container_is_none),
		cmocka_unit_test(only_the_hierarchy_of_the_container_counts),
		cmocka_unit_test(end_of_a_process_frees_its_entry),
		cmocka_unit_test(container_cannot_take_the_room_of_others),
		cmocka_unit_test(container_has_one_share_with_all_below_it),
	};

	return cmocka_run_group_tests(tests, fixture_setup, fixture_teardown);
}
