/* SPDX-License-Identifier: Apache-2.0 */
/* Claims about agent/rule/field/read.c: what is out of the ordinary. */
#include "rules_fixture.h"

#include "rule/field/field.h"
#include "rule/field/read.h"
#include "subject_fixture.h"

static struct field_scratch scratch;

static struct value value_of(const char *name, const struct subject *subject)
{
	return field_value(field_find(slice_of(name)), subject, &scratch);
}

static void assert_text(const char *name, const struct subject *subject, const char *expected)
{
	struct value value = value_of(name, subject);
	char found[256];

	assert_int_equal(value.type, VALUE_TEXT);
	snprintf(found, sizeof(found), "%.*s", (int)value.text.len, value.text.data);
	assert_string_equal(found, expected);
}

static void unreadable_text_is_unknown_unless_a_part_is_there(void **state)
{
	static const char *const names[] = {"proc.exepath", "proc.exe", "proc.cmdline", "proc.args",
		"proc.argv", "proc.cwd", "proc.pexepath", "exe.invoked", "exe.resolved"};
	struct subject_fixture f;

	(void)state;
	fixture_exec(&f);
	f.event.exec.args = f.event.exec.cwd = f.event.exec.parent = f.event.exec.invoked =
		f.event.exec.resolved = (struct event_text){.unreadable = true};
	for (size_t i = 0; i < ARRAY_SIZE(names); i++)
		assert_int_equal(value_of(names[i], &f.subject).type, VALUE_UNKNOWN);
	f.event.exec.cwd.bytes = slice_of("/sr");
	assert_text("proc.cwd", &f.subject, "/sr");
}

static void empty_text_is_a_text(void **state)
{
	struct subject_fixture f;

	(void)state;
	fixture_exec(&f);
	f.event.exec.invoked = TEXT_OF("");
	assert_text("exe.invoked", &f.subject, "");
}

static void arguments_are_joined_by_spaces(void **state)
{
	static const struct {
		struct event_text args;
		const char *rest, *line;
	} cases[] = {
		{{.bytes = {"sh\0", 3}}, "", "sh"},
		{{.bytes = {"sh\0a\0b\0", 7}}, "a b", "sh a b"},
		{{.bytes = {"sh\0\0b\0", 6}}, " b", "sh  b"},
		{{.bytes = {"sh\0a\0b", 6}, .truncated = true}, "a b", "sh a b"},
		{{.bytes = {"", 0}}, "", "sh"},
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		struct subject_fixture f;

		fixture_exec(&f);
		f.event.exec.args = cases[i].args;
		assert_text("proc.args", &f.subject, cases[i].rest);
		assert_text("proc.cmdline", &f.subject, cases[i].line);
	}
}

static void longest_command_line_is_whole(void **state)
{
	static char args[BW_ARGS_MAX];
	struct subject_fixture f;

	(void)state;
	fixture_exec(&f);
	memset(args, 'x', sizeof(args));
	args[0] = '\0';
	memcpy(f.exec.process.comm, "0123456789abcdef", BW_COMM_SIZE);
	f.event.exec.args.bytes = (struct slice){args, sizeof(args)};
	assert_int_equal(
		value_of("proc.cmdline", &f.subject).text.len, BW_COMM_SIZE + 1 + BW_ARGS_MAX - 1);
}

static void program_without_arguments_has_no_argv0(void **state)
{
	struct subject_fixture f;

	(void)state;
	fixture_exec(&f);
	f.event.exec.args = TEXT_OF("");
	assert_int_equal(value_of("proc.exe", &f.subject).type, VALUE_NONE);
}

static void process_without_terminal_has_none(void **state)
{
	struct subject_fixture f;

	(void)state;
	fixture_exec(&f);
	f.exec.process.tty[0] = '\0';
	assert_int_equal(value_of("proc.tty_name", &f.subject).type, VALUE_NONE);
}

static void comm_without_terminator_ends_with_its_array(void **state)
{
	struct subject_fixture f;

	(void)state;
	fixture_exec(&f);
	memcpy(f.exec.process.comm, "0123456789abcdef", BW_COMM_SIZE);
	assert_text("proc.name", &f.subject, "0123456789abcdef");
}

static void outside_of_containers_only_id_and_bare_are_known(void **state)
{
	static const char *const names[] = {"container.full_id", "container.image",
		"container.runtime", "container.bare_source"};
	struct subject_fixture f;

	(void)state;
	fixture_exec(&f);
	f.subject.container = NULL;
	assert_text("container.id", &f.subject, "host");
	assert_int_equal(value_of("container.bare", &f.subject).type, VALUE_BOOL);
	assert_false(value_of("container.bare", &f.subject).truth);
	for (size_t i = 0; i < ARRAY_SIZE(names); i++)
		assert_int_equal(value_of(names[i], &f.subject).type, VALUE_UNKNOWN);
}

static void what_the_engine_did_not_tell_is_unknown(void **state)
{
	static const char *const names[] = {
		"container.name", "container.image", "container.runtime"};
	struct subject_fixture f;

	(void)state;
	fixture_exec(&f);
	f.container.name = f.container.image = NULL;
	f.container.runtime = CONTAINER_RUNTIME_UNKNOWN;
	for (size_t i = 0; i < ARRAY_SIZE(names); i++)
		assert_int_equal(value_of(names[i], &f.subject).type, VALUE_UNKNOWN);
}

static void labels_that_are_known_to_be_none_are_none(void **state)
{
	static const char *const names[] = {"container.labels", "k8s.pod.labels"};
	struct subject_fixture f;

	(void)state;
	fixture_exec(&f);
	for (size_t i = 0; i < ARRAY_SIZE(names); i++)
		assert_int_equal(value_of(names[i], &f.subject).type, VALUE_UNKNOWN);
	f.container.labels.source = f.container.pod_labels.source = "test";
	for (size_t i = 0; i < ARRAY_SIZE(names); i++)
		assert_int_equal(value_of(names[i], &f.subject).type, VALUE_NONE);
	f.subject.container = NULL;
	for (size_t i = 0; i < ARRAY_SIZE(names); i++)
		assert_int_equal(value_of(names[i], &f.subject).type, VALUE_UNKNOWN);
}

static void container_that_is_not_bare_says_so(void **state)
{
	struct subject_fixture f;

	(void)state;
	fixture_exec(&f);
	f.container.bare = BARE_NO;
	assert_false(value_of("container.bare", &f.subject).truth);
	assert_text("container.bare_source", &f.subject, "no");
}

static void each_flag_of_the_file_has_its_field(void **state)
{
	static const struct {
		unsigned flag;
		const char *name;
	} cases[] = {
		{BW_FILE_DELETED, "exe.deleted"},
		{BW_FILE_MEMFD, "proc.is_exe_from_memfd"},
		{BW_FILE_SCRIPT, "exe.script"},
		{BW_FILE_SETUID, "exe.setuid"},
	};
	struct subject_fixture f;

	(void)state;
	fixture_exec(&f);
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		for (size_t j = 0; j < ARRAY_SIZE(cases); j++) {
			f.exec.file.flags = cases[j].flag;
			assert_int_equal(value_of(cases[i].name, &f.subject).truth, i == j);
		}
	}
}

static void any_cut_text_makes_the_subject_truncated(void **state)
{
	struct subject_fixture f;
	struct event_text *exec[] = {&f.event.exec.invoked, &f.event.exec.resolved,
		&f.event.exec.cwd, &f.event.exec.parent, &f.event.exec.args};
	struct event_text *attempt[] = {&f.event.attempt.asked, &f.event.attempt.exe,
		&f.event.attempt.cwd, &f.event.attempt.parent, &f.event.attempt.args};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(exec); i++) {
		fixture_exec(&f);
		exec[i]->truncated = true;
		assert_true(value_of("exe.truncated", &f.subject).truth);
		fixture_attempt(&f);
		attempt[i]->truncated = true;
		assert_true(value_of("exe.truncated", &f.subject).truth);
	}
}

static void error_without_a_name_is_a_number(void **state)
{
	struct subject_fixture f;

	(void)state;
	fixture_attempt(&f);
	f.attempt.call = BW_CALL_EXECVEAT;
	f.attempt.error = 11;
	assert_text("attempt.errno", &f.subject, "EAGAIN");
	assert_text("evt.type", &f.subject, "execveat");
	f.attempt.error = 4000;
	assert_text("evt.res", &f.subject, "E4000");
}

/* The call was not read in time, or the search could not be repeated. */
static void error_that_was_not_found_out_is_unknown(void **state)
{
	static const char *const names[] = {"evt.res", "evt.rawres", "attempt.errno"};
	struct subject_fixture f;

	(void)state;
	fixture_lookup(&f);
	f.attempt.error = 0;
	for (size_t i = 0; i < ARRAY_SIZE(names); i++)
		assert_int_equal(value_of(names[i], &f.subject).type, VALUE_UNKNOWN);
	assert_text("attempt.cause", &f.subject, "runtime_lookup");
}

static void entry_is_known_of_programs_and_of_searches(void **state)
{
	static const struct {
		enum container_entry entry;
		const char *name;
	} cases[] = {
		{CONTAINER_ENTRY_ENTRYPOINT, "entrypoint"},
		{CONTAINER_ENTRY_RUNTIME_EXEC, "runtime-exec"},
		{CONTAINER_ENTRY_EPHEMERAL, "ephemeral"},
	};
	struct subject_fixture f;

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		fixture_exec(&f);
		f.subject.entry = cases[i].entry;
		assert_text("proc.entry", &f.subject, cases[i].name);
		fixture_lookup(&f);
		f.subject.entry = cases[i].entry;
		assert_text("proc.entry", &f.subject, cases[i].name);
		fixture_attempt(&f);
		f.subject.entry = cases[i].entry;
		assert_int_equal(value_of("proc.entry", &f.subject).type, VALUE_UNKNOWN);
	}
	fixture_lookup(&f);
	f.subject.container = NULL;
	assert_int_equal(value_of("proc.entry", &f.subject).type, VALUE_UNKNOWN);
}

/* A call of a number that this version does not know is no known call. */
static void call_is_named_when_there_was_one(void **state)
{
	struct subject_fixture f;

	(void)state;
	fixture_lookup(&f);
	assert_int_equal(value_of("attempt.call", &f.subject).type, VALUE_NONE);
	f.attempt.call = BW_CALL_EXECVE;
	assert_text("attempt.call", &f.subject, "execve");
	assert_text("attempt.cause", &f.subject, "exec");
	f.attempt.call = BW_CALL_EXECVEAT;
	assert_text("attempt.call", &f.subject, "execveat");
	f.attempt.call = UINT32_MAX;
	assert_int_equal(value_of("attempt.call", &f.subject).type, VALUE_NONE);
}

static void words_of_the_cause_end(void **state)
{
	(void)state;
	assert_string_equal(attempt_cause_word(0), "exec");
	assert_string_equal(attempt_cause_word(1), "runtime_lookup");
	assert_string_equal(attempt_cause_word(2), "late_failure");
	assert_null(attempt_cause_word(3));
}

/* A search made no call that could have failed late. */
static void late_failure_is_a_cause_of_its_own(void **state)
{
	struct subject_fixture f;

	(void)state;
	fixture_attempt(&f);
	f.attempt.flags = BW_ATTEMPT_LATE;
	assert_text("attempt.cause", &f.subject, "late_failure");
	assert_text("attempt.errno", &f.subject, "ENOENT");
	f.attempt.error = 0;
	assert_int_equal(value_of("attempt.errno", &f.subject).type, VALUE_UNKNOWN);
	fixture_lookup(&f);
	f.attempt.flags = BW_ATTEMPT_LATE;
	assert_text("attempt.cause", &f.subject, "runtime_lookup");
}

static void setuid_mode_has_four_digits(void **state)
{
	struct subject_fixture f;

	(void)state;
	fixture_exec(&f);
	f.exec.file.mode = S_IFREG | S_ISUID | 0711;
	assert_text("exe.mode", &f.subject, "4711");
}

static void login_id_is_a_number_when_there_is_one(void **state)
{
	struct subject_fixture f;

	(void)state;
	fixture_exec(&f);
	f.exec.process.loginuid = 1000;
	assert_int_equal((int)value_of("user.loginuid", &f.subject).number, 1000);
}

static void file_that_was_not_looked_at_is_unknown(void **state)
{
	static const char *const names[] = {
		"exe.origin", "exe.foreign", "exe.layer", "exe.sha256", "exe.build_id"};
	struct subject_fixture f;

	(void)state;
	fixture_exec(&f);
	f.subject.executable = NULL;
	for (size_t i = 0; i < ARRAY_SIZE(names); i++)
		assert_int_equal(value_of(names[i], &f.subject).type, VALUE_UNKNOWN);
	assert_text("exe.class_source", &f.subject, "name");
}

static void what_is_not_known_is_neither_foreign_nor_native(void **state)
{
	static const struct {
		enum program_origin origin, script;
		bool is_script, is_engines;
		int foreign; /* -1: not known */
	} cases[] = {
		{PROGRAM_ORIGIN_IMAGE, 0, false, false, false},
		{PROGRAM_ORIGIN_UNKNOWN, 0, false, false, -1},
		{PROGRAM_ORIGIN_VOLUME, 0, false, false, true},
		{PROGRAM_ORIGIN_VOLUME, 0, false, true, false},
		{PROGRAM_ORIGIN_IMAGE, PROGRAM_ORIGIN_IMAGE, true, false, false},
		{PROGRAM_ORIGIN_IMAGE, PROGRAM_ORIGIN_UNKNOWN, true, false, -1},
		{PROGRAM_ORIGIN_IMAGE, PROGRAM_ORIGIN_TMPFS, true, false, true},
		{PROGRAM_ORIGIN_UNKNOWN, PROGRAM_ORIGIN_TMPFS, true, false, true},
		{PROGRAM_ORIGIN_UPPER, PROGRAM_ORIGIN_UNKNOWN, true, false, true},
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		struct subject_fixture f;
		struct value value;

		fixture_exec(&f);
		f.executable.origin = cases[i].origin;
		f.executable.script_origin = cases[i].script;
		f.executable.is_engines = cases[i].is_engines;
		if (cases[i].is_script)
			f.exec.file.flags |= BW_FILE_SCRIPT;
		value = value_of("exe.foreign", &f.subject);
		assert_int_equal(value.type == VALUE_UNKNOWN ? -1 : value.truth, cases[i].foreign);
	}
}

static void layer_and_build_id_may_be_known_not_to_be(void **state)
{
	struct subject_fixture f;

	(void)state;
	fixture_exec(&f);
	f.executable.origin = PROGRAM_ORIGIN_UPPER;
	f.executable.layer = 0;
	f.executable.identity.build_id_bytes = 0;
	assert_int_equal(value_of("exe.layer", &f.subject).type, VALUE_NONE);
	assert_int_equal(value_of("exe.build_id", &f.subject).type, VALUE_NONE);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(unreadable_text_is_unknown_unless_a_part_is_there),
		cmocka_unit_test(empty_text_is_a_text),
		cmocka_unit_test(arguments_are_joined_by_spaces),
		cmocka_unit_test(longest_command_line_is_whole),
		cmocka_unit_test(program_without_arguments_has_no_argv0),
		cmocka_unit_test(process_without_terminal_has_none),
		cmocka_unit_test(comm_without_terminator_ends_with_its_array),
		cmocka_unit_test(outside_of_containers_only_id_and_bare_are_known),
		cmocka_unit_test(what_the_engine_did_not_tell_is_unknown),
		cmocka_unit_test(labels_that_are_known_to_be_none_are_none),
		cmocka_unit_test(container_that_is_not_bare_says_so),
		cmocka_unit_test(each_flag_of_the_file_has_its_field),
		cmocka_unit_test(any_cut_text_makes_the_subject_truncated),
		cmocka_unit_test(error_without_a_name_is_a_number),
		cmocka_unit_test(error_that_was_not_found_out_is_unknown),
		cmocka_unit_test(entry_is_known_of_programs_and_of_searches),
		cmocka_unit_test(call_is_named_when_there_was_one),
		cmocka_unit_test(words_of_the_cause_end),
		cmocka_unit_test(late_failure_is_a_cause_of_its_own),
		cmocka_unit_test(setuid_mode_has_four_digits),
		cmocka_unit_test(login_id_is_a_number_when_there_is_one),
		cmocka_unit_test(file_that_was_not_looked_at_is_unknown),
		cmocka_unit_test(what_is_not_known_is_neither_foreign_nor_native),
		cmocka_unit_test(layer_and_build_id_may_be_known_not_to_be),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
