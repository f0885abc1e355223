/* SPDX-License-Identifier: Apache-2.0 */
/* Claims about agent/rule/field/open.c, and the readers of its fields. */
#include "field_fixture.h"

/* clang-format off */
static const struct field_case cases[] = {
	{"fd.num", {UNKNOWN, UNKNOWN, UNKNOWN, "3", UNKNOWN}},
	{"fd.type", {UNKNOWN, UNKNOWN, "file", "file", UNKNOWN}},
	{"fd.typechar", {UNKNOWN, UNKNOWN, "f", "f", UNKNOWN}},
	{"fd.name", {UNKNOWN, UNKNOWN, "/tmp/x.so", "/etc/shadow", UNKNOWN}},
	{"fd.nameraw", {UNKNOWN, UNKNOWN, UNKNOWN, "../etc/shadow", UNKNOWN}},
	{"fd.directory", {UNKNOWN, UNKNOWN, "/tmp", "/etc", UNKNOWN}},
	{"fd.filename", {UNKNOWN, UNKNOWN, "x.so", "shadow", UNKNOWN}},
	{"fd.ino", {UNKNOWN, UNKNOWN, "4711", "99", UNKNOWN}},
	{"fd.dev", {UNKNOWN, UNKNOWN, "0", "2049", UNKNOWN}},
	{"fd.dev.major", {UNKNOWN, UNKNOWN, "0", "8", UNKNOWN}},
	{"fd.dev.minor", {UNKNOWN, UNKNOWN, "0", "1", UNKNOWN}},
	{"fd.uid", {UNKNOWN, UNKNOWN, UNKNOWN, "47123", UNKNOWN}},
	{"fd.containername", {UNKNOWN, UNKNOWN, "aaaaaaaaaaaa:/tmp/x.so", "aaaaaaaaaaaa:/etc/shadow", UNKNOWN}},
	{"fd.containerdirectory", {UNKNOWN, UNKNOWN, "aaaaaaaaaaaa:/tmp", "aaaaaaaaaaaa:/etc", UNKNOWN}},
	{"fd.is_upper_layer", SAME(UNKNOWN)},
	{"fd.is_lower_layer", SAME(UNKNOWN)},
	{"fs.path.name", {UNKNOWN, UNKNOWN, UNKNOWN, "/etc/shadow", UNKNOWN}},
	{"fs.path.nameraw", {UNKNOWN, UNKNOWN, UNKNOWN, "../etc/shadow", UNKNOWN}},
};
/* clang-format on */

static void every_field_has_its_value_for_each_kind(void **state)
{
	static const struct field_class *const classes[] = {&field_class_fd, &field_class_fs};

	(void)state;
	assert_classes(classes, ARRAY_SIZE(classes), cases, ARRAY_SIZE(cases));
}

static void access_is_told_by_the_flags(void **state)
{
	static const struct {
		uint32_t flags, mode, call;
		bool is_created;
		const char *expected[4]; /* is_open_read, _write, _exec, _create */
		const char *names;
	} opens[] = {
		{O_RDONLY, 0, 0, false, {"true", "false", "false", "false"}, "O_RDONLY"},
		{O_WRONLY | O_TRUNC, 0, 0, false, {"false", "true", "false", "false"},
			"O_TRUNC|O_WRONLY"},
		{O_RDWR | O_SYNC, 0, 0, false, {"true", "true", "false", "false"}, "O_SYNC|O_RDWR"},
		{O_RDWR | O_DSYNC, 0, 0, false, {"true", "true", "false", "false"},
			"O_DSYNC|O_RDWR"},
		{O_ACCMODE, 0, 0, false, {"false", "false", "false", "false"}, "O_RDWR|O_WRONLY"},
		{O_WRONLY | O_CREAT, 0755, 0, true, {"false", "true", "true", "true"},
			"O_CREAT|O_WRONLY"},
		{O_WRONLY | O_CREAT, 0644, 0, false, {"false", "true", "false", "false"},
			"O_CREAT|O_WRONLY"},
		{O_WRONLY, 0755, 0, false, {"false", "true", "false", "false"}, "O_WRONLY"},
		{O_WRONLY | O_TMPFILE, 0700, 0, false, {"false", "true", "true", "true"},
			"O_TMPFILE|O_WRONLY"},
		{O_RDONLY | O_DIRECTORY, 0700, 0, false, {"true", "false", "false", "false"},
			"O_RDONLY|O_DIRECTORY"},
		{O_WRONLY | O_CREAT, 0755, BW_OPEN_BY_HANDLE, false,
			{"false", "true", "false", "false"}, "O_CREAT|O_WRONLY"},
	};
	static const char *const names[] = {
		"evt.is_open_read", "evt.is_open_write", "evt.is_open_exec", "evt.is_open_create"};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(opens); i++) {
		struct subject_fixture f;

		fixture_open(&f);
		f.event.open.flags = opens[i].flags;
		f.event.open.mode = opens[i].mode;
		f.event.open.call = opens[i].call;
		f.event.open.is_created = opens[i].is_created;
		for (size_t j = 0; j < ARRAY_SIZE(names); j++)
			assert_field(names[j], &f.subject, opens[i].expected[j]);
		assert_field("evt.arg.flags", &f.subject, opens[i].names);
	}
}

static void mode_counts_where_a_file_may_be_made(void **state)
{
	struct subject_fixture f;

	(void)state;
	fixture_open(&f);
	f.event.open.mode = 0644;
	assert_field("evt.arg.mode", &f.subject, "0");
	f.event.open.flags = O_WRONLY | O_CREAT;
	assert_field("evt.arg.mode", &f.subject, "644");
}

static void failed_open_has_a_name_and_no_file(void **state)
{
	static const char *const expected[][2] = {
		{"fd.num", "-1"},
		{"fd.name", "/etc/shadow"},
		{"fd.typechar", "f"},
		{"fd.type", "<none>"},
		{"fd.ino", "<none>"},
		{"fd.dev", "<none>"},
		{"fd.uid", "<none>"},
		{"fs.path.name", "<none>"},
		{"fs.path.nameraw", "<none>"},
	};
	struct subject_fixture f;

	(void)state;
	fixture_open(&f);
	f.event.open.result = -2;
	for (size_t i = 0; i < ARRAY_SIZE(expected); i++)
		assert_field(expected[i][0], &f.subject, expected[i][1]);
}

static void path_that_is_not_known_has_no_parts(void **state)
{
	static const char *const names[] = {"fd.name", "fd.directory", "fd.filename",
		"fd.containername", "fd.containerdirectory", "evt.arg.fd", "fs.path.name"};
	struct subject_fixture f;

	(void)state;
	fixture_open(&f);
	f.event.open.path = (struct event_text){.unreadable = true};
	for (size_t i = 0; i < ARRAY_SIZE(names); i++)
		assert_field(names[i], &f.subject, UNKNOWN);
}

static void directory_is_what_is_before_the_last_slash(void **state)
{
	static const char *const paths[][3] = {
		{"/a/b/c", "/a/b", "c"},
		{"/a", "/", "a"},
		{"/", "/", ""},
		{"memfd:x", "/", "memfd:x"},
		{"/a/", "/a/", ""},
		{"", "/", ""},
	};
	struct subject_fixture f;

	(void)state;
	fixture_open(&f);
	for (size_t i = 0; i < ARRAY_SIZE(paths); i++) {
		f.event.open.path.bytes = slice_of(paths[i][0]);
		assert_field("fd.directory", &f.subject, paths[i][1]);
		assert_field("fd.filename", &f.subject, paths[i][2]);
	}
}

static void directory_is_one(void **state)
{
	struct subject_fixture f;

	(void)state;
	fixture_open(&f);
	f.event.open.file.mode = S_IFDIR | 0755;
	assert_field("fd.type", &f.subject, "directory");
	assert_field("fd.typechar", &f.subject, "d");
	assert_field("evt.arg.fd", &f.subject, "<d>/etc/shadow");
}

static void large_device_number_is_put_together(void **state)
{
	struct subject_fixture f;

	(void)state;
	fixture_open(&f);
	f.event.open.file.dev_major = 259;
	f.event.open.file.dev_minor = 300;
	assert_field("fd.dev", &f.subject, "1114924"); /* 44 | 259 << 8 | 256 << 12 */
	assert_field("fd.dev.minor", &f.subject, "300");
}

static void call_of_an_open_is_named(void **state)
{
	static const char *const calls[] = {"open", "openat", "openat2", "creat",
		"open_by_handle_at", "io_uring_enter", "<none>"};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(calls); i++) {
		struct subject_fixture f;

		fixture_open(&f);
		f.event.open.call = i;
		assert_field("evt.type", &f.subject, calls[i]);
	}
}

static void layer_of_a_mapped_file_is_its_origin(void **state)
{
	struct subject_fixture f;

	(void)state;
	fixture_mapping(&f);
	f.subject.executable = &f.executable;
	f.executable.origin = PROGRAM_ORIGIN_COPYUP;
	assert_field("fd.is_upper_layer", &f.subject, "true");
	assert_field("fd.is_lower_layer", &f.subject, "false");
}

static void cut_text_of_an_open_is_told(void **state)
{
	struct subject_fixture f;
	struct event_text *texts[] = {&f.event.open.path, &f.event.open.asked, &f.event.open.exe,
		&f.event.open.cwd, &f.event.open.parent};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(texts); i++) {
		fixture_open(&f);
		texts[i]->truncated = true;
		assert_field("exe.truncated", &f.subject, "true");
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_field_has_its_value_for_each_kind),
		cmocka_unit_test(access_is_told_by_the_flags),
		cmocka_unit_test(mode_counts_where_a_file_may_be_made),
		cmocka_unit_test(failed_open_has_a_name_and_no_file),
		cmocka_unit_test(path_that_is_not_known_has_no_parts),
		cmocka_unit_test(directory_is_what_is_before_the_last_slash),
		cmocka_unit_test(directory_is_one),
		cmocka_unit_test(large_device_number_is_put_together),
		cmocka_unit_test(call_of_an_open_is_named),
		cmocka_unit_test(layer_of_a_mapped_file_is_its_origin),
		cmocka_unit_test(cut_text_of_an_open_is_told),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
