/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Claims about agent/executable.c: scripts that were given by a descriptor, which are files of this
 * process here, and of directories that stand for an overlay's.
 */
#include "file_fixture.h"
#include "scratch.h"

#include "executable.h"

#define CLEANUP_FIXTURE CLEANUP(fixture_done)

struct fixture {
	struct scratch s;
	struct catalog *catalog;
	struct executable_store *store;
	struct container_root root;
	char upper[64], layer[64];
	char *layers[1];
	struct bw_file image, written; /* scripts: of the image, and not */
	int image_fd, written_fd;
};

static struct bw_file make(struct fixture *f, const char *name, int *ret_fd)
{
	scratch_write_text(&f->s, name, "#!/app\n");
	assert_int_equal(chmod(scratch_path(&f->s, name), 0755), 0);
	*ret_fd = open(scratch_path(&f->s, name), O_RDONLY | O_CLOEXEC);
	assert_true(*ret_fd >= 0);
	return file_record(*ret_fd);
}

static void fixture_init(struct fixture *f)
{
	struct diag d;

	memset(f, 0, sizeof(*f));
	scratch_init(&f->s);
	assert_int_equal(catalog_load_file("rules/catalog.yaml", &f->catalog, &d), 0);
	assert_int_equal(executable_store_new(&f->store), 0);
	snprintf(f->upper, sizeof(f->upper), "%s/upper", f->s.root);
	snprintf(f->layer, sizeof(f->layer), "%s/layer", f->s.root);
	scratch_mkdir(&f->s, "upper");
	scratch_mkdir(&f->s, "layer");
	f->image = make(f, "layer/script", &f->image_fd);
	f->written = make(f, "upper/other", &f->written_fd);
	f->layers[0] = f->layer;
	f->root = (struct container_root){
		.references = 1,
		.kind = CONTAINER_ROOT_OVERLAY,
		.dev_major = f->image.dev_major,
		.dev_minor = f->image.dev_minor,
		.view_fd = open("/", O_PATH | O_CLOEXEC),
		.upper = f->upper,
		.layers = f->layers,
		.layer_count = 1,
		.fd = -1,
	};
}

static void fixture_done(struct fixture *f)
{
	close(f->image_fd);
	close(f->written_fd);
	close(f->root.view_fd);
	executable_store_free(f->store);
	catalog_free(f->catalog);
	scratch_done(&f->s);
}

/* FILE was the script "/dev/fd/FD", in which FD is another by now, or not. */
static enum program_origin origin_of(struct fixture *f, const struct bw_file *file, int fd)
{
	char script[32];
	struct executable_query query = {
		.script = script,
		.script_file = *file,
		.tgid = getpid(),
		.is_known = true,
		.may_wait = true,
		.root = &f->root,
	};
	struct executable executable = {0};

	snprintf(script, sizeof(script), "/dev/fd/%d", fd);
	executable_look(&query, f->catalog, f->store, &executable);
	return executable.script_origin;
}

static void script_by_descriptor_is_what_was_executed(void **state)
{
	CLEANUP_FIXTURE struct fixture f;

	(void)state;
	fixture_init(&f);
	assert_int_equal(origin_of(&f, &f.image, f.image_fd), PROGRAM_ORIGIN_IMAGE);
	assert_int_equal(origin_of(&f, &f.written, f.written_fd), PROGRAM_ORIGIN_UPPER);
}

static void descriptor_that_is_another_file_by_now_tells_nothing(void **state)
{
	CLEANUP_FIXTURE struct fixture f;

	(void)state;
	fixture_init(&f);
	assert_int_equal(origin_of(&f, &f.image, f.written_fd), PROGRAM_ORIGIN_IMAGE);
	assert_int_equal(origin_of(&f, &f.written, f.image_fd), PROGRAM_ORIGIN_UPPER);
	assert_int_equal(origin_of(&f, &f.written, 9999), PROGRAM_ORIGIN_UPPER);
}

/* Its bytes cannot be compared with those of its original, so it is not said to be the same. */
static void copy_behind_a_descriptor_is_compared_while_it_is_there(void **state)
{
	CLEANUP_FIXTURE struct fixture f;
	struct bw_file copy;
	int fd = -1;

	(void)state;
	fixture_init(&f);
	do { /* the clock of file systems has ticks of milliseconds */
		if (fd >= 0)
			close(fd);
		copy = make(&f, "upper/script", &fd);
	} while (copy.ctime_s == f.image.ctime_s && copy.ctime_ns == f.image.ctime_ns);
	close(fd);
	copy.inode = f.image.inode; /* as the overlay would show it */
	assert_int_equal(origin_of(&f, &copy, f.image_fd), PROGRAM_ORIGIN_UPPER);
}

static void descriptor_of_which_nothing_was_seen_is_unknown(void **state)
{
	static const struct bw_file nothing;
	CLEANUP_FIXTURE struct fixture f;

	(void)state;
	fixture_init(&f);
	assert_int_equal(origin_of(&f, &nothing, f.image_fd), PROGRAM_ORIGIN_UNKNOWN);
	assert_int_equal(origin_of(&f, &nothing, f.written_fd), PROGRAM_ORIGIN_UNKNOWN);
}

static void memfd_is_known_by_what_was_seen(void **state)
{
	CLEANUP_FIXTURE struct fixture f;
	struct bw_file file = {.inode = 1, .flags = BW_FILE_MEMFD | BW_FILE_DELETED};

	(void)state;
	fixture_init(&f);
	assert_int_equal(origin_of(&f, &file, f.image_fd), PROGRAM_ORIGIN_MEMFD);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(script_by_descriptor_is_what_was_executed),
		cmocka_unit_test(descriptor_that_is_another_file_by_now_tells_nothing),
		cmocka_unit_test(copy_behind_a_descriptor_is_compared_while_it_is_there),
		cmocka_unit_test(descriptor_of_which_nothing_was_seen_is_unknown),
		cmocka_unit_test(memfd_is_known_by_what_was_seen),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
