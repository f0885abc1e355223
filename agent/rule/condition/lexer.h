/* SPDX-License-Identifier: Apache-2.0 */
/* Condition text cut into tokens. What a word means is the parser's business. */
#pragma once

#include "base/diag.h"
#include "base/slice.h"
#include "rule/file/source.h"

enum token_kind {
	TOKEN_END,
	TOKEN_WORD,
	TOKEN_QUOTED,
	TOKEN_SYMBOL, /* an operator made of signs */
	TOKEN_OPEN,
	TOKEN_CLOSE,
	TOKEN_COMMA,
};

struct token {
	enum token_kind kind;
	size_t offset;
	struct slice text; /* a quoted text without its quotes, its escapes still in it */
};

/*
 * A word is one of two things. A name ends at a sign, so that `proc.pid>=1` needs
 * no spaces; a value ends only at a space, a bracket, a comma, a quote or '=', so
 * that `*.sh` and `<none>` need no quotes.
 */
enum lexer_mode {
	LEXER_NAME,
	LEXER_VALUE,
};

struct lexer {
	struct slice text;
	size_t at;
	const struct origin *origin; /* for messages; may be NULL */
	struct diag *diag;
};

/* Reads the next token. 0, or -EINVAL with the lexer's diag filled in. */
int lexer_next(struct lexer *lexer, enum lexer_mode mode, struct token *ret);

/* Writes what TOKEN is into BUFFER, for messages of the form "found X". */
const char *token_describe(const struct token *token, char *buffer, size_t size);
