/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Conditions as they are evaluated: names looked up, macros and lists put in,
 * values typed. Like the syntax tree one array in prefix order, so that the nodes
 * of a macro can be copied to wherever it is used.
 */
#pragma once

#include "base/cleanup.h"
#include "rule/ast.h"
#include "rule/definitions.h"
#include "rule/operand.h"

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
	enum operator_kind op;
	uint32_t operands, operand_count;
};

/* The texts of operands belong to the definitions. */
struct rule_condition {
	struct condition_node *nodes;
	size_t node_count, node_capacity;
	union operand *operands;
	size_t operand_count, operand_capacity;
	unsigned depth; /* of its tree */
	unsigned macro_depth; /* of the macros it uses, 0 when there are none */
};

void rule_condition_free(struct rule_condition *condition);
DEFINE_CLEANUP(struct rule_condition, rule_condition, rule_condition_free);

/*
 * Compiles AST, a condition at ORIGIN, and the macros and lists it uses. 0, or a
 * negative errno with D filled in.
 */
int condition_compile(struct definitions *definitions, const struct ast *ast,
	const struct origin *origin, struct rule_condition **ret, struct diag *d);

/* Compiles MACRO unless it is already. 0, or a negative errno with D filled in. */
int macro_resolve(struct definitions *definitions, struct macro_definition *macro, struct diag *d);
