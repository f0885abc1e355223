/* SPDX-License-Identifier: Apache-2.0 */
/* Claims about agent/rule/field/event.c, and the readers of its fields. */
#include "field_fixture.h"

/* clang-format off */
static const struct field_case cases[] = {
	{"evt.subject", {"exec", "attempt", "mapping", "open", "move"}},
	{"evt.type", {"execve", "execve", "mprotect", "openat", UNKNOWN}},
	{"evt.dir", {"<", "<", "<", "<", UNKNOWN}},
	{"evt.category", {"process", "process", "memory", "file", UNKNOWN}},
	{"evt.num", SAME("77")},
	{"evt.cpu", SAME("3")},
	{"evt.time", SAME("11:37:48.123456789")},
	{"evt.time.s", SAME("11:37:48")},
	{"evt.time.iso8601", SAME("2026-11-23T11:37:48.123456789+0000")},
	{"evt.datetime", SAME("2026-11-23 11:37:48.123456789")},
	{"evt.datetime.s", SAME("2026-11-23 11:37:48")},
	{"evt.rawtime", SAME("1795433868123456789")},
	{"evt.rawtime.s", SAME("1795433868")},
	{"evt.rawtime.ns", SAME("123456789")},
	{"evt.hostname", SAME("node-1")},
	{"evt.source", SAME("syscall")},
	{"evt.is_async", SAME("false")},
	{"evt.res", {"SUCCESS", "ENOENT", "SUCCESS", "SUCCESS", UNKNOWN}},
	{"evt.rawres", {"0", "-2", "0", "3", UNKNOWN}},
	{"evt.failed", {"false", "true", "false", "false", UNKNOWN}},
	{"evt.count", {"1", "1", "1", "1", UNKNOWN}},
	{"evt.count.exit", {"1", "1", "1", "1", UNKNOWN}},
	{"evt.count.error", {"0", "1", "0", "0", UNKNOWN}},
	{"evt.count.error.file", {UNKNOWN, UNKNOWN, UNKNOWN, "0", UNKNOWN}},
	{"evt.is_io", {"false", "false", "false", "false", UNKNOWN}},
	{"evt.is_io_read", {"false", "false", "false", "false", UNKNOWN}},
	{"evt.is_io_write", {"false", "false", "false", "false", UNKNOWN}},
	{"evt.is_wait", {"false", "false", "false", "false", UNKNOWN}},
	{"evt.is_syslog", {"false", "false", "false", "false", UNKNOWN}},
	{"evt.is_open_read", {"false", "false", "false", "true", UNKNOWN}},
	{"evt.is_open_write", {"false", "false", "false", "false", UNKNOWN}},
	{"evt.is_open_exec", {"false", "false", "false", "false", UNKNOWN}},
	{"evt.is_open_create", {"false", "false", "false", "false", UNKNOWN}},
	{"evt.arg.res", {"0", "ENOENT", UNKNOWN, UNKNOWN, UNKNOWN}},
	{"evt.rawarg.res", {"0", "-2", UNKNOWN, UNKNOWN, UNKNOWN}},
	{"evt.arg.flags", {"EXE_WRITABLE|EXE_LOWER_LAYER", UNKNOWN, UNKNOWN, "O_RDONLY|O_CLOEXEC", UNKNOWN}},
	{"evt.arg.filename", {"/bin/sh", "/bin/bash", UNKNOWN, UNKNOWN, UNKNOWN}},
	{"evt.arg.exe", {"sh", UNKNOWN, UNKNOWN, UNKNOWN, UNKNOWN}},
	{"evt.arg.comm", {"sh", UNKNOWN, UNKNOWN, UNKNOWN, UNKNOWN}},
	{"evt.arg.cwd", {"/srv", UNKNOWN, UNKNOWN, UNKNOWN, UNKNOWN}},
	{"evt.arg.name", {UNKNOWN, UNKNOWN, UNKNOWN, "../etc/shadow", UNKNOWN}},
	{"evt.arg.mode", {UNKNOWN, UNKNOWN, UNKNOWN, "0", UNKNOWN}},
	{"evt.arg.fd", {UNKNOWN, UNKNOWN, UNKNOWN, "<f>/etc/shadow", UNKNOWN}},
	{"evt.rawarg.fd", {UNKNOWN, UNKNOWN, UNKNOWN, "3", UNKNOWN}},
	{"syscall.type", {"execve", "execve", "mprotect", "openat", UNKNOWN}},
	{"attempt.cause", {UNKNOWN, "exec", UNKNOWN, UNKNOWN, UNKNOWN}},
	{"attempt.errno", {UNKNOWN, "ENOENT", UNKNOWN, UNKNOWN, UNKNOWN}},
	{"attempt.call", {UNKNOWN, "execve", UNKNOWN, UNKNOWN, UNKNOWN}},
	{"attempt.tried", SAME(UNKNOWN)},
	{"attempt.asked", {UNKNOWN, "/bin/bash", UNKNOWN, UNKNOWN, UNKNOWN}},
	{"attempt.args", {UNKNOWN, "-i", UNKNOWN, UNKNOWN, UNKNOWN}},
	{"attempt.argv", {UNKNOWN, "[8 bytes]", UNKNOWN, UNKNOWN, UNKNOWN}},
	{"attempt.repeats", SAME(UNKNOWN)},
	{"mapping.shared", {UNKNOWN, UNKNOWN, "false", UNKNOWN, UNKNOWN}},
	{"mapping.writable", {UNKNOWN, UNKNOWN, "true", UNKNOWN, UNKNOWN}},
	{"move.to", {UNKNOWN, UNKNOWN, UNKNOWN, UNKNOWN, "/"}},
	{"move.how", {UNKNOWN, UNKNOWN, UNKNOWN, UNKNOWN, "attach"}},
	{"move.by_pid", {UNKNOWN, UNKNOWN, UNKNOWN, UNKNOWN, "4711"}},
	{"move.by_name", {UNKNOWN, UNKNOWN, UNKNOWN, UNKNOWN, "sh"}},
};
/* clang-format on */

static void every_field_has_its_value_for_each_kind(void **state)
{
	static const struct field_class *const classes[] = {&field_class_evt, &field_class_syscall,
		&field_class_attempt, &field_class_mapping, &field_class_move};

	(void)state;
	assert_classes(classes, ARRAY_SIZE(classes), cases, ARRAY_SIZE(cases));
}

/* Where a search by a runtime differs from a call that failed. */
static void search_of_a_runtime_is_an_attempt_without_a_call(void **state)
{
	static const char *const expected[][2] = {
		{"evt.subject", "attempt"},
		{"evt.type", "<none>"},
		{"syscall.type", "<none>"},
		{"evt.res", "ENOENT"},
		{"evt.rawres", "-2"},
		{"proc.name", "runc:[2:INIT]"},
		{"proc.pname", "runc"},
		{"proc.exepath", UNKNOWN},
		{"proc.pexepath", UNKNOWN},
		{"proc.entry", "runtime-exec"},
		{"exe.class", "shell"},
		{"exe.program", "bash"},
		{"exe.invoked", "bash"},
		{"attempt.cause", "runtime_lookup"},
		{"attempt.errno", "ENOENT"},
		{"attempt.call", "<none>"},
		{"attempt.tried", "[24 bytes]"},
		{"attempt.asked", "bash"},
		{"attempt.args", "-i"},
		{"attempt.argv", "[8 bytes]"},
	};
	struct subject_fixture f;

	(void)state;
	fixture_lookup(&f);
	for (size_t i = 0; i < ARRAY_SIZE(expected); i++)
		assert_field(expected[i][0], &f.subject, expected[i][1]);
}

/* A follow-up to an alert: it has no event. */
static void repeats_have_a_number_and_a_container(void **state)
{
	struct subject_fixture f;

	(void)state;
	fixture_init(&f, SUBJECT_REPEATS);
	f.subject.event = NULL;
	f.subject.repeats = 998;
	assert_field("attempt.repeats", &f.subject, "998");
	assert_field("container.name", &f.subject, "web");
	assert_field("proc.name", &f.subject, UNKNOWN);
	assert_field("evt.subject", &f.subject, UNKNOWN);
}

static void event_without_time_or_number_has_none(void **state)
{
	static const char *const names[] = {"evt.time", "evt.time.s", "evt.time.iso8601",
		"evt.datetime", "evt.datetime.s", "evt.rawtime", "evt.rawtime.s", "evt.rawtime.ns",
		"evt.num", "evt.hostname", "proc.pid.ts", "container.duration"};
	struct subject_fixture f;

	(void)state;
	fixture_exec(&f);
	f.event.sequence = f.subject.wall_ns = 0;
	f.subject.hostname = NULL;
	for (size_t i = 0; i < ARRAY_SIZE(names); i++)
		assert_field(names[i], &f.subject, UNKNOWN);
}

static void flags_of_an_exec_tell_where_its_file_is(void **state)
{
	static const struct {
		enum program_origin origin;
		uint32_t mode, flags;
		const char *expected;
	} origins[] = {
		{PROGRAM_ORIGIN_UNKNOWN, 0755, 0, UNKNOWN},
		{PROGRAM_ORIGIN_DELETED, 0755, 0, UNKNOWN},
		{PROGRAM_ORIGIN_IMAGE, 0755, 0, "EXE_LOWER_LAYER"},
		{PROGRAM_ORIGIN_COPYUP, 0755, 0, "EXE_UPPER_LAYER"},
		{PROGRAM_ORIGIN_UPPER, 0777, 0, "EXE_WRITABLE|EXE_UPPER_LAYER"},
		{PROGRAM_ORIGIN_VOLUME, 0755, 0, "0"},
		{PROGRAM_ORIGIN_MEMFD, 0777, BW_FILE_MEMFD, "EXE_WRITABLE|EXE_FROM_MEMFD"},
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(origins); i++) {
		struct subject_fixture f;

		fixture_exec(&f);
		f.executable.origin = origins[i].origin;
		f.executable.has_owner = false;
		f.exec.file.mode = S_IFREG | origins[i].mode;
		f.exec.file.flags = origins[i].flags;
		assert_field("evt.arg.flags", &f.subject, origins[i].expected);
	}
}

static void failed_open_has_an_error_for_its_result(void **state)
{
	static const char *const expected[][2] = {
		{"evt.res", "EACCES"},
		{"evt.rawres", "-13"},
		{"evt.failed", "true"},
		{"evt.count.error.file", "1"},
		{"evt.arg.fd", "EACCES"},
		{"evt.is_open_read", "true"},
	};
	struct subject_fixture f;

	(void)state;
	fixture_open(&f);
	f.event.open.result = -13;
	for (size_t i = 0; i < ARRAY_SIZE(expected); i++)
		assert_field(expected[i][0], &f.subject, expected[i][1]);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_field_has_its_value_for_each_kind),
		cmocka_unit_test(search_of_a_runtime_is_an_attempt_without_a_call),
		cmocka_unit_test(repeats_have_a_number_and_a_container),
		cmocka_unit_test(event_without_time_or_number_has_none),
		cmocka_unit_test(flags_of_an_exec_tell_where_its_file_is),
		cmocka_unit_test(failed_open_has_an_error_for_its_result),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
