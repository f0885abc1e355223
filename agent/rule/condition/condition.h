/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Conditions as they are evaluated: names looked up, macros and lists put in,
 * values typed. Like the syntax tree one array in prefix order, so that the nodes
 * of a macro can be copied to wherever it is used.
 */
#pragma once

#include "base/cleanup.h"
#include "rule/condition/ast.h"
#include "rule/file/definitions.h"
#include "rule/condition/operand.h"

enum condition_kind {
	CONDITION_AND,
	CONDITION_OR,
	CONDITION_NOT,
	CONDITION_COMPARISON,
};

struct condition_node {
	enum condition_kind kind;
	uint32_t size; /* nodes of this subtree, itself included */
	/* of comparisons */
	const struct field *field;
	struct slice key; /* its argument, where that is no part of its name */
	struct transforms transforms; /* done to its value first */
	enum operator_kind op;
	bool sorted; /* the operands are in the order of operand_set.h */
	uint32_t operands, operand_count;
	/* compared with another field, not with operands; else that is NULL */
	struct field_ref right;
	struct transforms right_transforms;
};

/* The texts of operands belong to the definitions. */
struct rule_condition {
	struct condition_node *nodes;
	size_t node_count, node_capacity;
	union operand *operands;
	size_t operand_count, operand_capacity;
	unsigned depth; /* of its tree */
	unsigned macro_depth; /* of the macros it uses, 0 when there are none */
	const char *missing; /* a field of Falco's in it that we do not have, or NULL */
};

void rule_condition_free(struct rule_condition *condition);
DEFINE_CLEANUP(struct rule_condition, rule_condition, rule_condition_free);

/* The type of what a comparison compares: of its field's values, after the transformers. */
enum value_type condition_node_type(const struct condition_node *node);

/* Whose names a condition uses, and what to do about unknown ones. */
struct condition_context {
	struct definitions *definitions;
	const struct origin *origin;
	bool skips_unknown; /* an unknown field is as one of Falco's that we do not have */
	struct diags *diags;
};

/*
 * Compiles AST, and the macros and lists it uses. 0, -ENOMEM, or -EINVAL with all
 * that is wrong said in the diags.
 */
int condition_compile(const struct condition_context *context, const struct ast *ast,
	struct rule_condition **ret);

/*
 * Compiles MACRO unless it is already. 0, -ENOMEM, or -EINVAL with what is wrong said
 * in DIAGS, once.
 */
int macro_resolve(
	struct definitions *definitions, struct macro_definition *macro, struct diags *diags);
