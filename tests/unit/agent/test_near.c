/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Claims about agent/near.c, and what executable.c makes of it: file systems that never answer (FUSE
 * without a daemon) where files that ran should be. What asks them hangs, and is ended by SIGALRM.
 */
#include "file_fixture.h"
#include "scratch.h"

#include <errno.h>
#include <linux/magic.h>

#include "executable.h"
#include "near.h"

#define PATIENCE_S 60

struct fixture {
	struct scratch s;
	struct catalog *catalog;
	struct executable_store *store;
	struct container_root root;
	int fuse; /* -1: nothing mounted */
};

static int set_up(void **state)
{
	struct fixture *f = calloc(1, sizeof(*f));
	struct diag d;
	struct stat st;

	assert_non_null(f);
	*state = f;
	scratch_init(&f->s);
	assert_int_equal(catalog_load_file("rules/catalog.yaml", &f->catalog, &d), 0);
	assert_int_equal(executable_store_new(&f->store), 0);
	assert_int_equal(stat(f->s.root, &st), 0);
	f->fuse = -1;
	f->root = (struct container_root){
		.references = 1,
		.kind = CONTAINER_ROOT_OVERLAY, /* without anything in it: a look is at the mounts */
		.dev_major = major(st.st_dev),
		.dev_minor = minor(st.st_dev),
		.view_fd = -1,
		.fd = open(f->s.root, O_PATH | O_CLOEXEC),
	};
	assert_true(f->root.fd >= 0);
	return 0;
}

/* Ends what is mounted first: to remove it would ask it. */
static int tear_down(void **state)
{
	struct fixture *f = *state;

	if (f->fuse >= 0)
		close(f->fuse);
	umount2(scratch_path(&f->s, "place/mounted"), MNT_DETACH);
	umount2(scratch_path(&f->s, "place"), MNT_DETACH);
	close(f->root.fd);
	executable_store_free(f->store);
	catalog_free(f->catalog);
	scratch_done(&f->s);
	free(f);
	return 0;
}

/* Mounts at NAME what nobody answers for. False where that cannot be had. */
static bool mount_fuse(struct fixture *f, const char *name)
{
	char options[128];
	struct stat st;

	f->fuse = open("/dev/fuse", O_RDWR | O_CLOEXEC);
	if (f->fuse < 0)
		return false;
	assert_int_equal(stat(scratch_path(&f->s, name), &st), 0);
	snprintf(options, sizeof(options), "fd=%d,rootmode=%o,user_id=0,group_id=0,allow_other",
		f->fuse, st.st_mode & S_IFMT);
	return mount("test", f->s.path, "fuse", 0, options) == 0;
}

/* A program at NAME, as the kernel side saw it. */
static struct bw_file make_program(struct fixture *f, const char *name)
{
	scratch_write_text(&f->s, name, "no program of anybody");
	return file_record_at(scratch_path(&f->s, name));
}

/* A look at FILE, which a process ran as PATH that is gone. */
static struct executable look(struct fixture *f, const struct bw_file *file, const char *path)
{
	struct executable_query query = {
		.file = *file, .tgid = -1, .path = (char *)path, .root = &f->root};
	struct executable executable = {0};

	alarm(PATIENCE_S);
	executable_look(&query, f->catalog, f->store, &executable);
	alarm(0);
	return executable;
}

static void file_of_a_dead_process_is_read_at_its_path(void **state)
{
	struct fixture *f = *state;
	struct bw_file file;

	scratch_mkdir(&f->s, "place");
	file = make_program(f, "place/file");
	assert_true(look(f, &file, "/place/file").has_identity);
	assert_false(look(f, &file, "/place/other").has_identity);
}

static void mounts_of_local_file_systems_are_crossed(void **state)
{
	struct fixture *f = *state;
	struct bw_file file;

	scratch_mkdir(&f->s, "place");
	if (mount("test", scratch_path(&f->s, "place"), "tmpfs", 0, NULL) < 0)
		skip();
	scratch_mkdir(&f->s, "place/mounted");
	assert_int_equal(mount("test", scratch_path(&f->s, "place/mounted"), "tmpfs", 0, NULL), 0);
	file = make_program(f, "place/mounted/file");
	assert_true(look(f, &file, "/place/mounted/file").has_identity);
	assert_int_equal(look(f, &file, "/place/mounted/file").origin, PROGRAM_ORIGIN_TMPFS);
	assert_false(look(f, &file, "/place/mounted/../mounted/file").has_identity);
}

/* A look for PROGRAM, over which, or a directory of which, is what nobody answers for. */
static void assert_not_asked(struct fixture *f, const char *program)
{
	struct bw_file file = make_program(f, program);
	char path[64];

	if (!mount_fuse(f, "place"))
		skip();
	snprintf(path, sizeof(path), "/%s", program);
	assert_false(look(f, &file, path).has_identity);
}

static void nothing_is_asked_of_fuse_over_a_file(void **state)
{
	assert_not_asked(*state, "place");
}

static void nothing_is_asked_of_fuse_over_a_directory(void **state)
{
	struct fixture *f = *state;

	scratch_mkdir(&f->s, "place");
	assert_not_asked(f, "place/file");
}

/* Numbers of devices are given anew: that of a file system that is gone says nothing. */
static void fuse_is_known_by_itself(void **state)
{
	struct fixture *f = *state;
	struct bw_file file = {.fs_magic = TMPFS_MAGIC};
	CLEANUP_FD int fd = -1, beside = -1;
	struct statx st;

	scratch_mkdir(&f->s, "place");
	if (!mount_fuse(f, "place"))
		skip();
	fd = open(f->s.path, O_PATH | O_CLOEXEC);
	assert_true(fd >= 0);
	alarm(PATIENCE_S);
	assert_int_equal(statx(fd, "", AT_EMPTY_PATH | AT_STATX_DONT_SYNC, STATX_MNT_ID, &st), 0);
	file.dev_major = st.stx_dev_major;
	file.dev_minor = st.stx_dev_minor;
	assert_false(near_is(fd, &file));
	assert_int_equal(near_open(fd, "/file", &file), -EXDEV);
	assert_false(near_is_beside(fd, f->root.fd));
	alarm(0);
	assert_true(near_is(f->root.fd, &file));
	beside = open(scratch_path(&f->s, "."), O_PATH | O_CLOEXEC);
	assert_int_equal(near_is_beside(beside, f->root.fd), (st.stx_mask & STATX_MNT_ID) != 0);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(file_of_a_dead_process_is_read_at_its_path),
		TEST(mounts_of_local_file_systems_are_crossed),
		TEST(nothing_is_asked_of_fuse_over_a_file),
		TEST(nothing_is_asked_of_fuse_over_a_directory),
		TEST(fuse_is_known_by_itself),
	};

	return cmocka_run_group_tests(tests, enter_namespace, NULL);
}
