/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The rules, macros and lists of a rule set, as defined and as resolved. Owns
 * everything that conditions point to. Additions can be taken back as far as a
 * mark, which is what makes adding a file all or nothing.
 */
#pragma once

#include "barewatch/rule.h"
#include "rule/ast.h"
#include "rule/source.h"

/* Falco's whole rule set has 180 definitions. */
#define DEFINITIONS_MAX 4096 /* of each kind */
/* What one rule set may grow to when macros and lists are put in where they are used. */
#define RULE_SET_NODES_MAX    (1u << 17)
#define RULE_SET_OPERANDS_MAX (1u << 18)
/* Macros within macros, lists within lists; with CONDITION_DEPTH_MAX, the bound of the stack. */
#define DEFINITION_DEPTH_MAX 16

enum definition_state {
	DEFINITION_NEW,
	DEFINITION_BUSY, /* being resolved: who meets it now has come round in a circle */
	DEFINITION_DONE,
};

/* What all kinds have. */
struct definition {
	char *name;
	char *file;
	unsigned line;
	enum definition_state state;
	unsigned depth; /* of what it uses: 1 when it uses no other */
	struct origin origin; /* of the items, or of the condition; only while its file loads */
};

struct list_definition {
	struct definition base;
	char **items;
	size_t item_count;
	struct slice *values; /* the items, those that are lists replaced by their values */
	size_t value_count, value_capacity;
};

struct macro_definition {
	struct definition base;
	struct ast ast;
	struct rule_condition *condition;
};

struct rule_definition {
	struct definition base;
	struct ast ast;
	struct rule rule;
};

enum definition_kind {
	DEFINITION_RULE,
	DEFINITION_MACRO,
	DEFINITION_LIST,
	DEFINITION_KINDS,
};

struct definition_table {
	struct definition **entries; /* in the order of the files */
	size_t count, capacity;
};

struct definitions {
	struct definition_table tables[DEFINITION_KINDS];
	size_t nodes, operands; /* in all conditions together */
	unsigned resolution_depth; /* while resolving */
};

struct definitions_mark {
	size_t counts[DEFINITION_KINDS], nodes, operands;
};

/* "rule", "macro", "list". */
const char *definition_kind_name(enum definition_kind kind);

/* The definition called NAME, or NULL. */
struct definition *definitions_find(
	const struct definitions *definitions, enum definition_kind kind, struct slice name);

/* Adds an empty definition called NAME. 0, -ENOSPC when there are too many, or -ENOMEM. */
int definitions_add(struct definitions *definitions, enum definition_kind kind, const char *name,
	struct definition **ret);

/* Adds the definition nearest to WORD to the message in D. */
void definitions_suggest(const struct definitions *definitions, enum definition_kind kind,
	struct diag *d, const char *word);

struct definitions_mark definitions_mark(const struct definitions *definitions);

/* Frees all that was added after MARK. */
void definitions_truncate(struct definitions *definitions, const struct definitions_mark *mark);

static inline struct list_definition *definition_list(struct definition *definition)
{
	return (struct list_definition *)definition;
}

static inline struct macro_definition *definition_macro(struct definition *definition)
{
	return (struct macro_definition *)definition;
}

static inline struct rule_definition *definition_rule(struct definition *definition)
{
	return (struct rule_definition *)definition;
}
