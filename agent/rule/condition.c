/* SPDX-License-Identifier: Apache-2.0 */
/* From syntax tree to condition: every name is looked up, every value is checked. */
#include "rule/condition.h"

#include <errno.h>

#include "base/array.h"
#include "rule/field_falco.h"
#include "rule/list.h"
#include "rule/parser.h"

struct compiler {
	const struct condition_context *context;
	struct definitions *definitions; /* the context's */
	const struct ast *ast;
	struct rule_condition *out;
	struct diag diag; /* what is wrong; without a message it was said already */
};

void rule_condition_free(struct rule_condition *condition)
{
	if (!condition)
		return;
	free(condition->nodes);
	free(condition->operands);
	free(condition);
}

#define compiler_fail(c, offset, ...) \
	origin_diag((c)->context->origin, offset, &(c)->diag, __VA_ARGS__)

/* Makes room for NODES and OPERANDS more; what is wrong with that is at OFFSET. */
static int compiler_reserve(struct compiler *c, size_t nodes, size_t operands, size_t offset)
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

static const struct ast_word *node_name(const struct compiler *c, const struct ast_node *node)
{
	return &c->ast->words[node->name];
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

/* The type of FIELD's values after TRANSFORMS; VALUE_NONE when these cannot be done. */
static enum value_type reference_type(
	const struct field *field, const struct transforms *transforms)
{
	enum value_type type = field->type;

	for (size_t i = transforms->count; i > 0 && type != VALUE_NONE; i--)
		type = transform_type(transforms->kinds[i - 1], type);
	return type;
}

enum value_type condition_node_type(const struct condition_node *node)
{
	return reference_type(node->field, &node->transforms);
}

/* What the operands of NODE are compared with. */
static struct operand_target node_target(const struct condition_node *node)
{
	return (struct operand_target){.name = node->field->name,
		.type = condition_node_type(node),
		.word = node->transforms.count == 0 ? node->field->word : NULL};
}

/* Adds TEXT, the word at OFFSET or an item of LIST, which is named there. */
static int operand_add(struct compiler *c, const struct condition_node *node,
	const struct rule_operator *op, const char *text, size_t offset, const char *list)
{
	struct operand_target target = node_target(node);
	int r;

	r = compiler_reserve(c, 0, 1, offset);
	if (r < 0)
		return r;
	r = operand_parse(&target, op, text, &c->definitions->store,
		&c->out->operands[c->out->operand_count], &c->diag);
	if (r == 0)
		c->out->operand_count++;
	if (r != -EINVAL)
		return r;
	if (list)
		compiler_fail(c, offset, "%s (in list '%.64s')", c->diag.message, list);
	else
		compiler_fail(c, offset, "%s", c->diag.message);
	return r;
}

static int operands_add_list(struct compiler *c, const struct condition_node *node,
	const struct rule_operator *op, struct list_definition *list, size_t offset)
{
	int r;

	list->base.used = true;
	r = list_resolve(c->definitions, list, c->context->diags);
	for (size_t i = 0; r == 0 && i < list->value_count; i++)
		r = operand_add(c, node, op, list->values[i].data, offset, list->base.name);
	return r;
}

static int unknown_list(struct compiler *c, const struct ast_word *word)
{
	compiler_fail(c, word->offset, "there is no list '%.64s'", word->text);
	definitions_suggest(c->definitions, DEFINITION_LIST, &c->diag, word->text);
	return -EINVAL;
}

/* Adds what WORD stands for: a value, or all values of a list. */
static int compile_value(struct compiler *c, const struct condition_node *node,
	const struct ast_node *ast, const struct ast_word *word)
{
	struct definition *list = NULL;

	if (!word->quoted)
		list = definitions_find(c->definitions, DEFINITION_LIST, slice_of(word->text));
	if (ast->list_named && !list)
		return unknown_list(c, word);
	if (list && ast->op->operand != OPERAND_LIST)
		return compiler_fail(c, word->offset,
			"'%.64s' is a list: compare with 'in', or put it in quotes if it is a text",
			word->text);
	if (list)
		return operands_add_list(c, node, ast->op, definition_list(list), word->offset);
	return operand_add(c, node, ast->op, word->text, word->offset, NULL);
}

/* Stands for those of Falco that we do not have: of no subject, so always unknown. */
static const struct field missing_field = {.name = "", .type = VALUE_TEXT};

/* True when NAME is a field that nobody wants an error for. */
static bool compiler_misses(struct compiler *c, const struct ast_word *name)
{
	if (!field_falco_reason(slice_of(name->text)) && !c->context->skips_unknown)
		return false;
	if (!c->out->missing)
		c->out->missing = name->text;
	return true;
}

/* Looks up the field called NAME, and whether TRANSFORMS can be done to it. */
static int compile_reference(struct compiler *c, const struct ast_word *name,
	const struct transforms *transforms, struct field_ref *ret)
{
	int r = field_find_with(slice_of(name->text), ret);

	if (r == -ENOENT && compiler_misses(c, name)) {
		*ret = (struct field_ref){.field = &missing_field};
		return 0;
	}
	if (r == -EINVAL)
		return compiler_fail(c, name->offset,
			"the argument of '%.64s' is missing, or is none that it takes", name->text);
	if (r < 0) {
		compiler_fail(c, name->offset, "there is no field '%.64s'", name->text);
		field_suggest(&c->diag, name->text);
		return -EINVAL;
	}
	if (reference_type(ret->field, transforms) == VALUE_NONE)
		return compiler_fail(c, name->offset, "%s is %s, which '%s' cannot take",
			ret->field->name, field_type_name(ret->field->type),
			transform_name(transforms->kinds[transforms->count - 1]));
	return 0;
}

/* Looks up the field, and whether it can be compared by the operator. */
static int compile_field(
	struct compiler *c, const struct ast_node *ast, struct condition_node *node)
{
	struct field_ref ref = {0};
	enum value_type type;
	int r;

	r = compile_reference(c, node_name(c, ast), &ast->transforms, &ref);
	if (r < 0)
		return r;
	node->field = ref.field;
	node->key = ref.key;
	node->transforms = ast->transforms;
	type = reference_type(ref.field, &ast->transforms);
	if (ref.field == &missing_field || ast->op->types & VALUE_BIT(type))
		return 0;
	return compiler_fail(c, ast->op_offset, "'%s' compares %s, but %s is %s", ast->op->name,
		ast->op->types_named, node->field->name, field_type_name(type));
}

/* A field on the right, too. */
static int compile_right(
	struct compiler *c, const struct ast_node *ast, struct condition_node *node)
{
	const struct ast_word *name = &c->ast->words[ast->values];
	enum value_type left, right;
	int r;

	r = compile_reference(c, name, &ast->right_transforms, &node->right);
	if (r < 0 || node->field == &missing_field || node->right.field == &missing_field)
		return r;
	node->right_transforms = ast->right_transforms;
	if (node->right.field->argument == FIELD_ARGUMENT_INDEX && !node->right.field->is_element)
		return compiler_fail(c, name->offset, "'%.64s' has several values", name->text);
	left = reference_type(node->field, &node->transforms);
	right = reference_type(node->right.field, &node->right_transforms);
	if (ast->op->kind == OPERATOR_REGEX || ast->op->kind == OPERATOR_BCONTAINS ||
		ast->op->kind == OPERATOR_BSTARTSWITH || ast->op->kind == OPERATOR_GLOB ||
		ast->op->kind == OPERATOR_IGLOB || right == VALUE_ARGS)
		return compiler_fail(c, ast->op_offset,
			"'%s' cannot compare with the value of a field", ast->op->name);
	if (left == right)
		return 0;
	return compiler_fail(c, name->offset, "%s is %s, but %s is %s", node->right.field->name,
		field_type_name(right), node->field->name, field_type_name(left));
}

/* The lists among the values are in use, though nothing is made of them. */
static void use_lists(struct compiler *c, const struct ast_node *ast)
{
	for (size_t i = 0; i < ast->value_count; i++) {
		const struct ast_word *word = &c->ast->words[ast->values + i];
		struct definition *list = definitions_find(
			c->definitions, DEFINITION_LIST, slice_of(word->text));

		if (list && !word->quoted)
			list->used = true;
	}
}

/* The values on the right, or the field. */
static int compile_operands(
	struct compiler *c, const struct ast_node *ast, struct condition_node *node)
{
	int r = 0;

	if (ast->compares_fields)
		return compile_right(c, ast, node);
	if (node->field == &missing_field) { /* nobody knows what it could be compared with */
		use_lists(c, ast);
		return 0;
	}
	for (size_t i = 0; r == 0 && i < ast->value_count; i++)
		r = compile_value(c, node, ast, &c->ast->words[ast->values + i]);
	return r;
}

static int compile_comparison(struct compiler *c, const struct ast_node *ast)
{
	struct condition_node node = {.kind = CONDITION_COMPARISON,
		.size = 1,
		.op = ast->op->kind,
		.operands = c->out->operand_count};
	int r;

	r = compile_field(c, ast, &node);
	if (r == 0)
		r = compile_operands(c, ast, &node);
	if (r == 0)
		r = compiler_reserve(c, 1, 0, node_name(c, ast)->offset);
	if (r < 0)
		return r;
	node.operand_count = c->out->operand_count - node.operands;
	c->out->nodes[c->out->node_count++] = node;
	return 0;
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
