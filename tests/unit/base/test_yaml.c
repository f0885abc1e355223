/* SPDX-License-Identifier: Apache-2.0 */
/* Claims about agent/base/yaml.c. */
#include "scratch.h"

#include <errno.h>
#include <sys/wait.h>

#include "base/yaml.h"

/* Asserts that TEXT becomes what is JSON when written compactly. */
static void assert_loads_slice(struct slice text, const char *json)
{
	CLEANUP_YAML struct yaml_document document = YAML_DOCUMENT_INIT;
	CLEANUP_FREE char *found = NULL;
	struct diag d = {0};

	if (yaml_load_text("t.yaml", text, &document, &d) < 0)
		fail_msg("%u:%u: %s", d.line, d.column, d.message);
	found = json_dumps(document.root, JSON_COMPACT | JSON_ENCODE_ANY | JSON_SORT_KEYS);
	assert_string_equal(found, json);
}

static void assert_loads(const char *text, const char *json)
{
	assert_loads_slice(slice_of(text), json);
}

static void assert_fails_slice(struct slice text, const char *message)
{
	struct yaml_document document = YAML_DOCUMENT_INIT;
	struct diag d = {0};

	assert_int_equal(yaml_load_text("t.yaml", text, &document, &d), -EINVAL);
	assert_diag_text(&d, message);
	assert_null(document.root);
}

static void assert_fails(const char *text, const char *message)
{
	assert_fails_slice(slice_of(text), message);
}

static void every_scalar_is_a_string(void **state)
{
	(void)state;
	assert_loads("[yes, 1, 1.5, true, \"1\", '0x10', 2026-11-23]",
		"[\"yes\",\"1\",\"1.5\",\"true\",\"1\",\"0x10\",\"2026-11-23\"]");
	assert_loads("a: |\n  b\n  c\n", "{\"a\":\"b\\nc\\n\"}");
	assert_loads("a: >\n  b\n  c\n", "{\"a\":\"b c\\n\"}");
	assert_loads("word", "\"word\"");
}

static void plain_nulls_are_null_and_quoted_ones_are_not(void **state)
{
	(void)state;
	assert_loads("[~, null, NULL, '~', \"null\", '']", "[null,null,null,\"~\",\"null\",\"\"]");
	assert_loads("a:\nb: ~\n", "{\"a\":null,\"b\":null}");
}

static void empty_documents_are_null(void **state)
{
	static const char *const texts[] = {"", "\n\n", "# comment\n", "---\n", "---\n...\n", "~"};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(texts); i++)
		assert_loads(texts[i], "null");
}

static void json_is_yaml(void **state)
{
	(void)state;
	assert_loads("{\"a\": [1, {\"b\": \"\\u00fc\"}], \"c\": null}",
		"{\"a\":[\"1\",{\"b\":\"\xc3\xbc\"}],\"c\":null}");
}

static void anchors_without_aliases_are_harmless(void **state)
{
	(void)state;
	assert_loads("a: &x 1", "{\"a\":\"1\"}");
}

static void what_is_not_supported_is_refused_with_its_place(void **state)
{
	(void)state;
	assert_fails("a: &x 1\nb: *x\n", "t.yaml:2:4: aliases (*name) are not supported");
	assert_fails("a: 1\n---\nb: 2\n", "t.yaml:2:1: a second document ('---') is not supported");
	assert_fails("---\n---\n", "t.yaml:2:1: a second document ('---') is not supported");
	assert_fails("a: 1\n[b]: 2\n", "t.yaml:2:1: a mapping key must be a plain word");
	assert_fails("{a: 1}: 2\n", "t.yaml:1:1: a mapping key must be a plain word");
	assert_fails("a: 1\nb: 2\na: 3\n", "t.yaml:3:1: key 'a' is given twice");
	assert_fails("a:\n'a': 3\n", "t.yaml:2:1: key 'a' is given twice");
}

static void tags_are_refused(void **state)
{
	(void)state;
	assert_fails("a: !!str 1\n", "t.yaml:1:4: tags (!name) are not supported");
	assert_fails("a: !x [1]\n", "t.yaml:1:4: tags (!name) are not supported");
	assert_fails("a: !<tag:x> {b: 1}\n", "t.yaml:1:4: tags (!name) are not supported");
	assert_fails("!!str a: 1\n", "t.yaml:1:1: tags (!name) are not supported");
}

static void nul_characters_are_refused(void **state)
{
	(void)state;
	assert_fails("a:\n  - \"x\\0y\"\n", "t.yaml:2:5: a NUL character is not allowed");
	assert_fails("a: 1\n\"a\\0b\": 2\n", "t.yaml:2:1: a NUL character is not allowed");
}

static void syntax_errors_have_their_place(void **state)
{
	(void)state;
	assert_fails("a: [1, 2\nb: 3\n", "t.yaml:2:2: did not find expected ',' or ']'");
	assert_fails(
		"a: 1\n\tb: 2\n", "t.yaml:2:1: found a tab character that violates indentation");
	assert_fails("a: \"x\n", "t.yaml:2:1: found unexpected end of stream");
	assert_fails("a: 1\n b: 2\n", "t.yaml:2:3: mapping values are not allowed in this context");
	assert_fails("}", "t.yaml:1:1: did not find expected node content");
}

static void what_is_no_utf8_is_refused_with_its_line(void **state)
{
	(void)state;
	assert_fails("\xff", "t.yaml:1: invalid leading UTF-8 octet");
	assert_fails("a: 1\nb: 2\nc: x\xffy\n", "t.yaml:3: invalid leading UTF-8 octet");
	assert_fails("a: 1\n\nb: \xc0\xaf\n", "t.yaml:3: invalid length of a UTF-8 sequence");
	assert_fails("a: \xed\xa0\x80\n", "t.yaml:1: invalid Unicode character");
	assert_fails("a: 1\nb: \033[2J\n", "t.yaml:2: control characters are not allowed");
	assert_fails_slice(SLICE("a: 1\nb: \0\n"), "t.yaml:2: control characters are not allowed");
}

/* "[[[...]]]", or with maps; the innermost is at DEPTH. */
static char *nested(size_t depth, const char *open, char close)
{
	CLEANUP_STRBUF struct strbuf text = STRBUF_INIT;

	for (size_t i = 0; i < depth; i++)
		strbuf_add_text(&text, open);
	strbuf_add_char(&text, 'x');
	for (size_t i = 0; i < depth; i++)
		strbuf_add_char(&text, close);
	return strdup(strbuf_text(&text));
}

static void depth_is_limited(void **state)
{
	CLEANUP_FREE char *deepest = nested(YAML_DEPTH_MAX, "[", ']');
	CLEANUP_FREE char *deeper = nested(YAML_DEPTH_MAX + 1, "[", ']');
	CLEANUP_FREE char *maps = nested(YAML_DEPTH_MAX + 1, "{a: ", '}');
	CLEANUP_FREE char *huge = nested(100000, "[", ']');
	CLEANUP_YAML struct yaml_document document = YAML_DOCUMENT_INIT;
	struct diag d = {0};

	(void)state;
	assert_int_equal(yaml_load_text("t.yaml", slice_of(deepest), &document, &d), 0);
	assert_fails(deeper, "t.yaml:1:66: nested too deeply");
	assert_fails(maps, "t.yaml:1:261: nested too deeply");
	assert_fails(huge, "t.yaml:1:66: nested too deeply");
}

/* A list of COUNT items, which with the list itself are COUNT + 1 values. */
static int load_list_of(size_t count, struct diag *d)
{
	CLEANUP_YAML struct yaml_document document = YAML_DOCUMENT_INIT;
	CLEANUP_STRBUF struct strbuf text = STRBUF_INIT;

	for (size_t i = 0; i < count; i++)
		strbuf_add_text(&text, "- x\n");
	return yaml_load_text("t.yaml", strbuf_slice(&text), &document, d);
}

static void number_of_values_is_limited(void **state)
{
	struct diag d = {0};

	(void)state;
	assert_int_equal(load_list_of(YAML_NODES_MAX - 1, &d), 0);
	assert_int_equal(load_list_of(YAML_NODES_MAX, &d), -EINVAL);
	assert_diag_text(&d, "t.yaml:200000:3: too many values in one file");
}

static void every_value_knows_its_place(void **state)
{
	CLEANUP_YAML struct yaml_document document = YAML_DOCUMENT_INIT;
	const json_t *list, *map;
	unsigned line, column;
	struct diag d = {0};

	(void)state;
	assert_int_equal(yaml_load_text("t.yaml", slice_of("# head\nlist:\n  - one\n  - {k: v}\n"),
				 &document, &d),
		0);
	list = json_object_get(document.root, "list");
	map = json_array_get(list, 1);
	yaml_place(&document, document.root, &line, &column);
	assert_int_equal(line, 2);
	assert_int_equal(column, 1);
	yaml_place(&document, json_array_get(list, 0), &line, &column);
	assert_int_equal(line, 3);
	assert_int_equal(column, 5);
	yaml_diag(&document, json_object_get(map, "k"), &d, "bad %s", "value");
	assert_diag_text(&d, "t.yaml:4:9: bad value");
}

static void part_of_a_file_has_the_lines_of_the_file(void **state)
{
	CLEANUP_YAML struct yaml_document document = YAML_DOCUMENT_INIT;
	unsigned line, column;
	struct diag d;

	(void)state;
	assert_int_equal(yaml_load_part("t.yaml", slice_of("- a\n- b\n"), 40, &document, &d), 0);
	yaml_place(&document, json_array_get(document.root, 1), &line, &column);
	assert_int_equal(line, 41);
	assert_int_equal(column, 3);
	assert_int_equal(
		yaml_load_part("t.yaml", slice_of("- a\n- {k: 1, k: 2}\n"), 40, &document, &d),
		-EINVAL);
	assert_diag_text(&d, "t.yaml:41:10: key 'k' is given twice");
	assert_int_equal(
		yaml_load_part("t.yaml", slice_of("a\n\xff\n"), 40, &document, &d), -EINVAL);
	assert_int_equal(d.line, 41);
}

static void what_is_not_of_the_document_has_no_place(void **state)
{
	CLEANUP_YAML struct yaml_document document = YAML_DOCUMENT_INIT;
	unsigned line = 9, column = 9;
	struct diag d = {0};

	(void)state;
	assert_int_equal(yaml_load_text("t.yaml", slice_of("a: ~"), &document, &d), 0);
	yaml_place(&document, json_object_get(document.root, "a"), &line, &column);
	assert_int_equal(line, 0);
	assert_int_equal(column, 0);
	yaml_place(&document, NULL, &line, &column);
	assert_int_equal(line, 0);
	assert_int_equal(yaml_diag(&document, NULL, &d, "bad"), -EINVAL);
	assert_diag_text(&d, "t.yaml: bad");
}

static void descriptions_are_for_messages(void **state)
{
	CLEANUP_YAML struct yaml_document document = YAML_DOCUMENT_INIT;
	static const char *const expected[] = {"a list", "a mapping", "a single value", "nothing"};
	struct diag d = {0};

	(void)state;
	assert_int_equal(yaml_load_text("t.yaml", slice_of("[[], {}, x, ~]"), &document, &d), 0);
	for (size_t i = 0; i < ARRAY_SIZE(expected); i++)
		assert_string_equal(yaml_describe(json_array_get(document.root, i)), expected[i]);
}

static void booleans_of_both_versions_are_known(void **state)
{
	static const struct {
		const char *text;
		bool is_bool, value;
	} cases[] = {
		{"true", true, true},
		{"True", true, true},
		{"YES", true, true},
		{"on", true, true},
		{"false", true, false},
		{"no", true, false},
		{"Off", true, false},
		{"1", false, false},
		{"y", false, false},
		{"truely", false, false},
		{"~", false, false},
		{"[true]", false, false},
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		CLEANUP_YAML struct yaml_document document = YAML_DOCUMENT_INIT;
		struct diag d = {0};
		bool value = false;

		yaml_load_text("t.yaml", slice_of(cases[i].text), &document, &d);
		if (yaml_bool(document.root, &value) != cases[i].is_bool || value != cases[i].value)
			fail_msg("%s is not read as expected", cases[i].text);
	}
}

static void files_are_loaded_under_their_own_name(void **state)
{
	CLEANUP_SCRATCH struct scratch s;
	CLEANUP_YAML struct yaml_document document = YAML_DOCUMENT_INIT;
	char expected[SCRATCH_PATH_MAX + 64];
	struct diag d = {0};

	(void)state;
	scratch_init(&s);
	scratch_write_text(&s, "good.yaml", "a: b");
	scratch_write_text(&s, "bad.yaml", "a: b\na: c\n");
	assert_int_equal(yaml_load_file(scratch_path(&s, "good.yaml"), &document, &d), 0);
	assert_string_equal(document.name, s.path);
	assert_int_equal(yaml_load_file(scratch_path(&s, "bad.yaml"), &document, &d), -EINVAL);
	snprintf(expected, sizeof(expected), "%s:2:1: key 'a' is given twice", s.path);
	assert_diag_text(&d, expected);
}

/* As in --rules <(command): the writer may be slower than the reader. */
static void pipes_are_loaded_when_their_writer_is_done(void **state)
{
	CLEANUP_SCRATCH struct scratch s;
	CLEANUP_YAML struct yaml_document document = YAML_DOCUMENT_INIT;
	struct diag d = {0};
	pid_t child;
	int status;

	(void)state;
	scratch_init(&s);
	assert_int_equal(mkfifo(scratch_path(&s, "pipe"), 0600), 0);
	child = fork();
	assert_true(child >= 0);
	if (child == 0) {
		int fd = open(s.path, O_WRONLY);

		usleep(2000);
		_exit(write_all(fd, "a: ", 3) < 0 || usleep(2000) < 0 || write_all(fd, "b", 1) < 0);
	}
	assert_int_equal(yaml_load_file(s.path, &document, &d), 0);
	assert_string_equal(json_string_value(json_object_get(document.root, "a")), "b");
	assert_int_equal(waitpid(child, &status, 0), child);
	assert_int_equal(status, 0);
}

static void files_that_cannot_be_read_are_named(void **state)
{
	struct yaml_document document = YAML_DOCUMENT_INIT;
	struct diag d = {0};

	(void)state;
	assert_int_equal(yaml_load_file("/nonexistent.yaml", &document, &d), -ENOENT);
	assert_diag_text(&d, "/nonexistent.yaml: No such file or directory");
	assert_int_equal(yaml_load_file("/tmp", &document, &d), -EISDIR);
	assert_diag_text(&d, "/tmp: Is a directory");
	assert_int_equal(yaml_load_file("/dev/zero", &document, &d), -EFBIG);
	assert_diag_text(&d, "/dev/zero: File too large");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_scalar_is_a_string),
		cmocka_unit_test(plain_nulls_are_null_and_quoted_ones_are_not),
		cmocka_unit_test(empty_documents_are_null),
		cmocka_unit_test(json_is_yaml),
		cmocka_unit_test(anchors_without_aliases_are_harmless),
		cmocka_unit_test(what_is_not_supported_is_refused_with_its_place),
		cmocka_unit_test(tags_are_refused),
		cmocka_unit_test(nul_characters_are_refused),
		cmocka_unit_test(syntax_errors_have_their_place),
		cmocka_unit_test(what_is_no_utf8_is_refused_with_its_line),
		cmocka_unit_test(depth_is_limited),
		cmocka_unit_test(number_of_values_is_limited),
		cmocka_unit_test(every_value_knows_its_place),
		cmocka_unit_test(part_of_a_file_has_the_lines_of_the_file),
		cmocka_unit_test(what_is_not_of_the_document_has_no_place),
		cmocka_unit_test(descriptions_are_for_messages),
		cmocka_unit_test(booleans_of_both_versions_are_known),
		cmocka_unit_test(files_are_loaded_under_their_own_name),
		cmocka_unit_test(pipes_are_loaded_when_their_writer_is_done),
		cmocka_unit_test(files_that_cannot_be_read_are_named),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
