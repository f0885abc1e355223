/* SPDX-License-Identifier: Apache-2.0 */
/* Claims about agent/ancestry.c. */
#include "asserts.h"
#include "process_fixture.h"

#include <limits.h>
#include <sys/wait.h>
#include <unistd.h>

#include "ancestry.h"
#include "base/cleanup.h"

/* Numbers that no process has: beyond the kernel's largest (PID_MAX_LIMIT). */
#define PID(n) (5000000 + (n))

struct fixture {
	struct ancestry ancestry;
	struct bw_exec record;
	struct event exec, event;
	const struct lineage *lineage;
};

static int setup(void **state)
{
	*state = calloc(1, sizeof(struct fixture));
	assert_non_null(*state);
	return 0;
}

static int teardown(void **state)
{
	struct fixture *f = *state;

	ancestry_done(&f->ancestry);
	free(f);
	return 0;
}

/* Process PID, which began at START_NS, executes PATH. */
static void execute(struct fixture *f, uint32_t pid, uint64_t start_ns, uint64_t inode,
	const char *comm, struct slice path)
{
	f->record = (struct bw_exec){
		.process = {.tgid = pid, .start_ns = start_ns}, .file = {.inode = inode}};
	strcpy(f->record.process.comm, comm);
	f->exec.kind = BW_EVENT_EXEC;
	f->exec.process = &f->record.process;
	f->exec.exec.record = &f->record;
	f->exec.exec.resolved.bytes = path;
	ancestry_exec(&f->ancestry, &f->exec);
}

/* Ancestor I of the event that is to be asked about. */
static struct bw_relative *ancestor(struct fixture *f, size_t i, uint32_t pid, uint64_t start_ns)
{
	struct bw_relative *relative = &f->event.lineage.relatives[BW_LINEAGE_ANCESTORS + i];

	*relative = (struct bw_relative){.tgid = pid, .start_ns = start_ns};
	f->event.lineage.known = true;
	f->event.lineage.ancestors = i + 1;
	return relative;
}

static void assert_ancestor(
	struct fixture *f, size_t i, uint32_t pid, const char *name, const char *exepath)
{
	const struct relative *relative;

	f->lineage = ancestry_find(&f->ancestry, &f->event);
	assert_non_null(f->lineage);
	relative = &f->lineage->relatives[BW_LINEAGE_ANCESTORS + i];
	assert_int_equal(relative->pid, pid);
	assert_slice_text(relative->name, name);
	assert_slice_text(relative->exepath, exepath);
}

static void ancestor_that_has_ended_is_named_by_its_last_exec(void **state)
{
	struct fixture *f = *state;

	execute(f, PID(1), 10, 100, "sh", SLICE("/bin/sh"));
	execute(f, PID(1), 10, 101, "app", SLICE("/opt/app"));
	ancestor(f, 0, PID(1), 10);
	assert_ancestor(f, 0, PID(1), "app", "/opt/app");
}

static void number_that_is_used_again_is_somebody_else(void **state)
{
	struct fixture *f = *state;

	execute(f, PID(1), 10, 100, "app", SLICE("/opt/app"));
	execute(f, PID(1), 99, 101, "other", SLICE("/opt/other"));
	ancestor(f, 0, PID(1), 10);
	assert_ancestor(f, 0, PID(1), "app", "/opt/app");
	ancestor(f, 0, PID(1), 98);
	assert_ancestor(f, 0, PID(1), "", "");
}

/* It may have given itself any name. */
static void executable_is_not_told_by_the_name(void **state)
{
	struct fixture *f = *state;

	execute(f, PID(1), 10, 100, "app", SLICE("/opt/app"));
	strcpy(ancestor(f, 0, PID(1), 10)->comm, "containerd-shim");
	assert_ancestor(f, 0, PID(1), "containerd-shim", "/opt/app");
}

static void who_executed_nothing_ran_the_program_of_its_parent(void **state)
{
	struct fixture *f = *state;

	execute(f, PID(1), 10, 100, "app", SLICE("/opt/app"));
	ancestor(f, 0, PID(3), 30)->flags = BW_RELATIVE_FORKED;
	ancestor(f, 1, PID(2), 20)->flags = BW_RELATIVE_FORKED;
	ancestor(f, 2, PID(1), 10);
	assert_ancestor(f, 0, PID(3), "app", "/opt/app");
	assert_ancestor(f, 1, PID(2), "app", "/opt/app");
	/* but of one that has executed something nothing is made up */
	ancestor(f, 0, PID(3), 30)->flags = 0;
	f->event.lineage.ancestors = 3;
	assert_ancestor(f, 0, PID(3), "", "");
}

static void process_that_was_never_seen_is_looked_up(void **state)
{
	struct fixture *f = *state;
	char path[PATH_MAX] = "";

	assert_true(readlink("/proc/self/exe", path, sizeof(path) - 1) > 0);
	strcpy(ancestor(f, 0, getpid(), own_start_ns())->comm, "me");
	assert_ancestor(f, 0, getpid(), "me", path);
	/* not when the number is somebody else's by now */
	ancestor(f, 0, getpid(), own_start_ns() + 5 * 1000000000ULL);
	assert_ancestor(f, 0, getpid(), "", "");
}

static void exec_that_was_not_seen_is_noticed(void **state)
{
	struct fixture *f = *state;
	char path[PATH_MAX] = "";

	assert_true(readlink("/proc/self/exe", path, sizeof(path) - 1) > 0);
	execute(f, getpid(), own_start_ns(), 100, "app", SLICE("/opt/app"));
	ancestor(f, 0, getpid(), own_start_ns())->inode = 100;
	assert_ancestor(f, 0, getpid(), "app", "/opt/app");
	strcpy(ancestor(f, 0, getpid(), own_start_ns())->comm, "me");
	f->event.lineage.relatives[BW_LINEAGE_ANCESTORS].inode = 101;
	assert_ancestor(f, 0, getpid(), "me", path);
}

/* Executes PATH with ARGS. */
static void execute_with(struct fixture *f, uint32_t pid, const char *path, struct slice args)
{
	f->exec.exec.args = (struct event_text){.bytes = args};
	execute(f, pid, 10, 100, "app", slice_of(path));
	f->exec.exec.args = (struct event_text){0};
}

static struct event_text args_of(struct fixture *f, size_t i)
{
	f->lineage = ancestry_find(&f->ancestry, &f->event);
	assert_non_null(f->lineage);
	return f->lineage->relatives[BW_LINEAGE_ANCESTORS + i].args;
}

static void ancestor_has_the_arguments_that_it_was_executed_with(void **state)
{
	struct fixture *f = *state;
	struct event_text args;

	execute_with(f, PID(1), "/opt/app", (struct slice){"app\0-x\0", 7});
	ancestor(f, 0, PID(2), 20)->flags = BW_RELATIVE_FORKED;
	ancestor(f, 1, PID(1), 10);
	args = args_of(f, 1);
	assert_true(slice_equal(args.bytes, (struct slice){"app\0-x\0", 7}));
	assert_false(args.unreadable || args.truncated);
	/* and who it forked has the same */
	assert_true(slice_equal(args_of(f, 0).bytes, args.bytes));
	f->event.lineage.relatives[BW_LINEAGE_ANCESTORS].flags = 0;
	assert_true(args_of(f, 0).unreadable);
}

static void beginning_of_long_arguments_is_kept(void **state)
{
	struct fixture *f = *state;
	char text[2 * ANCESTRY_ARGS_MAX];
	struct event_text args;

	memset(text, 'x', sizeof(text));
	text[0] = 'a';
	execute_with(f, PID(1), "/opt/app", (struct slice){text, sizeof(text)});
	ancestor(f, 0, PID(1), 10);
	args = args_of(f, 0);
	assert_int_equal(args.bytes.len, ANCESTRY_ARGS_MAX);
	assert_int_equal(args.bytes.data[0], 'a');
	assert_true(args.truncated);
	execute_with(f, PID(1), "/opt/app", (struct slice){text, ANCESTRY_ARGS_MAX});
	assert_false(args_of(f, 0).truncated);
}

static void arguments_that_could_not_be_read_are_unknown(void **state)
{
	struct fixture *f = *state;

	f->exec.exec.args = (struct event_text){.unreadable = true};
	execute(f, PID(1), 10, 100, "app", SLICE("/opt/app"));
	ancestor(f, 0, PID(1), 10);
	assert_true(args_of(f, 0).unreadable);
}

static void arguments_of_who_was_never_seen_are_looked_up(void **state)
{
	struct fixture *f = *state;
	struct event_text args;
	struct slice first;
	size_t offset = 0;

	ancestor(f, 0, getpid(), own_start_ns());
	args = args_of(f, 0);
	assert_false(args.unreadable);
	assert_true(event_args_next(&args, &offset, &first));
	assert_slice_text(slice_basename(first), "test_ancestry");
	ancestor(f, 0, getpid(), own_start_ns() + 5 * 1000000000ULL);
	assert_true(args_of(f, 0).unreadable);
}

/* The process of an attempt, which PATH is the executable of. */
static const struct relative *process_of(struct fixture *f, uint32_t pid, const char *path)
{
	static struct bw_process process;

	process = (struct bw_process){.tgid = pid, .start_ns = 10};
	f->event.kind = BW_EVENT_ATTEMPT;
	f->event.process = &process;
	f->event.attempt.exe.bytes = slice_of(path);
	f->lineage = ancestry_find(&f->ancestry, &f->event);
	return ancestry_process(&f->ancestry, &f->event);
}

static void process_has_the_arguments_of_its_last_exec(void **state)
{
	struct fixture *f = *state;
	const struct relative *process;

	assert_null(process_of(f, PID(1), "/opt/app"));
	execute_with(f, PID(1), "/opt/app", (struct slice){"app\0-x\0", 7});
	process = process_of(f, PID(1), "/opt/app");
	assert_non_null(process);
	assert_slice_text(process->exepath, "/opt/app");
	assert_true(slice_equal(process->args.bytes, (struct slice){"app\0-x\0", 7}));
}

/* A subshell: it executed nothing, and nobody saw it do so. */
static void forked_process_has_those_of_its_parent(void **state)
{
	struct fixture *f = *state;
	const struct relative *process;

	execute_with(f, PID(1), "/bin/sh", (struct slice){"sh\0-x\0", 6});
	ancestor(f, 0, PID(1), 10);
	process = process_of(f, PID(2), "/bin/sh");
	assert_non_null(process);
	assert_true(slice_equal(process->args.bytes, (struct slice){"sh\0-x\0", 6}));
	assert_null(process_of(f, PID(2), "/bin/other"));
	assert_null(process_of(f, PID(2), ""));
	f->event.lineage.ancestors = 0;
	assert_null(process_of(f, PID(2), "/bin/sh"));
}

static void leader_that_has_ended_has_a_number_only(void **state)
{
	struct fixture *f = *state;

	f->event.lineage.known = true;
	f->event.lineage.relatives[BW_LINEAGE_SESSION] = (struct bw_relative){
		.tgid = getpid(), .ns_tgid = 7};
	f->lineage = ancestry_find(&f->ancestry, &f->event);
	assert_non_null(f->lineage);
	assert_int_equal(f->lineage->relatives[BW_LINEAGE_SESSION].pid, getpid());
	assert_int_equal(f->lineage->relatives[BW_LINEAGE_SESSION].ns_pid, 7);
	assert_int_equal(f->lineage->relatives[BW_LINEAGE_SESSION].name.len, 0);
	assert_int_equal(f->lineage->relatives[BW_LINEAGE_SESSION].exepath.len, 0);
}

static void event_without_a_lineage_has_none(void **state)
{
	struct fixture *f = *state;

	assert_null(ancestry_find(&f->ancestry, &f->event));
}

static void end_of_a_long_path_is_kept(void **state)
{
	struct fixture *f = *state;
	char path[4 * ANCESTRY_PATH_MAX], expected[ANCESTRY_PATH_MAX + 4];

	memset(path, 'x', sizeof(path));
	memcpy(path + sizeof(path) - 3, "/sh", 3);
	execute(f, PID(1), 10, 100, "sh", (struct slice){path, sizeof(path)});
	ancestor(f, 0, PID(1), 10);
	snprintf(expected, sizeof(expected), "...%.*s", ANCESTRY_PATH_MAX,
		path + sizeof(path) - ANCESTRY_PATH_MAX);
	assert_ancestor(f, 0, PID(1), "sh", expected);
}

/* Who is asked for stays; the others go, the oldest first. */
/* A runtime executes itself before it goes where its container's program will be. */
static void who_executed_elsewhere_did_not_do_so_here(void **state)
{
	struct fixture *f = *state;
	struct bw_process process = {.tgid = PID(1), .start_ns = 10, .mnt_ns = 7};

	f->event.process = &process;
	assert_false(ancestry_executed_here(&f->ancestry, &f->event));
	execute(f, PID(1), 10, 100, "runc", SLICE("/usr/bin/runc"));
	assert_false(ancestry_executed_here(&f->ancestry, &f->event));
	f->record.process.mnt_ns = 7;
	ancestry_exec(&f->ancestry, &f->exec);
	assert_true(ancestry_executed_here(&f->ancestry, &f->event));
	process.start_ns = 11;
	assert_false(ancestry_executed_here(&f->ancestry, &f->event));
}

static void table_is_bounded(void **state)
{
	struct fixture *f = *state;

	execute(f, PID(0), 10, 100, "asked", SLICE("/asked"));
	execute(f, PID(1), 10, 100, "oldest", SLICE("/oldest"));
	for (size_t i = 2; i < ANCESTRY_MAX; i++)
		execute(f, PID(i), 10, 100, "more", SLICE("/more"));
	ancestor(f, 0, PID(0), 10);
	assert_ancestor(f, 0, PID(0), "asked", "/asked");
	execute(f, PID(ANCESTRY_MAX), 10, 100, "last", SLICE("/last"));
	assert_ancestor(f, 0, PID(0), "asked", "/asked");
	ancestor(f, 0, PID(1), 10);
	assert_ancestor(f, 0, PID(1), "", "");
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(ancestor_that_has_ended_is_named_by_its_last_exec),
		TEST(number_that_is_used_again_is_somebody_else),
		TEST(executable_is_not_told_by_the_name),
		TEST(who_executed_nothing_ran_the_program_of_its_parent),
		TEST(process_that_was_never_seen_is_looked_up),
		TEST(exec_that_was_not_seen_is_noticed),
		TEST(ancestor_has_the_arguments_that_it_was_executed_with),
		TEST(beginning_of_long_arguments_is_kept),
		TEST(arguments_that_could_not_be_read_are_unknown),
		TEST(arguments_of_who_was_never_seen_are_looked_up),
		TEST(process_has_the_arguments_of_its_last_exec),
		TEST(forked_process_has_those_of_its_parent),
		TEST(leader_that_has_ended_has_a_number_only),
		TEST(event_without_a_lineage_has_none),
		TEST(end_of_a_long_path_is_kept),
		TEST(who_executed_elsewhere_did_not_do_so_here),
		TEST(table_is_bounded),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
