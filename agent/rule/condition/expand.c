/* SPDX-License-Identifier: Apache-2.0 */
/* A rule's condition written out: the syntax tree, with what its names stand for in their places. */
#include "barewatch/rule.h"

#include <ctype.h>
#include <string.h>

#include "rule/set.h"

/* How tightly a conjunction binds what is beside it. */
enum binding {
	BINDING_NONE, /* nothing is */
	BINDING_OR,
	BINDING_AND,
	BINDING_NOT,
};

struct writer {
	const struct definitions *definitions;
	struct strbuf *out;
	unsigned indent, width;
	size_t line; /* where the last line begins */
	bool is_glued; /* what comes next follows without a space */
};

static void writer_break(struct writer *w)
{
	if (w->out->len > w->line)
		strbuf_add_char(w->out, '\n');
	w->line = w->out->len;
	strbuf_addf(w->out, "%*s", (int)w->indent, "");
	w->is_glued = true;
}

/* Appends WORD, which is not broken, in a new line when it, and a comma, is too long for this one. */
static void put(struct writer *w, struct slice word)
{
	if (!w->is_glued && w->out->len - w->line + 2 + word.len > w->width)
		writer_break(w);
	if (!w->is_glued)
		strbuf_add_char(w->out, ' ');
	strbuf_add_slice(w->out, word);
	w->is_glued = false;
}

static void put_text(struct writer *w, const char *text)
{
	put(w, slice_of(text));
}

static void put_open(struct writer *w)
{
	put_text(w, "(");
	w->is_glued = true;
}

static void put_close(struct writer *w)
{
	w->is_glued = true;
	put_text(w, ")");
}

/* Whether TEXT is a value that needs no quotes: a list's name would be put in once more. */
static bool is_plain(const struct writer *w, struct slice text)
{
	for (size_t i = 0; i < text.len; i++)
		if (!isalnum((unsigned char)text.data[i]) &&
			(!text.data[i] || !strchr("_./:@%+-", text.data[i])))
			return false;
	return text.len > 0 && !definitions_find(w->definitions, DEFINITION_LIST, text);
}

/* TEXT as a value. */
static void put_value(struct writer *w, struct slice text)
{
	CLEANUP_STRBUF struct strbuf word = STRBUF_INIT;

	if (is_plain(w, text)) {
		strbuf_add_slice(&word, text);
	} else {
		strbuf_add_char(&word, '"');
		for (size_t i = 0; i < text.len; i++) {
			if (text.data[i] == '"' || text.data[i] == '\\')
				strbuf_add_char(&word, '\\');
			strbuf_add_char(&word, text.data[i]);
		}
		strbuf_add_char(&word, '"');
	}
	if (word.error)
		w->out->error = word.error;
	put(w, strbuf_slice(&word));
}

/* Puts the values that WORD stands for; *FIRST is the one that no comma stands before. */
static void put_values(struct writer *w, const struct ast_word *word, bool *first)
{
	const struct definition *found = word->quoted
						 ? NULL
						 : definitions_find(w->definitions, DEFINITION_LIST,
							   slice_of(word->text));
	const struct list_definition *list = (const struct list_definition *)found;
	struct slice own = slice_of(word->text);
	const struct slice *values = list ? list->values : &own;
	size_t count = list ? list->value_count : 1;

	for (size_t i = 0; i < count; i++) {
		if (!*first) {
			strbuf_add_char(w->out, ',');
			w->is_glued = false;
		}
		put_value(w, values[i]);
		*first = false;
	}
}

/* FIELD, within its transformers. */
static void put_field(struct writer *w, const char *field, const struct transforms *transforms)
{
	for (size_t i = 0; i < transforms->count; i++) {
		put_text(w, transform_name(transforms->kinds[i]));
		w->is_glued = true;
		put_open(w);
	}
	put_text(w, field);
	for (size_t i = 0; i < transforms->count; i++)
		put_close(w);
}

static void put_comparison(struct writer *w, const struct ast *ast, const struct ast_node *node)
{
	bool first = true;

	put_field(w, ast->words[node->name].text, &node->transforms);
	put_text(w, node->op->name);
	if (node->compares_fields)
		put_field(w, ast->words[node->values].text, &node->right_transforms);
	else if (node->op->operand == OPERAND_ONE)
		put_value(w, slice_of(ast->words[node->values].text));
	if (node->op->operand != OPERAND_LIST)
		return;
	put_open(w);
	for (size_t i = 0; i < node->value_count; i++)
		put_values(w, &ast->words[node->values + i], &first);
	put_close(w);
}

static void put_node(
	struct writer *w, const struct ast *ast, size_t index, enum binding around, bool is_top);

/* The children of the node at INDEX; those of the whole condition (IS_TOP) have a line each. */
static void put_chain(struct writer *w, const struct ast *ast, size_t index, const char *between,
	enum binding binding, bool is_top)
{
	size_t end = index + ast->nodes[index].size;

	for (size_t child = index + 1; child < end; child += ast->nodes[child].size) {
		if (child > index + 1 && is_top)
			writer_break(w);
		if (child > index + 1)
			put_text(w, between);
		put_node(w, ast, child, binding, is_top);
	}
}

static void put_branch(
	struct writer *w, const struct ast *ast, size_t index, enum binding around, bool is_top)
{
	bool is_or = ast->nodes[index].kind == AST_OR;
	enum binding binding = is_or ? BINDING_OR : BINDING_AND;
	bool needs_parentheses = binding < around;
	bool joins = around == BINDING_NONE || around == binding;

	if (needs_parentheses)
		put_open(w);
	put_chain(w, ast, index, is_or ? "or" : "and", binding, is_top && joins);
	if (needs_parentheses)
		put_close(w);
}

/* A macro is the tree that it stands for. It was resolved with the condition, so that ends. */
static void put_macro(
	struct writer *w, const struct ast *ast, size_t index, enum binding around, bool is_top)
{
	const char *name = ast->words[ast->nodes[index].name].text;
	struct definition *found = definitions_find(
		w->definitions, DEFINITION_MACRO, slice_of(name));

	if (found)
		put_node(w, &definition_macro(found)->ast, 0, around, is_top);
	else
		put_text(w, name);
}

/* The part of AST at INDEX, in a condition that binds it as AROUND. */
static void put_node(
	struct writer *w, const struct ast *ast, size_t index, enum binding around, bool is_top)
{
	const struct ast_node *node = &ast->nodes[index];

	switch (node->kind) {
	case AST_AND:
	case AST_OR:
		put_branch(w, ast, index, around, is_top);
		break;
	case AST_NOT:
		put_text(w, "not");
		put_node(w, ast, index + 1, BINDING_NOT, false);
		break;
	case AST_MACRO:
		put_macro(w, ast, index, around, is_top);
		break;
	case AST_COMPARISON:
		put_comparison(w, ast, node);
		break;
	}
}

void rule_condition_expand(const struct rule_set *set, const struct rule *rule, unsigned indent,
	unsigned width, struct strbuf *out)
{
	struct writer w = {
		.definitions = rule_set_definitions(set),
		.out = out,
		.indent = indent,
		.width = width,
		.line = out->len,
	};
	struct definition *found = definitions_find(
		w.definitions, DEFINITION_RULE, slice_of(rule->name));

	if (!found)
		return;
	writer_break(&w);
	put_node(&w, &definition_rule(found)->ast, 0, BINDING_NONE, true);
}
