/* SPDX-License-Identifier: Apache-2.0 */
/* bpf/lineage.h: whom a process was forked from, and to whose session and group it belongs. */
#include "fixture.h"

#include <linux/sched.h>
#include <sched.h>
#include <signal.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/syscall.h>

/* What the children tell the test. */
struct family {
	pid_t parent, grandparent;
	uint64_t reused_ns; /* when the number was used again */
	bool numbers_refused; /* nobody may choose one here */
};

static struct family *family;

static void act_exec(void *argument)
{
	(void)argument;
	execl("/bin/busybox", "true", NULL);
}

static const struct bw_relative *ancestor(const struct event *e, size_t i)
{
	return &e->lineage.relatives[BW_LINEAGE_ANCESTORS + i];
}

static void parent_is_told_with_its_executable(void **state)
{
	struct fixture *f = *state;
	char name[BW_COMM_SIZE];
	const struct bw_relative *parent;
	const struct event *e;
	struct stat st;

	fixture_run(f, NULL, act_exec, NULL);
	e = fixture_only(f, BW_EVENT_EXEC);
	assert_true(e->lineage.known);
	assert_in_range(e->lineage.ancestors, 1, BW_ANCESTORS_MAX);
	parent = ancestor(e, 0);
	assert_int_equal(parent->tgid, getpid());
	assert_int_equal(stat("/proc/self/exe", &st), 0);
	assert_int_equal(parent->inode, st.st_ino);
	assert_int_equal(parent->dev_major, major(st.st_dev));
	assert_int_equal(parent->dev_minor, minor(st.st_dev));
	snprintf(name, sizeof(name), "%s", program_invocation_short_name);
	assert_string_equal(parent->comm, name);
	assert_true(parent->start_ns > 0 && parent->start_ns < e->process->start_ns);
	assert_int_equal(parent->flags, 0);
	assert_int_equal(ancestor(e, 1)->tgid, getppid());
}

/* fixture_run makes the child a leader of both. */
static void leaders_are_told(void **state)
{
	struct fixture *f = *state;
	pid_t child = fixture_run(f, NULL, act_exec, NULL);
	const struct event *e = fixture_only(f, BW_EVENT_EXEC);

	for (int i = BW_LINEAGE_SESSION; i <= BW_LINEAGE_GROUP; i++) {
		assert_int_equal(e->lineage.relatives[i].tgid, child);
		assert_int_equal(e->lineage.relatives[i].ns_tgid, child);
		assert_int_equal(e->lineage.relatives[i].start_ns, e->process->start_ns);
		assert_string_equal(e->lineage.relatives[i].comm, "busybox");
	}
}

static void act_in_a_group_of_its_own(void *argument)
{
	(void)argument;
	if (unshare(CLONE_NEWPID) < 0)
		_exit(111);
	if (fork() == 0) {
		setpgid(0, 0);
		act_exec(NULL);
	}
	wait(NULL);
}

static void leaders_have_the_numbers_of_the_namespace(void **state)
{
	struct fixture *f = *state;
	pid_t child = fixture_run(f, NULL, act_in_a_group_of_its_own, NULL);
	const struct event *e = fixture_only(f, BW_EVENT_EXEC);

	assert_int_equal(e->lineage.relatives[BW_LINEAGE_SESSION].tgid, child);
	assert_int_equal(e->lineage.relatives[BW_LINEAGE_SESSION].ns_tgid, 0); /* from outside */
	assert_int_equal(e->lineage.relatives[BW_LINEAGE_GROUP].tgid, e->process->tgid);
	assert_int_equal(e->lineage.relatives[BW_LINEAGE_GROUP].ns_tgid, 1);
}

/* Until the parent, which is not PARENT any more, is somebody else. */
static void wait_until_orphaned(pid_t parent)
{
	while (getppid() == parent)
		sched_yield();
}

static void act_leave_an_orphan(void *argument)
{
	pid_t child;

	(void)argument;
	prctl(PR_SET_CHILD_SUBREAPER, 1);
	family->grandparent = getpid();
	child = fork();
	if (child == 0) {
		family->parent = getpid();
		if (fork() == 0) {
			wait_until_orphaned(family->parent);
			act_exec(NULL);
		}
		_exit(0);
	}
	while (wait(NULL) > 0)
		;
}

static void orphan_keeps_its_true_parent(void **state)
{
	struct fixture *f = *state;
	const struct event *e;

	fixture_run(f, NULL, act_leave_an_orphan, NULL);
	e = fixture_only(f, BW_EVENT_EXEC);
	assert_int_equal(e->process->ppid, family->grandparent); /* as the kernel has it by now */
	assert_int_equal(ancestor(e, 0)->tgid, family->parent);
	assert_true(ancestor(e, 0)->start_ns > 0);
	assert_string_equal(ancestor(e, 0)->comm, ""); /* it has ended */
	assert_int_equal(ancestor(e, 0)->inode, 0);
	assert_int_equal(ancestor(e, 0)->flags, BW_RELATIVE_FORKED);
	assert_int_equal(ancestor(e, 1)->tgid, family->grandparent);
	assert_string_not_equal(ancestor(e, 1)->comm, "");
	assert_int_equal(ancestor(e, 2)->tgid, getpid());
}

static pid_t clone_with_number(pid_t number)
{
	struct clone_args args = {.exit_signal = SIGCHLD,
		.set_tid = (uintptr_t)&number,
		.set_tid_size = number ? 1 : 0};

	return syscall(SYS_clone3, &args, sizeof(args));
}

/* The parent ends, and somebody else gets its number, before the orphan executes anything. */
static void act_use_a_number_again(void *argument)
{
	int go[2];
	pid_t child, other;
	char byte;

	(void)argument;
	prctl(PR_SET_CHILD_SUBREAPER, 1);
	if (pipe(go) < 0)
		_exit(111);
	child = fork();
	if (child == 0) {
		family->parent = getpid();
		if (fork() == 0) {
			close(go[1]);
			if (read(go[0], &byte, 1) == 1)
				act_exec(NULL);
			_exit(111);
		}
		_exit(0);
	}
	if (waitpid(child, NULL, 0) != child)
		_exit(111);
	family->reused_ns = boot_now_ns();
	other = clone_with_number(child);
	if (other == 0) {
		pause();
		_exit(0);
	}
	family->numbers_refused = other < 0 && errno == EPERM;
	if (family->numbers_refused)
		return;
	if (other != child || write(go[1], "", 1) != 1)
		_exit(111);
	wait(NULL); /* for the orphan: the other one stays until it is told */
	kill(other, SIGKILL);
	wait(NULL);
}

static void number_used_again_is_not_taken_for_the_parent(void **state)
{
	struct fixture *f = *state;
	const struct event *e;

	fixture_run(f, NULL, act_use_a_number_again, NULL);
	if (family->numbers_refused) {
		print_message("# no number can be chosen here\n");
		skip();
	}
	e = fixture_only(f, BW_EVENT_EXEC);
	assert_int_equal(ancestor(e, 0)->tgid, family->parent);
	assert_true(ancestor(e, 0)->start_ns < family->reused_ns);
	assert_string_equal(ancestor(e, 0)->comm, "");
}

#define GENERATIONS (BW_ANCESTORS_MAX + 3)

static void act_many_generations(void *argument)
{
	pid_t self = 0;

	(void)argument;
	for (int i = 0; i < GENERATIONS && self == 0; i++)
		self = fork();
	if (self == 0)
		act_exec(NULL);
	wait(NULL);
}

static void nearest_ancestors_are_kept(void **state)
{
	struct fixture *f = *state;
	const struct event *e;

	fixture_run(f, NULL, act_many_generations, NULL);
	e = fixture_only(f, BW_EVENT_EXEC);
	assert_int_equal(e->lineage.ancestors, BW_ANCESTORS_MAX);
	assert_int_equal(ancestor(e, 0)->tgid, e->process->ppid);
	for (int i = 0; i < BW_ANCESTORS_MAX; i++) {
		assert_true(ancestor(e, i)->start_ns > 0);
		assert_int_equal(ancestor(e, i)->flags, BW_RELATIVE_FORKED);
		for (int j = 0; j < i; j++)
			assert_int_not_equal(ancestor(e, i)->tgid, ancestor(e, j)->tgid);
	}
}

static int setup(void **state)
{
	family = mmap(
		NULL, sizeof(*family), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	assert_ptr_not_equal(family, MAP_FAILED);
	return fixture_setup(state);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(parent_is_told_with_its_executable),
		cmocka_unit_test(leaders_are_told),
		cmocka_unit_test(leaders_have_the_numbers_of_the_namespace),
		cmocka_unit_test(orphan_keeps_its_true_parent),
		cmocka_unit_test(number_used_again_is_not_taken_for_the_parent),
		cmocka_unit_test(nearest_ancestors_are_kept),
	};

	return cmocka_run_group_tests(tests, setup, fixture_teardown);
}
