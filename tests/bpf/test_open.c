/* SPDX-License-Identifier: Apache-2.0 */
/*
 * bpf/open.bpf.c: what is told of a file that is opened, and that each way to open one tells the file
 * that was opened. Which opens are told again is in test_open_seen.c.
 */
#include "open_fixture.h"

#include <linux/openat2.h>
#include <sched.h>
#include <sys/mount.h>
#include <sys/syscall.h>

static void act_openat(void *argument)
{
	if (open(argument, O_RDWR | O_CREAT | O_TRUNC, 0755) < 0)
		_exit(112);
}

static void open_is_reported_with_all_fields(void **state)
{
	struct fixture *f = *state;
	uint64_t before = boot_now_ns();
	char path[PATH_MAX], exe[PATH_MAX] = "", cwd[PATH_MAX];
	const struct bw_open *record;
	const struct event *e;
	struct stat st;
	pid_t pid;

	new_file(f, "file", path);
	pid = fixture_run(f, NULL, act_openat, path);
	e = fixture_only(f, BW_EVENT_OPEN);
	record = e->open.record;
	assert_int_equal(record->event.version, BW_ABI_VERSION);
	assert_true(e->time_ns >= before && e->time_ns <= boot_now_ns());
	assert_int_equal(e->cgroup, f->key);
	assert_int_equal(e->container, f->key);
	assert_int_equal(e->process->tgid, pid);
	assert_int_equal(e->process->ppid, getpid());
	assert_int_equal(stat(path, &st), 0);
	assert_int_equal(record->file.inode, st.st_ino);
	assert_int_equal(record->file.dev_major, major(st.st_dev));
	assert_int_equal(record->file.dev_minor, minor(st.st_dev));
	assert_int_equal(record->file.mode, st.st_mode);
	assert_int_equal(record->kind.container, f->key);
	assert_int_equal(record->kind.inode, st.st_ino);
	assert_int_equal(stat("/proc/self/exe", &st), 0);
	assert_int_equal(record->kind.exe_inode, st.st_ino);
	assert_int_equal(record->kind.use,
		BW_OPEN_READ | BW_OPEN_WRITE | BW_OPEN_TRUNC | BW_OPEN_EXECUTABLE);
	assert_int_equal(e->open.call, BW_OPEN_BY_OPENAT);
	assert_int_equal(
		e->open.flags & (O_ACCMODE | O_CREAT | O_TRUNC), O_RDWR | O_CREAT | O_TRUNC);
	assert_int_equal(e->open.mode, 0755);
	assert_false(e->open.is_created);
	assert_int_equal(record->flags, sees_all(f) ? BW_OPEN_NO_FD : 0);
	assert_true(sees_all(f) ? e->open.result == 0 : e->open.result > 2);
	assert_true(readlink("/proc/self/exe", exe, sizeof(exe) - 1) > 0);
	assert_non_null(getcwd(cwd, sizeof(cwd)));
	assert_text(&e->open.path, path);
	assert_text(&e->open.asked, path);
	assert_text(&e->open.exe, exe);
	assert_text(&e->open.parent, exe);
	assert_text(&e->open.cwd, cwd);
	assert_true(e->lineage.known);
	assert_int_equal(e->lineage.relatives[BW_LINEAGE_ANCESTORS].tgid, getpid());
}

/* A process that others tell apart by what is not asked for pays less. */
static void only_texts_that_are_asked_for_are_carried(void **state)
{
	struct fixture *f = *state;
	const struct event *e;
	char path[PATH_MAX];

	new_file(f, "lean", path);
	probe_opens_carry(f->probe, 1 << BW_OPEN_EXE);
	fixture_run(f, NULL, act_read, path);
	probe_opens_carry(f->probe, ~0u);
	e = fixture_only(f, BW_EVENT_OPEN);
	assert_text(&e->open.path, path);
	assert_true(e->open.exe.bytes.len > 0);
	assert_true(e->open.cwd.unreadable && e->open.parent.unreadable);
	assert_int_equal(e->open.cwd.bytes.len + e->open.parent.bytes.len, 0);
	assert_false(e->lineage.known);
}

/* ---- ways to open a file ---- */

static struct {
	char dir[PATH_MAX];
	int dir_fd; /* of it, from outside of the cgroup */
} tree;

static const char *in_tree(const char *name)
{
	static char path[2 * PATH_MAX];

	snprintf(path, sizeof(path), "%s/%s", tree.dir, name);
	return path;
}

static void act_open(void *argument)
{
#ifdef SYS_open
	if (syscall(SYS_open, in_tree(argument), O_RDONLY) < 0)
		_exit(112);
#else
	open_or_exit(in_tree(argument), O_RDONLY);
#endif
}

static void act_creat(void *argument)
{
#ifdef SYS_creat
	if (syscall(SYS_creat, in_tree(argument), 0600) < 0)
		_exit(112);
#else
	open_or_exit(in_tree(argument), O_CREAT | O_WRONLY | O_TRUNC);
#endif
}

static void openat2_with(const char *path, uint64_t resolve)
{
	struct open_how how = {.flags = O_RDONLY, .resolve = resolve};

	if (syscall(SYS_openat2, tree.dir_fd, path, &how, sizeof(how)) < 0)
		_exit(112);
}

static void act_openat2(void *argument)
{
	openat2_with(argument, 0);
}

static void act_beneath(void *argument)
{
	openat2_with(argument, RESOLVE_BENEATH);
}

/* An absolute path that is none. */
static void act_in_root(void *argument)
{
	char path[PATH_MAX];

	snprintf(path, sizeof(path), "/../%s", (const char *)argument);
	openat2_with(path, RESOLVE_IN_ROOT);
}

static void act_no_links(void *argument)
{
	openat2_with(argument, RESOLVE_NO_SYMLINKS | RESOLVE_NO_MAGICLINKS);
}

static void act_by_directory(void *argument)
{
	if (openat(tree.dir_fd, argument, O_RDONLY) < 0)
		_exit(112);
}

static void act_by_cwd(void *argument)
{
	if (fchdir(tree.dir_fd) < 0 || open(argument, O_RDONLY) < 0)
		_exit(112);
}

static void act_in_chroot(void *argument)
{
	char path[PATH_MAX];

	snprintf(path, sizeof(path), "/%s", (const char *)argument);
	if (chroot(tree.dir) < 0 || chdir("/") < 0 || open(path, O_RDONLY) < 0)
		_exit(112);
}

static void act_by_root_link(void *argument)
{
	char path[2 * PATH_MAX + 32];

	snprintf(path, sizeof(path), "/proc/self/root%s", in_tree(argument));
	open_or_exit(path, O_RDONLY);
}

/* What is only a name is no open; what is made of it is one. */
static void act_by_path_descriptor(void *argument)
{
	int fd = open_or_exit(in_tree(argument), O_PATH);
	char path[64];

	snprintf(path, sizeof(path), "/proc/self/fd/%d", fd);
	open_or_exit(path, O_RDONLY);
}

static void act_by_handle(void *argument)
{
	struct {
		struct file_handle handle;
		unsigned char bytes[MAX_HANDLE_SZ];
	} h = {.handle.handle_bytes = MAX_HANDLE_SZ};
	int mount;

	if (name_to_handle_at(tree.dir_fd, argument, &h.handle, &mount, 0) < 0)
		_exit(errno == EOPNOTSUPP ? 77 : 112);
	if (open_by_handle_at(tree.dir_fd, &h.handle, O_RDONLY) < 0)
		_exit(112);
}

static void act_in_bind_mount(void *argument)
{
	char to[PATH_MAX + 16];

	snprintf(to, sizeof(to), "%s/bound", tree.dir);
	if (unshare(CLONE_NEWNS) < 0 || mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL) < 0 ||
		mount(in_tree("sub"), to, NULL, MS_BIND, NULL) < 0)
		_exit(112);
	open_or_exit(in_tree(argument), O_RDONLY);
}

static void make_tree(const struct fixture *f)
{
	char path[PATH_MAX];

	path_in(f, "tree", tree.dir);
	if (mkdir(tree.dir, 0755) < 0) {
		assert_int_equal(errno, EEXIST);
		return;
	}
	tree.dir_fd = open(tree.dir, O_RDONLY | O_DIRECTORY);
	assert_true(tree.dir_fd >= 0);
	write_text(in_tree("file"), "text");
	write_text(in_tree("creat"), "text");
	assert_int_equal(mkdir(in_tree("sub"), 0755), 0);
	assert_int_equal(mkdir(in_tree("bound"), 0755), 0);
	write_text(in_tree("sub/file"), "text");
	assert_int_equal(symlinkat("sub/file", tree.dir_fd, "link"), 0);
	path_in(f, "tree/./sub", path);
	assert_int_equal(symlinkat(path, tree.dir_fd, "dirlink"), 0);
	assert_int_equal(linkat(tree.dir_fd, "file", tree.dir_fd, "hard", 0), 0);
}

#ifdef SYS_open
#define OPEN_CALL  BW_OPEN_BY_OPEN
#define CREAT_CALL BW_OPEN_BY_CREAT
#else
#define OPEN_CALL  BW_OPEN_BY_OPENAT
#define CREAT_CALL BW_OPEN_BY_OPENAT
#endif

static void each_way_to_open_tells_the_file(void **state)
{
	static const struct {
		void (*act)(void *argument);
		const char *name, *path; /* what is opened, below the tree, and what that is */
		enum bw_open_call call;
	} ways[] = {
		{act_open, "file", "file", OPEN_CALL},
		{act_creat, "creat", "creat", CREAT_CALL},
		{act_open, "link", "sub/file", OPEN_CALL},
		{act_open, "dirlink/file", "sub/file", OPEN_CALL},
		{act_open, "hard", "hard", OPEN_CALL},
		{act_open, "sub/../sub/./../file", "file", OPEN_CALL},
		{act_openat2, "link", "sub/file", BW_OPEN_BY_OPENAT2},
		{act_beneath, "link", "sub/file", BW_OPEN_BY_OPENAT2},
		{act_in_root, "sub/file", "sub/file", BW_OPEN_BY_OPENAT2},
		{act_no_links, "sub/file", "sub/file", BW_OPEN_BY_OPENAT2},
		{act_by_directory, "file", "file", BW_OPEN_BY_OPENAT},
		{act_by_cwd, "./sub/file", "sub/file", BW_OPEN_BY_OPENAT},
		{act_in_chroot, "sub/file", "sub/file", BW_OPEN_BY_OPENAT},
		{act_by_root_link, "file", "file", BW_OPEN_BY_OPENAT},
		{act_by_path_descriptor, "file", "file", BW_OPEN_BY_OPENAT},
		/* of a file that has several names, it may be any of them */
		{act_by_handle, "sub/file", "sub/file", BW_OPEN_BY_HANDLE},
		{act_in_bind_mount, "bound/file", "bound/file", BW_OPEN_BY_OPENAT},
	};
	struct fixture *f = *state;

	make_tree(f);
	for (size_t i = 0; i < ARRAY_SIZE(ways); i++) {
		const struct event *e;

		fixture_run(f, NULL, ways[i].act, (void *)ways[i].name);
		if (fixture_count(f, BW_EVENT_OPEN) != 1)
			print_error("%zu: %s\n", i, ways[i].name);
		e = fixture_only(f, BW_EVENT_OPEN);
		assert_text(&e->open.path, in_tree(ways[i].path));
		assert_int_equal(e->open.call, ways[i].call);
		assert_false(e->open.path.truncated || e->open.path.detached);
	}
}

/* ---- long paths ---- */

struct deep {
	int depth;
	size_t name_bytes;
};

/* Makes directories one in the other, and a file in the last. */
static void act_deep(void *argument)
{
	const struct deep *deep = argument;
	char name[NAME_MAX + 1] = "";
	int dir;

	/* where it goes by itself: not every rm removes such paths */
	if (unshare(CLONE_NEWNS) < 0 || mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL) < 0 ||
		mount("tmpfs", in_tree("bound"), "tmpfs", 0, NULL) < 0)
		_exit(112);
	dir = open_or_exit(in_tree("bound"), O_PATH | O_DIRECTORY);

	memset(name, 'd', deep->name_bytes);
	for (int i = 0; i < deep->depth; i++) {
		if (mkdirat(dir, name, 0755) < 0)
			_exit(112);
		dir = openat(dir, name, O_PATH | O_DIRECTORY);
	}
	if (openat(dir, "leaf", O_WRONLY | O_CREAT, 0644) < 0)
		_exit(112);
}

/* Down to the end of what is kept a path is whole; of a longer one the end is, and it says so. */
static void long_paths_keep_their_end(void **state)
{
	static const struct {
		struct deep deep;
		bool truncated;
	} cases[] = {
		{{20, 50}, false}, /* 1 KiB */
		{{18, 220}, false}, /* nearly 4 KiB */
		{{22, 200}, true}, /* more than that */
		{{80, 3}, true}, /* deeper than is walked */
	};
	struct fixture *f = *state;

	make_tree(f);
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		struct deep deep = cases[i].deep;
		const struct event_text *path;
		size_t len = strlen(in_tree("bound")) + deep.depth * (deep.name_bytes + 1) +
			     strlen("/leaf");

		fixture_run(f, NULL, act_deep, &deep);
		path = &fixture_only(f, BW_EVENT_OPEN)->open.path;
		assert_int_equal(path->truncated, cases[i].truncated);
		assert_memory_equal(path->bytes.data + path->bytes.len - 5, "/leaf", 5);
		if (cases[i].truncated) {
			assert_memory_equal(path->bytes.data, "...", 3);
			assert_true(path->bytes.len < len);
		} else {
			assert_memory_equal(path->bytes.data, tree.dir, strlen(tree.dir));
			assert_int_equal(path->bytes.len, len);
		}
	}
}

/* ---- what is no open ---- */

static void act_path_only(void *argument)
{
	open_or_exit(argument, O_PATH);
}

static void act_exec(void *argument)
{
	char *const argv[] = {argument, NULL};

	execv(argument, argv);
}

static void what_only_names_a_file_is_not_told(void **state)
{
	struct fixture *f = *state;
	char path[PATH_MAX];

	new_file(f, "named", path);
	fixture_run(f, NULL, act_path_only, path);
	assert_int_equal(count_opens(f, path), 0);
}

/* The script, its interpreter, and the loader of that: an exec is told as such. */
static void what_exec_opens_itself_is_not_told(void **state)
{
	struct fixture *f = *state;
	char path[PATH_MAX];

	new_file(f, "script", path);
	write_text(path, "#!/bin/true\n");
	fixture_run(f, NULL, act_exec, path);
	assert_int_equal(fixture_count(f, BW_EVENT_EXEC), 1);
	assert_int_equal(count_opens(f, path), 0);
	assert_int_equal(count_opens(f, "/usr/bin/true"), 0);
	assert_int_equal(count_opens(f, "/bin/busybox"), 0);
}

static void outside_of_the_scope_nothing_is_told(void **state)
{
	struct fixture *f = *state;
	struct bw_counters before = open_counters(f), after;
	char path[PATH_MAX];

	new_file(f, "outside", path);
	fixture_drain(f);
	fixture_forget(f);
	act_read(path);
	fixture_drain(f);
	after = open_counters(f);
	assert_int_equal(count_opens(f, path), 0);
	assert_int_equal(after.seen, before.seen);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(open_is_reported_with_all_fields),
		cmocka_unit_test(only_texts_that_are_asked_for_are_carried),
		cmocka_unit_test(each_way_to_open_tells_the_file),
		cmocka_unit_test(long_paths_keep_their_end),
		cmocka_unit_test(what_only_names_a_file_is_not_told),
		cmocka_unit_test(what_exec_opens_itself_is_not_told),
		cmocka_unit_test(outside_of_the_scope_nothing_is_told),
	};

	return cmocka_run_group_tests(tests, open_fixture_setup, fixture_teardown);
}
