/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Claims about agent/starts.c. Calls come from the process of the test; the container has
 * its files in a scratch directory, and its root has no programs.
 */
#include "scratch.h"

#include <errno.h>
#include <unistd.h>

#include "base/clock.h"
#include "starts.h"

#define ID     "0f3b4c5d6e7f8091a2b3c4d5e6f708192a3b4c5d6e7f8091a2b3c4d5e6f70819"
#define OTHER  "ffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff"
#define SHIM   700
#define RUNC   701
#define HOST   1 /* keys of cgroups */
#define INSIDE 2

struct starts_fixture {
	struct scratch s;
	struct starts starts;
	struct tracker tracker;
	struct container *container; /* ID, bare */
	uint64_t now_ns;
};

static void ignore_container(struct container *container, void *userdata)
{
	(void)container;
	(void)userdata;
}

static struct container *add_container(struct starts_fixture *f, uint64_t key, const char *path)
{
	int error;
	struct container *container = container_registry_add(
		f->tracker.registry, key, slice_of(path), &error);

	assert_int_equal(error, 0);
	if (container)
		container->bare = BARE_OPTION;
	return container;
}

static void fixture_init(struct starts_fixture *f)
{
	struct container_registry_config config = {
		.containers_max = 16, .keep_ns = NS_PER_S, .enrol = ignore_container};

	*f = (struct starts_fixture){.now_ns = 1000 * NS_PER_S};
	scratch_init(&f->s);
	scratch_mkdir(&f->s, "b/rootfs/bin");
	assert_int_equal(starts_init(&f->starts), 0);
	assert_int_equal(container_registry_new(&config, &f->tracker.registry), 0);
	assert_null(add_container(f, HOST, "/system.slice/containerd.service"));
	f->container = add_container(f, INSIDE, "/docker/" ID);
	container_learn(f->container, CONTAINER_BUNDLE, scratch_path(&f->s, "b"), "");
	container_learn(f->container, CONTAINER_ROOTFS, scratch_path(&f->s, "b/rootfs"), "");
}

static void fixture_done(struct starts_fixture *f)
{
	starts_done(&f->starts);
	container_registry_free(f->tracker.registry);
	scratch_done(&f->s);
}
#define CLEANUP_STARTS CLEANUP(fixture_done)

/* The runtime TGID, child of SHIM, is called from the cgroup FROM with ARGS. */
static void call_from(struct starts_fixture *f, uint64_t from, uint32_t tgid, struct slice args)
{
	struct bw_process process = {.tgid = tgid, .ppid = SHIM, .start_ns = f->now_ns};
	static struct event event;

	event = (struct event){
		.kind = BW_EVENT_RUNTIME,
		.time_ns = ++f->now_ns,
		.cgroup = from,
		.container = from,
		.process = &process,
		.runtime = {.cwd = {.bytes = {"/", 1}}, .args = {.bytes = args}},
	};
	starts_called(&f->starts, &event, &f->tracker);
}

static void call(struct starts_fixture *f, uint32_t tgid, struct slice args)
{
	call_from(f, HOST, tgid, args);
}

#define EXEC(id, command) SLICE("runc\0exec\0" id "\0" command "\0")

/* When the runtime TGID began: each is called once, from RUNC on. */
struct failure {
	uint32_t ppid;
	uint64_t parent_start_ns, start_ns;
};

/* The process of FAILURE ends in CONTAINER. Returns what was asked for, "" when not known. */
static const char *failed_in(
	struct starts_fixture *f, const struct container *container, const struct failure *failure)
{
	struct bw_failed_start record = {
		.process = {.tgid = 9999, .ppid = failure->ppid, .start_ns = failure->start_ns},
		.parent_start_ns = failure->parent_start_ns,
	};
	static struct event event;
	const struct runtime_start *start;

	event = (struct event){
		.kind = BW_EVENT_FAILED_START,
		.time_ns = ++f->now_ns,
		.process = &record.process,
		.failed_start.record = &record,
	};
	start = starts_failed(&f->starts, &event, container);
	return start ? strbuf_text(&start->args) : "";
}

/* The child of the runtime PPID, which began at PARENT_START_NS, ends. */
static const char *child_failed(struct starts_fixture *f, uint32_t ppid, uint64_t parent_start_ns)
{
	struct failure failure = {ppid, parent_start_ns, ++f->now_ns};

	return failed_in(f, f->container, &failure);
}

/* An orphan that SHIM has adopted, and that began just now. */
static const char *orphan_failed(struct starts_fixture *f)
{
	return child_failed(f, SHIM, 0);
}

/* A process that came from outside, child of PPID, executes ARGS in the container. */
static void executed(struct starts_fixture *f, uint32_t ppid, struct slice args)
{
	struct bw_process process = {.tgid = 9999, .ppid = ppid, .start_ns = ++f->now_ns};
	static struct event event;

	event = (struct event){.kind = BW_EVENT_EXEC,
		.time_ns = ++f->now_ns,
		.process = &process,
		.exec.args.bytes = args};
	starts_succeeded(&f->starts, &event, f->container);
}

static void start_is_found_by_the_process_of_its_runtime_once(void **state)
{
	CLEANUP_STARTS struct starts_fixture f;
	uint64_t start_ns;

	(void)state;
	fixture_init(&f);
	start_ns = f.now_ns;
	call(&f, RUNC, EXEC(ID, "a"));
	call(&f, RUNC + 1, EXEC(ID, "b"));
	assert_string_equal(child_failed(&f, RUNC + 2, start_ns), "");
	assert_string_equal(child_failed(&f, RUNC, start_ns), "a");
	assert_string_equal(child_failed(&f, RUNC, start_ns), "");
	assert_string_equal(child_failed(&f, RUNC + 1, start_ns + 1), "b");
}

static void process_with_the_same_number_is_another(void **state)
{
	CLEANUP_STARTS struct starts_fixture f;
	uint64_t start_ns;

	(void)state;
	fixture_init(&f);
	start_ns = f.now_ns;
	call(&f, RUNC, EXEC(ID, "a"));
	assert_string_equal(child_failed(&f, RUNC, start_ns + 1), "");
	assert_string_equal(child_failed(&f, RUNC, start_ns), "a");
}

/* crun leaves the child that is to start the program to the shim. */
static void orphan_belongs_to_the_call_of_whoever_adopted_it(void **state)
{
	CLEANUP_STARTS struct starts_fixture f;

	(void)state;
	fixture_init(&f);
	call(&f, RUNC, EXEC(ID, "a"));
	assert_string_equal(child_failed(&f, SHIM + 100, 0), "");
	assert_string_equal(orphan_failed(&f), "a");
	assert_string_equal(orphan_failed(&f), "");
}

static void sessions_of_one_shim_are_given_in_their_order(void **state)
{
	CLEANUP_STARTS struct starts_fixture f;

	(void)state;
	fixture_init(&f);
	call(&f, RUNC, EXEC(ID, "a"));
	call(&f, RUNC + 1, EXEC(ID, "b"));
	assert_string_equal(orphan_failed(&f), "a");
	assert_string_equal(orphan_failed(&f), "b");
	assert_string_equal(orphan_failed(&f), "");
}

/* What is there is not what an orphan failed for, when another call asks for what is not. */
static void orphan_belongs_to_the_call_that_was_bound_to_fail(void **state)
{
	CLEANUP_STARTS struct starts_fixture f;

	(void)state;
	fixture_init(&f);
	scratch_write_text(&f.s, "b/rootfs/bin/there", "#!");
	assert_int_equal(chmod(scratch_path(&f.s, "b/rootfs/bin/there"), 0755), 0);
	call(&f, RUNC, EXEC(ID, "/bin/there"));
	call(&f, RUNC + 1, EXEC(ID, "/bin/missing"));
	assert_string_equal(orphan_failed(&f), "/bin/missing");
	assert_string_equal(orphan_failed(&f), "");
}

static void orphan_from_before_the_call_is_none_of_its(void **state)
{
	CLEANUP_STARTS struct starts_fixture f;
	struct failure failure = {.ppid = SHIM};

	(void)state;
	fixture_init(&f);
	failure.start_ns = f.now_ns;
	call(&f, RUNC, EXEC(ID, "a"));
	assert_string_equal(failed_in(&f, f.container, &failure), "");
	assert_string_equal(orphan_failed(&f), "a");
}

static void orphan_in_another_container_is_none_of_its(void **state)
{
	CLEANUP_STARTS struct starts_fixture f;
	struct failure failure = {.ppid = SHIM};
	struct container *other;

	(void)state;
	fixture_init(&f);
	other = add_container(&f, 3, "/docker/" OTHER);
	call(&f, RUNC, EXEC(ID, "a"));
	failure.start_ns = ++f.now_ns;
	assert_string_equal(failed_in(&f, other, &failure), "");
	assert_string_equal(orphan_failed(&f), "a");
}

/* Where the search looked in the wrong place (mounts), the exec shows that it did not fail. */
static void start_that_succeeded_cannot_fail_any_more(void **state)
{
	CLEANUP_STARTS struct starts_fixture f;
	uint64_t start_ns;

	(void)state;
	fixture_init(&f);
	start_ns = f.now_ns;
	call(&f, RUNC, EXEC(ID, "/mnt/sh"));
	executed(&f, RUNC, SLICE("/mnt/sh\0"));
	assert_string_equal(child_failed(&f, RUNC, start_ns), "");
	call(&f, RUNC + 1, EXEC(ID, "/mnt/sh"));
	executed(&f, SHIM, SLICE("/mnt/sh\0"));
	assert_string_equal(orphan_failed(&f), "");
}

static void success_of_one_session_leaves_the_other(void **state)
{
	CLEANUP_STARTS struct starts_fixture f;

	(void)state;
	fixture_init(&f);
	call(&f, RUNC, EXEC(ID, "/bin/sh"));
	call(&f, RUNC + 1, EXEC(ID, "/mnt/sh"));
	executed(&f, SHIM, SLICE("/mnt/sh\0"));
	executed(&f, SHIM, SLICE("/mnt/sh\0"));
	executed(&f, SHIM, SLICE("/bin/s"));
	executed(&f, SHIM, SLICE(""));
	assert_string_equal(orphan_failed(&f), "/bin/sh");
	assert_string_equal(orphan_failed(&f), "");
}

/* runc is sometimes a wrapper's last act, and crun executes a copy of itself. */
static void runtime_that_executes_itself_is_one_call(void **state)
{
	CLEANUP_STARTS struct starts_fixture f;
	uint64_t start_ns;

	(void)state;
	fixture_init(&f);
	call(&f, RUNC, EXEC(ID, "a"));
	start_ns = f.now_ns;
	call(&f, RUNC, EXEC(ID, "b"));
	call(&f, RUNC, SLICE("runc\0init\0")); /* no call */
	assert_string_equal(child_failed(&f, RUNC, start_ns), "b");
	assert_string_equal(orphan_failed(&f), "");
}

/* Anything can call itself runc, and name any file: in a container, that is for nobody to read. */
static void calls_from_inside_of_containers_are_left_out(void **state)
{
	CLEANUP_STARTS struct starts_fixture f;
	uint64_t start_ns;

	(void)state;
	fixture_init(&f);
	add_container(&f, 3, "/docker/" OTHER)->bare = BARE_NO;
	start_ns = f.now_ns;
	call_from(&f, INSIDE, RUNC, EXEC(ID, "a"));
	call_from(&f, 3, RUNC + 1, EXEC(ID, "a"));
	assert_string_equal(child_failed(&f, RUNC, start_ns), "");
	assert_string_equal(child_failed(&f, RUNC + 1, start_ns + 1), "");
	assert_string_equal(orphan_failed(&f), "");
}

static void sessions_in_containers_that_are_not_bare_are_left_out(void **state)
{
	CLEANUP_STARTS struct starts_fixture f;
	uint64_t start_ns;

	(void)state;
	fixture_init(&f);
	f.container->bare = BARE_NO;
	start_ns = f.now_ns;
	call(&f, RUNC, EXEC(ID, "a"));
	call(&f, RUNC + 1, EXEC(OTHER, "a"));
	f.container->bare = BARE_POLICY;
	assert_string_equal(child_failed(&f, RUNC, start_ns), "");
	assert_string_equal(child_failed(&f, RUNC + 1, start_ns + 1), "");
}

/* Names given by hand may be the same in two namespaces of one engine. */
static void search_in_another_container_of_the_same_id_tells_nothing(void **state)
{
	CLEANUP_STARTS struct starts_fixture f;
	struct failure failure = {.ppid = RUNC};
	struct bw_failed_start record = {0};
	static struct event event;
	const struct runtime_start *start;
	struct container *other;

	(void)state;
	fixture_init(&f);
	other = add_container(&f, 3, "/elsewhere/" ID);
	assert_ptr_not_equal(other, f.container);
	assert_string_equal(other->id, f.container->id);
	failure.parent_start_ns = f.now_ns;
	call(&f, RUNC, EXEC(ID, "a"));
	record.process.ppid = RUNC;
	record.parent_start_ns = failure.parent_start_ns;
	event = (struct event){.process = &record.process, .failed_start.record = &record};
	start = starts_failed(&f.starts, &event, other);
	assert_non_null(start);
	assert_int_equal(start->error, RUNTIME_LOOKUP_UNKNOWN);
}

/* Takes the place of a call whose files are on a file system that does not answer. */
struct hanging {
	struct helper_job job;
	int go[2], gone[2]; /* pipes */
};

static void hang(struct helper_job *job)
{
	char byte;

	assert_int_equal(read(((struct hanging *)job)->go[0], &byte, 1), 1);
}

static void hang_no_more(struct helper_job *job)
{
	assert_int_equal(write(((struct hanging *)job)->gone[1], "", 1), 1);
}

static void call_that_hangs_leaves_the_next_ones_unknown_and_goes_by(void **state)
{
	CLEANUP_STARTS struct starts_fixture f;
	struct hanging hanging = {.job = {hang, hang_no_more}};
	uint32_t tgid = RUNC;
	uint64_t start_ns;
	char byte;

	(void)state;
	fixture_init(&f);
	assert_int_equal(pipe(hanging.go) | pipe(hanging.gone), 0);
	assert_int_equal(helper_do(f.starts.helper, &hanging.job, 1), -ETIME);
	start_ns = f.now_ns;
	call(&f, tgid, EXEC(ID, "a"));
	assert_string_equal(child_failed(&f, tgid, start_ns), "");
	assert_int_equal(write(hanging.go[1], "", 1), 1);
	assert_int_equal(read(hanging.gone[0], &byte, 1), 1);
	do { /* the helper is about to be ready */
		start_ns = f.now_ns;
		call(&f, ++tgid, EXEC(ID, "b"));
	} while (strcmp(child_failed(&f, tgid, start_ns), "b") != 0);
	for (int i = 0; i < 2; i++) {
		close(hanging.go[i]);
		close(hanging.gone[i]);
	}
}

static void old_calls_are_forgotten(void **state)
{
	CLEANUP_STARTS struct starts_fixture f;
	uint64_t first_ns, second_ns;

	(void)state;
	fixture_init(&f);
	first_ns = f.now_ns;
	call(&f, RUNC, EXEC(ID, "a"));
	second_ns = f.now_ns;
	call(&f, RUNC + 1, EXEC(ID, "b"));
	starts_expire(&f.starts, first_ns + 1 + STARTS_KEEP_NS);
	assert_string_equal(child_failed(&f, RUNC, first_ns), "");
	starts_expire(&f.starts, second_ns + STARTS_KEEP_NS);
	assert_string_equal(child_failed(&f, RUNC + 1, second_ns), "b");
	starts_expire(&f.starts, second_ns + 1 + STARTS_KEEP_NS);
	assert_null(f.starts.by_process);
}

static void newest_calls_are_kept(void **state)
{
	CLEANUP_STARTS struct starts_fixture f;
	uint64_t start_ns;

	(void)state;
	fixture_init(&f);
	start_ns = f.now_ns;
	for (unsigned i = 0; i < STARTS_MAX + 1; i++)
		call(&f, 10000 + i, EXEC(ID, "a"));
	assert_string_equal(child_failed(&f, 10000, start_ns), "");
	assert_string_equal(child_failed(&f, 10001, start_ns + 1), "a");
	assert_string_equal(child_failed(&f, 10000 + STARTS_MAX, start_ns + STARTS_MAX), "a");
}

/* START is given to a process of the container, which ended. */
static void make_attempt(
	const struct runtime_start *start, struct bw_attempt *record, struct event *attempt)
{
	static const struct bw_process process = {.tgid = 77, .comm = "runc:[2:INIT]"};
	static const struct event event = {.kind = BW_EVENT_FAILED_START,
		.time_ns = 5,
		.sequence = 42,
		.cpu = 3,
		.cgroup = 6,
		.container = 7,
		.process = &process};

	starts_attempt(start, &event, record, attempt);
	assert_int_equal(attempt->kind, BW_EVENT_ATTEMPT);
	assert_int_equal(attempt->time_ns, 5);
	assert_int_equal(attempt->sequence, 42);
	assert_int_equal(attempt->cpu, 3);
	assert_int_equal(attempt->cgroup, 6);
	assert_int_equal(attempt->container, 7);
	assert_int_equal(attempt->process->tgid, 77);
	assert_string_equal(attempt->process->comm, "runc:[2:INIT]");
	assert_ptr_equal(attempt->attempt.record, record);
	assert_int_equal(record->call, BW_CALL_NONE);
	assert_true(attempt->attempt.exe.unreadable && attempt->attempt.parent.unreadable);
}

static void attempt_tells_what_was_asked_for(void **state)
{
	static struct event attempt;
	struct bw_attempt record;
	struct runtime_start start = RUNTIME_START_INIT;

	(void)state;
	strbuf_add(&start.args, "sh\0-c", 6);
	strbuf_add(&start.tried, "/bin/sh\0/sh", 12);
	strbuf_add_text(&start.cwd, "/srv");
	start.error = EACCES;
	make_attempt(&start, &record, &attempt);
	assert_int_equal(record.error, EACCES);
	assert_slice_text(attempt.attempt.asked.bytes, "sh");
	assert_slice_is(attempt.attempt.args.bytes, SLICE("sh\0-c\0"));
	assert_slice_is(attempt.attempt.tried.bytes, SLICE("/bin/sh\0/sh\0"));
	assert_slice_text(attempt.attempt.cwd.bytes, "/srv");
	assert_false(attempt.attempt.asked.truncated || attempt.attempt.args.truncated ||
		     attempt.attempt.tried.truncated);
	runtime_start_done(&start);
}

static void attempt_tells_what_is_not_known_of_it(void **state)
{
	static struct event attempt;
	struct bw_attempt record;
	struct runtime_start start = RUNTIME_START_INIT;

	(void)state;
	start.args_cut = start.tried_cut = true;
	strbuf_add(&start.args, "sh\0-", 4);
	make_attempt(&start, &record, &attempt);
	assert_int_equal(record.error, 0);
	assert_true(attempt.attempt.args.truncated && attempt.attempt.tried.truncated);
	assert_true(attempt.attempt.tried.unreadable && attempt.attempt.cwd.unreadable);
	assert_false(attempt.attempt.asked.truncated); /* it is whole, what is behind it is not */
	strbuf_truncate(&start.args, 2);
	make_attempt(&start, &record, &attempt);
	assert_slice_text(attempt.attempt.asked.bytes, "sh");
	assert_true(attempt.attempt.asked.truncated);
	runtime_start_done(&start);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(start_is_found_by_the_process_of_its_runtime_once),
		cmocka_unit_test(process_with_the_same_number_is_another),
		cmocka_unit_test(orphan_belongs_to_the_call_of_whoever_adopted_it),
		cmocka_unit_test(sessions_of_one_shim_are_given_in_their_order),
		cmocka_unit_test(orphan_belongs_to_the_call_that_was_bound_to_fail),
		cmocka_unit_test(orphan_from_before_the_call_is_none_of_its),
		cmocka_unit_test(orphan_in_another_container_is_none_of_its),
		cmocka_unit_test(start_that_succeeded_cannot_fail_any_more),
		cmocka_unit_test(success_of_one_session_leaves_the_other),
		cmocka_unit_test(runtime_that_executes_itself_is_one_call),
		cmocka_unit_test(calls_from_inside_of_containers_are_left_out),
		cmocka_unit_test(sessions_in_containers_that_are_not_bare_are_left_out),
		cmocka_unit_test(search_in_another_container_of_the_same_id_tells_nothing),
		cmocka_unit_test(call_that_hangs_leaves_the_next_ones_unknown_and_goes_by),
		cmocka_unit_test(old_calls_are_forgotten),
		cmocka_unit_test(newest_calls_are_kept),
		cmocka_unit_test(attempt_tells_what_was_asked_for),
		cmocka_unit_test(attempt_tells_what_is_not_known_of_it),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
