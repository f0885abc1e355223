/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Claims about agent/image_origin.c, over directories that stand for those of an overlay. The file
 * systems themselves are tested with real containers.
 */
#include "file_fixture.h"
#include "scratch.h"

#include <errno.h>

#include "image_origin.h"

#define CLEANUP_FIXTURE CLEANUP(fixture_done)

struct fixture {
	struct scratch s;
	struct container_root root;
	struct inventory_cache *cache;
	char upper[64], layers[2][64], rootfs[64];
	char *layer_list[2];
};

/* Layer 2 is on top of layer 1. */
static void fixture_init(struct fixture *f)
{
	static const struct inventory_limits limits = INVENTORY_LIMITS_DEFAULT;
	static const char *const names[] = {"upper", "two", "one", "rootfs"};
	char *const paths[] = {f->upper, f->layers[0], f->layers[1], f->rootfs};

	scratch_init(&f->s);
	for (size_t i = 0; i < ARRAY_SIZE(names); i++) {
		snprintf(paths[i], 64, "%s/%s", f->s.root, names[i]);
		scratch_mkdir(&f->s, names[i]);
	}
	f->layer_list[0] = f->layers[0];
	f->layer_list[1] = f->layers[1];
	f->root = (struct container_root){
		.kind = CONTAINER_ROOT_OVERLAY,
		.view_fd = open("/", O_PATH | O_CLOEXEC),
		.upper = f->upper,
		.layers = f->layer_list,
		.layer_count = 2,
		.rootfs = f->rootfs,
		.fd = -1,
	};
	assert_int_equal(inventory_cache_new(&limits, &f->cache), 0);
}

static void fixture_done(struct fixture *f)
{
	close(f->root.view_fd);
	inventory_cache_free(f->cache);
	scratch_done(&f->s);
}

static struct file_key make(struct fixture *f, const char *name, const char *text)
{
	struct stat st;

	scratch_write_text(&f->s, name, text);
	assert_int_equal(chmod(scratch_path(&f->s, name), 0755), 0);
	assert_int_equal(stat(scratch_path(&f->s, name), &st), 0);
	return file_key_of_stat(&st);
}

/* Same, changed at another time than BEFORE: the clock of file systems has ticks of milliseconds. */
static struct file_key make_later(
	struct fixture *f, const char *name, const char *text, const struct file_key *before)
{
	struct file_key key;

	do
		key = make(f, name, text);
	while (key.ctime_s == before->ctime_s && key.ctime_ns == before->ctime_ns);
	return key;
}

/* What is executed as PATH, and can be read as NAME. Also sets *RET_LAYER. */
static enum program_origin origin_of(struct fixture *f, struct file_key key, const char *path,
	const char *name, unsigned *ret_layer)
{
	CLEANUP_FD int fd = name ? open(scratch_path(&f->s, name), O_RDONLY | O_CLOEXEC) : -1;
	struct image_origin_file file = {.key = key, .path = path, .content_fd = fd};

	return image_origin(&f->root, f->cache, &file, ret_layer);
}

static void file_of_a_layer_is_the_images(void **state)
{
	CLEANUP_FIXTURE struct fixture f;
	struct file_key low, high;
	unsigned layer = 0;

	(void)state;
	fixture_init(&f);
	low = make(&f, "one/bin/app", "app");
	high = make(&f, "two/bin/tool", "tool");
	assert_int_equal(origin_of(&f, low, "/bin/app", NULL, &layer), PROGRAM_ORIGIN_IMAGE);
	assert_int_equal(layer, 1);
	assert_int_equal(origin_of(&f, high, "/bin/tool", NULL, &layer), PROGRAM_ORIGIN_IMAGE);
	assert_int_equal(layer, 2);
	assert_int_equal(inventory_cache_walks(f.cache), 0);
}

/* Bound, linked, renamed with a redirect, or run by a process whose path is not known. */
static void by_another_name_it_is_too(void **state)
{
	CLEANUP_FIXTURE struct fixture f;
	struct file_key key;
	unsigned layer = 0;

	(void)state;
	fixture_init(&f);
	key = make(&f, "one/bin/app", "app");
	assert_int_equal(origin_of(&f, key, "/srv/other", NULL, &layer), PROGRAM_ORIGIN_IMAGE);
	assert_int_equal(layer, 1);
	assert_int_equal(origin_of(&f, key, NULL, NULL, &layer), PROGRAM_ORIGIN_IMAGE);
	assert_int_equal(inventory_cache_walks(f.cache), 2);
}

static void new_file_is_of_the_upper_directory(void **state)
{
	CLEANUP_FIXTURE struct fixture f;
	struct file_key key;
	unsigned layer = 9;

	(void)state;
	fixture_init(&f);
	make(&f, "one/bin/app", "app");
	key = make(&f, "upper/tmp/app", "app");
	assert_int_equal(
		origin_of(&f, key, "/tmp/app", "upper/tmp/app", &layer), PROGRAM_ORIGIN_UPPER);
	assert_int_equal(layer, 0);
	key = make(&f, "upper/bin/app", "APP"); /* in the place of the image's */
	assert_int_equal(
		origin_of(&f, key, "/bin/app", "upper/bin/app", &layer), PROGRAM_ORIGIN_UPPER);
}

/* The overlay shows the inode of the original, and the rest of the copy. */
static void copy_is_judged_by_its_bytes(void **state)
{
	static const struct {
		const char *text, *path;
		enum program_origin origin;
	} cases[] = {
		{"app", "/bin/app", PROGRAM_ORIGIN_COPYUP},
		{"apq", "/bin/app", PROGRAM_ORIGIN_UPPER},
		{"app and more", "/bin/app", PROGRAM_ORIGIN_UPPER},
		{"app", "/srv/moved", PROGRAM_ORIGIN_COPYUP},
		{"apq", "/srv/moved", PROGRAM_ORIGIN_UPPER},
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		CLEANUP_FIXTURE struct fixture f;
		struct file_key original, key;
		unsigned layer = 9;
		char name[64];

		fixture_init(&f);
		original = make(&f, "two/bin/app", "app");
		snprintf(name, sizeof(name), "upper%s", cases[i].path);
		key = make_later(&f, name, cases[i].text, &original);
		key.inode = original.inode;
		assert_int_equal(origin_of(&f, key, cases[i].path, name, &layer), cases[i].origin);
		assert_int_equal(layer, cases[i].origin == PROGRAM_ORIGIN_COPYUP ? 2 : 0);
	}
}

static void copy_that_cannot_be_read_is_not_believed(void **state)
{
	CLEANUP_FIXTURE struct fixture f;
	struct file_key original, key;
	unsigned layer;

	(void)state;
	fixture_init(&f);
	original = make(&f, "two/bin/app", "app");
	key = make_later(&f, "upper/bin/app", "app", &original);
	key.inode = original.inode;
	assert_int_equal(origin_of(&f, key, "/bin/app", NULL, &layer), PROGRAM_ORIGIN_UPPER);
}

static void what_no_directory_has_was_written_or_deleted(void **state)
{
	CLEANUP_FIXTURE struct fixture f;
	struct image_origin_file file = {
		.key = {1, 2, 3, 4}, .path = "/gone", .content_fd = -1, .is_deleted = true};
	unsigned layer;

	(void)state;
	fixture_init(&f);
	assert_int_equal(image_origin(&f.root, f.cache, &file, &layer), PROGRAM_ORIGIN_DELETED);
	file.is_deleted = false;
	assert_int_equal(image_origin(&f.root, f.cache, &file, &layer), PROGRAM_ORIGIN_UPPER);
}

static void image_that_is_not_seen_whole_makes_nothing_foreign(void **state)
{
	CLEANUP_FIXTURE struct fixture f;
	struct file_key key = {1, 2, 3, 4};
	unsigned layer;

	(void)state;
	fixture_init(&f);
	f.layer_list[1] = (char *)"/no/such/layer";
	assert_int_equal(origin_of(&f, key, "/gone", NULL, &layer), PROGRAM_ORIGIN_UNKNOWN);
	key = make(&f, "upper/tmp/app", "app");
	assert_int_equal(origin_of(&f, key, "/tmp/app", NULL, &layer), PROGRAM_ORIGIN_UPPER);
}

static void directory_is_divided_by_time(void **state)
{
	CLEANUP_FIXTURE struct fixture f;
	struct image_origin_file file = {.path = "/bin/app", .content_fd = -1};
	uint64_t changed_ns;
	unsigned layer;

	(void)state;
	fixture_init(&f);
	f.root.kind = CONTAINER_ROOT_DIRECTORY;
	file.key = make(&f, "rootfs/bin/app", "app");
	changed_ns = file.key.ctime_s * 1000000000ULL + file.key.ctime_ns;
	assert_int_equal(image_origin(&f.root, f.cache, &file, &layer), PROGRAM_ORIGIN_UNKNOWN);
	file.started_ns = changed_ns + 1;
	assert_int_equal(image_origin(&f.root, f.cache, &file, &layer), PROGRAM_ORIGIN_IMAGE);
	file.path = "/bound/elsewhere";
	assert_int_equal(image_origin(&f.root, f.cache, &file, &layer), PROGRAM_ORIGIN_IMAGE);
	file.started_ns = changed_ns;
	assert_int_equal(image_origin(&f.root, f.cache, &file, &layer), PROGRAM_ORIGIN_UPPER);
	file.key.inode++;
	assert_int_equal(image_origin(&f.root, f.cache, &file, &layer), PROGRAM_ORIGIN_VOLUME);
}

static void file_is_read_where_its_state_is_right(void **state)
{
	CLEANUP_FIXTURE struct fixture f;
	CLEANUP_FD int low = -1, copy = -1, new = -1;
	struct file_key key;
	char text[8] = "";

	(void)state;
	fixture_init(&f);
	key = make(&f, "one/bin/app", "app");
	low = image_origin_open(&f.root, "/bin/app", &key);
	assert_int_equal(read(low, text, sizeof(text)), 3);
	key = make(&f, "upper/bin/app", "copy");
	key.inode++; /* shown as that of the original */
	copy = image_origin_open(&f.root, "/bin/app", &key);
	assert_int_equal(read(copy, text, sizeof(text)), 4);
	assert_string_equal(text, "copy");
	key.ctime_ns ^= 1;
	assert_int_equal(image_origin_open(&f.root, "/bin/app", &key), -ENOENT);
	assert_int_equal(symlink("app", scratch_path(&f.s, "upper/bin/link")), 0);
	key = make(&f, "upper/new", "new!!");
	assert_int_equal(image_origin_open(&f.root, "/bin/link", &key), -ENOENT);
	new = image_origin_open(&f.root, "/new", &key);
	assert_int_equal(read(new, text, sizeof(text)), 5);
}

/* ---- overlays over several file systems ---- */

static void number_of_the_file_system_makes_no_other_inode(void **state)
{
	static const uint64_t numbers[] = {
		1ULL << 33, 5ULL << 33, 1ULL << 62, 1ULL << 63, 255ULL << 55};
	CLEANUP_FIXTURE struct fixture f;
	struct file_key key, shown;
	unsigned layer;

	(void)state;
	fixture_init(&f);
	shown = key = make(&f, "one/bin/app", "app");
	for (size_t i = 0; i < ARRAY_SIZE(numbers); i++) {
		CLEANUP_FD int fd = -1;

		shown.inode = key.inode | numbers[i];
		assert_int_equal(
			origin_of(&f, shown, "/bin/app", NULL, &layer), PROGRAM_ORIGIN_IMAGE);
		assert_int_equal(origin_of(&f, shown, NULL, NULL, &layer), PROGRAM_ORIGIN_IMAGE);
		fd = image_origin_open(&f.root, "/bin/app", &shown);
		assert_true(fd >= 0);
	}
	shown.ctime_ns ^= 1;
	assert_int_equal(origin_of(&f, shown, NULL, NULL, &layer), PROGRAM_ORIGIN_UPPER);
}

/* The directories of the fixture, each on a file system of its own. */
static const char *const places[] = {"upper", "two", "one"};

static bool mount_places(struct fixture *f)
{
	for (size_t i = 0; i < ARRAY_SIZE(places); i++)
		if (mount("test", scratch_path(&f->s, places[i]), "tmpfs", 0, NULL) < 0)
			return false;
	snprintf(f->upper, sizeof(f->upper), "%s/upper/top", f->s.root);
	scratch_mkdir(&f->s, "upper/top");
	scratch_mkdir(&f->s, "upper/work");
	return true;
}

static bool mount_overlay(struct fixture *f, const char *xino)
{
	char options[400];

	scratch_mkdir(&f->s, "merged");
	snprintf(options, sizeof(options),
		"lowerdir=%s:%s,upperdir=%s,workdir=%s/upper/work,xino=%s", f->layers[0],
		f->layers[1], f->upper, f->s.root, xino);
	return mount("test", scratch_path(&f->s, "merged"), "overlay", 0, options) == 0;
}

static void unmount_all(struct fixture *f)
{
	umount2(scratch_path(&f->s, "merged"), MNT_DETACH);
	for (size_t i = 0; i < ARRAY_SIZE(places); i++)
		umount2(scratch_path(&f->s, places[i]), MNT_DETACH);
}

/* The file that NAME is in the overlay. */
static struct file_key shown(struct fixture *f, const char *name)
{
	struct stat st;

	assert_int_equal(stat(scratch_path(&f->s, name), &st), 0);
	return file_key_of_stat(&st);
}

/* What the overlay makes of inode numbers is the kernel's: here it is asked. */
static void check_overlay(struct fixture *f)
{
	static const char *const names[] = {"merged/low", "merged/high"};
	struct file_key key;
	unsigned layer;

	for (size_t i = 0; i < ARRAY_SIZE(names); i++) {
		key = shown(f, names[i]);
		assert_int_equal(origin_of(f, key, strchr(names[i], '/'), names[i], &layer),
			PROGRAM_ORIGIN_IMAGE);
		assert_int_equal(layer, i + 1);
		assert_int_equal(
			origin_of(f, key, "/elsewhere", NULL, &layer), PROGRAM_ORIGIN_IMAGE);
		assert_int_equal(layer, i + 1);
	}
	scratch_write_text(&f->s, "merged/new", "HIGH");
	key = shown(f, "merged/new");
	assert_int_equal(origin_of(f, key, "/new", "merged/new", &layer), PROGRAM_ORIGIN_UPPER);
	assert_int_equal(chmod(scratch_path(&f->s, "merged/low"), 0700), 0); /* copies it up */
	key = shown(f, "merged/low");
	assert_int_equal(origin_of(f, key, "/low", "merged/low", &layer), PROGRAM_ORIGIN_COPYUP);
	assert_int_equal(origin_of(f, key, NULL, "merged/low", &layer), PROGRAM_ORIGIN_COPYUP);
}

static void file_of_a_layer_on_another_file_system_is_the_images(void **state)
{
	static const char *const xinos[] = {"on", "off", "auto"};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(xinos); i++) {
		CLEANUP_FIXTURE struct fixture f;
		bool is_mounted;

		fixture_init(&f);
		is_mounted = mount_places(&f);
		if (is_mounted) {
			make(&f, "one/low", "low");
			make(&f, "two/junk", "so that inodes differ");
			make(&f, "two/high", "HIGH");
			is_mounted = mount_overlay(&f, xinos[i]);
		}
		if (is_mounted)
			check_overlay(&f);
		unmount_all(&f);
		if (!is_mounted)
			skip();
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(file_of_a_layer_is_the_images),
		cmocka_unit_test(by_another_name_it_is_too),
		cmocka_unit_test(new_file_is_of_the_upper_directory),
		cmocka_unit_test(copy_is_judged_by_its_bytes),
		cmocka_unit_test(copy_that_cannot_be_read_is_not_believed),
		cmocka_unit_test(what_no_directory_has_was_written_or_deleted),
		cmocka_unit_test(image_that_is_not_seen_whole_makes_nothing_foreign),
		cmocka_unit_test(directory_is_divided_by_time),
		cmocka_unit_test(file_is_read_where_its_state_is_right),
		cmocka_unit_test(number_of_the_file_system_makes_no_other_inode),
		cmocka_unit_test(file_of_a_layer_on_another_file_system_is_the_images),
	};

	return cmocka_run_group_tests(tests, enter_namespace, NULL);
}
