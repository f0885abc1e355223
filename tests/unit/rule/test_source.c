/* SPDX-License-Identifier: Apache-2.0 */
/* Claims about agent/rule/file/source.c. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/cleanup.h"
#include "rule/file/source.h"

/*
 * In each of these files the value of `k` has an X in it, and nothing else has:
 * where the message about it points is where the X is.
 */
static const char *const files[] = {
	"k: X",
	"k: abc X d",
	"k: 'abc X d'",
	"k: \"abc X d\"",
	"k: 'it''s X'",
	"k: \"tab\\t \\\"q\\\" \\x41 \\u00e4 \\x20 \\\\ X\"",
	"k: \"a\\\n   b X\"",
	"k: \xc3\xa4\xe2\x82\xac X",
	"k: abc\n   def X",
	"k: abc\n\n   def\n   X",
	"k: 'abc\n  def\n\n  X'",
	"k: >\n  abc\n  def X",
	"k: >-\n  abc\n\n    def\n  X\n",
	"k: |\n  abc\n  def X",
	"k: |2 # why\n   abc\n   X",
	"# before\n\na: {b: 'c'}\nk:\n  abc X",
	"k: abc X # after",
	"{\"k\": \"abc X\"}",
	"k: >\r\n  abc\r\n  X\r\n",
};

/* Line and column (in characters) of the first X in TEXT. */
static void place_of_x(const char *text, unsigned *ret_line, unsigned *ret_column)
{
	*ret_line = *ret_column = 1;
	for (; *text != 'X'; text++) {
		if (*text == '\n') {
			(*ret_line)++;
			*ret_column = 1;
		} else if (((unsigned char)*text & 0xc0) != 0x80) {
			(*ret_column)++;
		}
	}
}

static void message_points_to_the_character_in_any_style(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(files); i++) {
		CLEANUP_YAML struct yaml_document document = YAML_DOCUMENT_INIT;
		struct source source = {.document = &document, .text = slice_of(files[i])};
		struct origin origin = {.source = &source};
		unsigned line, column;
		struct diag d = {0};

		assert_int_equal(yaml_load_text("f", source.text, &document, &d), 0);
		origin.node = json_object_get(document.root, "k");
		origin_diag(&origin, strcspn(json_string_value(origin.node), "X"), &d, "here");
		place_of_x(files[i], &line, &column);
		if (d.line != line || d.column != column)
			fail_msg("%u:%u is not %u:%u in\n%s", d.line, d.column, line, column,
				files[i]);
	}
}

/* The place of what is missing at the end: behind the last character. */
static void end_of_text_is_behind_its_last_character(void **state)
{
	static const struct {
		const char *text;
		unsigned line, column;
	} cases[] = {
		{"k: a or", 1, 8},
		{"k: 'a or'", 1, 9},
		{"k: >\n  a\n  or\n\n", 3, 5},
		{"k: ''", 1, 5},
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		CLEANUP_YAML struct yaml_document document = YAML_DOCUMENT_INIT;
		struct source source = {.document = &document, .text = slice_of(cases[i].text)};
		struct origin origin = {.source = &source};
		struct diag d = {0};

		assert_int_equal(yaml_load_text("f", source.text, &document, &d), 0);
		origin.node = json_object_get(document.root, "k");
		origin_diag(&origin, json_string_length(origin.node), &d, "here");
		assert_int_equal(d.line, cases[i].line);
		assert_int_equal(d.column, cases[i].column);
	}
}

static void text_without_origin_is_line_one(void **state)
{
	struct diag d;

	(void)state;
	assert_true(origin_diag(NULL, 4, &d, "%s", "message") < 0);
	assert_int_equal(d.line, 1);
	assert_int_equal(d.column, 5);
	assert_string_equal(d.message, "message");
}

static void key_is_found_whether_it_has_a_value_or_not(void **state)
{
	static const struct {
		const char *text, *key;
		unsigned line, column;
	} cases[] = {
		{"a: 1\nkey: 2", "key", 2, 1},
		{"a: 1\nkey:\nb: 2", "key", 2, 1},
		{"key: 1", "key", 1, 1},
		{"a: the key is\nkey:\n  - list", "key", 2, 1},
		{"{\"a\": 1, \"key\": null}", "key", 1, 11},
		{"monkey: 1\nkey : 2", "key", 2, 1},
		{"# key: no\na: 1\n# key: not here\nkey: 2", "key", 4, 1},
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		CLEANUP_YAML struct yaml_document document = YAML_DOCUMENT_INIT;
		struct source source = {.document = &document, .text = slice_of(cases[i].text)};
		struct diag d = {0};

		assert_int_equal(yaml_load_text("f", source.text, &document, &d), 0);
		source_key_diag(&source, document.root, cases[i].key, &d, "here");
		assert_int_equal(d.line, cases[i].line);
		assert_int_equal(d.column, cases[i].column);
	}
}

/* What is made of a value has the value's place; what is the value's own, its own. */
static void passage_knows_where_each_part_came_from(void **state)
{
	CLEANUP_YAML struct yaml_document document = YAML_DOCUMENT_INIT;
	CLEANUP_PASSAGE struct passage passage = {0};
	struct source source = {.document = &document, .text = slice_of("a: one X\nb: Y two\n")};
	struct origin a = {.source = &source}, b = {.source = &source};
	struct diag d;

	(void)state;
	assert_int_equal(yaml_load_text("f", source.text, &document, &d), 0);
	a.node = json_object_get(document.root, "a");
	b.node = json_object_get(document.root, "b");
	assert_int_equal(passage_add(&passage, &a), 0);
	assert_int_equal(passage_add(&passage, &b), 0);
	assert_int_equal(passage_add_made(&passage, " made", &b), 0);
	assert_string_equal(strbuf_text(&passage.text), "one X Y two made");
	origin_diag(passage.origin, 4, &d, "X");
	assert_int_equal(d.line, 1);
	assert_int_equal(d.column, 8);
	origin_diag(passage.origin, 6, &d, "Y");
	assert_int_equal(d.line, 2);
	assert_int_equal(d.column, 4);
	origin_diag(passage.origin, 13, &d, "made");
	assert_int_equal(d.line, 2);
	assert_int_equal(d.column, 4);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(passage_knows_where_each_part_came_from),
		cmocka_unit_test(message_points_to_the_character_in_any_style),
		cmocka_unit_test(end_of_text_is_behind_its_last_character),
		cmocka_unit_test(text_without_origin_is_line_one),
		cmocka_unit_test(key_is_found_whether_it_has_a_value_or_not),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
