/* SPDX-License-Identifier: Apache-2.0 */
/* Comparisons: every field is looked up, every value is checked against it. */
#include <errno.h>

#include "rule/file/compiler.h"
#include "rule/field/falco.h"
#include "rule/file/list.h"

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

int compile_comparison(struct compiler *c, const struct ast_node *ast)
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
