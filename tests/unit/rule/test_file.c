/* SPDX-License-Identifier: Apache-2.0 */
/* Claims about agent/rule/file/file.c. */
#include "scratch.h"

#include <errno.h>

#include "rule/file/file.h"

static void folder_is_read_in_the_order_of_bytes(void **state)
{
	static const char *const order[] = {"1.json", "B.yml", "a.yaml"};
	CLEANUP_SCRATCH struct scratch scratch;
	CLEANUP_DIAGS struct diags diags = DIAGS_INIT;
	struct rule_files files = {0};

	(void)state;
	scratch_init(&scratch);
	assert_int_equal(rule_files_add_path(&files, scratch.root, &diags), 0);
	assert_int_equal(diags.counts[DIAG_WARNING], 1);
	scratch_write_text(&scratch, "a.yaml", "1");
	scratch_write_text(&scratch, "B.yml", "22");
	scratch_write_text(&scratch, "1.json", "");
	scratch_write_text(&scratch, "a.yaml~", "");
	scratch_write_text(&scratch, ".hidden.yaml", "");
	scratch_write_text(&scratch, "yaml", "");
	scratch_write_text(&scratch, "folder.yaml/inner.yaml", "");
	assert_int_equal(rule_files_add_path(&files, scratch.root, &diags), 0);
	assert_int_equal(files.count, ARRAY_SIZE(order));
	for (size_t i = 0; i < files.count; i++)
		assert_string_equal(files.entries[i].name, scratch_path(&scratch, order[i]));
	assert_int_equal(files.entries[1].size, 2);
	rule_files_truncate(&files, 0);
}

static void path_that_is_not_there_is_named(void **state)
{
	CLEANUP_DIAGS struct diags diags = DIAGS_INIT;
	struct rule_files files = {0};

	(void)state;
	assert_int_equal(rule_files_add_path(&files, "/nonexistent", &diags), -ENOENT);
	assert_int_equal(diags.counts[DIAG_ERROR], 1);
	assert_string_equal(diags.items[0].diag.file, "/nonexistent");
	assert_int_equal(files.count, 0);
}

static struct rule_file *parsed(struct rule_files *files, const char *text, struct diags *diags)
{
	assert_int_equal(rule_files_add_text(files, "f", slice_of(text)), 0);
	assert_int_equal(rule_file_parse(&files->entries[0], diags), 0);
	return &files->entries[0];
}

static void items_behind_a_faulty_one_are_read(void **state)
{
	CLEANUP_DIAGS struct diags diags = DIAGS_INIT;
	struct rule_files files = {0};
	const struct rule_file *file;
	unsigned line, column;

	(void)state;
	file = parsed(&files,
		"# head\n- a: 1\n- b: [\n- c: 3\n-\n  d: {x: 1\n- e: 5\n  e: 6\n- f: 7", &diags);
	assert_int_equal(diags.count, 3);
	assert_int_equal(diags.items[0].diag.line, 4); /* where the '[' still is not closed */
	assert_int_equal(diags.items[1].diag.line, 7);
	assert_int_equal(diags.items[2].diag.line, 8);
	assert_int_equal(file->source_count, 4); /* and what comes before the first item */
	yaml_place(file->sources[2].document, json_array_get(file->sources[2].document->root, 0),
		&line, &column);
	assert_int_equal(line, 4);
	assert_int_equal(column, 3);
	rule_files_truncate(&files, 0);
}

static void file_whose_parts_are_fine_is_wrong_as_a_whole(void **state)
{
	CLEANUP_DIAGS struct diags diags = DIAGS_INIT;
	struct rule_files files = {0};

	(void)state;
	parsed(&files, "- a: 1\n--- \n- b: 2\n", &diags);
	assert_int_equal(diags.count, 1);
	assert_int_equal(diags.items[0].diag.line, 2);
	rule_files_truncate(&files, 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(folder_is_read_in_the_order_of_bytes),
		cmocka_unit_test(path_that_is_not_there_is_named),
		cmocka_unit_test(items_behind_a_faulty_one_are_read),
		cmocka_unit_test(file_whose_parts_are_fine_is_wrong_as_a_whole),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
