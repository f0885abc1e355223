/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What is the same file, on each kind of file system that a container has: a new one is told,
 * whatever it shares with one of which nothing is told any more.
 */
#include "open_fixture.h"

#include <linux/magic.h>
#include <sched.h>
#include <sys/mount.h>
#include <sys/syscall.h>

#define TRIES     8 /* file systems that use inode numbers again do so at once, as a rule */
#define PATH_ROOM (PATH_MAX + 64)

#ifndef RENAME_EXCHANGE
#define RENAME_EXCHANGE (1 << 1)
#endif

/* ---- places ---- */

static const char *const places[] = {"disk", "memory", "over"};

static void make_dir(const struct fixture *f, const char *name)
{
	char path[PATH_MAX];

	path_in(f, name, path);
	assert_int_equal(mkdir(path, 0755), 0);
}

static void mount_at(
	const struct fixture *f, const char *name, const char *type, const char *options)
{
	char path[PATH_MAX];

	path_in(f, name, path);
	assert_int_equal(mount(type, path, type, 0, options), 0);
}

/* False where the kernel has no overlays. The upper layer is on the disk: inodes are used again. */
static bool mount_overlay(const struct fixture *f)
{
	char options[4 * PATH_MAX], path[PATH_MAX];

	path_in(f, "over", path);
	snprintf(options, sizeof(options), "lowerdir=%s/lower,upperdir=%s/upper,workdir=%s/work",
		f->dir, f->dir, f->dir);
	return mount("overlay", path, "overlay", 0, options) == 0;
}

static bool has_overlay;

static int setup(void **state)
{
	static const char *const dirs[] = {
		"disk", "memory", "over", "plain", "lower", "upper", "work", "lower/below"};
	char path[PATH_MAX];
	struct fixture *f;

	open_fixture_setup(state);
	f = *state;
	assert_int_equal(unshare(CLONE_NEWNS), 0);
	assert_int_equal(mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL), 0);
	for (size_t i = 0; i < ARRAY_SIZE(dirs); i++)
		make_dir(f, dirs[i]);
	new_file(f, "lower/below/file", path);
	new_file(f, "lower/below/gone", path);
	mount_at(f, "memory", "tmpfs", NULL);
	mount_at(f, "plain", "ramfs", NULL);
	has_overlay = mount_overlay(f);
	return 0;
}

static int teardown(void **state)
{
	static const char *const mounts[] = {"over", "plain", "memory"};
	struct fixture *f = *state;
	char path[PATH_MAX];

	for (size_t i = has_overlay ? 0 : 1; i < ARRAY_SIZE(mounts); i++) {
		path_in(f, mounts[i], path);
		assert_int_equal(umount2(path, MNT_DETACH), 0);
	}
	return fixture_teardown(state);
}

/* Calls TEST with each place, and says what there is not. */
static void each_place(struct fixture *f, void (*test)(struct fixture *f, const char *place))
{
	for (size_t i = 0; i < ARRAY_SIZE(places); i++) {
		if (strcmp(places[i], "over") == 0 && !has_overlay)
			print_message("# no overlays here\n");
		else
			test(f, places[i]);
	}
}

/* A new file NAME in PLACE, whose path is in RET. */
static void file_in(const struct fixture *f, const char *place, const char *name, char *ret)
{
	char below[64];

	snprintf(below, sizeof(below), "%s/%s", place, name);
	new_file(f, below, ret);
}

static ino_t inode_of(const char *path)
{
	struct stat st;

	assert_int_equal(stat(path, &st), 0);
	return st.st_ino;
}

/* ---- the same name ---- */

/* Made anew, as often as it takes to have the inode of the one before. */
static void make_again(struct fixture *f, const char *place)
{
	bool reused = false;
	struct statfs fs;
	char path[PATH_MAX];

	file_in(f, place, "again", path);
	for (int i = 0; i < TRIES && !reused; i++) {
		ino_t before = inode_of(path);

		settle(f, path);
		file_in(f, place, "again", path);
		reused = inode_of(path) == before;
	}
	assert_int_equal(statfs(path, &fs), 0);
	if (fs.f_type == EXT4_SUPER_MAGIC)
		assert_true(reused);
	assert_int_equal(read_once(f, path)->open.record->flags & BW_OPEN_AGAIN, 0);
}

static void a_file_that_is_made_again_is_another(void **state)
{
	each_place(*state, make_again);
}

static void rename_over(struct fixture *f, const char *place)
{
	char path[PATH_MAX], other[PATH_MAX];

	file_in(f, place, "target", path);
	file_in(f, place, "new", other);
	settle(f, path);
	assert_int_equal(rename(other, path), 0);
	assert_int_equal(read_once(f, path)->open.record->flags & BW_OPEN_AGAIN, 0);
}

static void a_file_that_takes_anothers_place_is_another(void **state)
{
	each_place(*state, rename_over);
}

static void exchange(struct fixture *f, const char *place)
{
	char paths[2][PATH_MAX];

	for (int i = 0; i < 2; i++) {
		file_in(f, place, i ? "two" : "one", paths[i]);
		settle(f, paths[i]);
	}
	assert_int_equal(
		syscall(SYS_renameat2, AT_FDCWD, paths[0], AT_FDCWD, paths[1], RENAME_EXCHANGE), 0);
	for (int i = 0; i < 2; i++)
		assert_int_equal(read_once(f, paths[i])->open.record->flags & BW_OPEN_AGAIN, 0);
}

static void files_that_change_places_are_others(void **state)
{
	each_place(*state, exchange);
}

/* Also when it has the inode of the one that went: on the disk it does. */
static void another_mount(struct fixture *f, const char *place)
{
	char path[PATH_MAX], dir[PATH_MAX];

	if (strcmp(place, "over") == 0)
		return; /* mounted already */
	file_in(f, place, "hidden", path);
	path_in(f, place, dir);
	settle(f, path);
	assert_int_equal(mount("tmpfs", dir, "tmpfs", 0, NULL), 0);
	file_in(f, place, "hidden", path);
	assert_int_equal(read_once(f, path)->open.record->flags & BW_OPEN_AGAIN, 0);
	assert_int_equal(umount2(dir, MNT_DETACH), 0);
	read_unseen(f, path); /* the first one is what it was */
}

static void a_file_below_another_mount_is_another(void **state)
{
	each_place(*state, another_mount);
}

/* What is written to it does not make it another: who writes is told. */
static void change(struct fixture *f, const char *place)
{
	char path[PATH_MAX];

	file_in(f, place, "changed", path);
	settle(f, path);
	write_text(path, "something else");
	assert_int_equal(chmod(path, 0600), 0);
	read_unseen(f, path);
}

static void a_file_that_is_changed_is_the_same(void **state)
{
	each_place(*state, change);
}

/* Such file systems have no more to tell by, and no other is on every kernel. */
static void without_generations_a_change_makes_another(void **state)
{
	struct fixture *f = *state;
	char path[PATH_MAX];

	file_in(f, "plain", "file", path);
	settle(f, path);
	usleep(50000); /* times of changes go by the kernel's ticks */
	write_text(path, "something else");
	assert_int_equal(chmod(path, 0600), 0);
	read_once(f, path);
}

/* ---- overlays ---- */

static bool skip_without_overlay(void)
{
	if (!has_overlay) {
		print_message("# no overlays here\n");
		skip();
	}
	return has_overlay;
}

/* Its inode may stay what it was, but what is read from now on is the copy. */
static void a_file_that_an_overlay_copies_is_another(void **state)
{
	struct fixture *f = *state;
	char path[PATH_MAX];

	skip_without_overlay();
	path_in(f, "over/below/file", path);
	settle(f, path);
	write_text(path, "copied, and changed");
	assert_int_equal(read_once(f, path)->open.record->flags & BW_OPEN_AGAIN, 0);
	settle(f, path);
	write_text(path, "changed again");
	read_unseen(f, path);
}

static void a_file_in_the_place_of_one_below_is_another(void **state)
{
	struct fixture *f = *state;
	char path[PATH_MAX];

	skip_without_overlay();
	path_in(f, "over/below/gone", path);
	settle(f, path);
	assert_int_equal(unlink(path), 0);
	write_text(path, "made by the container");
	assert_int_equal(read_once(f, path)->open.record->flags & BW_OPEN_AGAIN, 0);
}

/* ---- programs ---- */

/* A copy of the program that reads, so that its inode is used again. */
static void copy_program(const char *path)
{
	CLEANUP_FD int from = open("/bin/cat", O_RDONLY | O_CLOEXEC), to = -1;
	char bytes[65536];
	ssize_t len;

	unlink(path);
	to = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0755);
	assert_true(from >= 0 && to >= 0);
	while ((len = read(from, bytes, sizeof(bytes))) > 0)
		assert_int_equal(write(to, bytes, len), len);
	assert_int_equal(len, 0);
}

struct run {
	char program[PATH_ROOM], file[PATH_MAX];
};

static void act_run(void *argument)
{
	const struct run *run = argument;

	execl(run->program, "cat", run->file, NULL);
}

static void replace_program(struct fixture *f, const char *place)
{
	struct bw_open_kind before = {0}, after;
	struct run run;
	char dir[PATH_MAX];

	file_in(f, place, "read", run.file);
	write_text(run.file, ""); /* what it prints would be among the results */
	path_in(f, place, dir);
	snprintf(run.program, sizeof(run.program), "%s/cat", dir);
	for (int i = 0; i < TRIES; i++) {
		copy_program(run.program);
		fixture_run(f, NULL, act_run, &run);
		assert_int_equal(count_opens(f, run.file), 1);
		assert_int_equal(find_open(f, run.file)->open.record->flags & BW_OPEN_AGAIN, 0);
		after = find_open(f, run.file)->open.record->kind;
		if (i > 0 && before.exe_inode == after.exe_inode)
			return;
		before = after;
	}
	if (strcmp(place, "disk") == 0)
		print_message("# no inode of a program was used again on the disk\n");
}

/* Although it may have its inode, and its name. */
static void a_program_in_the_place_of_another_is_another(void **state)
{
	each_place(*state, replace_program);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_file_that_is_made_again_is_another),
		cmocka_unit_test(a_file_that_takes_anothers_place_is_another),
		cmocka_unit_test(files_that_change_places_are_others),
		cmocka_unit_test(a_file_below_another_mount_is_another),
		cmocka_unit_test(a_file_that_is_changed_is_the_same),
		cmocka_unit_test(without_generations_a_change_makes_another),
		cmocka_unit_test(a_file_that_an_overlay_copies_is_another),
		cmocka_unit_test(a_file_in_the_place_of_one_below_is_another),
		cmocka_unit_test(a_program_in_the_place_of_another_is_another),
	};

	return cmocka_run_group_tests(tests, setup, teardown);
}
