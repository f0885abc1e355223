/* SPDX-License-Identifier: Apache-2.0 */
/* Claims about agent/rule/condition/lexer.c. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <stdio.h>

#include <cmocka.h>

#include "base/strbuf.h"
#include "rule/condition/lexer.h"

/* The tokens of TEXT, each as its kind's letter, its offset and its text. */
static void tokens_write(const char *text, enum lexer_mode mode, struct strbuf *out)
{
	static const char letters[] = {[TOKEN_WORD] = 'w',
		[TOKEN_QUOTED] = 'q',
		[TOKEN_SYMBOL] = 's',
		[TOKEN_OPEN] = '(',
		[TOKEN_CLOSE] = ')',
		[TOKEN_COMMA] = ','};
	struct diag d;
	struct lexer lexer = {.text = slice_of(text), .diag = &d};
	struct token token;

	while (lexer_next(&lexer, mode, &token) == 0 && token.kind != TOKEN_END)
		strbuf_addf(out, "%c%zu:%.*s ", letters[token.kind], token.offset,
			(int)token.text.len, token.text.data);
	assert_int_equal(token.kind, TOKEN_END);
}

static void assert_tokens(const char *text, enum lexer_mode mode, const char *expected)
{
	CLEANUP_STRBUF struct strbuf out = STRBUF_INIT;

	tokens_write(text, mode, &out);
	assert_string_equal(strbuf_text(&out), expected);
}

static void names_end_at_signs(void **state)
{
	(void)state;
	assert_tokens("proc.pid>=1", LEXER_NAME, "w0:proc.pid s8:>= w10:1 ");
	assert_tokens("a!=b", LEXER_NAME, "w0:a s1:!= w3:b ");
	assert_tokens("a=b==c<d<=e>f", LEXER_NAME,
		"w0:a s1:= w2:b s3:== w5:c s6:< w7:d s8:<= w10:e s11:> w12:f ");
	assert_tokens("(a)", LEXER_NAME, "(0:( w1:a )2:) ");
	assert_tokens("proc.aname[2] my-macro", LEXER_NAME, "w0:proc.aname[2] w14:my-macro ");
}

static void values_end_at_space_bracket_comma_quote_or_equals(void **state)
{
	(void)state;
	assert_tokens("/bin/*, <NA>) !x", LEXER_VALUE, "w0:/bin/* ,6:, w8:<NA> )12:) w14:!x ");
	assert_tokens("-1 a=b", LEXER_VALUE, "w0:-1 w3:a s4:= w5:b ");
	assert_tokens("\xc3\xa4", LEXER_VALUE, "w0:\xc3\xa4 ");
}

static void quotes_hold_anything_but_themselves(void **state)
{
	(void)state;
	assert_tokens("'a \"b\"' \"it's\"", LEXER_NAME, "q0:a \"b\" q8:it's ");
	assert_tokens("'a\\'b\\\\' c", LEXER_NAME, "q0:a\\'b\\\\ w9:c ");
	assert_tokens("''", LEXER_NAME, "q0: ");
}

static void white_space_separates(void **state)
{
	(void)state;
	assert_tokens(" \t\r\n a\n b ", LEXER_NAME, "w5:a w8:b ");
	assert_tokens("", LEXER_NAME, "");
}

static void what_is_no_token_is_named(void **state)
{
	static const struct {
		const char *text;
		unsigned column;
		const char *message;
	} cases[] = {
		{" 'open", 2, "this ' has no closing '"},
		{"\"open\\\"", 1, "this \" has no closing \""},
		{"\"open\\", 1, "this \" has no closing \""},
		{"&& a", 1, "found '&&', which is no operator: did you mean 'and'?"},
		{"|| a", 1, "found '||', which is no operator: did you mean 'or'?"},
		{"!a", 1, "found '!', which is no operator: did you mean 'not'?"},
		{" ;", 2, "found ';', which has no meaning here"},
		{"\xc3\xa4", 1, "found a character that must be in quotes here"},
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		struct diag d = {0};
		struct lexer lexer = {.text = slice_of(cases[i].text), .diag = &d};
		struct token token;

		assert_true(lexer_next(&lexer, LEXER_NAME, &token) < 0);
		assert_string_equal(d.message, cases[i].message);
		assert_int_equal(d.column, cases[i].column);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(names_end_at_signs),
		cmocka_unit_test(values_end_at_space_bracket_comma_quote_or_equals),
		cmocka_unit_test(quotes_hold_anything_but_themselves),
		cmocka_unit_test(white_space_separates),
		cmocka_unit_test(what_is_no_token_is_named),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
