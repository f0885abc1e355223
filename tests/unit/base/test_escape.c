/* SPDX-License-Identifier: Apache-2.0 */
/* Claims about agent/base/escape.c. */
#include "asserts.h"

struct escape_case {
	struct slice bytes;
	const char *expected;
};

static void assert_escaped(
	void (*escape)(struct strbuf *out, struct slice bytes), const struct escape_case *c)
{
	CLEANUP_STRBUF struct strbuf out = STRBUF_INIT;
	/* exactly as large as the text, so that reading on is seen */
	CLEANUP_FREE char *exact = malloc(c->bytes.len ? c->bytes.len : 1);

	assert_non_null(exact);
	memcpy(exact, c->bytes.data, c->bytes.len);
	escape(&out, (struct slice){exact, c->bytes.len});
	assert_string_equal(strbuf_text(&out), c->expected);
	assert_true(utf8_valid(strbuf_slice(&out)));
}

#define ASSERT_TEXT(bytes, expected) \
	assert_escaped(escape_text, &(struct escape_case){SLICE(bytes), expected})
#define ASSERT_WORD(bytes, expected) \
	assert_escaped(escape_word, &(struct escape_case){SLICE(bytes), expected})

static void printable_text_is_left_alone(void **state)
{
	(void)state;
	ASSERT_TEXT("", "");
	ASSERT_TEXT("/usr/bin/[ ~'\"$(x)", "/usr/bin/[ ~'\"$(x)");
	ASSERT_TEXT("gr\xc3\xbc\xc3\x9f \xe6\x97\xa5\xe6\x9c\xac \xf0\x9f\x90\x9a",
		"gr\xc3\xbc\xc3\x9f \xe6\x97\xa5\xe6\x9c\xac \xf0\x9f\x90\x9a");
	ASSERT_TEXT("\xc2\xa0", "\xc2\xa0");
}

static void backslash_is_doubled_so_that_escapes_are_unambiguous(void **state)
{
	(void)state;
	ASSERT_TEXT("\\", "\\\\");
	ASSERT_TEXT("a\\nb", "a\\\\nb");
	ASSERT_TEXT("\\\n", "\\\\\\n");
}

static void control_characters_never_get_through(void **state)
{
	(void)state;
	ASSERT_TEXT("a\nb\tc\rd", "a\\nb\\tc\\rd");
	ASSERT_TEXT("\033[31mred\033[0m", "\\u{1b}[31mred\\u{1b}[0m");
	ASSERT_TEXT("\033]0;title\007", "\\u{1b}]0;title\\u{7}");
	ASSERT_TEXT("a\0b", "a\\u{0}b");
	ASSERT_TEXT("\b\x7f", "\\u{8}\\u{7f}");
}

static void c1_controls_never_get_through(void **state)
{
	(void)state;
	ASSERT_TEXT("\xc2\x80\xc2\x85\xc2\x9b", "\\u{80}\\u{85}\\u{9b}");
	ASSERT_TEXT("\x9b"
		    "31m",
		"\\x9b31m"); /* the same as one byte is no UTF-8 */
}

static void direction_marks_never_get_through(void **state)
{
	(void)state;
	ASSERT_TEXT("cod\xe2\x80\xaegnp.", "cod\\u{202e}gnp.");
	ASSERT_TEXT("\xe2\x80\x8e\xe2\x80\x8f\xd8\x9c", "\\u{200e}\\u{200f}\\u{61c}");
	ASSERT_TEXT("\xe2\x80\xaa\xe2\x81\xa6\xe2\x81\xa9", "\\u{202a}\\u{2066}\\u{2069}");
}

/* Unicode's Default_Ignorable_Code_Point, and the line separators. */
static void invisible_characters_never_get_through(void **state)
{
	(void)state;
	ASSERT_TEXT("s\xe2\x80\x8bh", "s\\u{200b}h");
	ASSERT_TEXT("\xc2\xad", "\\u{ad}");
	ASSERT_TEXT("\xcd\x8f", "\\u{34f}");
	ASSERT_TEXT("\xe1\x85\x9f\xe1\x85\xa0", "\\u{115f}\\u{1160}");
	ASSERT_TEXT("\xe1\x9e\xb4", "\\u{17b4}");
	ASSERT_TEXT("\xe1\xa0\x8b\xe1\xa0\x8e", "\\u{180b}\\u{180e}");
	ASSERT_TEXT("\xe2\x80\xa8\xe2\x80\xa9", "\\u{2028}\\u{2029}");
	ASSERT_TEXT("\xe2\x81\xa0\xe2\x81\xaf", "\\u{2060}\\u{206f}");
	ASSERT_TEXT("\xe3\x85\xa4", "\\u{3164}");
	ASSERT_TEXT("\xef\xb8\x80\xef\xb8\x8f", "\\u{fe00}\\u{fe0f}");
	ASSERT_TEXT("\xef\xbb\xbf", "\\u{feff}");
	ASSERT_TEXT("\xef\xbe\xa0", "\\u{ffa0}");
	ASSERT_TEXT("\xef\xbf\xb0\xef\xbf\xbb", "\\u{fff0}\\u{fffb}");
	ASSERT_TEXT("\xf0\x9d\x85\xb3", "\\u{1d173}");
	ASSERT_TEXT("\xf3\xa0\x80\x81\xf3\xa0\x84\x80", "\\u{e0001}\\u{e0100}");
}

/* Neighbours of what is escaped. */
static void visible_neighbours_get_through(void **state)
{
	static const char *const texts[] = {" ", "~", "\xc2\xac", "\xc2\xae", "\xe2\x80\xaf",
		"\xe2\x80\xa7", "\xe2\x80\x90", "\xe2\x81\x9f", "\xe2\x81\xb0", "\xef\xbf\xbc",
		"\xef\xbf\xbd"};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(texts); i++)
		assert_escaped(escape_text, &(struct escape_case){slice_of(texts[i]), texts[i]});
}

static const struct {
	struct slice bytes;
	const char *escaped;
} ill_formed[] = {
	{SLICE("\x80"), "\\x80"}, /* a continuation alone */
	{SLICE("\xc3"), "\\xc3"}, /* cut off */
	{SLICE("\xe6\x97"), "\\xe6\\x97"},
	{SLICE("\xf0\x9f\x90"), "\\xf0\\x9f\\x90"},
	{SLICE("\xc3("), "\\xc3("}, /* what follows is not swallowed */
	{SLICE("\xe6\x97\n"), "\\xe6\\x97\\n"},
	{SLICE("\xf0\x9f\x90\033"), "\\xf0\\x9f\\x90\\u{1b}"},
	{SLICE("\xc0\xaf"), "\\xc0\\xaf"}, /* overlong */
	{SLICE("\xc1\xbf"), "\\xc1\\xbf"},
	{SLICE("\xc0\x80"), "\\xc0\\x80"},
	{SLICE("\xe0\x80\x8a"), "\\xe0\\x80\\x8a"},
	{SLICE("\xe0\x9f\xbf"), "\\xe0\\x9f\\xbf"},
	{SLICE("\xf0\x8f\xbf\xbf"), "\\xf0\\x8f\\xbf\\xbf"},
	{SLICE("\xed\xa0\x80"), "\\xed\\xa0\\x80"}, /* surrogates */
	{SLICE("\xed\xbf\xbf"), "\\xed\\xbf\\xbf"},
	{SLICE("\xf4\x90\x80\x80"), "\\xf4\\x90\\x80\\x80"}, /* above U+10FFFF */
	{SLICE("\xf7\xbf\xbf\xbf"), "\\xf7\\xbf\\xbf\\xbf"},
	{SLICE("\xf8\x88\x80\x80\x80"), "\\xf8\\x88\\x80\\x80\\x80"},
	{SLICE("\xfe\xff"), "\\xfe\\xff"},
};

static void what_is_no_utf8_is_shown_byte_by_byte(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(ill_formed); i++)
		assert_escaped(escape_text,
			&(struct escape_case){ill_formed[i].bytes, ill_formed[i].escaped});
}

static void what_is_no_utf8_is_not_valid(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(ill_formed); i++)
		if (utf8_valid(ill_formed[i].bytes))
			fail_msg("valid: %s", ill_formed[i].escaped);
}

static void ends_of_the_ranges_are_valid(void **state)
{
	static const struct slice valid[] = {
		SLICE(""),
		SLICE("\x01"),
		SLICE("\x7f"),
		SLICE("\xc2\x80"),
		SLICE("\xdf\xbf"),
		SLICE("\xe0\xa0\x80"),
		SLICE("\xed\x9f\xbf"),
		SLICE("\xee\x80\x80"),
		SLICE("\xef\xbf\xbf"),
		SLICE("\xf0\x90\x80\x80"),
		SLICE("\xf4\x8f\xbf\xbf"),
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(valid); i++)
		if (!utf8_valid(valid[i]))
			fail_msg("number %zu is not valid", i);
}

static void nul_is_not_valid(void **state)
{
	(void)state;
	assert_false(utf8_valid(SLICE("a\0b")));
	assert_false(utf8_valid(SLICE("\0")));
}

static void words_are_quoted_when_they_must(void **state)
{
	(void)state;
	ASSERT_WORD("plain", "plain");
	ASSERT_WORD("", "''");
	ASSERT_WORD("two words", "'two words'");
	ASSERT_WORD("it's", "'it\\'s'");
	ASSERT_WORD("\"", "'\"'");
	ASSERT_WORD("'", "'\\''");
	ASSERT_WORD("a\\b", "a\\\\b");
	ASSERT_WORD("\\'", "'\\\\\\''");
	ASSERT_WORD("a\nb", "a\\nb");
	ASSERT_WORD("a \xff", "'a \\xff'");
}

/* Two lists of words never look the same: not even those made to. */
static void words_cannot_imitate_others(void **state)
{
	(void)state;
	ASSERT_WORD("' '", "'\\' \\''");
	ASSERT_WORD("''", "'\\'\\''");
}

static void every_pair_of_bytes_comes_out_clean(void **state)
{
	(void)state;
	for (unsigned i = 0; i < 0x10000; i++) {
		CLEANUP_STRBUF struct strbuf out = STRBUF_INIT;
		char pair[2] = {i >> 8, i & 0xff};

		escape_text(&out, (struct slice){pair, 2});
		if (!utf8_valid(strbuf_slice(&out)))
			fail_msg("%04x becomes no UTF-8", i);
		for (size_t k = 0; k < out.len; k++)
			if ((unsigned char)out.data[k] < 0x20 || out.data[k] == 0x7f)
				fail_msg("%04x becomes a control character", i);
	}
}

static void what_is_escaped_can_be_read_back(void **state)
{
	char bytes[512];

	(void)state;
	for (unsigned i = 0; i < 256; i++) {
		bytes[2 * i] = i;
		bytes[2 * i + 1] = i % 3 ? '\\' : 'x';
	}
	for (size_t len = 0; len <= sizeof(bytes); len++) {
		CLEANUP_STRBUF struct strbuf text = STRBUF_INIT, back = STRBUF_INIT;

		escape_text(&text, (struct slice){bytes, len});
		assert_true(unescape_text(&back, strbuf_slice(&text)));
		assert_slice_is(strbuf_slice(&back), (struct slice){bytes, len});
	}
}

static void unsafe_characters_can_be_read_back(void **state)
{
	static const char *const texts[] = {"\xc2\x80", "\xc2\xad", "\xe2\x80\xae", "\xef\xbb\xbf",
		"\xf3\xa0\x80\x81", "\xf0\x9f\x90\x9a"};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(texts); i++) {
		CLEANUP_STRBUF struct strbuf text = STRBUF_INIT, back = STRBUF_INIT;

		escape_text(&text, slice_of(texts[i]));
		assert_true(unescape_text(&back, strbuf_slice(&text)));
		assert_slice_text(strbuf_slice(&back), texts[i]);
	}
}

static void what_is_never_written_is_not_read_back(void **state)
{
	static const char *const texts[] = {"\\", "a\\", "\\q", "\\x", "\\x4", "\\x4g", "\\u",
		"\\u{", "\\u{}", "\\u{1b", "\\u{1B}", "\\u{41}", "\\u{110000}", "\\u{00000001b}",
		"\\'"};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(texts); i++) {
		CLEANUP_STRBUF struct strbuf back = STRBUF_INIT;

		assert_false(unescape_text(&back, slice_of(texts[i])));
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_is_escaped_can_be_read_back),
		cmocka_unit_test(unsafe_characters_can_be_read_back),
		cmocka_unit_test(what_is_never_written_is_not_read_back),
		cmocka_unit_test(printable_text_is_left_alone),
		cmocka_unit_test(backslash_is_doubled_so_that_escapes_are_unambiguous),
		cmocka_unit_test(control_characters_never_get_through),
		cmocka_unit_test(c1_controls_never_get_through),
		cmocka_unit_test(direction_marks_never_get_through),
		cmocka_unit_test(invisible_characters_never_get_through),
		cmocka_unit_test(visible_neighbours_get_through),
		cmocka_unit_test(what_is_no_utf8_is_shown_byte_by_byte),
		cmocka_unit_test(what_is_no_utf8_is_not_valid),
		cmocka_unit_test(ends_of_the_ranges_are_valid),
		cmocka_unit_test(nul_is_not_valid),
		cmocka_unit_test(words_are_quoted_when_they_must),
		cmocka_unit_test(words_cannot_imitate_others),
		cmocka_unit_test(every_pair_of_bytes_comes_out_clean),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
