/* SPDX-License-Identifier: Apache-2.0 */
/* Claims about agent/rule/field/process.c, and the readers of its fields. */
#include "field_fixture.h"

/* clang-format off */
static const struct field_case cases[] = {
	{"proc.name", {"sh", "java", "java", "sh", "sh"}},
	{"proc.exepath", {"/usr/bin/dash", "/opt/java/bin/java", "/opt/java/bin/java", "/usr/bin/dash", "/usr/bin/dash"}},
	{"proc.exe", {"sh", "java", "java", "sh", UNKNOWN}},
	{"proc.cmdline", {"sh -c id; ls", "java -jar app.jar", "java -jar app.jar", "sh -c id; ls", UNKNOWN}},
	{"proc.exeline", {"sh -c id; ls", "java -jar app.jar", "java -jar app.jar", "sh -c id; ls", UNKNOWN}},
	{"proc.args", {"-c id; ls", "-jar app.jar", "-jar app.jar", "-c id; ls", UNKNOWN}},
	{"proc.argv", {"[13 bytes]", UNKNOWN, UNKNOWN, UNKNOWN, UNKNOWN}},
	{"proc.cmdnargs", {"2", "2", "2", "2", UNKNOWN}},
	{"proc.cmdlenargs", {"8", "11", "11", "8", UNKNOWN}},
	{"proc.pid", SAME("4711")},
	{"proc.vpid", SAME("12")},
	{"proc.tid", SAME("4712")},
	{"proc.ppid", SAME("4700")},
	{"proc.pname", {"java", "tini", "java", "java", "java"}},
	{"proc.pexepath", {"/opt/java/bin/java", "/sbin/tini", "/sbin/tini", "/opt/java/bin/java", "/opt/java/bin/java"}},
	{"proc.pexe", {"/bin/java", UNKNOWN, UNKNOWN, "/bin/java", "/bin/java"}},
	{"proc.pcmdline", {"java -jar app.jar", UNKNOWN, UNKNOWN, "java -jar app.jar", "java -jar app.jar"}},
	{"proc.aname", {"(java, tini)", UNKNOWN, UNKNOWN, "(java, tini)", "(java, tini)"}},
	{"proc.aexepath", {"(/opt/java/bin/java, <unknown>)", UNKNOWN, UNKNOWN, "(/opt/java/bin/java, <unknown>)", "(/opt/java/bin/java, <unknown>)"}},
	{"proc.aexe", {"(/bin/java, <unknown>)", UNKNOWN, UNKNOWN, "(/bin/java, <unknown>)", "(/bin/java, <unknown>)"}},
	{"proc.acmdline", {"(java -jar app.jar, <unknown>)", UNKNOWN, UNKNOWN, "(java -jar app.jar, <unknown>)", "(java -jar app.jar, <unknown>)"}},
	{"proc.apid", {"(4700, 4600)", UNKNOWN, UNKNOWN, "(4700, 4600)", "(4700, 4600)"}},
	{"proc.ancestors", {"java<tini", UNKNOWN, UNKNOWN, "java<tini", "java<tini"}},
	{"proc.loginshellid", {"4711", UNKNOWN, UNKNOWN, "4711", "4711"}},
	{"proc.sid", {"7", UNKNOWN, UNKNOWN, "7", "7"}},
	{"proc.sname", SAME(UNKNOWN)},
	{"proc.sid.exe", SAME(UNKNOWN)},
	{"proc.sid.exepath", SAME(UNKNOWN)},
	{"proc.is_sid_leader", {"false", UNKNOWN, UNKNOWN, "false", "false"}},
	{"proc.vpgid", {"8", UNKNOWN, UNKNOWN, "8", "8"}},
	{"proc.vpgid.name", {"sh", UNKNOWN, UNKNOWN, "sh", "sh"}},
	{"proc.vpgid.exe", {"sh", UNKNOWN, UNKNOWN, "sh", "sh"}},
	{"proc.vpgid.exepath", {"/usr/bin/dash", UNKNOWN, UNKNOWN, "/usr/bin/dash", "/usr/bin/dash"}},
	{"proc.is_vpgid_leader", {"true", UNKNOWN, UNKNOWN, "true", "true"}},
	{"proc.pgid", {"4711", UNKNOWN, UNKNOWN, "4711", "4711"}},
	{"proc.pgid.name", {"sh", UNKNOWN, UNKNOWN, "sh", "sh"}},
	{"proc.pgid.exe", {"sh", UNKNOWN, UNKNOWN, "sh", "sh"}},
	{"proc.pgid.exepath", {"/usr/bin/dash", UNKNOWN, UNKNOWN, "/usr/bin/dash", "/usr/bin/dash"}},
	{"proc.is_pgid_leader", {"true", UNKNOWN, UNKNOWN, "true", "true"}},
	{"proc.cwd", {"/srv", "/srv", UNKNOWN, "/srv", UNKNOWN}},
	{"proc.tty", SAME("34816")},
	{"proc.tty_name", SAME("pts0")},
	{"proc.tracer", SAME("0")},
	{"proc.duration", SAME("5000000000")},
	{"proc.pid.ts", SAME("1795433863123456789")},
	{"proc.ppid.duration", {"5000000500", UNKNOWN, UNKNOWN, "5000000500", "5000000500"}},
	{"proc.ppid.ts", {"1795433863123456289", UNKNOWN, UNKNOWN, "1795433863123456289", "1795433863123456289"}},
	{"proc.is_exe_writable", {"true", UNKNOWN, UNKNOWN, UNKNOWN, UNKNOWN}},
	{"proc.is_exe_upper_layer", {"false", UNKNOWN, UNKNOWN, UNKNOWN, UNKNOWN}},
	{"proc.is_exe_lower_layer", {"true", UNKNOWN, UNKNOWN, UNKNOWN, UNKNOWN}},
	{"proc.is_exe_from_memfd", {"false", UNKNOWN, UNKNOWN, UNKNOWN, UNKNOWN}},
	{"proc.exe_ino", {"18364758544493064720", UNKNOWN, UNKNOWN, UNKNOWN, UNKNOWN}},
	{"proc.exe_ino.ctime", {"1795433000000000005", UNKNOWN, UNKNOWN, UNKNOWN, UNKNOWN}},
	{"proc.exe_ino.mtime", {"1795432000000000001", UNKNOWN, UNKNOWN, UNKNOWN, UNKNOWN}},
	{"proc.exe_ino.ctime_duration_proc_start", {"863123456784", UNKNOWN, UNKNOWN, UNKNOWN, UNKNOWN}},
	{"proc.entry", {"runtime-exec", UNKNOWN, UNKNOWN, UNKNOWN, UNKNOWN}},
	{"proc.is_container_healthcheck", {"false", UNKNOWN, UNKNOWN, UNKNOWN, UNKNOWN}},
	{"proc.is_container_liveness_probe", {"false", UNKNOWN, UNKNOWN, UNKNOWN, UNKNOWN}},
	{"proc.is_container_readiness_probe", {"false", UNKNOWN, UNKNOWN, UNKNOWN, UNKNOWN}},
	{"thread.tid", SAME("4712")},
	{"thread.vtid", SAME(UNKNOWN)},
	{"thread.ismain", SAME("false")},
	{"thread.cap_effective", SAME(UNKNOWN)},
	{"user.uid", SAME("1000")},
	{"user.euid", SAME("0")},
	{"user.name", SAME(UNKNOWN)},
	{"user.loginuid", SAME("-1")},
	{"user.loginname", SAME("<none>")},
	{"group.gid", SAME("1001")},
	{"group.name", SAME(UNKNOWN)},
};
/* clang-format on */

static void every_field_has_its_value_for_each_kind(void **state)
{
	static const struct field_class *const classes[] = {
		&field_class_proc, &field_class_thread, &field_class_user, &field_class_group};

	(void)state;
	assert_classes(classes, ARRAY_SIZE(classes), cases, ARRAY_SIZE(cases));
}

static void element_of_a_list_has_its_own_field(void **state)
{
	static const char *const expected[][2] = {
		{"proc.aname[0]", "sh"},
		{"proc.aname[1]", "java"},
		{"proc.aname[2]", "tini"},
		{"proc.aname[3]", "<none>"},
		{"proc.aname[8]", "<none>"},
		{"proc.aexepath[0]", "/usr/bin/dash"},
		{"proc.aexepath[1]", "/opt/java/bin/java"},
		{"proc.aexepath[2]", UNKNOWN},
		{"proc.aexe[0]", "sh"},
		{"proc.aexe[1]", "/bin/java"},
		{"proc.aexe[2]", UNKNOWN},
		{"proc.acmdline[0]", "sh -c id; ls"},
		{"proc.acmdline[1]", "java -jar app.jar"},
		{"proc.acmdline[2]", UNKNOWN},
		{"proc.acmdline[3]", "<none>"},
		{"proc.apid[0]", "4711"},
		{"proc.apid[1]", "4700"},
		{"proc.apid[2]", "4600"},
		{"proc.apid[3]", "<none>"},
	};
	struct subject_fixture f;

	(void)state;
	fixture_exec(&f);
	for (size_t i = 0; i < ARRAY_SIZE(expected); i++)
		assert_field(expected[i][0], &f.subject, expected[i][1]);
}

/* Behind the eighth there may be more. */
static void all_eight_ancestors_have_their_field(void **state)
{
	struct subject_fixture f;
	char name[32], expected[32];

	(void)state;
	fixture_exec(&f);
	f.lineage.ancestors = BW_ANCESTORS_MAX;
	for (unsigned i = 0; i < BW_ANCESTORS_MAX; i++)
		f.lineage.relatives[BW_LINEAGE_ANCESTORS + i].pid = 100 + i;
	for (unsigned i = 1; i <= BW_ANCESTORS_MAX; i++) {
		snprintf(name, sizeof(name), "proc.apid[%u]", i);
		snprintf(expected, sizeof(expected), "%u", 99 + i);
		assert_field(name, &f.subject, expected);
	}
	assert_field("proc.apid", &f.subject, "(100, 101, 102, 103, 104, 105, 106, 107)");
	f.subject.lineage = NULL;
	assert_field("proc.apid[8]", &f.subject, UNKNOWN);
	assert_field("proc.apid", &f.subject, UNKNOWN);
}

/* Each is cut to its part of the room, and none to another's. */
static void longest_command_lines_are_all_there(void **state)
{
	static char args[BW_ARGS_MAX];
	static struct field_scratch scratch;
	struct subject_fixture f;
	struct value value;

	(void)state;
	fixture_exec(&f);
	memset(args, 'x', sizeof(args));
	args[0] = '\0';
	f.lineage.ancestors = BW_ANCESTORS_MAX;
	for (unsigned i = 0; i < BW_ANCESTORS_MAX; i++) {
		struct relative *ancestor = &f.lineage.relatives[BW_LINEAGE_ANCESTORS + i];
		static const char names[] = "abcdefgh";

		ancestor->name = (struct slice){names + i, 1};
		ancestor->args = (struct event_text){.bytes = {args, sizeof(args)}};
	}
	value = field_value(field_find(slice_of("proc.acmdline")), &f.subject, &scratch);
	assert_int_equal(value.list.count, BW_ANCESTORS_MAX);
	for (unsigned i = 0; i < BW_ANCESTORS_MAX; i++) {
		struct slice line = value.list.items[i].text;

		assert_int_equal(line.len, FIELD_SCRATCH_SIZE / BW_ANCESTORS_MAX);
		assert_int_equal(line.data[0], "abcdefgh"[i]);
		assert_int_equal(line.data[line.len - 1], 'x');
	}
}

static void first_process_has_no_ancestors(void **state)
{
	static const char *const names[] = {"proc.aname", "proc.acmdline", "proc.ancestors",
		"proc.aname[1]", "proc.pcmdline", "proc.pexe"};
	struct subject_fixture f;

	(void)state;
	fixture_exec(&f);
	f.lineage.ancestors = 0;
	for (size_t i = 0; i < ARRAY_SIZE(names); i++)
		assert_field(names[i], &f.subject, "<none>");
}

static void process_that_was_never_seen_to_execute_has_no_arguments(void **state)
{
	static const char *const names[] = {"proc.exe", "proc.cmdline", "proc.exeline", "proc.args",
		"proc.cmdnargs", "proc.cmdlenargs", "proc.acmdline[0]"};
	struct subject_fixture f;

	(void)state;
	fixture_open(&f);
	f.caller.args = (struct event_text){.unreadable = true};
	for (size_t i = 0; i < ARRAY_SIZE(names); i++)
		assert_field(names[i], &f.subject, UNKNOWN);
	f.subject.process = NULL;
	for (size_t i = 0; i < ARRAY_SIZE(names); i++)
		assert_field(names[i], &f.subject, UNKNOWN);
}

/* The kernel side has counted them all, but has not their lengths. */
static void arguments_that_were_cut_are_counted_all_the_same(void **state)
{
	struct subject_fixture f;

	(void)state;
	fixture_exec(&f);
	f.event.exec.args.truncated = true;
	f.exec.argc = 1000;
	assert_field("proc.cmdnargs", &f.subject, "999");
	assert_field("proc.cmdlenargs", &f.subject, UNKNOWN);
	fixture_open(&f);
	f.caller.args.truncated = true;
	assert_field("proc.cmdnargs", &f.subject, UNKNOWN);
}

static void terminal_has_the_number_of_its_device(void **state)
{
	static const char *const terminals[][2] = {
		{"", "0"},
		{"pts0", "34816"}, /* 136:0 */
		{"pts300", "1083436"}, /* 136:300 */
		{"tty1", "1025"}, /* 4:1 */
		{"ttyS0", "1088"}, /* 4:64 */
		{"pts", UNKNOWN},
		{"pts1x", UNKNOWN},
		{"pts99999999", UNKNOWN},
		{"hvc0", UNKNOWN},
		{"ttyUSB0", UNKNOWN},
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(terminals); i++) {
		struct subject_fixture f;

		fixture_exec(&f);
		snprintf(f.exec.process.tty, sizeof(f.exec.process.tty), "%s", terminals[i][0]);
		assert_field("proc.tty", &f.subject, terminals[i][1]);
	}
}

static void only_root_has_a_name(void **state)
{
	static const char *const names[] = {"user.name", "user.loginname", "group.name"};
	struct subject_fixture f;

	(void)state;
	fixture_exec(&f);
	f.exec.process.loginuid = 1000;
	for (size_t i = 0; i < ARRAY_SIZE(names); i++)
		assert_field(names[i], &f.subject, UNKNOWN);
	f.exec.process.uid = f.exec.process.gid = f.exec.process.loginuid = 0;
	for (size_t i = 0; i < ARRAY_SIZE(names); i++)
		assert_field(names[i], &f.subject, "root");
}

static void first_thread_has_the_number_of_its_process(void **state)
{
	struct subject_fixture f;

	(void)state;
	fixture_exec(&f);
	f.exec.process.tid = f.exec.process.tgid;
	assert_field("thread.vtid", &f.subject, "12");
	assert_field("thread.ismain", &f.subject, "true");
}

static void capabilities_are_names_in_order(void **state)
{
	static const struct {
		uint64_t effective;
		const char *names;
	} cases[] = {
		{0, ""},
		{1, "CAP_CHOWN"},
		{1 << 21 | 1 << 1, "CAP_DAC_OVERRIDE CAP_SYS_ADMIN"},
		{UINT64_C(1) << 40 | UINT64_C(1) << 63, "CAP_CHECKPOINT_RESTORE"},
	};
	struct subject_fixture f;

	(void)state;
	fixture_exec(&f);
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		f.exec.process.flags = BW_PROCESS_CAPABILITIES;
		f.exec.process.cap_effective = cases[i].effective;
		assert_field("thread.cap_effective", &f.subject, cases[i].names);
		f.exec.process.flags = 0;
		assert_field("thread.cap_effective", &f.subject, UNKNOWN);
	}
}

static void login_shell_is_the_oldest_one(void **state)
{
	struct subject_fixture f;

	(void)state;
	fixture_exec(&f);
	f.lineage.relatives[BW_LINEAGE_ANCESTORS].name = slice_of("zsh");
	assert_field("proc.loginshellid", &f.subject, "4700");
	f.lineage.relatives[BW_LINEAGE_ANCESTORS + 1].name = slice_of("sh");
	assert_field("proc.loginshellid", &f.subject, "4600");
	f.lineage.ancestors = 0;
	strcpy(f.exec.process.comm, "h");
	assert_field("proc.loginshellid", &f.subject, "<none>");
}

/* Clocks of other hosts, and of records made by hand. */
static void start_that_is_not_known_makes_no_duration(void **state)
{
	struct subject_fixture f;

	(void)state;
	fixture_exec(&f);
	f.exec.process.start_ns = f.event.time_ns + 1;
	assert_field("proc.duration", &f.subject, UNKNOWN);
	f.exec.process.start_ns = 0;
	assert_field("proc.duration", &f.subject, UNKNOWN);
	assert_field("proc.pid.ts", &f.subject, UNKNOWN);
	assert_field("proc.exe_ino.ctime_duration_proc_start", &f.subject, UNKNOWN);
	f.event.lineage.ancestors = 0;
	assert_field("proc.ppid.duration", &f.subject, UNKNOWN);
}

static void file_that_changed_after_the_fork_has_no_duration(void **state)
{
	struct subject_fixture f;

	(void)state;
	fixture_exec(&f);
	f.exec.file.ctime_s = 1795433868;
	assert_field("proc.exe_ino.ctime_duration_proc_start", &f.subject, "<none>");
}

static void file_is_writable_when_that_is_certain(void **state)
{
	static const struct {
		uint32_t mode, euid, egid;
		bool has_owner; /* user and group 1000 */
		const char *expected;
	} cases[] = {
		{0757, 5, 5, false, "true"},
		{0755, 5, 5, false, UNKNOWN},
		{0575, 5, 5, false, UNKNOWN},
		{0555, 5, 5, false, "false"},
		{0555, 0, 0, false, UNKNOWN},
		{0755, 1000, 5, true, "true"},
		{0755, 5, 5, true, "false"},
		{0575, 5, 1000, true, "true"},
		{0575, 5, 5, true, UNKNOWN},
		{0555, 1000, 1000, true, "false"},
		{0755, 0, 0, true, UNKNOWN},
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		struct subject_fixture f;

		fixture_exec(&f);
		f.exec.file.mode = S_IFREG | cases[i].mode;
		f.exec.process.euid = cases[i].euid;
		f.exec.process.egid = cases[i].egid;
		f.executable.has_owner = cases[i].has_owner;
		f.executable.uid = f.executable.gid = 1000;
		assert_field("proc.is_exe_writable", &f.subject, cases[i].expected);
	}
}

/* Which of a pod's probes it is nobody can tell, but that it is none of Docker's. */
static void probe_is_a_health_check_outside_of_pods(void **state)
{
	struct subject_fixture f;

	(void)state;
	fixture_exec(&f);
	f.subject.entry = CONTAINER_ENTRY_PROBE;
	assert_field("proc.is_container_healthcheck", &f.subject, "true");
	assert_field("proc.is_container_liveness_probe", &f.subject, "false");
	assert_field("proc.is_container_readiness_probe", &f.subject, "false");
	f.container.pod_uid = (char *)"3c7c1e5e";
	assert_field("proc.is_container_healthcheck", &f.subject, "false");
	assert_field("proc.is_container_liveness_probe", &f.subject, UNKNOWN);
	assert_field("proc.is_container_readiness_probe", &f.subject, UNKNOWN);
	f.subject.entry = CONTAINER_ENTRY_CHILD;
	assert_field("proc.is_container_liveness_probe", &f.subject, "false");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_field_has_its_value_for_each_kind),
		cmocka_unit_test(element_of_a_list_has_its_own_field),
		cmocka_unit_test(all_eight_ancestors_have_their_field),
		cmocka_unit_test(longest_command_lines_are_all_there),
		cmocka_unit_test(first_process_has_no_ancestors),
		cmocka_unit_test(process_that_was_never_seen_to_execute_has_no_arguments),
		cmocka_unit_test(arguments_that_were_cut_are_counted_all_the_same),
		cmocka_unit_test(terminal_has_the_number_of_its_device),
		cmocka_unit_test(only_root_has_a_name),
		cmocka_unit_test(first_thread_has_the_number_of_its_process),
		cmocka_unit_test(capabilities_are_names_in_order),
		cmocka_unit_test(login_shell_is_the_oldest_one),
		cmocka_unit_test(start_that_is_not_known_makes_no_duration),
		cmocka_unit_test(file_that_changed_after_the_fork_has_no_duration),
		cmocka_unit_test(file_is_writable_when_that_is_certain),
		cmocka_unit_test(probe_is_a_health_check_outside_of_pods),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
