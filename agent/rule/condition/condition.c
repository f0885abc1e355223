/* SPDX-License-Identifier: Apache-2.0 */
/* From syntax tree to condition: macros are put in; comparison.c has the comparisons. */
#include "rule/file/compiler.h"

#include <errno.h>

#include "base/array.h"
#include "rule/condition/parser.h"

void rule_condition_free(struct rule_condition *condition)
{
	if (!condition)
		return;
	free(condition->nodes);
	free(condition->operands);
	free(condition);
}

int compiler_reserve(struct compiler *c, size_t nodes, size_t operands, size_t offset)
{
	struct definitions *definitions = c->definitions;
	struct rule_condition *out = c->out;

	if (nodes > CONDITION_NODES_MAX - out->node_count)
		return compiler_fail(c, offset,
			"with its macros put in the condition has more than %d comparisons",
			CONDITION_NODES_MAX);
	if (nodes > RULE_SET_NODES_MAX - definitions->nodes ||
		operands > RULE_SET_OPERANDS_MAX - definitions->operands)
		return compiler_fail(
			c, offset, "with macros and lists put in, the rules are too large");
	if (!ARRAY_RESERVE(out->nodes, out->node_capacity, out->node_count, nodes) ||
		!ARRAY_RESERVE(out->operands, out->operand_capacity, out->operand_count, operands))
		return -ENOMEM;
	definitions->nodes += nodes;
	definitions->operands += operands;
	return 0;
}

/* Copies the nodes of MACRO, its operands behind ours. */
static void macro_copy(struct rule_condition *out, const struct rule_condition *macro)
{
	for (size_t i = 0; i < macro->node_count; i++) {
		struct condition_node *node = &out->nodes[out->node_count++];

		*node = macro->nodes[i];
		node->operands += out->operand_count;
	}
	if (macro->operand_count > 0)
		memcpy(out->operands + out->operand_count, macro->operands,
			macro->operand_count * sizeof(*macro->operands));
	out->operand_count += macro->operand_count;
}

static int unknown_macro(struct compiler *c, const struct ast_word *name)
{
	struct slice text = slice_of(name->text);

	if (field_find(text))
		return compiler_fail(c, name->offset,
			"field '%s' stands alone: an operator is expected behind it", name->text);
	if (definitions_find(c->definitions, DEFINITION_LIST, text))
		return compiler_fail(c, name->offset,
			"'%.64s' is a list: a field and 'in' are expected before it", name->text);
	compiler_fail(c, name->offset, "there is no macro '%.64s'", name->text);
	definitions_suggest(c->definitions, DEFINITION_MACRO, &c->diag, name->text);
	return -EINVAL;
}

/* The macro called NAME, compiled. */
static int macro_get(struct compiler *c, const struct ast_word *name, struct macro_definition **ret)
{
	struct definition *found = definitions_find(
		c->definitions, DEFINITION_MACRO, slice_of(name->text));
	int r = 0;

	if (!found)
		return unknown_macro(c, name);
	found->used = true;
	if (found->state == DEFINITION_BUSY)
		return compiler_fail(
			c, name->offset, "macro '%.64s' is defined by way of itself", name->text);
	/* checked on the way down, which bounds the stack, and up, whatever the order */
	if (c->definitions->resolution_depth < DEFINITION_DEPTH_MAX)
		r = macro_resolve(c->definitions, definition_macro(found), c->context->diags);
	if (r < 0)
		return r;
	if (found->state != DEFINITION_DONE || found->depth >= DEFINITION_DEPTH_MAX)
		return compiler_fail(c, name->offset, "too many macros within macros");
	*ret = definition_macro(found);
	return 0;
}

static int compile_macro(struct compiler *c, const struct ast_node *node, unsigned depth)
{
	const struct ast_word *name = node_name(c, node);
	const struct rule_condition *condition;
	struct macro_definition *macro = NULL;
	int r;

	r = macro_get(c, name, &macro);
	if (r < 0)
		return r;
	condition = macro->condition;
	if (depth + condition->depth > CONDITION_DEPTH_MAX)
		return compiler_fail(c, name->offset,
			"with its macros put in the condition is nested too deeply");
	if (c->out->depth < depth + condition->depth)
		c->out->depth = depth + condition->depth;
	if (c->out->macro_depth < macro->base.depth)
		c->out->macro_depth = macro->base.depth;
	if (!c->out->missing)
		c->out->missing = condition->missing;
	r = compiler_reserve(c, condition->node_count, condition->operand_count, name->offset);
	if (r == 0)
		macro_copy(c->out, condition);
	return r;
}

/* Says what is wrong, unless somebody has. Returns R. */
static int compiler_report(struct compiler *c, int r)
{
	if (r == -EINVAL && c->diag.message[0])
		diags_add(c->context->diags, DIAG_ERROR, &c->diag);
	c->diag.message[0] = '\0';
	return r;
}

static int compile_node(struct compiler *c, size_t index, unsigned depth);

/* The node at INDEX of the tree and, behind it, all its children. */
static int compile_branch(
	struct compiler *c, size_t index, enum condition_kind kind, unsigned depth)
{
	size_t start = c->out->node_count, end = index + c->ast->nodes[index].size;
	int r;

	r = compiler_reserve(c, 1, 0, 0);
	if (r < 0)
		return compiler_report(c, r);
	c->out->nodes[c->out->node_count++] = (struct condition_node){.kind = kind};
	for (size_t child = index + 1; child < end; child += c->ast->nodes[child].size) {
		int failed = compile_node(c, child, depth + 1);

		if (failed == -ENOMEM)
			return failed;
		r = failed < 0 ? failed : r;
	}
	if (r == 0)
		c->out->nodes[start].size = c->out->node_count - start;
	return r;
}

static int compile_node(struct compiler *c, size_t index, unsigned depth)
{
	const struct ast_node *node = &c->ast->nodes[index];

	if (c->out->depth < depth + 1)
		c->out->depth = depth + 1;
	switch (node->kind) {
	case AST_AND:
		return compile_branch(c, index, CONDITION_AND, depth);
	case AST_OR:
		return compile_branch(c, index, CONDITION_OR, depth);
	case AST_NOT:
		return compile_branch(c, index, CONDITION_NOT, depth);
	case AST_MACRO:
		return compiler_report(c, compile_macro(c, node, depth));
	case AST_COMPARISON:
		return compiler_report(c, compile_comparison(c, node));
	}
	return -EINVAL;
}

int condition_compile(
	const struct condition_context *context, const struct ast *ast, struct rule_condition **ret)
{
	CLEANUP(rule_condition_cleanup)
	struct rule_condition *condition = calloc(1, sizeof(*condition));
	struct compiler c = {.context = context,
		.definitions = context->definitions,
		.ast = ast,
		.out = condition};
	int r;

	if (!condition)
		return -ENOMEM;
	r = compile_node(&c, 0, 0);
	if (r == 0)
		*ret = TAKE_PTR(condition);
	return r;
}

/* Parses and compiles. */
static int macro_compile(
	struct definitions *definitions, struct macro_definition *macro, struct diags *diags)
{
	struct condition_context context = {
		.definitions = definitions, .origin = macro->text.origin, .diags = diags};
	struct diag d;
	int r;

	r = condition_parse(strbuf_slice(&macro->text.text), context.origin, &macro->ast, &d);
	if (r == -EINVAL)
		diags_add(diags, DIAG_ERROR, &d);
	return r < 0 ? r : condition_compile(&context, &macro->ast, &macro->condition);
}

int macro_resolve(
	struct definitions *definitions, struct macro_definition *macro, struct diags *diags)
{
	struct definition *base = &macro->base;
	int r;

	if (base->state == DEFINITION_DONE)
		return 0;
	if (base->state == DEFINITION_FAILED)
		return -EINVAL;
	base->state = DEFINITION_BUSY;
	definitions->resolution_depth++;
	r = macro_compile(definitions, macro, diags);
	definitions->resolution_depth--;
	base->state = r == 0 ? DEFINITION_DONE : DEFINITION_FAILED;
	if (r == 0)
		base->depth = macro->condition->macro_depth + 1;
	return r;
}
