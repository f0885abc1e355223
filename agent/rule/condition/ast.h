/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A condition as it was written: names not looked up, values not typed. The tree
 * is one array in prefix order. A node's children follow it, each with all of
 * its own; `size` leads from one to the next.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "rule/condition/operator.h"
#include "rule/condition/transform.h"

/* Falco's longest condition has 70 nodes with all its macros put in. */
#define CONDITION_NODES_MAX 4096
/* Words of one condition; lists belong into `list` items. */
#define CONDITION_WORDS_MAX 16384
/* Parentheses, `not` and macros within each other; also the depth of the recursions. */
#define CONDITION_DEPTH_MAX 64

enum ast_kind {
	AST_AND,
	AST_OR,
	AST_NOT,
	AST_MACRO,
	AST_COMPARISON,
};

struct ast_word {
	char *text;
	size_t offset; /* in the condition's text */
	bool quoted;
};

struct ast_node {
	enum ast_kind kind;
	uint32_t size; /* nodes of this subtree, itself included */
	uint32_t name; /* word: the macro, or the field */
	/* of comparisons */
	struct transforms transforms; /* of the field */
	const struct rule_operator *op;
	size_t op_offset;
	uint32_t values, value_count; /* words */
	bool list_named; /* `in NAME`, without parentheses */
	bool compares_fields; /* the one value is a field, to be read with: */
	struct transforms right_transforms;
};

struct ast {
	struct ast_node *nodes;
	size_t node_count, node_capacity;
	struct ast_word *words;
	size_t word_count, word_capacity;
};

#define AST_INIT ((struct ast){0})

void ast_done(struct ast *ast);
static inline void ast_cleanup(struct ast *ast)
{
	ast_done(ast);
}
