/* SPDX-License-Identifier: Apache-2.0 */
/* Claims about agent/image/layer_cache.c. */
#include "image/layout_fixture.h"

#include <errno.h>

#include "image/layer_form.h"

static struct image_cache *open_cache(struct layout *l, const char *salt, uint64_t bytes_max)
{
	struct image_cache *cache;

	assert_int_equal(image_cache_open(scratch_path(&l->scratch, "cache"), slice_of(CATALOG),
				 slice_of(salt), bytes_max, &cache),
		0);
	return cache;
}

/* Calls VISIT with the path of each entry. Their number. */
static size_t each_entry(struct layout *l, void (*visit)(struct layout *l, const char *path))
{
	char path[SCRATCH_PATH_MAX];
	CLEANUP_DIR DIR *dir = opendir(scratch_path(&l->scratch, "cache"));
	const struct dirent *d;
	size_t count = 0;

	assert_non_null(dir);
	while ((d = readdir(dir))) {
		if (d->d_name[0] == '.')
			continue;
		snprintf(path, sizeof(path), "%s/cache/%s", l->scratch.root, d->d_name);
		count++;
		if (visit)
			visit(l, path);
	}
	return count;
}

static void write_entry(const char *path, struct slice bytes)
{
	CLEANUP_FD int fd = open(path, O_WRONLY | O_TRUNC | O_CLOEXEC);

	assert_true(fd >= 0);
	assert_int_equal(write_all(fd, bytes.data, bytes.len), 0);
}

static void read_entry(const char *path, struct strbuf *out)
{
	CLEANUP_FREE char *text = NULL;
	size_t size;

	assert_int_equal(read_file_at(AT_FDCWD, path, 1 << 20, &text, &size), 0);
	strbuf_add(out, text, size);
}

static void add_digest(struct strbuf *bytes)
{
	unsigned char digest[SHA256_SIZE];

	digest_of(strbuf_slice(bytes), digest);
	strbuf_add(bytes, digest, sizeof(digest));
}

/* Makes the entry say that there is no shell, as whoever can write there would. */
static void forge(struct layout *l, const char *path)
{
	CLEANUP_STRBUF struct strbuf bytes = STRBUF_INIT, forged = STRBUF_INIT;
	CLEANUP_LAYER struct layer *layer = NULL;
	struct layer_usage usage;

	read_entry(path, &bytes);
	assert_int_equal(layer_load((struct slice){bytes.data, bytes.len - SHA256_SIZE}, l->catalog,
				 &l->limits, &layer, &usage),
		0);
	layer->programs[0].class = PROGRAM_OTHER;
	layer_write(&forged, l->catalog, layer, &usage);
	add_digest(&forged);
	write_entry(path, strbuf_slice(&forged));
}

static void make_image(struct layout *l)
{
	CLEANUP_STRBUF struct strbuf tar = STRBUF_INIT, index = STRBUF_INIT, shell = STRBUF_INIT;
	struct layout_image image;

	add_shell(&shell, 0);
	tar_add_data(&tar, '0', "data", strbuf_slice(&shell));
	tar_add_end(&tar);
	image = layout_image(l, strbuf_slice(&tar), add_gzip, "amd64");
	add_descriptor(&index, image.manifest, image.manifest_size, "");
	layout_index(l, strbuf_text(&index));
}

/* The class of the only program. */
static enum program_class read_class(struct layout *l)
{
	const struct image_tree *tree;
	struct program_identity id;
	struct image_file file;
	uint32_t number;

	assert_read(l, layout_read_directory(l, "oci:%s"));
	tree = l->image->manifests[0].tree;
	assert_int_equal(image_tree_resolve(tree, 0, slice_of("data"), false, &number), 0);
	assert_true(image_tree_get(tree, number, &file));
	assert_true(image_tree_identity(tree, &file, &id));
	return id.class;
}

#define USUAL (1 << 20)

/* Which an entry that is wrong shows: it alone says so. */
static void layer_is_read_once(void **state)
{
	struct layout *l = *state;

	make_image(l);
	l->options.cache = open_cache(l, "", USUAL);
	assert_int_equal(read_class(l), PROGRAM_SHELL);
	assert_int_equal(each_entry(l, NULL), 1);
	assert_int_equal(read_class(l), PROGRAM_SHELL);
	each_entry(l, forge);
	assert_int_equal(read_class(l), PROGRAM_OTHER);
	assert_int_equal(each_entry(l, NULL), 1);
	image_cache_close(l->options.cache);
}

static void entry_is_for_its_catalog_salt_and_limits(void **state)
{
	struct layout *l = *state;

	make_image(l);
	l->options.cache = open_cache(l, "", USUAL);
	assert_int_equal(read_class(l), PROGRAM_SHELL);
	each_entry(l, forge);
	l->limits.name_max--;
	assert_int_equal(read_class(l), PROGRAM_SHELL);
	assert_int_equal(each_entry(l, NULL), 2);
	l->limits.name_max++;
	assert_int_equal(read_class(l), PROGRAM_OTHER);
	image_cache_close(l->options.cache);
	l->options.cache = open_cache(l, "other", USUAL);
	assert_int_equal(read_class(l), PROGRAM_SHELL);
	image_cache_close(l->options.cache);
	assert_int_equal(image_cache_open(scratch_path(&l->scratch, "cache"), slice_of("another"),
				 slice_of(""), USUAL, &l->options.cache),
		0);
	assert_int_equal(read_class(l), PROGRAM_SHELL);
	assert_int_equal(each_entry(l, NULL), 4);
	image_cache_close(l->options.cache);
}

static void let_others_write(struct layout *l, const char *path)
{
	(void)l;
	assert_int_equal(chmod(path, 0620), 0);
}

static void link_again(struct layout *l, const char *path)
{
	assert_int_equal(link(path, scratch_path(&l->scratch, "second")), 0);
}

static void make_link(struct layout *l, const char *path)
{
	assert_int_equal(rename(path, scratch_path(&l->scratch, "moved")), 0);
	assert_int_equal(symlink("../moved", path), 0);
}

static void give_away(struct layout *l, const char *path)
{
	(void)l;
	if (getuid() == 0)
		assert_int_equal(chown(path, 65534, 65534), 0);
	else
		assert_int_equal(chmod(path, 0602), 0);
}

static void cut(struct layout *l, const char *path)
{
	(void)l;
	assert_int_equal(truncate(path, 200), 0);
}

static void flip(struct layout *l, const char *path)
{
	CLEANUP_STRBUF struct strbuf bytes = STRBUF_INIT;

	(void)l;
	read_entry(path, &bytes);
	bytes.data[bytes.len / 2] ^= 1;
	write_entry(path, strbuf_slice(&bytes));
}

static void empty(struct layout *l, const char *path)
{
	(void)l;
	assert_int_equal(truncate(path, 0), 0);
}

static void hostile_and_broken_entries_are_not_believed(void **state)
{
	static void (*const changes[])(struct layout * l, const char *path) = {
		let_others_write, link_again, make_link, give_away, cut, flip, empty};
	struct layout *l = *state;

	make_image(l);
	for (size_t i = 0; i < ARRAY_SIZE(changes); i++) {
		l->options.cache = open_cache(l, "", USUAL);
		assert_int_equal(read_class(l), PROGRAM_SHELL);
		each_entry(l, forge);
		assert_int_equal(read_class(l), PROGRAM_OTHER);
		each_entry(l, changes[i]);
		assert_int_equal(read_class(l), PROGRAM_SHELL);
		assert_int_equal(read_class(l), PROGRAM_SHELL); /* it was written anew */
		image_cache_close(l->options.cache);
	}
}

static void directory_that_others_can_write_to_is_refused(void **state)
{
	static const mode_t modes[] = {0770, 0707, 01777, 0720};
	struct layout *l = *state;
	const char *path = scratch_path(&l->scratch, "cache");
	struct image_cache *cache;

	for (size_t i = 0; i < ARRAY_SIZE(modes); i++) {
		mkdir(path, 0700);
		assert_int_equal(chmod(path, modes[i]), 0);
		assert_int_equal(
			image_cache_open(path, slice_of(""), slice_of(""), USUAL, &cache), -EPERM);
	}
	assert_int_equal(chmod(path, 0700), 0);
	if (getuid() == 0) {
		assert_int_equal(chown(path, 65534, 65534), 0);
		assert_int_equal(
			image_cache_open(path, slice_of(""), slice_of(""), USUAL, &cache), -EPERM);
	}
	assert_int_equal(rmdir(path), 0);
	assert_int_equal(symlink(l->scratch.root, path), 0);
	assert_int_equal(
		image_cache_open(path, slice_of(""), slice_of(""), USUAL, &cache), -ENOTDIR);
	assert_int_equal(unlink(path), 0);
	assert_int_equal(image_cache_open(scratch_path(&l->scratch, "none/cache"), slice_of(""),
				 slice_of(""), USUAL, &cache),
		-ENOENT);
}

/* A blob that is another one now is read, whatever the cache has under its name. */
static void changed_blob_is_noticed(void **state)
{
	struct layout *l = *state;

	make_image(l);
	l->options.cache = open_cache(l, "", USUAL);
	assert_int_equal(read_class(l), PROGRAM_SHELL);
	l->files[0].bytes[4] ^= 1; /* the time in gzip's header: what comes out is the same */
	assert_failed(l, layout_read_directory(l, "oci:%s"), IMAGE_UNREADABLE,
		"its digest is another one");
	image_cache_close(l->options.cache);
}

static void limits_hold_for_what_was_read_before(void **state)
{
	struct layout *l = *state;

	make_image(l);
	l->options.cache = open_cache(l, "", USUAL);
	assert_int_equal(read_class(l), PROGRAM_SHELL);
	l->limits.bytes_max = 1000;
	assert_failed(l, layout_read_directory(l, "oci:%s"), IMAGE_UNREADABLE,
		"more than 1000 bytes, the limit bytes_max");
	image_cache_close(l->options.cache);
}

static uint64_t entries_bytes;

static void add_size(struct layout *l, const char *path)
{
	struct stat st;

	(void)l;
	assert_int_equal(stat(path, &st), 0);
	entries_bytes += st.st_size;
}

static void cache_is_bounded_and_may_be_emptied(void **state)
{
	struct layout *l = *state;
	char salt[8];

	make_image(l);
	for (int i = 0; i < 8; i++) {
		snprintf(salt, sizeof(salt), "%d", i);
		l->options.cache = open_cache(l, salt, 1000); /* room for two */
		assert_int_equal(read_class(l), PROGRAM_SHELL);
		image_cache_close(l->options.cache);
		entries_bytes = 0;
		assert_int_equal(each_entry(l, add_size), i == 0 ? 1 : 2);
		assert_in_range(entries_bytes, 1, 1000);
	}
	l->options.cache = open_cache(l, "7", 100); /* less than one has */
	assert_int_equal(read_class(l), PROGRAM_SHELL);
	nftw(scratch_path(&l->scratch, "cache"), scratch_remove, 16, FTW_DEPTH | FTW_PHYS);
	assert_int_equal(read_class(l), PROGRAM_SHELL);
	image_cache_close(l->options.cache);
}

static void usual_directory_is_the_users(void **state)
{
	CLEANUP_FREE char *path = image_cache_usual_directory();

	(void)state;
	if (getuid() == 0)
		assert_string_equal(path, "/var/cache/barewatch");
	else
		assert_non_null(strstr(path, "/barewatch"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		LAYOUT_TEST(layer_is_read_once),
		LAYOUT_TEST(entry_is_for_its_catalog_salt_and_limits),
		LAYOUT_TEST(hostile_and_broken_entries_are_not_believed),
		LAYOUT_TEST(directory_that_others_can_write_to_is_refused),
		LAYOUT_TEST(changed_blob_is_noticed),
		LAYOUT_TEST(limits_hold_for_what_was_read_before),
		LAYOUT_TEST(cache_is_bounded_and_may_be_emptied),
		cmocka_unit_test(usual_directory_is_the_users),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
