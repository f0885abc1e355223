/* SPDX-License-Identifier: Apache-2.0 */
/* The recursive descent over the grammar of parser.h. */
#include "rule/condition/parser.h"

#include <errno.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/array.h"
#include "rule/condition/lexer.h"

struct parser {
	struct lexer lexer;
	struct token token; /* the one to look at */
	struct ast ast;
	unsigned depth;
};

void ast_done(struct ast *ast)
{
	for (size_t i = 0; i < ast->word_count; i++)
		free(ast->words[i].text);
	free(ast->words);
	free(ast->nodes);
	*ast = AST_INIT;
}

static int parser_next(struct parser *p, enum lexer_mode mode)
{
	return lexer_next(&p->lexer, mode, &p->token);
}

static int parser_fail(struct parser *p, size_t offset, const char *message)
{
	return origin_diag(p->lexer.origin, offset, p->lexer.diag, "%s", message);
}

static int parser_expected(struct parser *p, const char *expected)
{
	char found[96];

	return origin_diag(p->lexer.origin, p->token.offset, p->lexer.diag,
		"found %s where %s is expected", token_describe(&p->token, found, sizeof(found)),
		expected);
}

static bool token_is_word(const struct token *token, const char *word)
{
	return token->kind == TOKEN_WORD && slice_equal_text(token->text, word);
}

static bool token_is_keyword(const struct token *token)
{
	return token_is_word(token, "and") || token_is_word(token, "or") ||
	       token_is_word(token, "not");
}

/* Makes room for a node at INDEX, before the subtrees that begin there. */
static int node_insert(struct parser *p, size_t index, const struct ast_node *node)
{
	struct ast *ast = &p->ast;

	if (ast->node_count >= CONDITION_NODES_MAX)
		return parser_fail(p, p->token.offset, "the condition is too long: use macros");
	if (!ARRAY_RESERVE(ast->nodes, ast->node_capacity, ast->node_count, 1))
		return -ENOMEM;
	memmove(ast->nodes + index + 1, ast->nodes + index,
		(ast->node_count - index) * sizeof(*ast->nodes));
	ast->nodes[index] = *node;
	ast->node_count++;
	return 0;
}

static int node_add(struct parser *p, const struct ast_node *node)
{
	return node_insert(p, p->ast.node_count, node);
}

/* The subtree that begins at START ends here. */
static void node_close(struct parser *p, size_t start)
{
	p->ast.nodes[start].size = p->ast.node_count - start;
}

/* A copy of TOKEN's text, without the backslashes of a quoted one. */
static char *token_text(const struct token *token)
{
	bool quoted = token->kind == TOKEN_QUOTED;
	const char *from = token->text.data;
	char *text = malloc(token->text.len + 1);
	size_t len = 0;

	for (size_t i = 0; text && i < token->text.len; i++) {
		if (quoted && from[i] == '\\' && i + 1 < token->text.len &&
			strchr("\\'\"", from[i + 1]))
			i++;
		text[len++] = from[i];
	}
	if (text)
		text[len] = '\0';
	return text;
}

/* Stores the current token, a word or quoted text, as the ast's next word. */
static int word_add(struct parser *p)
{
	struct ast *ast = &p->ast;
	char *text;

	if (ast->word_count >= CONDITION_WORDS_MAX)
		return parser_fail(p, p->token.offset, "too many values: put them into a list");
	if (!ARRAY_RESERVE(ast->words, ast->word_capacity, ast->word_count, 1))
		return -ENOMEM;
	text = token_text(&p->token);
	if (!text)
		return -ENOMEM;
	ast->words[ast->word_count++] = (struct ast_word){
		.text = text, .offset = p->token.offset, .quoted = p->token.kind == TOKEN_QUOTED};
	return 0;
}

/* Takes the last word back. */
static void word_drop(struct parser *p)
{
	free(p->ast.words[--p->ast.word_count].text);
}

/* True when TOKEN is the name of a transformer. */
static bool token_transforms(const struct token *token)
{
	enum transform transform;

	return token->kind == TOKEN_WORD && transform_find(token->text, &transform);
}

static int parse_value(struct parser *p, struct ast_node *node)
{
	int r;

	if (p->token.kind != TOKEN_WORD && p->token.kind != TOKEN_QUOTED)
		return parser_expected(p, "a value");
	r = word_add(p);
	if (r < 0)
		return r;
	node->value_count++;
	return 0;
}

/* Behind the '(': values with commas between them. */
static int parse_values(struct parser *p, struct ast_node *node)
{
	size_t open = p->token.offset;
	int r;

	do {
		r = parser_next(p, LEXER_VALUE);
		if (r == 0 && p->token.kind == TOKEN_CLOSE && node->value_count == 0)
			return 0; /* none at all */
		if (r == 0)
			r = parse_value(p, node);
		if (r == 0)
			r = parser_next(p, LEXER_VALUE);
		if (r < 0)
			return r;
	} while (p->token.kind == TOKEN_COMMA);
	if (p->token.kind == TOKEN_END)
		return parser_fail(p, open, "this '(' has no closing ')'");
	return p->token.kind == TOKEN_CLOSE ? 0 : parser_expected(p, "',' or ')'");
}

/* What stands behind the operator. */
static int parse_operand(struct parser *p, struct ast_node *node)
{
	if (node->op->operand == OPERAND_ONE)
		return parse_value(p, node);
	if (p->token.kind == TOKEN_OPEN)
		return parse_values(p, node);
	if (p->token.kind != TOKEN_WORD)
		return parser_expected(p, "'(' or the name of a list");
	node->list_named = true;
	return parse_value(p, node);
}

/* True when the token can only be meant as an operator. */
static bool token_is_operator(const struct token *token)
{
	return token->kind == TOKEN_SYMBOL ||
	       (token->kind == TOKEN_WORD && !token_is_keyword(token));
}

/* A term has ended and something else than EXPECTED follows. */
static int unknown_conjunction(struct parser *p, const char *expected)
{
	static const char *const words[] = {"and", "or"};
	CLEANUP_FREE char *word = token_text(&p->token);

	if (!word)
		return -ENOMEM;
	parser_expected(p, expected);
	diag_suggest(p->lexer.diag, word, words, ARRAY_SIZE(words));
	return -EINVAL;
}

static int unknown_operator(struct parser *p)
{
	CLEANUP_FREE char *word = token_text(&p->token);
	int r;

	if (!word)
		return -ENOMEM;
	r = origin_diag(p->lexer.origin, p->token.offset, p->lexer.diag,
		"found '%.64s' where an operator, 'and' or 'or' is expected", word);
	operator_suggest(p->lexer.diag, word);
	return r;
}

/* Behind FIELD: a ')' for each transformer, and what follows them all. */
static int parse_transformed_end(struct parser *p, const struct token *field, unsigned open)
{
	struct token next;
	int r = 0;

	for (; r == 0 && open > 0; open--) {
		if (p->token.kind != TOKEN_CLOSE)
			return parser_expected(p, "')'");
		r = parser_next(p, LEXER_NAME);
	}
	if (r < 0)
		return r;
	next = p->token;
	p->token = *field;
	r = word_add(p);
	p->token = next;
	return r;
}

/* Reads `X(Y(FIELD))` from the '(' behind X on; leaves the last token as the current one. */
static int parse_transformed(
	struct parser *p, const struct token *name, struct transforms *transforms)
{
	struct token inner = *name;
	enum transform transform;
	int r = 0;

	while (r == 0 && p->token.kind == TOKEN_OPEN) {
		if (!transform_find(inner.text, &transform))
			return parser_fail(p, inner.offset,
				"only a transformer, such as tolower, "
				"can stand before '('");
		if (transforms->count >= TRANSFORMS_MAX)
			return parser_fail(p, inner.offset, "too many transformers in each other");
		transforms->kinds[transforms->count++] = transform;
		r = parser_next(p, LEXER_NAME);
		if (r == 0 && p->token.kind != TOKEN_WORD)
			return parser_expected(p, "a field");
		inner = p->token;
		if (r == 0)
			r = parser_next(p, LEXER_NAME);
	}
	if (r < 0)
		return r;
	return parse_transformed_end(p, &inner, transforms->count);
}

/* Behind the field's name, which is the last word. */
static int parse_comparison(struct parser *p, struct ast_node *node)
{
	struct token value;
	bool has_operand;
	int r;

	node->kind = AST_COMPARISON;
	node->op = operator_find(p->token.text);
	node->op_offset = p->token.offset;
	node->values = p->ast.word_count;
	if (!node->op)
		return unknown_operator(p);
	has_operand = node->op->operand != OPERAND_NONE;
	r = parser_next(p, has_operand ? LEXER_VALUE : LEXER_NAME);
	if (r < 0 || !has_operand)
		return r;
	value = p->token;
	r = parse_operand(p, node);
	if (r == 0)
		r = parser_next(p, LEXER_NAME);
	if (r < 0 || p->token.kind != TOKEN_OPEN || node->op->operand != OPERAND_ONE ||
		!token_transforms(&value))
		return r;
	/* it was no value, but the beginning of `val(FIELD)` */
	word_drop(p);
	node->compares_fields = true;
	return parse_transformed(p, &value, &node->right_transforms);
}

/* A comparison, or the name of a macro. */
static int parse_name(struct parser *p)
{
	struct ast_node node = {.kind = AST_MACRO, .size = 1, .name = p->ast.word_count};
	struct token name = p->token;
	bool transformed;
	int r;

	if (name.kind != TOKEN_WORD || token_is_keyword(&name))
		return parser_expected(p, "a field, a macro, 'not' or '('");
	r = parser_next(p, LEXER_NAME);
	if (r < 0)
		return r;
	transformed = p->token.kind == TOKEN_OPEN && token_transforms(&name);
	r = transformed ? parse_transformed(p, &name, &node.transforms)
			: parse_transformed_end(p, &name, 0);
	if (r == 0 && transformed && !token_is_operator(&p->token))
		return parser_expected(p, "an operator");
	if (r == 0 && token_is_operator(&p->token))
		r = parse_comparison(p, &node);
	return r < 0 ? r : node_add(p, &node);
}

static int parse_or(struct parser *p);
static int parse_term(struct parser *p);

static int parse_group(struct parser *p)
{
	size_t open = p->token.offset;
	int r;

	r = parser_next(p, LEXER_NAME);
	if (r == 0)
		r = parse_or(p);
	if (r < 0)
		return r;
	if (p->token.kind == TOKEN_END)
		return parser_fail(p, open, "this '(' has no closing ')'");
	if (p->token.kind != TOKEN_CLOSE)
		return unknown_conjunction(p, "'and', 'or' or ')'");
	return parser_next(p, LEXER_NAME);
}

static int parse_not(struct parser *p)
{
	size_t start = p->ast.node_count;
	int r;

	r = node_add(p, &(struct ast_node){.kind = AST_NOT});
	if (r == 0)
		r = parser_next(p, LEXER_NAME);
	if (r == 0)
		r = parse_term(p);
	if (r == 0)
		node_close(p, start);
	return r;
}

static int parse_term(struct parser *p)
{
	int r;

	if (p->depth >= CONDITION_DEPTH_MAX)
		return parser_fail(p, p->token.offset, "the condition is nested too deeply");
	p->depth++;
	if (p->token.kind == TOKEN_OPEN)
		r = parse_group(p);
	else if (token_is_word(&p->token, "not"))
		r = parse_not(p);
	else
		r = parse_name(p);
	p->depth--;
	return r;
}

/* One or more of what PART reads, with WORD between them. */
static int parse_chain(
	struct parser *p, enum ast_kind kind, const char *word, int (*part)(struct parser *p))
{
	size_t start = p->ast.node_count;
	bool chained = false;
	int r;

	r = part(p);
	while (r == 0 && token_is_word(&p->token, word)) {
		if (!chained)
			r = node_insert(p, start, &(struct ast_node){.kind = kind});
		chained = true;
		if (r == 0)
			r = parser_next(p, LEXER_NAME);
		if (r == 0)
			r = part(p);
	}
	if (r == 0 && chained)
		node_close(p, start);
	return r;
}

static int parse_and(struct parser *p)
{
	return parse_chain(p, AST_AND, "and", parse_term);
}

static int parse_or(struct parser *p)
{
	return parse_chain(p, AST_OR, "or", parse_and);
}

int condition_parse(struct slice text, const struct origin *origin, struct ast *ret, struct diag *d)
{
	struct parser p = {.lexer = {.text = text, .origin = origin, .diag = d}};
	int r;

	r = parser_next(&p, LEXER_NAME);
	if (r == 0)
		r = parse_or(&p);
	if (r == 0 && p.token.kind != TOKEN_END)
		r = unknown_conjunction(&p, "'and', 'or' or the end");
	if (r == 0)
		*ret = p.ast;
	else
		ast_done(&p.ast);
	return r;
}
