/* SPDX-License-Identifier: Apache-2.0 */
/* Claims about agent/image/layer_pool.c and layer_shared.c: the order of threads decides nothing. */
#include "image/layout_fixture.h"

#include <errno.h>

#include "image/failure.h"
#include "image/layer_pool.h"

#define JOBS   40
#define ROUNDS 200

/* What a job takes, and whether it fails. */
struct plan {
	uint64_t bytes[JOBS];
	bool fails[JOBS];
};

static int take_bytes(
	struct layer_reader *reader, size_t number, struct layer **ret, void *userdata)
{
	const struct plan *plan = userdata;
	struct layer_usage usage = {.bytes = plan->bytes[number]};
	int r = layer_reader_charge(reader, &usage);

	*ret = NULL;
	if (r == 0 && plan->fails[number])
		r = image_fail(reader->e, IMAGE_UNREADABLE, "job %zu", number);
	return r;
}

/* The first job that does not end well when one is done after the other; JOBS: all do. */
static size_t first_end(const struct plan *plan, uint64_t left)
{
	for (size_t i = 0; i < JOBS; i++) {
		if (plan->bytes[i] > left || plan->fails[i])
			return i;
		left -= plan->bytes[i];
	}
	return JOBS;
}

static void results_are_those_of_one_after_the_other(void **state)
{
	struct layers *l = *state;
	struct layer_job jobs[JOBS];

	srand(7);
	l->reader.budget.bytes_left = 1000;
	for (unsigned round = 0; round < ROUNDS; round++) {
		struct plan plan;
		size_t end;

		for (size_t i = 0; i < JOBS; i++) {
			plan.bytes[i] = rand() % 60;
			plan.fails[i] = rand() % 60 == 0;
		}
		end = first_end(&plan, 1000);
		layer_pool_run(&l->reader, jobs, JOBS, take_bytes, &plan);
		for (size_t i = 0; i < JOBS && i <= end; i++) {
			assert_int_equal(jobs[i].result, plan.fails[i] ? -EBADMSG : 0);
			assert_int_equal(jobs[i].usage.bytes, plan.bytes[i]);
		}
		assert_int_equal(l->reader.budget.bytes_left, 1000);
	}
}

/* ---- images of several layers ---- */

#define LAYERS 12

static void add_layer(struct strbuf *tar, unsigned number)
{
	CLEANUP_STRBUF struct strbuf data = STRBUF_INIT;
	char name[32];

	snprintf(name, sizeof(name), "file%u", number);
	while (data.len < (number % 3) * 700000 + 10)
		strbuf_addf(&data, "%u,", number * 7919 + (unsigned)data.len);
	tar_add_data(tar, '0', name, strbuf_slice(&data));
	tar_add_end(tar);
}

/* An image of LAYERS layers, of which those in BAD (a bit for each) are no archives. */
static void make_image(struct layout *l, unsigned bad)
{
	CLEANUP_STRBUF struct strbuf diff_ids = STRBUF_INIT, layers = STRBUF_INIT,
				     config = STRBUF_INIT, manifest = STRBUF_INIT,
				     index = STRBUF_INIT;
	char digest[DIGEST_TEXT_SIZE], text[DIGEST_TEXT_SIZE + 2];

	for (unsigned i = 0; i < LAYERS; i++) {
		CLEANUP_STRBUF struct strbuf tar = STRBUF_INIT, packed = STRBUF_INIT;

		add_layer(&tar, i);
		if (bad >> i & 1)
			tar.data[10] ^= 1;
		add_gzip(&packed, strbuf_slice(&tar));
		digest_text(strbuf_slice(&tar), text);
		strbuf_addf(&diff_ids, "%s\"%s\"", i ? "," : "", text);
		layout_blob(l, strbuf_slice(&packed), digest);
		add_descriptor(&layers, digest, packed.len, "");
	}
	strbuf_addf(&config,
		"{\"os\":\"linux\",\"architecture\":\"amd64\",\"rootfs\":{\"diff_ids\":"
		"[%s]}}",
		strbuf_text(&diff_ids));
	layout_blob(l, strbuf_slice(&config), digest);
	strbuf_addf(&manifest, "{\"config\":{\"digest\":\"%s\",\"size\":%zu},\"layers\":[%s]}",
		digest, config.len, strbuf_text(&layers));
	layout_blob(l, strbuf_slice(&manifest), digest);
	add_descriptor(&index, digest, manifest.len, "");
	layout_index(l, strbuf_text(&index));
}

static void layers_are_merged_in_their_order(void **state)
{
	struct layout *l = *state;

	make_image(l, 0);
	for (int i = 0; i < 10; i++) {
		assert_read(l, layout_read_directory(l, "oci:%s"));
		assert_int_equal(layout_files(l, 0, "file11"), LAYERS);
		assert_int_equal(l->image->manifests[0].layer_count, LAYERS);
		for (size_t k = 1; k < LAYERS; k++)
			assert_true(l->image->manifests[0].layers[k].bytes >= (k % 3) * 700000);
	}
}

static void first_layer_that_is_wrong_is_the_one_that_is_told(void **state)
{
	struct layout *l = *state;
	char expected[512];

	make_image(l, 1 << 4 | 1 << 5 | 1 << 9);
	assert_true(layout_read_directory(l, "oci:%s") < 0);
	memcpy(expected, l->e.message, sizeof(expected));
	assert_non_null(strstr(expected, "tar, at byte 512: no header: its checksum is wrong"));
	for (int i = 0; i < 30; i++) {
		assert_true(layout_read(l, "oci:%s", "layout") < 0);
		assert_string_equal(l->e.message, expected);
	}
}

static void limits_hold_for_all_layers_together(void **state)
{
	struct layout *l = *state;

	make_image(l, 0);
	l->limits.bytes_max = 4 << 20; /* each has less than half of it */
	for (int i = 0; i < 10; i++)
		assert_failed(l, layout_read_directory(l, "oci:%s"), IMAGE_UNREADABLE,
			"more than 4194304 bytes, the limit bytes_max");
	l->limits.bytes_max = 16 << 20;
	l->limits.members_max = LAYERS - 1;
	for (int i = 0; i < 10; i++)
		assert_failed(l, layout_read_directory(l, "oci:%s"), IMAGE_UNREADABLE,
			"more than 11 files, the limit members_max");
	l->limits.members_max = LAYERS;
	assert_read(l, layout_read_directory(l, "oci:%s"));
}

/* Where no file can be made, those that were given are taken. */
static void spools_are_taken_where_they_are_given(void **state)
{
	struct layout *l = *state;
	CLEANUP_STRBUF struct strbuf tar = STRBUF_INIT, gzip = STRBUF_INIT, shell = STRBUF_INIT;
	struct image_spools spools;
	struct image_file file;
	struct program_identity id;
	uint32_t number;

	add_shell(&shell, LAYER_HELD_BYTES);
	tar_add_data(&tar, '0', "data", strbuf_slice(&shell));
	tar_add_end(&tar);
	add_gzip(&gzip, strbuf_slice(&tar));
	assert_int_equal(image_spools_make(&spools), 0);
	setenv("TMPDIR", "/barewatch-none", 1);
	assert_failed(l, layout_read_bytes(l, "rootfs:%s", strbuf_slice(&gzip)), IMAGE_UNREADABLE,
		"a temporary file: No such file");
	l->options.spools = &spools;
	for (int i = 0; i < 2; i++) {
		assert_read(l, layout_read_bytes(l, "rootfs:%s", strbuf_slice(&gzip)));
		assert_int_equal(image_tree_resolve(l->image->manifests[0].tree, 0,
					 slice_of("data"), false, &number),
			0);
		assert_true(image_tree_get(l->image->manifests[0].tree, number, &file));
		assert_true(image_tree_identity(l->image->manifests[0].tree, &file, &id));
		assert_int_equal(id.class, PROGRAM_SHELL);
	}
	unsetenv("TMPDIR");
	image_spools_close(&spools);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		LAYERS_TEST(results_are_those_of_one_after_the_other),
		LAYOUT_TEST(layers_are_merged_in_their_order),
		LAYOUT_TEST(first_layer_that_is_wrong_is_the_one_that_is_told),
		LAYOUT_TEST(limits_hold_for_all_layers_together),
		LAYOUT_TEST(spools_are_taken_where_they_are_given),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
