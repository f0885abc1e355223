/* SPDX-License-Identifier: Apache-2.0 */
/* Claims about agent/base/json.c. */
#include "asserts.h"

#include "base/json.h"

static void text_comes_back_as_it_was(void **state)
{
	static const char text[] = "a\"b\\c\n\x1b\x7f/\xc3\xa9\xf0\x9f\x90\x8b";
	CLEANUP_STRBUF struct strbuf out = STRBUF_INIT;
	CLEANUP_JSON json_t *json = NULL;

	(void)state;
	json_add_string(&out, slice_of(text));
	json = json_loadb(out.data, out.len, JSON_DECODE_ANY, NULL);
	assert_string_equal(json_string_value(json), text);
	for (size_t i = 0; i < out.len; i++)
		assert_true((unsigned char)out.data[i] >= ' ' && out.data[i] != 0x7f);
}

static void what_is_no_utf8_comes_escaped(void **state)
{
	CLEANUP_STRBUF struct strbuf out = STRBUF_INIT;

	(void)state;
	json_add_string(&out, SLICE("a\xff\0b"));
	assert_string_equal(strbuf_text(&out), "\"a\\u005cxff\\u005cu{0}b\"");
}

static void nothing_is_an_empty_string(void **state)
{
	CLEANUP_STRBUF struct strbuf out = STRBUF_INIT;

	(void)state;
	json_add_string(&out, (struct slice){0});
	assert_string_equal(strbuf_text(&out), "\"\"");
}

static void untrusted_text_has_limits(void **state)
{
	static const struct {
		const char *text;
		bool is_taken;
	} cases[] = {
		{"{\"a\":[1]}", true},
		{"{\"a\":[[1]]}", false},
		{"[[],[],{}]", true},
		{"[\"[[[[\",\"\\\"[[[[\"]", true},
		{"[\"\\\\\",[[]]]", false},
		{"{\"a\":1,\"a\":2}", false},
		{"{\"a\":1,\"A\":2}", true},
		{"[1] 2", false},
		{"]", false},
		{"", false},
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		CLEANUP_JSON json_t *json = json_load_untrusted(slice_of(cases[i].text), 2);

		if (!json != !cases[i].is_taken)
			fail_msg("%s is %staken", cases[i].text, json ? "" : "not ");
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(text_comes_back_as_it_was),
		cmocka_unit_test(what_is_no_utf8_comes_escaped),
		cmocka_unit_test(nothing_is_an_empty_string),
		cmocka_unit_test(untrusted_text_has_limits),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
