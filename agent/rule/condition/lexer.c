/* SPDX-License-Identifier: Apache-2.0 */
/* The scanner of lexer.h. */
#include "rule/condition/lexer.h"

#include <ctype.h>
#include <stdbool.h>
#include <stdio.h>

#include "base/cleanup.h"

static char lexer_peek(const struct lexer *l, size_t ahead)
{
	return range_valid(l->at, ahead + 1, l->text.len) ? l->text.data[l->at + ahead] : '\0';
}

static bool is_space(char c)
{
	return c == ' ' || c == '\t' || c == '\r' || c == '\n';
}

static bool is_name_char(char c)
{
	return isalnum((unsigned char)c) || (c && strchr("_.-", c));
}

static bool is_value_char(char c)
{
	return (unsigned char)c > ' ' && !strchr("()\"'=,", c);
}

static int token_take(struct lexer *l, enum token_kind kind, size_t len, struct token *ret)
{
	*ret = (struct token){.kind = kind, .offset = l->at, .text = {l->text.data + l->at, len}};
	l->at += len;
	return 0;
}

static int lex_quoted(struct lexer *l, struct token *ret)
{
	size_t start = l->at, end = start + 1;
	char quote = l->text.data[start];

	while (end < l->text.len && l->text.data[end] != quote)
		end += l->text.data[end] == '\\' ? 2 : 1;
	if (end >= l->text.len)
		return origin_diag(
			l->origin, start, l->diag, "this %c has no closing %c", quote, quote);
	*ret = (struct token){.kind = TOKEN_QUOTED,
		.offset = start,
		.text = {l->text.data + start + 1, end - start - 1}};
	l->at = end + 1;
	return 0;
}

/* Length of the operator sign at the lexer, 0 when there is none. */
static size_t symbol_len(const struct lexer *l)
{
	char c = lexer_peek(l, 0);
	bool equal_follows = lexer_peek(l, 1) == '=';

	if (c == '!')
		return equal_follows ? 2 : 0;
	if (c == '=' || c == '<' || c == '>')
		return equal_follows ? 2 : 1;
	return 0;
}

/* The signs that other languages have for our words. */
static int lex_unexpected(struct lexer *l)
{
	static const struct {
		const char *sign, *word;
	} hints[] = {{"&&", "and"}, {"||", "or"}, {"!", "not"}, {"~", "glob"}};
	unsigned char c = l->text.data[l->at];

	for (size_t i = 0; i < ARRAY_SIZE(hints); i++) {
		size_t len = strlen(hints[i].sign);

		if (range_valid(l->at, len, l->text.len) &&
			memcmp(l->text.data + l->at, hints[i].sign, len) == 0)
			return origin_diag(l->origin, l->at, l->diag,
				"found '%s', which is no operator: did you mean '%s'?",
				hints[i].sign, hints[i].word);
	}
	if (c >= 0x80)
		return origin_diag(
			l->origin, l->at, l->diag, "found a character that must be in quotes here");
	return origin_diag(l->origin, l->at, l->diag, "found '%c', which has no meaning here", c);
}

/* Length of the argument in brackets behind AHEAD characters, 0 when there is none. */
static size_t argument_len(const struct lexer *l, size_t ahead)
{
	size_t end = ahead;

	if (lexer_peek(l, end) != '[')
		return 0;
	while (l->at + end < l->text.len && l->text.data[l->at + end] != ']')
		end++;
	return l->at + end < l->text.len ? end + 1 - ahead : 0;
}

static int lex_word(struct lexer *l, enum lexer_mode mode, struct token *ret)
{
	bool (*is_word_char)(char c) = mode == LEXER_NAME ? is_name_char : is_value_char;
	size_t len = 0;

	while (l->at + len < l->text.len && is_word_char(l->text.data[l->at + len]))
		len++;
	if (mode == LEXER_NAME && len > 0)
		len += argument_len(l, len);
	if (len > 0)
		return token_take(l, TOKEN_WORD, len, ret);
	len = symbol_len(l);
	if (len > 0)
		return token_take(l, TOKEN_SYMBOL, len, ret);
	return lex_unexpected(l);
}

int lexer_next(struct lexer *lexer, enum lexer_mode mode, struct token *ret)
{
	while (lexer->at < lexer->text.len && is_space(lexer->text.data[lexer->at]))
		lexer->at++;
	if (lexer->at >= lexer->text.len)
		return token_take(lexer, TOKEN_END, 0, ret);
	switch (lexer->text.data[lexer->at]) {
	case '(':
		return token_take(lexer, TOKEN_OPEN, 1, ret);
	case ')':
		return token_take(lexer, TOKEN_CLOSE, 1, ret);
	case ',':
		return token_take(lexer, TOKEN_COMMA, 1, ret);
	case '"':
	case '\'':
		return lex_quoted(lexer, ret);
	default:
		return lex_word(lexer, mode, ret);
	}
}

const char *token_describe(const struct token *token, char *buffer, size_t size)
{
	if (token->kind == TOKEN_END)
		snprintf(buffer, size, "the end of the condition");
	else
		snprintf(buffer, size, "'%.*s'", (int)(token->text.len < 64 ? token->text.len : 64),
			token->text.data);
	return buffer;
}
