/* SPDX-License-Identifier: Apache-2.0 */
/* bpf/open.bpf.c: files that are opened, what is told of them, and which of them are told again. */
#include "fixture.h"

static void act_open(void *argument)
{
	if (open(argument, O_RDONLY) < 0)
		_exit(111);
}

static void open_is_reported_with_all_fields(void **state)
{
	struct fixture *f = *state;
	uint64_t before = boot_now_ns();
	char path[PATH_MAX], exe[PATH_MAX] = "", cwd[PATH_MAX];
	const struct bw_open *record;
	const struct event *e;
	pid_t pid;

	assert_true(snprintf(path, sizeof(path), "%s/file", f->dir) < PATH_MAX);
	write_text(path, "text");
	pid = fixture_run(f, NULL, act_open, path);
	e = fixture_only(f, BW_EVENT_OPEN);
	record = e->open.record;
	assert_int_equal(record->event.version, BW_ABI_VERSION);
	assert_true(e->time_ns >= before && e->time_ns <= boot_now_ns());
	assert_int_equal(e->cgroup, f->key);
	assert_int_equal(e->container, f->key);
	assert_int_equal(e->process->tgid, pid);
	assert_int_equal(e->process->ppid, getpid());
	assert_file_at(&record->file, path);
	assert_int_equal(record->kind.inode, record->file.inode);
	assert_true(readlink("/proc/self/exe", exe, sizeof(exe) - 1) > 0);
	assert_non_null(getcwd(cwd, sizeof(cwd)));
	assert_text(&e->open.path, path);
	assert_text(&e->open.asked, path);
	assert_text(&e->open.exe, exe);
	assert_text(&e->open.parent, exe);
	assert_text(&e->open.cwd, cwd);
	assert_int_equal(e->open.call, BW_OPEN_BY_OPENAT);
	assert_int_equal(record->kind.use, BW_OPEN_READ);
}

static int setup(void **state)
{
	struct fixture *f;

	fixture_setup(state);
	f = *state;
	f->opens = true;
	fixture_reload(f, PROBE_COVERAGE_STANDARD);
	print_message("# by %s\n", probe_open_variant_name(probe_open_variant(f->probe)));
	return 0;
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(open_is_reported_with_all_fields),
	};

	return cmocka_run_group_tests(tests, setup, fixture_teardown);
}
