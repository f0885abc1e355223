/* SPDX-License-Identifier: Apache-2.0 */
/* Claims about agent/runtime/lookup.c. */
#include "scratch.h"

#include <errno.h>
#include <unistd.h>

#include "barewatch/runtime.h"
#include "runtime/lookup.h"

/* A root directory, and a search in it. */
struct lookup_fixture {
	struct scratch s;
	struct strbuf tried;
	bool tried_cut;
	json_t *user;
	struct lookup l;
};

static void fixture_user(struct lookup_fixture *f, const char *json)
{
	json_decref(f->user);
	f->user = json_loads(json, 0, NULL);
	assert_non_null(f->user);
	f->l.user = f->user;
}

static void fixture_init(struct lookup_fixture *f)
{
	*f = (struct lookup_fixture){.tried = STRBUF_INIT};
	scratch_init(&f->s);
	f->l = (struct lookup){
		.root = open(f->s.root, O_PATH | O_DIRECTORY | O_CLOEXEC),
		.cwd = "/",
		.tried = &f->tried,
		.tried_cut = &f->tried_cut,
	};
	assert_true(f->l.root >= 0);
}

static void fixture_done(struct lookup_fixture *f)
{
	close(f->l.root);
	json_decref(f->user);
	strbuf_done(&f->tried);
	scratch_done(&f->s);
}
#define CLEANUP_LOOKUP CLEANUP(fixture_done)

static void add_program(struct lookup_fixture *f, const char *name, mode_t mode)
{
	scratch_write_text(&f->s, name, "#!");
	assert_int_equal(chmod(scratch_path(&f->s, name), mode), 0);
}

static void add_link(struct lookup_fixture *f, const char *name, const char *target)
{
	assert_int_equal(symlink(target, scratch_path(&f->s, name)), 0);
}

/* TRIED has a '|' behind each path; NULL when it does not matter. */
static void assert_lookup(struct lookup_fixture *f, const char *name, int error, const char *tried)
{
	CLEANUP_STRBUF struct strbuf found = STRBUF_INIT;

	strbuf_reset(&f->tried);
	f->tried_cut = false;
	assert_int_equal(lookup_program(&f->l, name), error);
	for (size_t i = 0; i < f->tried.len; i++)
		strbuf_add_char(&found, f->tried.data[i] ?: '|');
	if (tried)
		assert_string_equal(strbuf_text(&found), tried);
}

static void path_is_looked_up_at_its_place_alone(void **state)
{
	CLEANUP_LOOKUP struct lookup_fixture f;

	(void)state;
	fixture_init(&f);
	f.l.search_path = "/bin";
	f.l.cwd = "/srv";
	add_program(&f, "bin/sh", 0755);
	add_program(&f, "srv/bin/tool", 0755);
	assert_lookup(&f, "/bin/sh", 0, "/bin/sh|");
	assert_lookup(&f, "/bin/bash", ENOENT, "/bin/bash|");
	assert_lookup(&f, "/none/bash", ENOENT, "/none/bash|");
	assert_lookup(&f, "bin/tool", 0, "/srv/bin/tool|");
	assert_lookup(&f, "./bin/tool", 0, "/srv/./bin/tool|");
	assert_lookup(&f, "../bin/sh", 0, "/srv/../bin/sh|");
	assert_lookup(&f, "bin/sh", ENOENT, "/srv/bin/sh|");
	assert_lookup(&f, "/bin/sh/x", ENOTDIR, "/bin/sh/x|");
}

static void name_is_searched_for_in_order(void **state)
{
	CLEANUP_LOOKUP struct lookup_fixture f;

	(void)state;
	fixture_init(&f);
	f.l.search_path = "/usr/bin:/bin/:/sbin";
	add_program(&f, "bin/sh", 0755);
	add_program(&f, "sbin/sh", 0755);
	assert_lookup(&f, "sh", 0, "/usr/bin/sh|/bin/sh|");
	assert_lookup(&f, "bash", ENOENT, "/usr/bin/bash|/bin/bash|/sbin/bash|");
}

static void empty_and_relative_places_are_below_the_working_directory(void **state)
{
	CLEANUP_LOOKUP struct lookup_fixture f;

	(void)state;
	fixture_init(&f);
	f.l.cwd = "/srv";
	f.l.search_path = ":bin::.:";
	assert_lookup(&f, "sh", ENOENT, "/srv/sh|/srv/bin/sh|/srv/sh|/srv/./sh|/srv/sh|");
	f.l.cwd = "/";
	f.l.search_path = ":bin";
	assert_lookup(&f, "sh", ENOENT, "/sh|/bin/sh|");
	add_program(&f, "sh", 0755);
	assert_lookup(&f, "sh", 0, "/sh|");
}

static void without_a_search_path_nothing_is_searched(void **state)
{
	CLEANUP_LOOKUP struct lookup_fixture f;

	(void)state;
	fixture_init(&f);
	add_program(&f, "sh", 0755);
	assert_lookup(&f, "sh", ENOENT, "");
	f.l.search_path = "";
	assert_lookup(&f, "sh", ENOENT, "");
	assert_lookup(&f, "/sh", 0, "/sh|");
}

/* What this machine has must never be what is found. */
static void links_stay_inside_the_root(void **state)
{
	CLEANUP_LOOKUP struct lookup_fixture f;

	(void)state;
	fixture_init(&f);
	scratch_mkdir(&f.s, "bin");
	add_link(&f, "bin/absolute", "/bin/sh"); /* there on this machine, not in the root */
	add_link(&f, "bin/up", "../../../../../../../../bin/sh");
	add_link(&f, "bin/self", "self");
	add_link(&f, "usr", "/");
	assert_int_equal(access("/bin/sh", X_OK), 0);
	assert_lookup(&f, "/bin/absolute", ENOENT, NULL);
	assert_lookup(&f, "/bin/up", ENOENT, NULL);
	assert_lookup(&f, "/bin/self", ELOOP, NULL);
	assert_lookup(&f, "/../../../../../../../bin/sh", ENOENT, NULL);
	assert_lookup(&f, "/usr/usr/usr/bin/sh", ENOENT, NULL);
	add_program(&f, "bin/sh", 0755);
	assert_lookup(&f, "/bin/absolute", 0, NULL);
	assert_lookup(&f, "/bin/up", 0, NULL);
	assert_lookup(&f, "/usr/usr/usr/bin/sh", 0, NULL);
}

/* A link of procfs leads out of everything. */
static void magic_links_are_not_followed(void **state)
{
	CLEANUP_LOOKUP struct lookup_fixture f;

	(void)state;
	fixture_init(&f);
	close(f.l.root);
	f.l.root = open("/proc", O_PATH | O_DIRECTORY | O_CLOEXEC);
	assert_lookup(&f, "/self/exe", EXDEV, NULL);
	assert_lookup(&f, "/self/root/bin/sh", EXDEV, NULL);
}

static void directories_are_no_programs(void **state)
{
	CLEANUP_LOOKUP struct lookup_fixture f;

	(void)state;
	fixture_init(&f);
	f.l.search_path = "/a:/b";
	scratch_mkdir(&f.s, "a/sh");
	assert_lookup(&f, "/a/sh", EISDIR, NULL);
	assert_lookup(&f, "sh", ENOENT, NULL);
	add_program(&f, "b/sh", 0755);
	assert_lookup(&f, "sh", 0, "/a/sh|/b/sh|");
}

static void program_must_be_executable_by_the_user(void **state)
{
	static const struct {
		const char *user;
		mode_t mode;
		int error;
	} cases[] = {
		{"{}", 0644, EACCES},
		{"{\"uid\": 0}", 0644, EACCES},
		{"{\"uid\": 0}", 0001, 0},
		{"{\"uid\": 0}", 0100, 0},
		{"{\"uid\": 13}", 0100, 0},
		{"{\"uid\": 13}", 0011, EACCES},
		{"{\"uid\": 14, \"gid\": 23}", 0010, 0},
		{"{\"uid\": 14, \"gid\": 23}", 0101, EACCES},
		{"{\"uid\": 14, \"gid\": 24}", 0001, 0},
		{"{\"uid\": 14, \"gid\": 24}", 0110, EACCES},
		{"{\"uid\": 14, \"gid\": 24, \"additionalGids\": [1, 23]}", 0010, 0},
		{"{\"uid\": 14, \"gid\": 24, \"additionalGids\": [1, 23]}", 0001, EACCES},
		{"{\"uid\": 14, \"gid\": 24, \"additionalGids\": \"23\"}", 0010, EACCES},
		{"{\"uid\": \"13\"}", 0001, 0}, /* a wrong type is 0: root */
		{"[13]", 0001, 0},
	};
	CLEANUP_LOOKUP struct lookup_fixture f;

	(void)state;
	if (geteuid() != 0) {
		print_message("# files of other users are made as root\n");
		skip();
	}
	fixture_init(&f);
	add_program(&f, "sh", 0);
	assert_int_equal(chown(scratch_path(&f.s, "sh"), 13, 23), 0);
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		assert_int_equal(chmod(scratch_path(&f.s, "sh"), cases[i].mode), 0);
		fixture_user(&f, cases[i].user);
		assert_lookup(&f, "/sh", cases[i].error, NULL);
	}
}

static void paths_that_are_too_long_are_not_there(void **state)
{
	CLEANUP_LOOKUP struct lookup_fixture f;
	char name[PATH_MAX + 2] = "";

	(void)state;
	fixture_init(&f);
	f.l.search_path = "/bin";
	memset(name, 'x', PATH_MAX + 1);
	assert_lookup(&f, name, ENOENT, "");
	name[0] = '/';
	assert_lookup(&f, name, ENAMETOOLONG, "");
	name[PATH_MAX - 1] = '\0';
	assert_lookup(&f, name, ENAMETOOLONG, NULL); /* a name of more than NAME_MAX */
}

static void places_beyond_the_limit_leave_it_unknown(void **state)
{
	CLEANUP_LOOKUP struct lookup_fixture f;
	CLEANUP_STRBUF struct strbuf path = STRBUF_INIT;

	(void)state;
	fixture_init(&f);
	for (int i = 0; i < LOOKUP_PLACES_MAX; i++)
		strbuf_addf(&path, "%s/%d", i > 0 ? ":" : "", i);
	f.l.search_path = strbuf_text(&path);
	assert_lookup(&f, "sh", ENOENT, NULL);
	strbuf_add_text(&path, ":/bin");
	f.l.search_path = strbuf_text(&path);
	add_program(&f, "bin/sh", 0755);
	assert_lookup(&f, "sh", RUNTIME_LOOKUP_UNKNOWN, NULL);
}

static void list_of_what_was_tried_is_bounded(void **state)
{
	CLEANUP_LOOKUP struct lookup_fixture f;
	CLEANUP_STRBUF struct strbuf path = STRBUF_INIT;
	char place[200] = "";

	(void)state;
	fixture_init(&f);
	memset(place, 'x', sizeof(place) - 1);
	for (int i = 0; i < LOOKUP_PLACES_MAX - 1; i++)
		strbuf_addf(&path, "/%s:", place);
	strbuf_add_text(&path, "/bin");
	f.l.search_path = strbuf_text(&path);
	assert_lookup(&f, "sh", ENOENT, NULL);
	assert_true(f.tried_cut);
	assert_true(f.tried.len > 0 && f.tried.len <= BW_ARGS_MAX);
	assert_int_equal(f.tried.data[f.tried.len - 1], '\0'); /* the last one is whole */
	add_program(&f, "bin/sh", 0755);
	assert_lookup(&f, "sh", 0, NULL); /* it is looked for all the same */
}

static void only_regular_files_with_something_in_them_are_opened(void **state)
{
	CLEANUP_LOOKUP struct lookup_fixture f;
	CLEANUP_FD int host = open("/", O_PATH | O_DIRECTORY | O_CLOEXEC);
	int fd;

	(void)state;
	fixture_init(&f);
	scratch_write_text(&f.s, "file", "12345");
	scratch_write_text(&f.s, "empty", "");
	scratch_mkdir(&f.s, "directory");
	add_link(&f, "link", "/file");
	add_link(&f, "out", "../../../../../../../etc/passwd");
	assert_int_equal(mkfifo(scratch_path(&f.s, "fifo"), 0600), 0);
	fd = root_open_file(f.l.root, "link", 5);
	assert_true(fd >= 0);
	close(fd);
	assert_int_equal(root_open_file(f.l.root, "/file", 4), -EFBIG);
	assert_int_equal(root_open_file(f.l.root, "/empty", 5), -EINVAL);
	assert_int_equal(root_open_file(f.l.root, "/directory", 1 << 20), -EINVAL);
	assert_int_equal(root_open_file(f.l.root, "/fifo", 5), -EINVAL);
	assert_int_equal(root_open_file(f.l.root, "/none", 5), -ENOENT);
	assert_int_equal(root_open_file(f.l.root, "/out", 1 << 20), -ENOENT);
	assert_int_equal(root_open_file(host, "/dev/zero", 1 << 20), -EINVAL);
	/* reading it would take messages from who they are for */
	assert_int_equal(root_open_file(host, "/proc/kmsg", 1 << 20), -EINVAL);
	assert_int_equal(root_open_file(host, "/proc/self/stat", 1 << 20), -EINVAL);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(path_is_looked_up_at_its_place_alone),
		cmocka_unit_test(name_is_searched_for_in_order),
		cmocka_unit_test(empty_and_relative_places_are_below_the_working_directory),
		cmocka_unit_test(without_a_search_path_nothing_is_searched),
		cmocka_unit_test(links_stay_inside_the_root),
		cmocka_unit_test(magic_links_are_not_followed),
		cmocka_unit_test(directories_are_no_programs),
		cmocka_unit_test(program_must_be_executable_by_the_user),
		cmocka_unit_test(paths_that_are_too_long_are_not_there),
		cmocka_unit_test(places_beyond_the_limit_leave_it_unknown),
		cmocka_unit_test(list_of_what_was_tried_is_bounded),
		cmocka_unit_test(only_regular_files_with_something_in_them_are_opened),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
