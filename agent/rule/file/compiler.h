/* SPDX-License-Identifier: Apache-2.0 */
/* What condition.c and comparison.c share: for these alone. */
#pragma once

#include "rule/condition/condition.h"

struct compiler {
	const struct condition_context *context;
	struct definitions *definitions; /* the context's */
	const struct ast *ast;
	struct rule_condition *out;
	struct diag diag; /* what is wrong; without a message it was said already */
};

/* Fills in what is wrong at OFFSET of the condition. -EINVAL. */
#define compiler_fail(c, offset, ...) \
	origin_diag((c)->context->origin, offset, &(c)->diag, __VA_ARGS__)

/* Makes room for NODES and OPERANDS more; what is wrong with that is at OFFSET. 0 or an error. */
int compiler_reserve(struct compiler *c, size_t nodes, size_t operands, size_t offset);

/* Adds the comparison at AST. 0, or an error with what is wrong filled in. */
int compile_comparison(struct compiler *c, const struct ast_node *ast);

/* The macro or field that NODE names. */
static inline const struct ast_word *node_name(
	const struct compiler *c, const struct ast_node *node)
{
	return &c->ast->words[node->name];
}
