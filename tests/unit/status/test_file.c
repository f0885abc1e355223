/* SPDX-License-Identifier: Apache-2.0 */
/* Claims about agent/status/file.c. Whatever root's file is about is skipped without root. */
#include "status_fixture.h"

#include <errno.h>
#include <sys/pidfd.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/proc.h"
#include "scratch.h"
#include "status/format.h"

DEFINE_CLEANUP(struct status, status, status_free);
#define CLEANUP_STATUS CLEANUP(status_cleanup)

/* A directory, a registry with one container, and the file of this agent. */
struct fixture {
	struct scratch s;
	struct status_fixture f;
	struct container *web;
	struct status_file *file;
	char path[SCRATCH_PATH_MAX];
};

static void fixture_init(struct fixture *t)
{
	scratch_init(&t->s);
	status_fixture_init(&t->f);
	t->web = status_fixture_add(&t->f, WEB_PATH, 1, 0, 0);
	snprintf(t->path, sizeof(t->path), "%s", scratch_path(&t->s, "run/agent.json"));
	assert_int_equal(status_file_new(t->path, &t->file), 0);
	assert_non_null(t->file);
}

static void fixture_done(struct fixture *t)
{
	status_file_free(t->file);
	status_fixture_done(&t->f);
	scratch_done(&t->s);
}
#define CLEANUP_FIXTURE CLEANUP(fixture_done)

/* One more exec, reported at NOW_S. */
static void exec_at(struct fixture *t, uint64_t now_s)
{
	t->web->execs++;
	t->f.report.changes++;
	status_file_update(t->file, &t->f.report, now_s * NS_PER_S);
}

/* Asserts how many execs the file tells of. */
#define assert_execs(t, expected)                                      \
	do {                                                           \
		CLEANUP_STATUS struct status *status_ = NULL;          \
		assert_int_equal(status_read((t)->path, &status_), 0); \
		assert_counts(status_, (t)->web, (expected), 0, 0);    \
	} while (0)

static void assert_refused(const char *path, int error)
{
	struct status *status = NULL;

	assert_int_equal(status_read(path, &status), error);
	assert_null(status);
}

static void needs_root(void)
{
	if (geteuid() != 0)
		skip();
}

/* A file that looks like that of PID, which was started at START_TICKS. */
static void write_as(struct fixture *t, const char *name, pid_t pid, uint64_t start_ticks)
{
	CLEANUP_STRBUF struct strbuf text = STRBUF_INIT;
	struct status_agent agent = {.pid = pid, .start_ticks = start_ticks};

	status_format(&text, &agent, &t->f.report);
	scratch_write_text(&t->s, name, strbuf_text(&text));
}

/* That of this process' parent, which lives as long as the test. */
static void write_as_another(struct fixture *t)
{
	uint64_t start_ticks;
	pid_t parent;

	assert_true(process_stat(getppid(), &start_ticks, &parent));
	write_as(t, "run/agent.json", getppid(), start_ticks);
}

static void counts_that_were_written_are_read(void **state)
{
	CLEANUP_FIXTURE struct fixture t;
	struct stat st;

	(void)state;
	needs_root();
	umask(022);
	fixture_init(&t);
	assert_refused(t.path, -ENOENT);
	exec_at(&t, 10);
	assert_execs(&t, 2);
	assert_int_equal(stat(t.path, &st), 0);
	assert_int_equal(st.st_mode, S_IFREG | 0600);
	assert_int_equal(stat(scratch_path(&t.s, "run"), &st), 0);
	assert_int_equal(st.st_mode, S_IFDIR | 0755);
}

/* The number of entries in DIRECTORY. */
static size_t entries(const char *directory)
{
	CLEANUP_DIR DIR *dir = opendir(directory);
	size_t count = 0;

	assert_non_null(dir);
	while (readdir(dir))
		count++;
	return count - 2; /* . and .. */
}

static void file_is_replaced_and_never_changed(void **state)
{
	CLEANUP_FIXTURE struct fixture t;
	CLEANUP_FD int before = -1;
	CLEANUP_FREE char *text = NULL;
	size_t size;

	(void)state;
	needs_root();
	fixture_init(&t);
	exec_at(&t, 10);
	before = open(t.path, O_RDONLY | O_CLOEXEC);
	exec_at(&t, 20);
	assert_execs(&t, 3);
	assert_int_equal(read_file_fd(before, STATUS_BYTES_MAX, &text, &size), 0);
	assert_non_null(strstr(text, "\"execs\": 2, \"attempts\": 0, \"alerts\": 0, "));
	assert_int_equal(entries(scratch_path(&t.s, "run")), 1);
}

static void file_is_written_once_a_second_at_most(void **state)
{
	CLEANUP_FIXTURE struct fixture t;

	(void)state;
	needs_root();
	fixture_init(&t);
	exec_at(&t, 10);
	t.web->execs++;
	t.f.report.changes++;
	status_file_update(t.file, &t.f.report, 11 * NS_PER_S - 1);
	assert_execs(&t, 2);
	status_file_update(t.file, &t.f.report, 11 * NS_PER_S);
	assert_execs(&t, 3);
}

static void what_is_urgent_is_written_at_once(void **state)
{
	CLEANUP_FIXTURE struct fixture t;

	(void)state;
	needs_root();
	fixture_init(&t);
	exec_at(&t, 10);
	t.f.report.is_urgent = true;
	exec_at(&t, 10);
	assert_execs(&t, 3);
}

/* This process: the number 0 asks only whether it may be sent. */
static void agent_can_be_sent_a_signal(void **state)
{
	CLEANUP_FIXTURE struct fixture t;
	CLEANUP_STATUS struct status *status = NULL;
	CLEANUP_FD int pidfd = -1;

	(void)state;
	needs_root();
	fixture_init(&t);
	exec_at(&t, 10);
	assert_int_equal(status_open_agent(t.path, &pidfd, &status), 0);
	assert_counts(status, t.web, 2, 0, 0);
	assert_int_equal(pidfd_send_signal(pidfd, 0, NULL, 0), 0);
}

static void agent_that_is_gone_is_not_opened(void **state)
{
	CLEANUP_FIXTURE struct fixture t;
	struct status *status = NULL;
	int pidfd = -1;

	(void)state;
	needs_root();
	fixture_init(&t);
	assert_int_equal(status_open_agent(t.path, &pidfd, &status), -ENOENT);
	exec_at(&t, 10); /* makes the directory */
	write_as(&t, "run/agent.json", getpid(), 1); /* the number is another process' by now */
	assert_int_equal(status_open_agent(t.path, &pidfd, &status), -ESRCH);
	assert_int_equal(pidfd, -1);
	assert_null(status);
}

static void large_file_is_written_less_often(void **state)
{
	CLEANUP_FIXTURE struct fixture t;
	char path[256];
	struct stat st;
	uint64_t wait_s;

	(void)state;
	needs_root();
	fixture_init(&t);
	for (int i = 0; i < 4095; i++) {
		snprintf(path, sizeof(path), "/%d" WEB_PATH, i);
		status_fixture_add(&t.f, path, 0, 0, 0);
	}
	exec_at(&t, 10);
	assert_int_equal(stat(t.path, &st), 0);
	wait_s = st.st_size / STATUS_BYTES_PER_S;
	assert_true(wait_s > 1);
	exec_at(&t, 10 + wait_s);
	assert_execs(&t, 2);
	exec_at(&t, 10 + wait_s + 1);
	assert_execs(&t, 4);
}

static void file_is_not_written_without_a_change(void **state)
{
	CLEANUP_FIXTURE struct fixture t;
	struct stat before, after;

	(void)state;
	needs_root();
	fixture_init(&t);
	exec_at(&t, 10);
	assert_int_equal(stat(t.path, &before), 0);
	status_file_update(t.file, &t.f.report, 20 * NS_PER_S);
	assert_int_equal(stat(t.path, &after), 0);
	assert_int_equal(before.st_ino, after.st_ino);
	assert_int_equal(before.st_mtim.tv_nsec, after.st_mtim.tv_nsec);
}

static void file_of_another_live_agent_is_left_alone(void **state)
{
	CLEANUP_FIXTURE struct fixture t;

	(void)state;
	needs_root();
	fixture_init(&t);
	write_as_another(&t);
	exec_at(&t, 10);
	assert_execs(&t, 1);
	/* until that one has removed it */
	unlink(t.path);
	exec_at(&t, 20);
	assert_execs(&t, 3);
}

static void file_that_was_taken_over_is_not_taken_back(void **state)
{
	CLEANUP_FIXTURE struct fixture t;

	(void)state;
	needs_root();
	fixture_init(&t);
	exec_at(&t, 10);
	unlink(t.path);
	write_as_another(&t);
	exec_at(&t, 20);
	assert_execs(&t, 2);
	status_file_free(TAKE_PTR(t.file));
	assert_int_equal(access(t.path, F_OK), 0);
}

static void file_of_an_agent_that_is_gone_is_taken_over(void **state)
{
	CLEANUP_FIXTURE struct fixture t;

	(void)state;
	needs_root();
	fixture_init(&t);
	write_as(&t, "run/agent.json", getppid(), 1); /* its pid was given out again */
	assert_refused(t.path, -ESRCH);
	exec_at(&t, 10);
	assert_execs(&t, 2);
}

static void file_is_removed_at_the_end(void **state)
{
	CLEANUP_FIXTURE struct fixture t;

	(void)state;
	fixture_init(&t);
	exec_at(&t, 10);
	assert_int_equal(entries(scratch_path(&t.s, "run")), 1);
	status_file_free(TAKE_PTR(t.file));
	assert_int_equal(entries(scratch_path(&t.s, "run")), 0);
}

/* What is said is on standard error. Returns how many lines that were. */
static size_t lines_of_failures(struct fixture *t)
{
	CLEANUP_FD int kept = dup(STDERR_FILENO);
	CLEANUP_FREE char *text = NULL;
	size_t size, lines = 0;

	scratch_write_text(&t->s, "log", "");
	assert_non_null(freopen(scratch_path(&t->s, "log"), "w", stderr));
	for (uint64_t now_s = 10; now_s < 100; now_s += 10)
		exec_at(t, now_s);
	fflush(stderr);
	assert_true(dup2(kept, STDERR_FILENO) >= 0);
	assert_int_equal(
		read_file_at(AT_FDCWD, scratch_path(&t->s, "log"), 10000, &text, &size), 0);
	for (const char *p = text; (p = strchr(p, '\n')); p++)
		lines++;
	return lines;
}

static void failure_is_said_once_and_survived(void **state)
{
	CLEANUP_FIXTURE struct fixture t;

	(void)state;
	needs_root();
	fixture_init(&t);
	scratch_write_text(&t.s, "run", "no directory");
	assert_int_equal(lines_of_failures(&t), 1);
	assert_int_equal(unlink(scratch_path(&t.s, "run")), 0);
	exec_at(&t, 200);
	assert_execs(&t, t.web->execs);
}

static void file_that_others_can_write_is_not_believed(void **state)
{
	CLEANUP_FIXTURE struct fixture t;

	(void)state;
	needs_root();
	fixture_init(&t);
	exec_at(&t, 10);
	assert_int_equal(chmod(t.path, 0620), 0);
	assert_refused(t.path, -EPERM);
	assert_int_equal(chmod(t.path, 0602), 0);
	assert_refused(t.path, -EPERM);
	assert_int_equal(chmod(t.path, 0644), 0);
	assert_execs(&t, 2);
	assert_int_equal(chown(t.path, 65534, 65534), 0);
	assert_refused(t.path, -EPERM);
}

static void what_is_no_such_file_is_refused(void **state)
{
	CLEANUP_FIXTURE struct fixture t;
	CLEANUP_FREE char *large = calloc(1, STATUS_BYTES_MAX + 1);

	(void)state;
	needs_root();
	fixture_init(&t);
	scratch_write_text(&t.s, "text", "{}");
	assert_refused(scratch_path(&t.s, "text"), -EBADMSG);
	scratch_write(&t.s, "large", large, STATUS_BYTES_MAX + 1);
	assert_refused(scratch_path(&t.s, "large"), -EFBIG);
	scratch_mkdir(&t.s, "directory");
	assert_refused(scratch_path(&t.s, "directory"), -EISDIR);
	assert_int_equal(mkfifo(scratch_path(&t.s, "fifo"), 0600), 0);
	assert_refused(scratch_path(&t.s, "fifo"), -EINVAL);
	assert_int_equal(symlink("text", scratch_path(&t.s, "link")), 0);
	assert_refused(scratch_path(&t.s, "link"), -ELOOP);
}

static void empty_path_is_no_file(void **state)
{
	struct status_report report = {.changes = 1};
	struct status_file *file;

	(void)state;
	assert_int_equal(status_file_new("", &file), 0);
	assert_null(file);
	status_file_update(file, &report, NS_PER_S);
	status_file_free(file);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(counts_that_were_written_are_read),
		cmocka_unit_test(file_is_replaced_and_never_changed),
		cmocka_unit_test(file_is_written_once_a_second_at_most),
		cmocka_unit_test(what_is_urgent_is_written_at_once),
		cmocka_unit_test(agent_can_be_sent_a_signal),
		cmocka_unit_test(agent_that_is_gone_is_not_opened),
		cmocka_unit_test(large_file_is_written_less_often),
		cmocka_unit_test(file_is_not_written_without_a_change),
		cmocka_unit_test(file_of_another_live_agent_is_left_alone),
		cmocka_unit_test(file_that_was_taken_over_is_not_taken_back),
		cmocka_unit_test(file_of_an_agent_that_is_gone_is_taken_over),
		cmocka_unit_test(file_is_removed_at_the_end),
		cmocka_unit_test(failure_is_said_once_and_survived),
		cmocka_unit_test(file_that_others_can_write_is_not_believed),
		cmocka_unit_test(what_is_no_such_file_is_refused),
		cmocka_unit_test(empty_path_is_no_file),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
